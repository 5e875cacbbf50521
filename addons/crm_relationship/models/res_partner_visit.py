from odoo import api, fields, models
from odoo.tools import format_date


class ResPartner(models.Model):
    _inherit = 'res.partner'

    visit_line_ids = fields.One2many('crm.visit.plan.line', 'partner_id', string="Visit Plans")
    next_visit_date = fields.Date(
        string="Next Visit", compute='_compute_next_visit_date',
        help="The next visit that is planned, or else the day on which one falls due.",
    )

    @api.depends('visit_line_ids.due_date', 'visit_line_ids.activity_id.date_deadline')
    @api.depends_context('uid', 'company')
    def _compute_next_visit_date(self):
        lines = self.env['crm.visit.plan.line']
        found = {}
        if lines.has_access('read'):
            for line in lines.search([
                ('partner_id', 'in', self.commercial_partner_id.ids), ('plan_id.state', '=', 'running'),
            ]):
                day = line.activity_id.sudo().date_deadline or line.due_date
                customer = line.partner_id.id
                found[customer] = min(filter(None, (day, found.get(customer))), default=False)
        for partner in self:
            partner.next_visit_date = found.get(partner.commercial_partner_id._origin.id, False)

    def _get_attention_items(self):
        """Add customers without a contact for longer than a running visit plan allows."""
        items = super()._get_attention_items()
        lines = self.env['crm.visit.plan.line']
        if self._is_known_without('crm.visit.plan.line') or not lines.has_access('read'):
            return items
        today = fields.Date.context_today(self)
        late = {}
        for line in lines.search([
            ('partner_id', 'in', self.commercial_partner_id.ids), ('plan_id.state', '=', 'running'),
            ('plan_id.max_gap_days', '>', 0), ('latest_date', '<', today),
        ], order='latest_date desc, id'):
            late[line.partner_id.id] = line
        for partner in self:
            line = late.get(partner.commercial_partner_id._origin.id)
            if line:
                items.setdefault(partner._origin.id, []).append((35, 'warning', self._visit_attention(line, today)))
        return items

    @api.model
    def _visit_attention(self, line, today):
        if not line.last_contact_date:
            return self.env._("never visited, due since %(date)s", date=format_date(self.env, line.latest_date))
        return self.env._(
            "visit overdue by %(days)s days, last on %(date)s",
            days=(today - line.latest_date).days, date=format_date(self.env, line.last_contact_date),
        )

    def action_view_visit_lines(self):
        return self._action_of_customer('crm_relationship.crm_visit_plan_line_action')
