from odoo import fields, models
from odoo.exceptions import UserError


class CreditPolicy(models.Model):
    """Whether the credit decision is made again at the last gate."""

    _inherit = 'credit.policy'

    check_delivery = fields.Boolean(
        string='Check at Delivery',
        help="Decide again when goods leave for a customer: an order that was clear may have become unsafe since.",
    )

    def write(self, vals):
        if 'check_delivery' in vals:
            for policy in self:
                if policy.state != 'draft' and policy.check_delivery != bool(vals['check_delivery']):
                    raise UserError(
                        self.env._(
                            "Policy %s isn't a draft. Use “New version”, change the draft and activate it.",
                            policy.display_name,
                        )
                    )
        return super().write(vals)
