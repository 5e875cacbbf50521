import operator as py_operator
from dataclasses import dataclass
from datetime import date

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, ormcache

from ..tools import aging
from ..tools.decision import Document, Exposure, OpenItem, decide

# Who may see what a customer owes and may still order. Salespeople see it here, not in Odoo's credit limit.
FIGURE_READERS = (
    'sales_team.group_sale_salesman,account.group_account_invoice,account.group_account_readonly,'
    'crm_credit.group_credit_analyst'
)
FIGURES = (
    'credit_receivable',
    'credit_not_due',
    'credit_unapplied',
    'credit_disputed',
    'credit_overdue',
    'credit_max_days_overdue',
    'credit_uninvoiced',
    'credit_exposure',
    'credit_available',
    'credit_utilization',
    'credit_is_limited',
    'credit_over_limit',
    'credit_light',
)
OPERATORS = {
    '=': py_operator.eq,
    '!=': py_operator.ne,
    '<': py_operator.lt,
    '<=': py_operator.le,
    '>': py_operator.gt,
    '>=': py_operator.ge,
}
# What exposure is made of.
PARTS = ('receivable', 'uninvoiced', 'transactions')
# Amounts of ``Exposure`` that the statement about open items returns, in its order.
RECEIVABLE_FIGURES = (*aging.BUCKET_CODES, 'unapplied', 'disputed', 'overdue')
# What tells of an open item on a journal item: flushed before open items are read, and logged for the metrics.
OPEN_ITEM_COLUMNS = (
    'account_id',
    'partner_id',
    'company_id',
    'parent_state',
    'reconciled',
    'amount_residual',
    'date_maturity',
    'date',
)
# Utilisation from which the traffic light is yellow.
NEARLY_FULL = 0.8


@dataclass(frozen=True)
class CreditScope:
    """What every statement about exposure needs: root company, its currency, branches, receivable accounts, the day."""

    root_id: int
    currency_id: int
    companies: tuple[int, ...]
    accounts: tuple[int, ...]
    today: date


