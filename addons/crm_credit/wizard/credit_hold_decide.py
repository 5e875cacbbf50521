from datetime import timedelta

from odoo import api, fields, models


class CreditHoldDecide(models.TransientModel):
    """Asks for the reason of a release or rejection."""

    _name = 'credit.hold.decide'
    _description = 'Release or Reject Held Orders'

    hold_ids = fields.Many2many('credit.hold', string='Holds', required=True)
    decision = fields.Selection([('release', 'Release'), ('reject', 'Reject')], required=True)
    reason = fields.Text(required=True)

    date_expiry = fields.Date(
        string='Valid until',
        compute='_compute_date_expiry',
        store=True,
        readonly=False,
        help="Last day of the release, where the order isn't confirmed at once: prices too old, a change of a "
        "confirmed order, a delivery. Then it is void.",
    )

    @api.depends('hold_ids')
    def _compute_date_expiry(self):
        today = fields.Date.context_today(self)
        for wizard in self:
            days = min(wizard.hold_ids.company_id.sudo().mapped('credit_hold_days'), default=0)
            wizard.date_expiry = days and today + timedelta(days=days)

    def action_apply(self):
        """Release or reject with the reason given."""
        self.ensure_one()
        if self.decision == 'release':
            self.hold_ids.action_release(self.reason, self.date_expiry)
        else:
            self.hold_ids.action_reject(self.reason)
        return {'type': 'ir.actions.act_window_close'}
