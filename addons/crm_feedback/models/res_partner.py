from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = 'res.partner'

    complaint_ids = fields.One2many(
        'crm.complaint', 'commercial_partner_id', string="Complaints", groups='base.group_user')
    complaint_count = fields.Integer(compute='_compute_complaint_count', groups='base.group_user')

    @api.depends('complaint_ids')
    def _compute_complaint_count(self):
        counts = {}
        if self.env['crm.complaint'].has_access('read'):
            counts = dict(self.env['crm.complaint']._read_group(
                [('commercial_partner_id', 'in', self.commercial_partner_id.ids)],
                ['commercial_partner_id'], ['__count']))
        for partner in self:
            partner.complaint_count = counts.get(partner.commercial_partner_id, 0)

    def _complaint_values(self):
        self.ensure_one()
        customer = self.commercial_partner_id
        return {'partner_id': customer.id, 'contact_id': self.id if self != customer else False}

    def action_register_complaint(self):
        """Open a new complaint of this customer."""
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("New complaint"), 'res_model': 'crm.complaint',
            'view_mode': 'form', 'views': [(False, 'form')],
            'context': {f'default_{name}': value for name, value in self._complaint_values().items()},
        }

    def action_view_complaints(self):
        """Open all complaints of this customer, open ones first."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_feedback.crm_complaint_action')
        values = self._complaint_values()
        return {
            **action, 'domain': [('commercial_partner_id', '=', values['partner_id'])],
            'views': [(False, 'list'), (False, 'kanban'), (False, 'form')],
            'context': {f'default_{name}': value for name, value in values.items()},
        }
