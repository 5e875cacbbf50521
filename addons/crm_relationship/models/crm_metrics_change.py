from odoo import api, fields, models
from odoo.tools import SQL

from .metrics_source import MetricsTrigger

PREFIX = 'crm_metrics_change_'
# Debtor of a confirmed order; what follows is its id.
DEBTOR = """SELECT p.commercial_partner_id, o.company_id
              FROM sale_order o JOIN res_partner p ON p.id = o.partner_invoice_id
             WHERE o.state = 'sale' AND o.id"""


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
                "SELECT row.commercial_partner_id, row.company_id WHERE row.state = 'posted'"
                " AND row.move_type IN ('out_invoice', 'out_refund')",
            ),
            MetricsTrigger(
                'sale_order',
                ('state', 'company_id', 'partner_invoice_id', 'date_order'),
                "SELECT p.commercial_partner_id, row.company_id FROM res_partner p"
                " WHERE p.id = row.partner_invoice_id AND row.state = 'sale'",
            ),
            MetricsTrigger('sale_order_line', ('order_id',), f'{DEBTOR} = row.order_id', events=('UPDATE', 'DELETE')),
            MetricsTrigger(
                'sale_order_line_invoice_rel',
                ('order_line_id', 'invoice_line_id'),
                f'{DEBTOR} = (SELECT order_id FROM sale_order_line WHERE id = row.order_line_id)',
            ),
            # A contact that changes its company takes its orders along: both companies' figures change.
            MetricsTrigger(
                'res_partner',
                ('commercial_partner_id',),
                'SELECT row.commercial_partner_id, c.id FROM res_company c WHERE c.parent_id IS NULL',
                events=('UPDATE',),
            ),
            # A row that goes with its customer changes rank and share of the others.
            MetricsTrigger(
                'crm_customer_metrics', (), 'SELECT row.partner_id, row.company_id', events=('DELETE',)),
        ]

    # ------------------------------------------------------------------ for the refresh

    @api.model
    def _is_complete(self):
        """Whether all triggers are in force: not after a restore without them, or while somebody has them off."""
        names = [trigger.name for trigger in self._metrics_triggers()]
        [(found,)] = self.env.execute_query(SQL(
            "SELECT count(DISTINCT tgname) FROM pg_trigger WHERE tgname = ANY(%s) AND tgenabled IN ('O', 'A')",
            [PREFIX + name for name in names],
        ))
        return found == len(names)

    @api.model
    def _count(self, scope, limit):
        """Number of customers in the log, counted up to a limit."""
        [(found,)] = self.env.execute_query(SQL(
            "SELECT count(*) FROM (SELECT DISTINCT customer FROM crm_metrics_change WHERE %s LIMIT %s) logged",
            scope.in_companies(SQL.identifier('company')), limit,
        ))
        return found

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
        """Write the function anew, and the trigger where it is missing: making one locks its table."""
        cr = self.env.cr
        name, table = SQL.identifier(PREFIX + trigger.name), SQL.identifier(trigger.table)
        cr.execute(SQL("CREATE OR REPLACE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql AS %s", name, trigger.body()))
        cr.execute(SQL(
            "SELECT FROM pg_trigger WHERE tgname = %s AND tgrelid = %s::regclass", PREFIX + trigger.name, trigger.table
        ))
        if not cr.rowcount:
            cr.execute(SQL(
                "CREATE TRIGGER %s AFTER %s ON %s FOR EACH ROW EXECUTE FUNCTION %s()",
                name, SQL(' OR '.join(trigger.events)), table, name,
            ))

    @api.model
    def _drop_triggers(self, names):
        """Drop triggers with their functions; for the ``uninstall_hook`` of the addon that made them."""
        for name in names:
            self.env.cr.execute(SQL("DROP FUNCTION IF EXISTS %s() CASCADE", SQL.identifier(PREFIX + name)))
