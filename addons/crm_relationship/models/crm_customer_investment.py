from odoo import fields, models

KINDS = [
    ('gift', "Gift"),
    ('voucher', "Voucher"),
    ('concession', "Concession"),
    ('service', "Service"),
    ('support', "Support"),
    ('joint_development', "Joint development"),
    ('joint_advertising', "Joint advertising"),
    ('other', "Other"),
]


class CrmCustomerInvestment(models.Model):
    """What we put into a customer beside the contacts themselves: gifts, vouchers, services, joint actions."""

    _name = 'crm.customer.investment'
    _description = "Investment in a Customer"
    _inherit = ['crm.dossier.mixin']

    name = fields.Char(string="What", required=True, tracking=True)
    kind = fields.Selection(KINDS, required=True, default='gift', index=True, tracking=True)
    user_id = fields.Many2one(string="By")
    cost = fields.Monetary(help="What it cost us.")
    touchpoint_id = fields.Many2one(
        'crm.touchpoint', string="Given At", index='btree_not_null', ondelete='set null',
        domain="[('partner_id', '=', partner_id)]", help="The contact at which it was given or agreed.",
    )
    note = fields.Text(string="Details")