class ResPartner(models.Model):
    """Live credit figures of the debtor behind a partner, for the current company's root with all its branches.

    For forms, decisions and searches. Lists and pivots show the nightly metrics instead.
    """

    _inherit = 'res.partner'

    credit_currency_id = fields.Many2one('res.currency', compute='_compute_credit_currency_id', compute_sudo=True)
    credit_receivable = fields.Monetary(
        string='Receivable',
        compute='_compute_credit_figures',
        search='_search_credit_receivable',
        compute_sudo=True,
        currency_field='credit_currency_id',
        groups=FIGURE_READERS,
        help='Open posted invoices by instalment, less unapplied payments and credit notes.',
    )
    credit_not_due = fields.Monetary(
        string='Not Due',
        compute='_compute_credit_figures',
        compute_sudo=True,
        currency_field='credit_currency_id',
        groups=FIGURE_READERS,
    )
    credit_unapplied = fields.Monetary(
        string='Unapplied Payments',
        compute='_compute_credit_figures',
        compute_sudo=True,
        currency_field='credit_currency_id',
        groups=FIGURE_READERS,
        help="Payments and credit notes that aren't reconciled yet; zero or negative.",
    )
    credit_disputed = fields.Monetary(
        string='In Dispute',
        compute='_compute_credit_figures',
        compute_sudo=True,
        currency_field='credit_currency_id',
        groups=FIGURE_READERS,
        help="Open invoices that the customer contests. They are owed, but don't count as overdue.",
    )
    credit_overdue = fields.Monetary(
        string='Overdue',
        compute='_compute_credit_figures',
        search='_search_credit_overdue',
        compute_sudo=True,
        currency_field='credit_currency_id',
        groups=FIGURE_READERS,
        help='Open instalments past their due date, without those in dispute.',
    )
    credit_max_days_overdue = fields.Integer(
        string='Days Overdue',
        compute='_compute_credit_figures',
        search='_search_credit_max_days_overdue',
        compute_sudo=True,
        groups=FIGURE_READERS,
        help='Age of the oldest instalment that is overdue.',
    )
    credit_uninvoiced = fields.Monetary(
        string='Not Invoiced Yet',
        compute='_compute_credit_figures',
        search='_search_credit_uninvoiced',
        compute_sudo=True,
        currency_field='credit_currency_id',
        groups=FIGURE_READERS,
        help='Confirmed orders, tax included, as far as no posted invoice covers them.',
    )
    credit_exposure = fields.Monetary(
        string='Exposure',
        compute='_compute_credit_figures',
        search='_search_credit_exposure',
        compute_sudo=True,
        currency_field='credit_currency_id',
        groups=FIGURE_READERS,
        help="Receivable and not invoiced yet, less paid transactions that aren't posted.",
    )
    credit_available = fields.Monetary(
        string='Available Credit',
        compute='_compute_credit_figures',
        compute_sudo=True,
        currency_field='credit_currency_id',
        groups=FIGURE_READERS,
        help='Credit limit, temporary extensions and guarantees, less exposure; where a limit shared with others '
        'leaves less, that. Zero for unlimited customers.',
    )
    credit_utilization = fields.Float(
        string='Utilisation',
        compute='_compute_credit_figures',
        compute_sudo=True,
        groups=FIGURE_READERS,
        help='Exposure as a share of credit limit, extensions and guarantees; where a limit shared with others is '
        'fuller, of that. Zero for unlimited customers.',
    )
    credit_is_limited = fields.Boolean(
        string='Credit Limited', compute='_compute_credit_figures', compute_sudo=True, groups=FIGURE_READERS
    )
    credit_over_limit = fields.Boolean(
        string='Over the Limit',
        compute='_compute_credit_figures',
        search='_search_credit_over_limit',
        compute_sudo=True,
        groups=FIGURE_READERS,
    )
    credit_light = fields.Selection(
        [
            ('none', 'Not checked'),
            ('green', 'Clear'),
            ('amber', 'Nearly used up or with a warning'),
            ('red', 'Would be held'),
        ],
        string='Credit Light',
        compute='_compute_credit_figures',
        compute_sudo=True,
        groups=FIGURE_READERS,
        help='What would happen to a further order.',
    )

    # ------------------------------------------------------------------ computes and searches

    @api.depends_context('company')
    def _compute_credit_currency_id(self):
        self.credit_currency_id = self.env.company.root_id.currency_id

    @api.depends('commercial_partner_id')
    @api.depends_context('company')
    def _compute_credit_figures(self):
        company = self.env.company
        debtors = self.commercial_partner_id._origin
        exposures = debtors._credit_exposure(company)
        terms = debtors._credit_terms(company)
        currency = company.root_id.currency_id
        for partner in self:
            debtor = partner.commercial_partner_id._origin.id
            if debtor in exposures:
                partner.update(self._credit_figures(exposures[debtor], terms[debtor], currency))
            else:
                partner.update(dict.fromkeys(FIGURES, False) | {'credit_light': 'none'})

    @api.model
    def _credit_figures(self, exposure, terms, currency):
        """Return the values of the figure fields."""
        available = terms.available(exposure)
        return {
            'credit_receivable': exposure.receivable,
            'credit_not_due': exposure.not_due,
            'credit_unapplied': exposure.unapplied,
            'credit_disputed': exposure.disputed,
            'credit_overdue': exposure.overdue,
            'credit_max_days_overdue': exposure.max_days_overdue,
            'credit_uninvoiced': exposure.uninvoiced,
            'credit_exposure': exposure.exposure,
            'credit_available': available or 0.0,
            'credit_utilization': terms.utilization(exposure) or 0.0,
            'credit_is_limited': available is not None,
            'credit_over_limit': available is not None and currency.compare_amounts(available, 0.0) < 0,
            'credit_light': self._credit_light(exposure, terms, currency),
        }

    @api.model
    def _credit_light(self, exposure, terms, currency):
        if not terms.checks_anything:
            return 'none'
        step = currency.rounding
        outcome = decide(exposure, terms, Document(step, step), precision=step).outcome
        if outcome == 'hold':
            return 'red'
        if outcome == 'warning' or (terms.utilization(exposure) or 0.0) >= NEARLY_FULL:
            return 'amber'
        return 'green'

    def _search_credit_receivable(self, operator, value):
        self._check_credit_search('credit_receivable')
        return self._search_credit_figure(operator, value, lambda exposure: exposure.receivable)

    def _search_credit_uninvoiced(self, operator, value):
        self._check_credit_search('credit_uninvoiced')
        return self._search_credit_figure(operator, value, lambda exposure: exposure.uninvoiced)

    def _search_credit_exposure(self, operator, value):
        self._check_credit_search('credit_exposure')
        return self._search_credit_figure(operator, value, lambda exposure: exposure.exposure)

    def _search_credit_overdue(self, operator, value):
        self._check_credit_search('credit_overdue')
        return self._search_credit_figure(operator, value, lambda exposure: exposure.overdue, ('receivable',))

    def _search_credit_max_days_overdue(self, operator, value):
        self._check_credit_search('credit_max_days_overdue')
        if operator in ('>', '>=') and float(value or 0.0) >= (1 if operator == '>=' else 0):
            overdue = self._credit_overdue_sql(operator, value)
            return self._credit_debtor_domain('in', [debtor for (debtor,) in self.env.execute_query(overdue)])
        return self._search_credit_figure(operator, value, lambda exposure: exposure.max_days_overdue, ('receivable',))

    @api.model
    def _check_credit_search(self, name):
        """Whoever may not read a figure may not find customers by it either: Odoo asks no one before a search method.

        :raise AccessError:
        """
        self._check_field_access(self._fields[name], 'read')

    @api.model
    def _credit_overdue_sql(self, operator, days):
        """Return the SELECT of the ids of the debtors with an undisputed item that long past due."""
        return SQL(
            'SELECT DISTINCT item.debtor FROM (%s) item WHERE item.open > 0 AND NOT item.disputed AND item.days %s %s',
            self._credit_items_sql(self._credit_scope(self.env.company), SQL('TRUE')),
            SQL(operator),
            float(days or 0.0),
        )

    @api.model
    def _search_credit_figure(self, operator, value, figure, parts=PARTS):
        """Return the domain of the partners whose debtor's figure compares to ``value``: three statements, no loop over
        customers that owe nothing."""
        if operator in ('in', 'not in'):
            values = {float(item or 0.0) for item in value}

            def holds(amount):
                return (round(amount, 2) in values) == (operator == 'in')
        elif operator in OPERATORS:
            compare, number = OPERATORS[operator], float(value or 0.0)

            def holds(amount):
                return compare(round(amount, 2), number)
        else:
            return NotImplemented
        amounts = {
            debtor: figure(exposure)
            for debtor, exposure in self._credit_exposure_query(self.env.company, None, parts).items()
        }
        if holds(0.0):  # customers who owe nothing are meant as well
            return self._credit_debtor_domain('not in', [d for d, amount in amounts.items() if not holds(amount)])
        return self._credit_debtor_domain('in', [d for d, amount in amounts.items() if holds(amount)])

    def _search_credit_over_limit(self, operator, value):
        self._check_credit_search('credit_over_limit')
        if operator != 'in':
            return NotImplemented
        over = self._credit_debtors_over_limit(self.env.company)
        return self._credit_debtor_domain('in' if True in value else 'not in', over)

    @api.model
    def _credit_debtor_domain(self, operator, debtors):
        """Return the domain of the partners of these debtors, or of all others; there may be many.

        One array as a literal: PostgreSQL knows how many they are (of a subselect it does not) and hashes them.
        """
        array = f'{{{",".join(map(str, debtors))}}}'
        return Domain('commercial_partner_id', operator, SQL('SELECT unnest(%s::int[])', array))

    @api.model
    def _credit_debtors_over_limit(self, company):
        """Return the ids of the debtors whose exposure exceeds what was agreed with them or with their group."""
        over = {debtor for (debtor,) in self.env.execute_query(self._credit_over_limit_sql(company))}
        Group, root_id = self.env['credit.group'], self._credit_scope(company).root_id
        if members := list(Group._memberships(root_id)):
            over |= Group._over_limit(company.root_id, self._credit_exposure_query(company, members))
        return list(over)

    @api.model
    def _credit_over_limit_sql(self, company):
        """Return the SELECT of the ids of the debtors whose exposure exceeds limit, extensions and guarantees.

        As ``_credit_terms`` and ``tools.decision.Terms.ceiling`` have it, for all customers at once.
        """
        scope = self._credit_scope(company)
        root = self.env['res.company'].browse(scope.root_id)
        Partner = self.env['res.partner'].sudo().with_company(root)
        Partner.flush_model(['credit_control', 'credit_limit'])
        self.env['res.currency'].flush_model(['rounding'])
        policy = self.env['credit.policy']._decision_data(root.id, scope.today)
        return SQL(
            """WITH owed AS MATERIALIZED (
                   SELECT part.debtor, SUM(part.amount) AS amount FROM (%(parts)s) part
                    GROUP BY part.debtor HAVING SUM(part.amount) > %(tolerance)s)
               SELECT owed.debtor FROM owed JOIN res_partner partner ON partner.id = owed.debtor
                WHERE COALESCE(%(control)s, %(default_control)s) = 'limited'
                  AND owed.amount - %(tolerance)s
                      > CASE WHEN %(control)s IS NULL THEN %(default_limit)s ELSE COALESCE(%(limit)s, 0) END""",
            parts=SQL(' UNION ALL ').join(self._credit_excess_parts(scope, root)),
            control=Partner._field_to_sql('partner', 'credit_control'),
            default_control=policy.default_control,
            default_limit=policy.default_limit,
            limit=Partner._field_to_sql('partner', 'credit_limit'),
            tolerance=SQL('(SELECT rounding / 2 FROM res_currency WHERE id = %s)', scope.currency_id),
        )

    @api.model
    def _credit_excess_parts(self, scope, root):
        """Return SELECTs of (debtor, amount) whose sum is compared to a customer's bare limit: what is owed, less paid
        transactions, extensions and guarantees.

        Summed as one list: joined one by one, PostgreSQL has no idea how many customers are left after each.
        """
        self._credit_flush_items()
        Line, Transaction = self.env['sale.order.line'], self.env['payment.transaction']
        Line._credit_flush_uninvoiced()
        paid = Transaction._credit_query_unposted(scope, SQL('TRUE'))  # few at any time
        return [
            SQL(
                """SELECT partner.commercial_partner_id AS debtor, line.amount_residual AS amount
                     FROM account_move_line line
                     JOIN res_partner partner ON partner.id = line.partner_id
                    WHERE %s""",
                self._credit_open_condition(scope),
            ),
            SQL(
                'SELECT debtor, GREATEST(amount, 0) FROM (%s) open_order',
                Line._credit_open_orders_sql(scope.companies, SQL('TRUE')),
            ),
            SQL(
                'SELECT * FROM unnest(%s::int[], %s::numeric[])',
                [debtor for debtor, _amount in paid],
                [-amount for _debtor, amount in paid],
            ),
            SQL('SELECT partner_id, -amount FROM (%s) e', self._credit_sum_sql('credit.extension', root, scope.today)),
            SQL('SELECT partner_id, -amount FROM (%s) g', self._credit_sum_sql('credit.guarantee', root, scope.today)),
        ]

    @api.model
    def _credit_figures_changed(self):
        """Forget live figures that were read earlier in this transaction."""
        self.invalidate_model(FIGURES, flush=False)

    def _credit_recheck(self):
        """Terms changed: let no decision that is under way miss it, and look at the waiting orders again."""
        result = super()._credit_recheck()
        self._credit_figures_changed()
        self.env['credit.lock']._bump(self.env.company, self.ids)
        self.env['credit.hold']._try_release(self)
        return result

    # ------------------------------------------------------------------ exposure

    def _credit_exposure(self, company, scope=None):
        """Return what the debtors of these partners owe and will owe.

        :param company: res.company; the figures are those of its root company with all its branches
        :param scope: CreditScope, when the caller has it already
        :return: {commercial partner id: tools.decision.Exposure} in the root company's currency; one query for any
            number of partners, one for their commercial partners where those aren't known yet, and one for each other
            company that they share a limit with
        """
        self._origin.fetch(['commercial_partner_id'])  # not the whole address
        debtors = self.commercial_partner_id._origin.ids
        if not debtors:
            return {}
        scope = scope or self._credit_scope(company)
        root, Group = self.env['res.company'].browse(scope.root_id), self.env['credit.group']
        members = Group._with_fellow_members(debtors, root)
        found = self._credit_exposure_query(company, members, scope=scope)
        exposures = {debtor: found.get(debtor) or Exposure() for debtor in debtors}
        return Group._add_fellow_members(root, exposures, found)

    @api.model
    def _credit_exposure_query(self, company, debtors, parts=PARTS, scope=None):
        """Return {debtor id: Exposure} of those who owe anything, in one statement.

        :param debtors: ids of commercial partners, or None for all of them
        :param parts: what to read
        """
        scope = scope or self._credit_scope(company)
        queries = {
            'receivable': self._credit_receivable_sql,
            'uninvoiced': self.env['sale.order.line']._credit_uninvoiced_sql,
            'transactions': self.env['payment.transaction']._credit_unposted_sql,
        }
        condition = self._credit_debtor_condition(debtors)
        rows = self.env.execute_query(
            SQL(' UNION ALL ').join(SQL('(%s)', queries[part](scope, condition)) for part in parts)
        )
        values, unposted = {}, []
        for part, debtor, figures in rows:
            if part == 'receivable':
                *amounts, days = figures
                row = {name: amount or 0.0 for name, amount in zip(RECEIVABLE_FIGURES, amounts, strict=True)}
                values.setdefault(debtor, {}).update(row, max_days_overdue=int(days or 0))
            elif part == 'uninvoiced':
                values.setdefault(debtor, {})['uninvoiced'] = figures[0]
            else:
                unposted.append((debtor, *figures))
        for debtor, amount in self.env['payment.transaction']._credit_unposted_sums(scope, unposted):
            values.setdefault(debtor, {})['transactions'] = amount
        return {debtor: Exposure(**row) for debtor, row in values.items()}

    @api.model
    def _credit_scope(self, company):
        """Return the CreditScope of a company's root: no query, except after a change of companies or accounts.

        Company and account ids go into the statements as literals: only so PostgreSQL uses the index on open items.
        """
        return CreditScope(*self._credit_scope_data(company.id), company._credit_today())

    @api.model
    @ormcache('company_id')
    def _credit_scope_data(self, company_id):
        """Return (root company id, its currency's id, ids of the root and its branches, ids of receivable accounts)."""
        self.env['account.account'].flush_model(['account_type'])
        self.env['res.company'].flush_model(['parent_path', 'currency_id'])
        [(root, currency, companies, accounts)] = self.env.execute_query(
            SQL(
                """SELECT root.id, root.currency_id,
                      (SELECT array_agg(id ORDER BY id) FROM res_company WHERE parent_path LIKE root.id || '/%%'),
                      (SELECT array_agg(id ORDER BY id) FROM account_account WHERE account_type = 'asset_receivable')
                 FROM res_company company
                 JOIN res_company root ON root.id = split_part(company.parent_path, '/', 1)::int
                WHERE company.id = %s""",
                company_id,
            )
        )
        return root, currency, tuple(companies), tuple(accounts or (0,))

    @api.model
    def _credit_debtor_condition(self, debtors, alias='partner'):
        if debtors is None:
            return SQL('TRUE')
        return SQL('%s IN %s', SQL.identifier(alias, 'commercial_partner_id'), tuple(debtors))

    @api.model
    def _credit_receivable_sql(self, scope, debtors):
        """Return the SELECT of ('receivable', debtor, amounts of ``RECEIVABLE_FIGURES`` and the oldest item's days).

        ``OFFSET 0`` keeps the items apart from their sums: else whether one is disputed is planned for each sum.

        :param debtors: SQL condition over the alias ``partner``
        """
        sums = [
            *(
                SQL('SUM(item.open) FILTER (WHERE item.open > 0 AND %s)', self._credit_bucket_sql(first, last))
                for _code, first, last in aging.BUCKETS
            ),
            SQL('SUM(item.open) FILTER (WHERE item.open < 0)'),
            SQL('SUM(item.open) FILTER (WHERE item.open > 0 AND item.disputed)'),
            SQL('SUM(item.open) FILTER (WHERE item.open > 0 AND item.days > 0 AND NOT item.disputed)'),
            SQL('MAX(item.days) FILTER (WHERE item.open > 0 AND item.days > 0 AND NOT item.disputed)'),
        ]
        return SQL(
            "SELECT 'receivable', item.debtor, ARRAY[%s]::float8[] FROM (%s OFFSET 0) item GROUP BY item.debtor",
            SQL(', ').join(sums),
            self._credit_items_sql(scope, debtors),
        )

    @api.model
    def _credit_items_sql(self, scope, debtors):
        """Return the SELECT of the open items on receivable accounts: debtor, open amount, days past due, disputed, and
        ids and dates to go on with.

        Few invoices are ever in dispute: they are read by an index of their own instead of joining every invoice.

        :param debtors: SQL condition over the alias ``partner``
        """
        self._credit_flush_items()
        return SQL(
            """SELECT partner.commercial_partner_id AS debtor, line.amount_residual AS open,
                      %(today)s::date - COALESCE(line.date_maturity, line.date) AS days,
                      line.move_id IN (SELECT id FROM account_move WHERE credit_disputed) AS disputed,
                      line.id, line.move_id, COALESCE(line.date_maturity, line.date) AS due
                 FROM account_move_line line
                 JOIN res_partner partner ON partner.id = line.partner_id
                WHERE %(open)s AND %(debtors)s""",
            today=scope.today,
            open=self._credit_open_condition(scope),
            debtors=debtors,
        )

    @api.model
    def _credit_flush_items(self):
        self.env['account.move.line'].flush_model(OPEN_ITEM_COLUMNS)
        self.env['account.move'].flush_model(['credit_disputed'])
        self.env['res.partner'].flush_model(['commercial_partner_id'])

    @api.model
    def _credit_open_condition(self, scope):
        """Return the condition of an open item: word for word that of the index on ``account.move.line``."""
        return SQL(
            """line.account_id IN %s AND line.reconciled IS NOT TRUE AND line.parent_state = 'posted'
               AND line.company_id IN %s AND line.amount_residual <> 0""",
            scope.accounts,
            scope.companies,
        )

    @api.model
    def _credit_bucket_sql(self, first, last):
        if first is None:
            return SQL('item.days <= %s', last)
        if last is None:
            return SQL('item.days >= %s', first)
        return SQL('item.days BETWEEN %s AND %s', first, last)

    def _credit_open_items(self, company, limit=200, scope=None):
        """Return what the debtors of these partners could pay now, oldest first.

        :param limit: at most so many items in all
        :param scope: CreditScope, when the caller has it already
        :return: {commercial partner id: [tools.decision.OpenItem]}, one query beside the scope's
        """
        debtors = self.commercial_partner_id._origin.ids
        items = {debtor: [] for debtor in debtors}
        if not debtors:
            return items
        scope = scope or self._credit_scope(company)
        self.env['account.move'].flush_model(['name'])
        rows = self.env.execute_query(
            SQL(
                """SELECT item.debtor, move.name, item.open, item.days, item.disputed
                 FROM (%(items)s) item
                 JOIN account_move move ON move.id = item.move_id
                WHERE item.open > 0
                ORDER BY item.due, item.id
                LIMIT %(limit)s""",
                items=self._credit_items_sql(scope, self._credit_debtor_condition(debtors)),
                limit=limit,
            )
        )
        for debtor, name, amount, days, disputed in rows:
            items[debtor].append(OpenItem(name or '', float(amount), max(days, 0), disputed))
        return items
