from odoo import fields, models


class ResCompany(models.Model):
    """How held orders are handled."""

    _inherit = 'res.company'

    credit_approver_id = fields.Many2one(
        'res.users',
        string='Credit Approver',
        help="Gets an activity for every held order. Empty: a credit manager of the company.",
    )
    credit_hold_days = fields.Integer(
        string='Days a Held Order Waits',
        default=30,
        help="Then it is an ordinary quotation again. A release that wasn't used is void after the same time.",
    )
    credit_price_days = fields.Integer(
        string='Days Prices Stay Good',
        default=30,
        help="An order released later than this isn't confirmed by itself: the salesperson is asked to check prices. "
        "Zero: prices stay good.",
    )

    _credit_hold_days_positive = models.Constraint(
        'CHECK (credit_hold_days > 0)', "A held order must wait at least one day."
    )
    _credit_price_days_positive = models.Constraint(
        'CHECK (credit_price_days >= 0)', "The days that prices stay good can't be negative."
    )
