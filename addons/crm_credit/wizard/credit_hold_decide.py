from odoo import fields, models


class CreditHoldDecide(models.TransientModel):
    """Asks for the reason of a release or rejection."""

    _name = 'credit.hold.decide'
    _description = 'Release or Reject Held Orders'

    hold_ids = fields.Many2many('credit.hold', string='Holds', required=True)
    decision = fields.Selection([('release', 'Release'), ('reject', 'Reject')], required=True)
    reason = fields.Text(required=True)

    def action_apply(self):
        """Release or reject with the reason given."""
        self.ensure_one()
        if self.decision == 'release':
            self.hold_ids.action_release(self.reason)
        else:
            self.hold_ids.action_reject(self.reason)
        return {'type': 'ir.actions.act_window_close'}
