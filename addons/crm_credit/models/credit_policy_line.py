from odoo import api, fields, models
from odoo.exceptions import UserError


class CreditPolicyLine(models.AbstractModel):
    """Content of a credit policy: open to change while the policy is a draft, fixed afterwards."""

    _name = 'credit.policy.line.mixin'
    _description = 'Line of a Credit Policy'

    policy_id = fields.Many2one('credit.policy', string='Policy', required=True, ondelete='cascade', index=True)
    company_id = fields.Many2one(related='policy_id.company_id', store=True)
    currency_id = fields.Many2one(related='policy_id.currency_id')

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_policy_editable()
        return lines

    def write(self, vals):
        self._check_policy_editable()
        result = super().write(vals)
        if 'policy_id' in vals:
            self._check_policy_editable()  # nor can a line of a draft be moved into a policy in force
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fixed(self):
        self._check_policy_editable()

    def _check_policy_editable(self):
        """Also forgets what decisions know of the policy.

        :raise UserError: when a line's policy is no draft any more; names the policy and the way out."""
        self.env.registry.clear_cache()
        for policy in self.policy_id:
            if policy.state != 'draft':
                raise UserError(
                    self.env._(
                        "Policy %(policy)s is %(state)s: what it says can't be changed any more. "
                        'Use “New version”, change the draft and activate it.',
                        policy=policy.display_name,
                        state=dict(policy._fields['state']._description_selection(self.env))[policy.state],
                    )
                )
