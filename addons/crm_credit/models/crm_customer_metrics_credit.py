from dataclasses import replace

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.crm_relationship.models.metrics_source import MetricsSource

from ..tools import aging
from ..tools.payment_index import sql_index
from .res_partner_credit import CREDIT_READERS

# How far back settled invoices tell how a customer pays.
PAYMENT_MONTHS = 24
RECEIVABLE_COLUMNS = (
    'receivable',
    *aging.BUCKET_CODES,
    'unapplied',
    'disputed',
    'overdue',
    'max_days_overdue',
)


class CrmCustomerMetrics(models.Model):
    """Receivables, payment behaviour and credit terms as of the last refresh: what lists, pivots and graphs show.

    The definitions are those of the live figures on the customer (res_partner_exposure.py), whose SQL they share.
    """

    _inherit = 'crm.customer.metrics'

    receivable = fields.Monetary(
        readonly=True, help='Open posted invoices by instalment, less unapplied payments and credit notes.'
    )
    not_due = fields.Monetary(readonly=True)
    overdue_1_30 = fields.Monetary(string='1–30 days', readonly=True)
    overdue_31_60 = fields.Monetary(string='31–60 days', readonly=True)
    overdue_61_90 = fields.Monetary(string='61–90 days', readonly=True)
    overdue_91_120 = fields.Monetary(string='91–120 days', readonly=True)
    overdue_over_120 = fields.Monetary(string='Over 120 days', readonly=True)
    unapplied = fields.Monetary(
        readonly=True, help="Payments and credit notes that aren't reconciled yet; zero or negative."
    )
    disputed = fields.Monetary(
        readonly=True, help='Open invoices that the customer contests: owed, but not called overdue.'
    )
    overdue = fields.Monetary(readonly=True, help='Open instalments past their due date, without those in dispute.')
    max_days_overdue = fields.Integer(string='Oldest, days', readonly=True, aggregator='max')
    uninvoiced = fields.Monetary(
        string='Not invoiced',
        readonly=True,
        help='Confirmed orders, tax included, as far as no posted invoice covers them.',
    )
    credit_prepaid = fields.Monetary(
        string='Paid, not posted',
        readonly=True,
        help="Paid or authorised transactions whose payment isn't in the ledger yet.",
    )
    average_days_late = fields.Float(
        readonly=True,
        digits=(16, 1),
        aggregator='avg',
        help='Days from due date to payment of what was settled in the last 24 months, '
        'weighted by money; negative when early.',
    )
    payment_index = fields.Float(
        readonly=True,
        digits=(5, 1),
        aggregator='avg',
        help='0 to 100: 80 pays on the due date, 50 thirty days late. Weighted by money over the last 24 months.',
    )
    payment_index_count = fields.Integer(
        string='Settled invoices', readonly=True, help='Invoices on which payment index and average days late rest.'
    )
    credit_control = fields.Selection([('limited', 'Limited'), ('unlimited', 'Unlimited')], readonly=True)
    credit_limit = fields.Monetary(readonly=True, groups=CREDIT_READERS, help='Empty for unlimited customers.')
    credit_secured = fields.Monetary(
        string='Extensions and guarantees',
        readonly=True,
        groups=CREDIT_READERS,
        help='What may be owed beyond the limit.',
    )
    credit_grade_id = fields.Many2one('credit.grade', readonly=True, ondelete='set null', index='btree_not_null')
    credit_exposure = fields.Monetary(
        string='Exposure',
        readonly=True,
        groups=CREDIT_READERS,
        help='Receivable and not invoiced, less what is paid but not posted.',
    )
    credit_utilization = fields.Float(
        string='Utilisation',
        readonly=True,
        groups=CREDIT_READERS,
        aggregator='avg',
        digits=(16, 4),
        help='Exposure as a share of limit, extensions and guarantees; where a limit shared with others is fuller, of '
        'that. Empty for unlimited customers.',
    )
    credit_used_percent = fields.Integer(
        string='Used',
        readonly=True,
        groups=CREDIT_READERS,
        aggregator='avg',
        help='Utilisation in whole per cent, for the bar.',
    )

    credit_compared_on = fields.Date(
        string='Grade confirmed on',
        readonly=True,
        groups=CREDIT_READERS,
        help='When a lower grade was looked into last, and the whole credit file spoke against it.',
    )

    # ------------------------------------------------------------------ sources

    @api.model
    def _metrics_sources(self):
        return super()._metrics_sources() + [
            MetricsSource('receivable', RECEIVABLE_COLUMNS, '_metrics_source_receivable', logged=True),
            MetricsSource('uninvoiced', ('uninvoiced',), '_metrics_source_uninvoiced', logged=True),
            MetricsSource('prepaid', ('credit_prepaid',), '_metrics_source_prepaid', logged=True),
            MetricsSource(
                'payment',
                ('average_days_late', 'payment_index', 'payment_index_count'),
                '_metrics_source_payment',
                nullable=('average_days_late', 'payment_index'),
                logged=True,
            ),
            MetricsSource(
                'terms',
                ('credit_control', 'credit_limit', 'credit_secured', 'credit_grade_id'),
                '_metrics_source_terms',
                nullable=('credit_limit',),
                logged=True,
            ),
        ]

    @api.model
    def _metrics_population_sources(self):
        return super()._metrics_population_sources() + [
            MetricsSource(
                'utilization',
                ('credit_exposure', 'credit_utilization', 'credit_used_percent'),
                '_metrics_source_utilization',
                nullable=('credit_utilization', 'credit_used_percent'),
                logged=True,
            ),
        ]

    def _metrics_source_receivable(self, scope):
        """Open items on receivable accounts by age; as ``tools.aging.age`` has it."""
        Partner = self.env['res.partner']
        credit = Partner._credit_scope(scope.root)
        buckets = [
            SQL('sum(item.open) FILTER (WHERE item.open > 0 AND %s)', Partner._credit_bucket_sql(first, last))
            for _code, first, last in aging.BUCKETS
        ]
        return SQL(
            """SELECT item.debtor, sum(item.open), %(buckets)s,
                      sum(item.open) FILTER (WHERE item.open < 0),
                      sum(item.open) FILTER (WHERE item.open > 0 AND item.disputed),
                      sum(item.open) FILTER (WHERE item.open > 0 AND item.days > 0 AND NOT item.disputed),
                      max(item.days) FILTER (WHERE item.open > 0 AND item.days > 0 AND NOT item.disputed)
                 FROM (%(items)s OFFSET 0) item
                GROUP BY item.debtor""",
            buckets=SQL(', ').join(buckets),
            items=Partner._credit_items_sql(
                replace(credit, today=scope.today), scope.in_scope(SQL.identifier('partner', 'commercial_partner_id'))
            ),
        )

    def _metrics_source_uninvoiced(self, scope):
        return SQL(
            'SELECT debtor, sum(greatest(amount, 0)) FROM (%s) open_order GROUP BY debtor',
            self.env['sale.order.line']._credit_open_orders_sql(
                scope.company_ids, scope.in_scope(SQL.identifier('partner', 'commercial_partner_id'))
            ),
        )

    def _metrics_source_prepaid(self, scope):
        """Few at any time: asked first, then handed over as literals."""
        rows = self._credit_prepaid(scope) if scope.partner_ids != () else []
        return SQL(
            'SELECT * FROM unnest(%s::int[], %s::numeric[])',
            [debtor for debtor, _amount in rows],
            [amount for _debtor, amount in rows],
        )

    def _credit_prepaid(self, scope):
        """Rows (debtor id, amount) of what is paid but not posted."""
        return (
            self.env['payment.transaction']
            .sudo()
            ._credit_query_unposted(
                self.env['res.partner']._credit_scope(scope.root),
                scope.in_scope(SQL.identifier('partner', 'commercial_partner_id')),
            )
        )

    @api.model
    def _metrics_always(self, scope):
        """Customers whose payments wait to be posted, or don't any more: transactions and rates aren't logged. Members
        of a group: their share of its limit follows from the others, here and in other companies.
        """
        rows = self._credit_prepaid(replace(scope, partner_ids=None))
        prepaid = self.env.execute_query(
            SQL(
                """SELECT m.partner_id FROM crm_customer_metrics m
                LEFT JOIN unnest(%s::int[], %s::numeric[]) AS paid (debtor, amount) ON paid.debtor = m.partner_id
                    WHERE m.company_id = %s AND m.credit_prepaid <> COALESCE(paid.amount, 0)""",
                [debtor for debtor, _amount in rows],
                [amount for _debtor, amount in rows],
                scope.root.id,
            )
        )
        return {
            *super()._metrics_always(scope),
            *(partner_id for (partner_id,) in prepaid),
            *self.env['credit.group']._memberships(scope.root.id),
        }

    def _metrics_source_payment(self, scope):
        """How the customer paid: days from due date to settlement of each amount, weighted by money.

        Credit notes settle an invoice without paying it and disputed invoices are late for a reason: both are left out,
        as short lists, instead of joining what paid each invoice. For some customers their invoices are looked up one
        by one: PostgreSQL would read all receivables and all reconciliations.
        """
        accounts = self.env['res.partner']._credit_scope(scope.root).accounts
        return SQL(
            """SELECT settled.debtor, sum(settled.amount * settled.days) / sum(settled.amount),
                      sum(settled.amount * (%(index)s)) / sum(settled.amount), count(DISTINCT settled.move_id)
                 FROM (SELECT move.commercial_partner_id AS debtor, move.id AS move_id, part.amount,
                              (part.max_date - line.date_maturity)::numeric AS days
                         FROM account_move move
                   CROSS JOIN LATERAL (SELECT * FROM account_move_line line
                                        WHERE line.move_id = move.id AND line.account_id IN %(accounts)s
                                          AND line.date_maturity IS NOT NULL %(one_by_one)s) line
                   CROSS JOIN LATERAL (SELECT * FROM account_partial_reconcile part
                                        WHERE part.debit_move_id = line.id %(one_by_one)s) part
                        WHERE move.move_type = 'out_invoice' AND move.state = 'posted'
                          AND move.id NOT IN (SELECT id FROM account_move WHERE credit_disputed)
                          AND part.amount > 0 AND part.max_date > %(since)s AND part.max_date <= %(today)s
                          AND part.credit_move_id NOT IN (
                              SELECT credit.id FROM account_move refund
                                JOIN account_move_line credit ON credit.move_id = refund.id
                               WHERE refund.move_type = 'out_refund' AND credit.account_id IN %(accounts)s)
                          AND %(companies)s AND %(debtors)s) settled
                GROUP BY settled.debtor""",
            one_by_one=SQL() if scope.partner_ids is None else SQL('OFFSET 0'),
            index=SQL(sql_index('settled.days')),
            accounts=accounts,
            since=scope.today - relativedelta(months=PAYMENT_MONTHS),
            today=scope.today,
            companies=scope.in_companies(SQL.identifier('move', 'company_id')),
            debtors=scope.in_scope(SQL.identifier('move', 'commercial_partner_id')),
        )

    def _metrics_source_terms(self, scope):
        """Credit terms in force; as ``res.partner._credit_terms`` has it."""
        policy = self.env['credit.policy']._decision_data(scope.root.id, scope.today)
        return SQL(
            """SELECT terms.id, terms.control,
                      CASE WHEN terms.control = 'limited'
                           THEN CASE WHEN terms.own IS NULL THEN %(default_limit)s ELSE terms.own_limit END END,
                      COALESCE(extension.amount, 0) + COALESCE(guarantee.amount, 0), terms.grade_id
                 FROM (SELECT p.id, %(own)s AS own, COALESCE(%(own)s, %(default_control)s) AS control,
                              %(own_limit)s AS own_limit, %(grade)s AS grade_id
                         FROM res_partner p
                        WHERE (p.is_company OR p.parent_id IS NULL) AND %(partners)s) terms
            LEFT JOIN (%(extensions)s) extension ON extension.partner_id = terms.id
            LEFT JOIN (%(guarantees)s) guarantee ON guarantee.partner_id = terms.id""",
            default_limit=policy.default_limit,
            default_control=policy.default_control,
            own=self._credit_term_sql(scope, 'credit_control'),
            own_limit=self._credit_term_sql(scope, 'credit_limit'),
            grade=self._credit_term_sql(scope, 'credit_grade_id'),
            partners=scope.in_scope(SQL.identifier('p', 'id')),
            extensions=self.env['res.partner']._credit_sum_sql('credit.extension', scope.root, scope.today),
            guarantees=self.env['res.partner']._credit_sum_sql('credit.guarantee', scope.root, scope.today),
        )

    def _credit_term_sql(self, scope, name):
        """SQL of a term as the root company has it, its default included."""
        return self.env['res.partner'].sudo().with_company(scope.root)._field_to_sql('p', name)

    def _metrics_source_utilization(self, scope):
        """From the columns of both passes; with nothing agreed any exposure is 100 %, as ``tools.decision`` has it.

        Members of a group have the share of the group's limit where that is fuller. What is owed to other companies of
        the group is as of their last refresh.
        """
        return SQL(
            """SELECT used.partner_id, used.exposure, used.share, round(100 * used.share)
                 FROM (SELECT owed.partner_id, owed.exposure,
                              GREATEST(CASE WHEN owed.control IS DISTINCT FROM 'limited' THEN NULL
                                            WHEN owed.ceiling <= 0 THEN (owed.exposure > 0)::int
                                            ELSE round(owed.exposure / owed.ceiling, 4) END,
                                       CASE WHEN owed.shared_ceiling <= 0 THEN (owed.shared_exposure > 0)::int
                                            ELSE round(owed.shared_exposure / owed.shared_ceiling, 4) END) AS share
                         FROM (SELECT m.partner_id, m.credit_control AS control,
                                      m.credit_limit + m.credit_secured AS ceiling,
                                      m.receivable + m.uninvoiced - m.credit_prepaid AS exposure,
                                      shared.exposure AS shared_exposure, shared.ceiling AS shared_ceiling
                                 FROM crm_customer_metrics m
                            LEFT JOIN (%(shared)s) shared ON shared.partner_id = m.partner_id
                                WHERE m.company_id = %(company)s AND %(partners)s) owed) used""",
            company=scope.root.id,
            partners=scope.in_scope(SQL.identifier('m', 'partner_id')),
            shared=self._credit_shared_sql(scope.root),
        )

    def _credit_shared_sql(self, root):
        """SELECT of (partner_id, exposure, ceiling) of the groups' members, in the currency of a root company."""
        Group = self.env['credit.group']
        members = Group._memberships(root.id)
        if not members:
            return SQL(
                'SELECT NULL::int AS partner_id, NULL::numeric AS exposure, NULL::numeric AS ceiling WHERE FALSE'
            )
        groups = {group.group_id: group for group in members.values()}.values()
        currency = Group._currency_of(root.id)
        places = [
            SQL(
                '(%s, %s::numeric, %s, %s, %s::numeric)',
                group.group_id,
                Group._limit_in(root.id, group),
                company,
                partner,
                Group._converted(1.0, Group._currency_of(company), currency, group.company_id),
            )
            for group in groups
            for company, partner in group.places
        ]
        return SQL(
            """SELECT member.partner_id, owed.exposure, owed.ceiling
                 FROM (VALUES %(members)s) member (partner_id, group_id)
                 JOIN (SELECT place.group_id, place.ceiling,
                              SUM(place.rate * COALESCE(m.receivable + m.uninvoiced - m.credit_prepaid, 0)) AS exposure
                         FROM (VALUES %(places)s) place (group_id, ceiling, company_id, partner_id, rate)
                    LEFT JOIN crm_customer_metrics m
                           ON m.partner_id = place.partner_id AND m.company_id = place.company_id
                        GROUP BY place.group_id, place.ceiling) owed ON owed.group_id = member.group_id""",
            members=SQL(', ').join(SQL('(%s, %s)', partner, group.group_id) for partner, group in members.items()),
            places=SQL(', ').join(places),
        )

    # ------------------------------------------------------------------ the accountant's list

    @api.model
    def _check_may_refresh(self):
        if any(
            self.env.user.has_group(group)
            for group in ('crm_credit.group_credit_analyst', 'account.group_account_invoice')
        ):
            return
        super()._check_may_refresh()

    @api.model
    def action_open_credit_figures(self):
        """Customers by exposure; the title says as of when the figures are."""
        action = self.env['ir.actions.act_window']._for_xml_id('crm_credit.crm_customer_metrics_action_credit')
        return self._action_as_of(action, self.env._('Exposure'), 'credit-customers')

    @api.model
    def action_open_credit_ageing(self):
        """Receivables by age and salesperson; the title says as of when the figures are."""
        action = self.env['ir.actions.act_window']._for_xml_id('crm_credit.crm_customer_metrics_action_ageing')
        return self._action_as_of(action, action['name'], 'credit-ageing')

    def action_refresh_credit(self):
        """Button: refresh all figures and open the list again."""
        written = self.env['crm.customer.metrics'].refresh()
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'success',
                'message': self.env._('Figures refreshed: %(count)s changed.', count=written),
                'next': self.action_open_credit_figures(),
            },
        }

    def action_open_receivables(self):
        """Open invoices of the customer."""
        self.ensure_one()
        return self.partner_id.action_open_receivables()

    def action_open_customer(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'res.partner',
            'res_id': self.partner_id.id,
            'views': [(False, 'form')],
        }
