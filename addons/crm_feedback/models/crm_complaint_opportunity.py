from odoo import fields, models
from odoo.exceptions import UserError


class CrmComplaint(models.Model):
    _inherit = 'crm.complaint'

    lead_ids = fields.One2many('crm.lead', 'complaint_id', string="Opportunities Raised")
    raised_lead_count = fields.Integer(compute='_compute_raised_lead_count', compute_sudo=True)

    def _compute_raised_lead_count(self):
        counts = dict(self.env['crm.lead']._read_group(
            [('complaint_id', 'in', self.ids)], ['complaint_id'], ['__count'],
        ))
        for complaint in self:
            complaint.raised_lead_count = counts.get(complaint, 0)

    def action_raise_opportunity(self):
        """Create an opportunity for the customer's salesperson; agents needn't see the pipeline."""
        self.ensure_one()
        self.check_access('write')
        customer = self.partner_id
        if not customer:
            raise UserError(self.env._("Choose the customer of %(complaint)s first.", complaint=self.name))
        owner = customer.commercial_partner_id.user_id or self.env.user
        lead = self.env['crm.lead'].sudo().create({
            'name': self.subject, 'type': 'opportunity', 'partner_id': customer.id, 'user_id': owner.id,
            'company_id': self.company_id.id, 'complaint_id': self.id,
        })
        self.message_post(body=self.env._("Opportunity raised for %(user)s.", user=owner.name))
        if lead.with_env(self.env).has_access('read'):
            return {
                'type': 'ir.actions.act_window', 'res_model': 'crm.lead', 'res_id': lead.id, 'views': [(False, 'form')],
            }
        return {
            'type': 'ir.actions.client', 'tag': 'display_notification',
            'params': {
                'type': 'success', 'message': self.env._("%(user)s will follow the opportunity up.", user=owner.name),
                'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'},
            },
        }

    def action_view_raised_leads(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm.crm_lead_opportunities')
        return {**action, 'domain': [('complaint_id', '=', self.id)], 'context': {}}
