from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    card_stale_days = fields.Integer(
        string='Verify Cards Every (Days)', default=365,
        help="A relationship card that nobody has verified for longer than this counts as stale.",
    )

    _card_stale_days_positive = models.Constraint(
        'CHECK (card_stale_days > 0)', "Cards must be verified within at least one day.",
    )
