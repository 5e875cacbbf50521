from odoo import api, models

from odoo.addons.crm_relationship.models.metrics_source import MetricsTrigger

# The debtor of an invoice ``m``, as the payment index has it.
DEBTOR = 'SELECT m.commercial_partner_id, m.company_id FROM account_move m'
POSTED = "m.move_type = 'out_invoice' AND m.state = 'posted'"

TRIGGERS = [
    # Open items. Accounts that become receivable accounts change the statements themselves.
    MetricsTrigger(
        'account_move_line',
        (
            'account_id',
            'partner_id',
            'company_id',
            'parent_state',
            'reconciled',
            'amount_residual',
            'date_maturity',
            'date',
            'move_id',
        ),
        """SELECT p.commercial_partner_id, row.company_id FROM res_partner p
            WHERE p.id = row.partner_id AND row.parent_state = 'posted' AND EXISTS (
                  SELECT FROM account_account a WHERE a.id = row.account_id AND a.account_type = 'asset_receivable')""",
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
]


class CrmMetricsChange(models.Model):
    """Changes of what customers owe and of how they pay: open items, settlements, due dates, disputes."""

    _inherit = 'crm.metrics.change'

    @api.model
    def _metrics_triggers(self):
        return super()._metrics_triggers() + TRIGGERS
