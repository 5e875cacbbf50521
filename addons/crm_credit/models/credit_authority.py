from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CreditAuthority(models.Model):
    """Up to which amount the members of a group may approve limits and release held orders."""

    _name = 'credit.authority'
    _description = 'Credit Authority'
    _inherit = ['credit.policy.line.mixin']
    _order = 'policy_id, unlimited, max_amount, id'

    group_id = fields.Many2one('res.groups', string='Members of', required=True, ondelete='restrict')
    max_amount = fields.Monetary(
        string='Up to', help='Highest limit that they may approve and highest order that they may release.'
    )
    unlimited = fields.Boolean(string='Any amount')

    _group_unique = models.Constraint('UNIQUE (policy_id, group_id)', 'A policy names each group only once.')

    @api.depends('group_id', 'max_amount', 'unlimited')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for line in self:
            amount = self.env._('any amount') if line.unlimited else line.currency_id.format(line.max_amount or 0.0)
            line.display_name = self.env._('%(group)s: %(amount)s', group=line.group_id.display_name, amount=amount)

    @api.constrains('max_amount')
    def _check_amount(self):
        for line in self:
            if line.max_amount < 0:
                raise ValidationError(
                    self.env._(
                        "The authority of %(group)s can't be negative (%(amount)s).",
                        group=line.group_id.display_name,
                        amount=line.max_amount,
                    )
                )
