from odoo import models


class MailActivityMixin(models.AbstractModel):
    _inherit = 'mail.activity.mixin'

    def write(self, vals):
        result = super().write(vals)
        if 'partner_id' in vals and self._fields['partner_id'].comodel_name == 'res.partner':
            activities = self.env['mail.activity'].sudo().search([
                ('res_model', '=', self._name), ('res_id', 'in', self.ids),
            ])
            self.env.add_to_compute(activities._fields['board_partner_id'], activities)
        return result
