from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = 'res.partner'

    complaint_ids = fields.One2many(
        'crm.complaint', 'commercial_partner_id', string="Complaints", groups='base.group_user')
    complaint_count = fields.Integer(string="Complaint count", compute='_compute_complaint_count')

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

    def _get_customer_traces(self):
        return {
            **super()._get_customer_traces(),
            'crm.complaint': (
                self._trace_of('crm.complaint', 'commercial_partner_id'), ['complaint_ids', 'complaint_count'],
            ),
        }

    def _get_attention_items(self):
        """Open complaints, as far as the user may read them: how many, and how many of them are late."""
        items = super()._get_attention_items()
        Complaint = self.env['crm.complaint']
        if self._is_known_without('crm.complaint') or not Complaint.has_access('read'):
            return items
        counts = {}
        for customer, state, count in Complaint._read_group(
                [('commercial_partner_id', 'in', self.commercial_partner_id.ids), ('is_open', '=', True)],
                ['commercial_partner_id', 'sla_state'], ['__count']):
            counts.setdefault(customer, {})[state] = count
        for partner in self:
            found = counts.get(partner.commercial_partner_id)
            if found:
                late, total = found.get('breached', 0), sum(found.values())
                text = self.env._("open complaints: %(count)s", count=total)
                if late:
                    text = self.env._("open complaints: %(count)s, late: %(late)s", count=total, late=late)
                items.setdefault(partner._origin.id, []).append((20, 'danger' if late else 'warning', text))
        return items
