from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """How held orders are handled, beside Odoo's own credit limit setting."""

    _inherit = 'res.config.settings'

    credit_approver_id = fields.Many2one(related='company_id.credit_approver_id', readonly=False)
    credit_hold_days = fields.Integer(related='company_id.credit_hold_days', readonly=False)
    credit_price_days = fields.Integer(related='company_id.credit_price_days', readonly=False)
