from odoo import fields, models


class CrmCareRun(models.Model):
    _inherit = 'crm.care.run'

    mailing_list_id = fields.Many2one('mailing.list', readonly=True, copy=False, ondelete='set null')

    def _get_mailing_list(self):
        """Return the list of this date, made when the programme names none."""
        self.ensure_one()
        if not self.mailing_list_id:
            self.mailing_list_id = self.programme_id.mailing_list_id or self.env['mailing.list'].create({
                'name': f'{self.display_name} · {self.occasion_date}'})
        return self.mailing_list_id

    def action_write_mailing(self):
        """Open a new mailing to the list of this date."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'mailing.mailing',
            'views': [(False, 'form')],
            'context': {
                'default_mailing_model_id': self.env['ir.model']._get_id('mailing.list'),
                'default_contact_list_ids': self.mailing_list_id.ids,
                'default_subject': self.occasion_name,
            },
        }
