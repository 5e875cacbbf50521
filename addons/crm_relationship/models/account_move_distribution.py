from odoo import fields, models


class AccountMove(models.Model):
    """Invoices to end customers that an intermediary brought."""

    _inherit = 'account.move'

    intermediary_id = fields.Many2one(
        'res.partner', string="Through", index='btree_not_null', ondelete='restrict', check_company=True, copy=True,
        domain=[('is_customer', '=', True), ('customer_type', '=', 'intermediary')],
        help="The intermediary that brought this sale. It counts as sales through it.",
    )
