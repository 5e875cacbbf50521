from odoo import fields, models


class CrmCareRun(models.Model):
    _name = 'crm.care.run'
    _inherit = ['crm.care.run', 'crm.care.mailing.figures']
    _figures_field = 'run_id'

    mailing_list_id = fields.Many2one(
        'mailing.list', readonly=True, copy=False, ondelete='set null', index='btree_not_null',
    )
    mailing_ids = fields.One2many(
        'mailing.mailing', 'care_run_id', string="Mailings", groups='mass_mailing.group_mass_mailing_user',
    )

    def _get_mailing_list(self):
        """Return the list of this date, made when the programme names none."""
        self.ensure_one()
        if not self.mailing_list_id:
            self.mailing_list_id = self.programme_id.mailing_list_id or self.env['mailing.list'].create({
                'name': f'{self.display_name} · {self.occasion_date}'})
        return self.mailing_list_id

    def action_write_mailing(self):
        """Open a new mailing to the list of this date; what becomes of it is noted on the recipients."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'mailing.mailing',
            'views': [(False, 'form')],
            'context': {
                'default_mailing_model_id': self.env['ir.model']._get_id('mailing.list'),
                'default_contact_list_ids': self.mailing_list_id.ids,
                'default_subject': self.occasion_name,
                'default_care_run_id': self.id,
                'default_campaign_id': self.programme_id.campaign_plan_id.campaign_id.id,
            },
        }

    def action_open_mailings(self):
        """The mailings of this date in Email Marketing."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Mailings: %(run)s", run=self.display_name),
            'res_model': 'mailing.mailing',
            'view_mode': 'list,form',
            'views': [(False, 'list'), (False, 'form')],
            'domain': [('care_run_id', '=', self.id)],
        }
