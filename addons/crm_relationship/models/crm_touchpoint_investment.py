from odoo import fields, models


class CrmTouchpoint(models.Model):
    _inherit = 'crm.touchpoint'

    investment_ids = fields.One2many(
        'crm.customer.investment', 'touchpoint_id', string="Given and Granted",
        help="Gifts, vouchers, services and joint actions with their cost, which isn't part of the contact's own cost.",
    )
