from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    card_stale_days = fields.Integer(
        string='Verify Cards Every (Days)', default=365,
        help="A relationship card that nobody has verified for longer than this counts as stale.",
    )

    card_print_limit = fields.Integer(
        string='Cards Printed at Once', default=40,
        help="More cards than this are printed in the background.",
    )
    card_reading_days = fields.Integer(
        string='Read Cards Before a Visit (Days)', default=3,
        help="A card that was opened within these days before a visit counts as read. 0: no reminders.",
    )

    _card_print_limit_positive = models.Constraint(
        'CHECK (card_print_limit > 0)', "At least one card must be printable at once.",
    )
    _card_reading_days_positive = models.Constraint(
        'CHECK (card_reading_days >= 0)', "The days before a visit can't be negative.",
    )
    _card_stale_days_positive = models.Constraint(
        'CHECK (card_stale_days > 0)', "Cards must be verified within at least one day.",
    )
