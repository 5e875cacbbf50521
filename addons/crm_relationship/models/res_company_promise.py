from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    promise_grace_days = fields.Integer(
        string="Grace Days for Promises", default=14,
        help="An open promise counts as broken when it is not done this many days after its due date.",
    )

    _check_promise_grace_days = models.Constraint(
        'CHECK (promise_grace_days >= 0)', "The days of grace for promises can't be negative.",
    )
