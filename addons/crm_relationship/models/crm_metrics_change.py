from odoo import api, fields, models
from odoo.tools import SQL

from .metrics_source import BY_OTHERS, MetricsTrigger

PREFIX = 'crm_metrics_change_'
# Debtor of a confirmed order; what follows is its id.
DEBTOR = """SELECT p.commercial_partner_id, o.company_id
              FROM sale_order o JOIN res_partner p ON p.id = o.partner_invoice_id
             WHERE o.state = 'sale' AND o.id"""
# Customer of a row with ``partner_id`` and ``company_id``.
CUSTOMER = 'SELECT p.commercial_partner_id, row.company_id FROM res_partner p WHERE p.id = row.partner_id'
EVERYBODY = 'SELECT 0, c.id FROM res_company c WHERE c.parent_id IS NULL'


class CrmMetricsChange(models.Model):
    """Log of customers whose documents changed since their figures were computed.

    PostgreSQL writes it, by triggers: nothing gets past them, neither deletions nor SQL of other addons, and a line is
    seen exactly when the change that it tells of is. The refresh takes the lines in the transaction in which it
    computes the figures. Nothing else reads it. An addon that adds a source with ``logged`` adds triggers for
    everything that the source reads (``_metrics_triggers``), and drops them in its ``uninstall_hook``.
    """

    _name = 'crm.metrics.change'
    _description = 'Customer with Changed Documents'
    _log_access = False
    _rec_name = 'customer'

    # Plain numbers: foreign keys would lock customer and company on each posting.
    customer = fields.Integer(readonly=True, help="Id of the commercial partner.")
    company = fields.Integer(readonly=True, help="Id of the company or branch of the document.")

    def init(self):
        # On a fresh install tables of later models aren't there yet.
        self.pool.post_init(self._install_triggers)

    @api.model
    def _install_triggers(self):
        for trigger in self._metrics_triggers():
            self._install_trigger(trigger)

    @api.model
    def _metrics_triggers(self):
        """Triggers that together log every change of what the logged sources read: list of ``MetricsTrigger``."""
        return [
            MetricsTrigger(
                'account_move',
                ('state', 'move_type', 'company_id', 'commercial_partner_id', 'invoice_date', 'amount_untaxed_signed'),
                'SELECT row.commercial_partner_id, row.company_id',
                condition="row.state = 'posted' AND row.move_type IN ('out_invoice', 'out_refund')",
            ),
            MetricsTrigger(
                'sale_order',
                ('state', 'company_id', 'partner_invoice_id', 'date_order'),
                'SELECT p.commercial_partner_id, row.company_id FROM res_partner p WHERE p.id = row.partner_invoice_id',
                condition="row.state = 'sale'",
            ),
            MetricsTrigger(
                'sale_order',
                ('state', 'company_id', 'partner_id'),
                CUSTOMER,
                topic='quoted',
                condition="row.state IN ('draft', 'sent')",
            ),
            MetricsTrigger('sale_order_line', ('order_id',), f'{DEBTOR} = row.order_id', events=('UPDATE', 'DELETE')),
            MetricsTrigger(
                'sale_order_line_invoice_rel',
                ('order_line_id', 'invoice_line_id'),
                f'{DEBTOR} = (SELECT order_id FROM sale_order_line WHERE id = row.order_line_id)',
            ),
            MetricsTrigger(
                'crm_lead',
                ('partner_id', 'company_id', 'active', 'type', 'won_status'),
                """SELECT p.commercial_partner_id, c.id FROM res_partner p JOIN res_company c
                       ON c.id = row.company_id OR row.company_id IS NULL AND c.parent_id IS NULL
                    WHERE p.id = row.partner_id""",
                condition="row.type = 'opportunity' AND row.partner_id IS NOT NULL",
            ),
            MetricsTrigger('crm_touchpoint', ('partner_id', 'company_id', 'date', 'company_cost'), CUSTOMER),
            MetricsTrigger('crm_promise', ('partner_id', 'company_id', 'date_due', 'state'), CUSTOMER),
            MetricsTrigger('crm_customer_investment', ('partner_id', 'company_id', 'date', 'company_cost'), CUSTOMER),
            MetricsTrigger(
                'crm_value_class_override',
                ('partner_id', 'company_id', 'value_class', 'date_from', 'date_to'),
                CUSTOMER,
            ),
            # Who is a customer. A contact that changes its company takes its documents along: both companies' figures
            # change; those that are deleted with a contact can't be traced to its company any more.
            MetricsTrigger(
                'res_partner',
                ('commercial_partner_id', 'parent_id', 'is_company', 'company_id', 'user_id', 'row.customer_rank > 0'),
                """SELECT changed.id, c.id
                     FROM (VALUES (row.id), (row.commercial_partner_id)) changed (id), res_company c
                    WHERE c.parent_id IS NULL""",
                by_others=True,
            ),
            # What the refresh mirrors to customers, edited by somebody else; marking a target is meant to be.
            MetricsTrigger(
                'res_partner',
                ('relationship_stage', 'value_class'),
                'SELECT row.id, c.id FROM res_company c WHERE c.parent_id IS NULL',
                events=('UPDATE',),
                topic='mirrored',
                by_others=True,
            ),
            # A row that goes with its customer changes rank and share of the others.
            MetricsTrigger(
                'crm_customer_metrics',
                (),
                'SELECT row.partner_id, row.company_id',
                events=('DELETE',),
                by_others=True,
            ),
        ]

    # ------------------------------------------------------------------ for the refresh

    @api.model
    def _is_complete(self):
        """Whether all triggers are in force as they are meant to be: not after a restore without them, or while
        somebody has them off.
        """
        triggers = self._metrics_triggers()
        [(found,)] = self.env.execute_query(SQL(
            """SELECT count(*) FROM unnest(%s::text[], %s::text[], %s::text[]) AS meant (place, name, digest)
                 JOIN pg_trigger t ON t.tgrelid = to_regclass(meant.place) AND t.tgname = meant.name::name
                 JOIN pg_description d ON d.objoid = t.tgfoid AND d.classoid = 'pg_proc'::regclass AND d.objsubid = 0
                WHERE t.tgenabled IN ('O', 'A') AND d.description = meant.digest""",
            [trigger.table for trigger in triggers],
            [PREFIX + trigger.name for trigger in triggers],
            [trigger.digest for trigger in triggers],
        ))
        return found == len(triggers)

    @api.model
    def _tells_some(self, scope, limit):
        """Whether fewer customers than the limit are in the log, and none of its lines means everybody."""
        logged = self.env.execute_query(SQL(
            "SELECT DISTINCT customer FROM crm_metrics_change WHERE %s ORDER BY customer LIMIT %s",
            scope.in_companies(SQL.identifier('company')), limit,
        ))
        return len(logged) < limit and (0,) not in logged[:1]

    @api.model
    def _take_everybody(self, scope):
        """Take the lines that mean everybody out of the log: all customers are going to be computed."""
        self.env.cr.execute(SQL(
            "DELETE FROM crm_metrics_change WHERE %s AND customer = 0", scope.in_companies(SQL.identifier('company')),
        ))

    @api.model
    def _take(self, scope):
        """Take the customers in scope out of the log, as those whose figures are computed now. Returns their ids."""
        return {customer for customer, in self.env.execute_query(SQL(
            "DELETE FROM crm_metrics_change WHERE %s AND %s RETURNING customer",
            scope.in_companies(SQL.identifier('company')), scope.in_scope(SQL.identifier('customer')),
        ))}

    @api.model
    def _add(self, scope):
        """Log the customers in scope, as if one of their documents had changed."""
        self.env.cr.execute(SQL(
            "INSERT INTO crm_metrics_change (customer, company) SELECT unnest(%s::int[]), %s",
            list(scope.partner_ids), scope.root.id,
        ))

    # ------------------------------------------------------------------ triggers

    def _install_trigger(self, trigger):
        """Make function and trigger anew where they aren't what is meant: making one locks its table."""
        cr = self.env.cr
        name, table = SQL.identifier(PREFIX + trigger.name), SQL.identifier(trigger.table)
        cr.execute(SQL(
            """SELECT FROM pg_trigger WHERE tgname = %s AND tgrelid = %s::regclass
                  AND obj_description(tgfoid, 'pg_proc') = %s""",
            PREFIX + trigger.name, trigger.table, trigger.digest,
        ))
        if cr.rowcount:
            return
        self._drop_triggers([trigger.name])
        cr.execute(SQL("CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql AS %s", name, trigger.body()))
        cr.execute(SQL("COMMENT ON FUNCTION %s() IS %s", name, trigger.digest))
        cr.execute(SQL(
            "CREATE TRIGGER %s AFTER %s ON %s FOR EACH ROW %s EXECUTE FUNCTION %s()",
            name, SQL(' OR '.join(trigger.events)), table,
            SQL("WHEN (%s)", SQL(BY_OTHERS)) if trigger.by_others else SQL(), name,
        ))

    @api.model
    def _drop_triggers(self, names):
        """Drop triggers with their functions; for the ``uninstall_hook`` of the addon that made them."""
        for name in names:
            self.env.cr.execute(SQL("DROP FUNCTION IF EXISTS %s() CASCADE", SQL.identifier(PREFIX + name)))
