import operator as py_operator
from dataclasses import dataclass
from datetime import date

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

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

    credit_currency_id = fields.Many2one('res.currency', compute='_compute_credit_figures', compute_sudo=True)
    credit_receivable = fields.Monetary(
        string='Receivable',
        compute='_compute_credit_figures',
        search='_search_credit_receivable',
        compute_sudo=True,
        currency_field='credit_currency_id',
        groups=FIGURE_READERS,
        help="Open posted invoices by instalment, less unapplied payments and credit notes.",
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
        help="Open instalments past their due date, without those in dispute.",
    )
    credit_max_days_overdue = fields.Integer(
        string='Days Overdue',
        compute='_compute_credit_figures',
        search='_search_credit_max_days_overdue',
        compute_sudo=True,
        groups=FIGURE_READERS,
        help="Age of the oldest instalment that is overdue.",
    )
    credit_uninvoiced = fields.Monetary(
        string='Not Invoiced Yet',
        compute='_compute_credit_figures',
        search='_search_credit_uninvoiced',
        compute_sudo=True,
        currency_field='credit_currency_id',
        groups=FIGURE_READERS,
        help="Confirmed orders, tax included, as far as no posted invoice covers them.",
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
        help="Credit limit, temporary extensions and guarantees, less exposure; where a limit shared with others "
        "leaves less, that. Zero for unlimited customers.",
    )
    credit_utilization = fields.Float(
        string='Utilisation',
        compute='_compute_credit_figures',
        compute_sudo=True,
        groups=FIGURE_READERS,
        help="Exposure as a share of credit limit, extensions and guarantees; where a limit shared with others is "
        "fuller, of that. Zero for unlimited customers.",
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
        help="What would happen to a further order.",
    )

    # ------------------------------------------------------------------ computes and searches

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
            partner.credit_currency_id = currency

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
        return self._search_credit_figure(operator, value, lambda exposure: exposure.max_days_overdue, ('receivable',))

    @api.model
    def _check_credit_search(self, name):
        """Whoever may not read a figure may not find customers by it either: Odoo asks no one before a search method.

        :raise AccessError:
        """
        self._check_field_access(self._fields[name], 'read')

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
            return Domain('commercial_partner_id', 'not in', [d for d, amount in amounts.items() if not holds(amount)])
        return Domain('commercial_partner_id', 'in', [d for d, amount in amounts.items() if holds(amount)])

    def _search_credit_over_limit(self, operator, value):
        self._check_credit_search('credit_over_limit')
        if operator != 'in':
            return NotImplemented
        over = self._credit_debtors_over_limit(self.env.company)
        return (
            Domain('commercial_partner_id', 'in', over)
            if True in value
            else Domain('commercial_partner_id', 'not in', over)
        )

    @api.model
    def _credit_debtors_over_limit(self, company):
        """Return the ids of the debtors whose exposure exceeds what was agreed with them or with their group.

        Terms are read only for those above their bare limit: extensions and guarantees can only raise it.
        """
        exposures = self._credit_exposure_query(company, None)
        owing = {debtor: exposure.exposure for debtor, exposure in exposures.items() if exposure.exposure > 0}
        candidates = self._credit_above_bare_limit(company.root_id, owing)
        terms = self.browse(candidates)._credit_terms(company) if candidates else {}
        rounding = company.root_id.currency_id.rounding
        over = {
            debtor
            for debtor in candidates
            if terms[debtor].ceiling is not None and owing[debtor] > terms[debtor].ceiling + rounding / 2
        }
        return list(over | self.env['credit.group']._over_limit(company.root_id, exposures))

    @api.model
    def _credit_above_bare_limit(self, root, owing):
        if not owing:
            return []
        self.flush_model(['credit_limit', 'credit_control'])
        rows = self.env.execute_query(
            SQL(
                """SELECT id, credit_control ->> %(company)s, COALESCE((credit_limit ->> %(company)s)::float, 0)
                 FROM res_partner
                WHERE id IN %(ids)s AND COALESCE(credit_control ->> %(company)s, '') <> 'unlimited'""",
                company=str(root.id),
                ids=tuple(owing),
            )
        )
        return [debtor for debtor, control, limit in rows if not control or not limit or owing[debtor] > limit]

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
        :return: {commercial partner id: tools.decision.Exposure} in the root company's currency; four queries for any
            number of partners, four more for each other company that they share a limit with
        """
        debtors = self.commercial_partner_id._origin.ids
        if not debtors:
            return {}
        Group = self.env['credit.group']
        members = Group._with_fellow_members(debtors, company.root_id)
        found = self._credit_exposure_query(company, members, scope=scope)
        exposures = {debtor: found.get(debtor) or Exposure() for debtor in debtors}
        return Group._add_fellow_members(company.root_id, exposures, found)

    @api.model
    def _credit_exposure_query(self, company, debtors, parts=PARTS, scope=None):
        """Return {debtor id: Exposure} of those who owe anything.

        :param debtors: ids of commercial partners, or None for all of them
        :param parts: what to read
        """
        scope = scope or self._credit_scope(company)
        values = {}
        if 'receivable' in parts:
            for debtor, row in self._credit_query_receivable(scope, debtors):
                values.setdefault(debtor, {}).update(row)
        condition = self._credit_debtor_condition(debtors)
        if 'uninvoiced' in parts:
            for debtor, amount in self.env['sale.order.line']._credit_query_uninvoiced(scope, condition):
                values.setdefault(debtor, {})['uninvoiced'] = amount
        if 'transactions' in parts:
            for debtor, amount in self.env['payment.transaction']._credit_query_unposted(scope, condition):
                values.setdefault(debtor, {})['transactions'] = amount
        return {debtor: Exposure(**row) for debtor, row in values.items()}

    @api.model
    def _credit_scope(self, company):
        """Return the CreditScope of a company's root, in one query even when nothing is cached.

        Company and account ids go into the other statements as literals: only so PostgreSQL uses the index on
        unreconciled items.
        """
        self.env['account.account'].flush_model(['account_type'])
        [(root, currency, companies, accounts, tz)] = self.env.execute_query(
            SQL(
                """SELECT root.id, root.currency_id,
                      (SELECT array_agg(id) FROM res_company WHERE parent_path LIKE root.id || '/%%'),
                      (SELECT array_agg(id) FROM account_account WHERE account_type = 'asset_receivable'),
                      (SELECT tz FROM res_users u JOIN res_partner p ON p.id = u.partner_id WHERE u.id = %s)
                 FROM res_company company
                 JOIN res_company root ON root.id = split_part(company.parent_path, '/', 1)::int
                WHERE company.id = %s""",
                self.env.uid,
                company.id,
            )
        )
        today = fields.Date.context_today(self if self.env.context.get('tz') else self.with_context(tz=tz or 'UTC'))
        return CreditScope(root, currency, tuple(companies), tuple(accounts or (0,)), today)

    @api.model
    def _credit_debtor_condition(self, debtors, alias='partner'):
        if debtors is None:
            return SQL('TRUE')
        return SQL('%s IN %s', SQL.identifier(alias, 'commercial_partner_id'), tuple(debtors))

    @api.model
    def _credit_query_receivable(self, scope, debtors):
        """Return rows (debtor, {field of Exposure: value}) of the open items on receivable accounts."""
        self.env['account.move.line'].flush_model(
            [
                'account_id',
                'partner_id',
                'company_id',
                'parent_state',
                'reconciled',
                'amount_residual',
                'date_maturity',
                'date',
            ]
        )
        self.env['account.move'].flush_model(['credit_disputed'])
        self.env['res.partner'].flush_model(['commercial_partner_id'])
        sums = [
            SQL("SUM(item.open) FILTER (WHERE item.open > 0 AND %s)", self._credit_bucket_sql(first, last))
            for _code, first, last in aging.BUCKETS
        ]
        rows = self.env.execute_query(
            SQL(
                """SELECT item.debtor, %(buckets)s,
                      SUM(item.open) FILTER (WHERE item.open < 0),
                      SUM(item.open) FILTER (WHERE item.open > 0 AND item.disputed),
                      SUM(item.open) FILTER (WHERE item.open > 0 AND item.days > 0 AND NOT item.disputed),
                      MAX(item.days) FILTER (WHERE item.open > 0 AND item.days > 0 AND NOT item.disputed)
                 FROM (SELECT partner.commercial_partner_id AS debtor, line.amount_residual AS open,
                              %(today)s - COALESCE(line.date_maturity, line.date) AS days,
                              COALESCE(move.credit_disputed, FALSE) AS disputed
                         FROM account_move_line line
                         JOIN res_partner partner ON partner.id = line.partner_id
                         JOIN account_move move ON move.id = line.move_id
                        WHERE %(open)s AND %(debtors)s) item
                GROUP BY item.debtor""",
                buckets=SQL(', ').join(sums),
                today=scope.today,
                open=self._credit_open_condition(scope),
                debtors=self._credit_debtor_condition(debtors),
            )
        )
        names = (*aging.BUCKET_CODES, 'unapplied', 'disputed', 'overdue')
        for debtor, *sums, days in rows:
            yield (
                debtor,
                {name: float(value or 0.0) for name, value in zip(names, sums, strict=True)}
                | {'max_days_overdue': days or 0},
            )

    @api.model
    def _credit_open_condition(self, scope):
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
        rows = self.env.execute_query(
            SQL(
                """SELECT partner.commercial_partner_id, move.name, line.amount_residual,
                      %(today)s - COALESCE(line.date_maturity, line.date), COALESCE(move.credit_disputed, FALSE)
                 FROM account_move_line line
                 JOIN res_partner partner ON partner.id = line.partner_id
                 JOIN account_move move ON move.id = line.move_id
                WHERE %(open)s AND %(debtors)s AND line.amount_residual > 0
                ORDER BY COALESCE(line.date_maturity, line.date), line.id
                LIMIT %(limit)s""",
                today=scope.today,
                limit=limit,
                open=self._credit_open_condition(scope),
                debtors=self._credit_debtor_condition(debtors),
            )
        )
        for debtor, name, amount, days, disputed in rows:
            items[debtor].append(OpenItem(name or '', float(amount), max(days, 0), disputed))
        return items
