from odoo import api, models

from odoo.addons.crm_relationship.models.crm_metrics_change import DEBTOR as ORDER_DEBTOR
from odoo.addons.crm_relationship.models.crm_metrics_change import EVERYBODY
from odoo.addons.crm_relationship.models.metrics_source import MetricsTrigger

from .res_partner_exposure import OPEN_ITEM_COLUMNS
from .sale_order_line import INVOICED_LINE_COLUMNS, OPEN_LINE_COLUMNS, OPEN_ORDER_COLUMNS

# The debtor of an invoice ``m``, as the payment index has it.
DEBTOR = 'SELECT m.commercial_partner_id, m.company_id FROM account_move m'
# Customer of a row that has its commercial partner itself.
OWN = 'SELECT row.partner_id, row.company_id'
POSTED = "m.move_type = 'out_invoice' AND m.state = 'posted'"

TRIGGERS = [
    # Open items. Accounts that become receivable accounts change the statements themselves.
    MetricsTrigger(
        'account_move_line',
        (*OPEN_ITEM_COLUMNS, 'move_id'),
        """SELECT p.commercial_partner_id, row.company_id FROM res_partner p
            WHERE p.id = row.partner_id AND EXISTS (
                  SELECT FROM account_account a WHERE a.id = row.account_id AND a.account_type = 'asset_receivable')""",
        condition="row.parent_state = 'posted'",
        topic='open',
    ),
    MetricsTrigger(
        'account_move',
        ('credit_disputed',),
        """SELECT p.commercial_partner_id, l.company_id
             FROM account_move_line l JOIN res_partner p ON p.id = l.partner_id WHERE l.move_id = row.id
            UNION SELECT row.commercial_partner_id, row.company_id""",
        events=('UPDATE',),
        topic='disputed',
    ),
    # What settled an invoice. A reconciled line can't be deleted (foreign keys); none is reconciled when it is made.
    MetricsTrigger(
        'account_partial_reconcile',
        ('debit_move_id', 'credit_move_id', 'amount', 'max_date'),
        f'{DEBTOR} JOIN account_move_line l ON l.move_id = m.id WHERE l.id = row.debit_move_id AND {POSTED}',
    ),
    # The invoice's own line, or the credit note's line that settled invoices.
    MetricsTrigger(
        'account_move_line',
        ('move_id', 'account_id', 'date_maturity'),
        f"""{DEBTOR} WHERE m.id = row.move_id AND {POSTED}
             UNION {DEBTOR} JOIN account_move_line l ON l.move_id = m.id
                   JOIN account_partial_reconcile r ON r.debit_move_id = l.id
             WHERE r.credit_move_id = row.id AND {POSTED}""",
        events=('UPDATE',),
        topic='settled',
    ),
    # What isn't invoiced yet: orders, their lines, and the invoices that these are linked to.
    MetricsTrigger(
        'sale_order',
        OPEN_ORDER_COLUMNS,
        'SELECT p.commercial_partner_id, row.company_id FROM res_partner p WHERE p.id = row.partner_invoice_id',
        events=('UPDATE',),
        topic='worth',
        condition="row.state = 'sale'",
    ),
    MetricsTrigger(
        'sale_order_line',
        OPEN_LINE_COLUMNS,
        f'{ORDER_DEBTOR} = row.order_id',
        topic='worth',
        condition="row.state = 'sale'",
    ),
    MetricsTrigger(
        'account_move',
        ('state', 'move_type', 'invoice_currency_rate', "row.payment_state = 'invoicing_legacy'"),
        f"""{ORDER_DEBTOR} IN (SELECT s.order_id FROM account_move_line l
                JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = l.id
                JOIN sale_order_line s ON s.id = r.order_line_id WHERE l.move_id = row.id)""",
        events=('UPDATE',),
        topic='invoiced',
        condition="row.state <> 'draft' AND row.move_type IN ('out_invoice', 'out_refund')",
    ),
    MetricsTrigger(
        'account_move_line',
        INVOICED_LINE_COLUMNS,
        f"""{ORDER_DEBTOR} IN (SELECT s.order_id FROM sale_order_line_invoice_rel r
                JOIN sale_order_line s ON s.id = r.order_line_id WHERE r.invoice_line_id = row.id)""",
        events=('UPDATE',),
        topic='invoiced',
        condition="row.parent_state <> 'draft'",
    ),
    MetricsTrigger('uom_uom', ('factor',), EVERYBODY, events=('UPDATE',)),
    # Terms and the light. Policies, rules, exceptions for a grade and groups change the statements themselves.
    MetricsTrigger(
        'res_partner',
        ('credit_control', 'credit_limit', 'credit_grade_id', 'credit_review_date', 'credit_signal'),
        'SELECT row.id, c.id FROM res_company c WHERE c.parent_id IS NULL',
        events=('UPDATE',),
        topic='terms',
        by_others=True,
    ),
    *(
        MetricsTrigger(
            table,
            ('partner_id', 'company_id', 'state', 'date_from', 'date_to', 'amount_company'),
            OWN,
        )
        for table in ('credit_guarantee', 'credit_extension')
    ),
    MetricsTrigger('credit_assessment', ('partner_id', 'company_id', 'state'), OWN),
    MetricsTrigger(
        'credit_rule_exception', ('partner_id', 'company_id', 'date_from', 'date_to', 'kind', 'effect'), OWN
    ),
    MetricsTrigger('credit_grade', ('code',), EVERYBODY, events=('UPDATE',)),
]


class CrmMetricsChange(models.Model):
    """Changes of what customers owe, of how they pay, and of what was agreed with them."""

    _inherit = 'crm.metrics.change'

    @api.model
    def _metrics_triggers(self):
        return super()._metrics_triggers() + TRIGGERS
