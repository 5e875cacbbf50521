from odoo import api, models
from odoo.tools import SQL

# Records of a customer: what counts or lists them on its form, and by which column they name the customer.
TRACES = {
    'crm.touchpoint': ('partner_id', ['touchpoint_ids', 'touchpoint_count', 'last_contact_date']),
    'crm.promise': ('partner_id', ['promise_ids', 'open_promise_ids', 'open_promise_count']),
    'crm.contract': ('partner_id', ['contract_ids', 'contract_count']),
    'crm.visit.plan.line': ('partner_id', ['visit_line_ids', 'next_visit_date']),
    'crm.evaluation': ('partner_id', ['evaluation_ids', 'evaluation_count']),
    'crm.customer.movement': ('partner_id', ['movement_count']),
    'crm.customer.metrics': ('partner_id', [
        'metrics_id', 'figures_currency_id', 'figures_sales_12m', 'figures_contact_cost_12m', 'figures_investment_12m',
        'figures_investment_return',
    ]),
    'crm.customer.need': ('partner_id', ['need_ids', 'open_need_ids']),
    'crm.customer.statistic': ('partner_id', ['statistic_ids']),
    'crm.customer.investment': ('partner_id', ['investment_ids']),
    'crm.customer.source': ('partner_id', ['information_ids']),
    'crm.care.recipient': ('customer_id', ['care_recipient_count']),
    'crm.club.member': ('customer_id', ['club_ids', 'club_count']),
    'crm.card.change': ('partner_id', ['card_change_ids']),
    'crm.card.reading': ('partner_id', ['card_reading_ids']),
    'crm.card.verification': ('partner_id', ['card_verification_ids']),
    'crm.terms.application': ('partner_id', ['terms_application_ids', 'terms_note']),
}
# What the form reads together with others that may be empty: the line of what needs attention, and lists.
TRACED = frozenset(['attention_message', *(name for _column, names in TRACES.values() for name in names)])


class ResPartner(models.Model):
    """Opening a customer's form asks once, in one statement, of what there is nothing, instead of asking each kind.

    The statement knows no record rules, since it never says more than that there is no record at all, which is true
    for everybody. Where there is one, counts and lists are read as ever, as far as the user may.
    """

    _inherit = 'res.partner'

    def web_read(self, specification):
        if len(self) != 1 or not self.id or TRACED.isdisjoint(specification):
            return super().web_read(specification)
        known = self._get_customer_traces()
        absent = self._absent_customer_traces(known)
        partner = self.with_context(customer_without=(self.id, absent))
        for kind in absent:
            for name in known[kind][1]:
                field = self._fields[name]
                field._insert_cache(partner, [field.convert_to_cache(False, partner)])
        return super(ResPartner, partner).web_read(specification)

    def _is_known_without(self, kind):
        """Whether it is known already that none of these customers has any record of a kind."""
        customer_id, absent = self.env.context.get('customer_without') or (0, ())
        return kind in absent and all(partner_id == customer_id for partner_id in self._origin.ids)

    def _absent_customer_traces(self, known):
        """Kinds of records, of those in ``known``, of which neither the partner nor its company has any."""
        [row] = self.env.execute_query(SQL(
            "SELECT %s", SQL(", ").join(SQL("EXISTS(%s)", query) for query, _fields in known.values()),
        ))
        return frozenset(kind for kind, found in zip(known, row, strict=True) if not found)

    def _get_customer_traces(self):
        """``{kind: (query, [field, …])}``: records of a customer, and the fields that are empty where it has none.

        Each query selects records of the partner and of its company, at least those that the fields go by.
        Extensions call ``super()`` and add their own kinds, for instance by ``_trace_of``.
        """
        self.ensure_one()
        who = self._trace_customer()
        links, moves, orders, reported = (
            self.env[name] for name in ('crm.distribution.link', 'account.move', 'sale.order', 'crm.sell.through')
        )
        return {
            **{kind: (self._trace_of(kind, column), names) for kind, (column, names) in TRACES.items()},
            'sighting': (self._trace_of('crm.competitor.sighting', 'partner_id'), ['sighting_ids']),
            'competitor': (self._trace_of('crm.competitor.sighting', 'competitor_id'), ['is_competitor']),
            'served': (self._trace_of('crm.distribution.link', 'intermediary_id'), ['served_link_ids']),
            'served_by': (self._trace_of('crm.distribution.link', 'partner_id'), ['served_by_link_ids']),
            'distribution': (
                SQL("(%s) UNION ALL (%s)", self._trace_of(links._name, 'intermediary_id'),
                    self._trace_of(links._name, 'partner_id')),
                ['served_count', 'served_by_count'],
            ),
            'sold_through': (
                SQL(" UNION ALL ").join(
                    SQL("(%s)", self._trace_of(model._name, 'intermediary_id')) for model in (moves, orders, reported)
                ), [],
            ),
            'bought_through': (
                SQL(
                    """SELECT FROM account_move WHERE %(through_move)s IS NOT NULL AND %(debtor)s IN %(who)s
                    UNION ALL SELECT FROM sale_order JOIN res_partner c ON c.id = %(customer)s
                               WHERE %(through_order)s IS NOT NULL AND c.commercial_partner_id IN %(who)s
                    UNION ALL (%(reported)s)""",
                    who=who, reported=self._trace_of(reported._name, 'partner_id'),
                    through_move=self._trace_column(moves._name, 'intermediary_id'),
                    debtor=self._trace_column(moves._name, 'commercial_partner_id'),
                    through_order=self._trace_column(orders._name, 'intermediary_id'),
                    customer=self._trace_column(orders._name, 'partner_id'),
                ), [],
            ),
            'sale.order': (
                SQL(
                    """SELECT FROM sale_order JOIN res_partner c ON c.id = %(customer)s
                        WHERE c.commercial_partner_id IN %(who)s""",
                    who=who, customer=self._trace_column(orders._name, 'partner_id'),
                ), ['quotation_count'],
            ),
            'refused_care': (
                SQL("SELECT FROM res_partner_care_refused_rel WHERE partner_id IN %s", who), ['care_refused_kind_ids'],
            ),
            'manager': (
                SQL("SELECT FROM res_partner WHERE %(parent)s IN %(who)s AND %(role)s IS NOT NULL", who=who,
                    parent=self._trace_column('res.partner', 'parent_id'),
                    role=self._trace_column('res.partner', 'contact_role')),
                ['manager_ids'],
            ),
            'value_class': (
                SQL("SELECT FROM res_partner WHERE %s IS NOT NULL AND id IN %s",
                    self._trace_column('res.partner', 'value_class'), who), [],
            ),
            'birthday': (
                SQL("SELECT FROM res_partner WHERE %(day)s IS NOT NULL AND (%(parent)s IN %(who)s OR id IN %(who)s)",
                    who=who, parent=self._trace_column('res.partner', 'parent_id'),
                    day=self._trace_column('res.partner', 'birthday_md')),
                [],
            ),
        }

    def _trace_of(self, model, column):
        """Select the records of a model that name the partner, or its company, in a column."""
        return SQL(
            "SELECT FROM %s WHERE %s IN %s", SQL.identifier(self.env[model]._table), self._trace_column(model, column),
            self._trace_customer(),
        )

    @api.model
    def _trace_column(self, model, column):
        records = self.env[model]
        return SQL.identifier(records._table, column, to_flush=records._fields[column])

    def _trace_customer(self):
        """The partner and its company, as a list in SQL: as subselects they would cost far more to plan than to run."""
        return SQL("%s", (self.id, self.commercial_partner_id.id or self.id))
