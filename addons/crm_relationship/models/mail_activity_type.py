from odoo import api, fields, models

from .crm_touchpoint import MODES


class MailActivityType(models.Model):
    _inherit = 'mail.activity.type'

    touchpoint_mode = fields.Selection(
        MODES, string="Contact Log", compute='_compute_touchpoint_mode', store=True, readonly=False,
        help="When an activity of this type on a customer is done, the contact log gets an entry of this mode. "
             "Leave it empty for what is no contact with the customer.",
    )

    @api.depends('category')
    def _compute_touchpoint_mode(self):
        modes = {'phonecall': 'phone', 'meeting': 'meeting'}
        email = self.env.ref('mail.mail_activity_data_email', raise_if_not_found=False)
        for activity_type in self:
            default = 'email' if activity_type._origin == email else False
            activity_type.touchpoint_mode = modes.get(activity_type.category, default)
