from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmComplaintCause(models.Model):
    """Tree of root causes."""
    _name = 'crm.complaint.cause'
    _description = "Root Cause"
    _order = 'complete_name'
    _parent_store = True
    _rec_names_search = ['complete_name', 'name', 'parent_id.name']

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    parent_id = fields.Many2one('crm.complaint.cause', ondelete='restrict', index=True)
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many('crm.complaint.cause', 'parent_id', string="Causes below")
    # sorts and finds; it is stored in English, so what people read is the display name
    complete_name = fields.Char(string="Cause", compute='_compute_complete_name', store=True, recursive=True)
    complaint_ids = fields.One2many('crm.complaint', 'cause_id', string="Complaints")
    complaint_count = fields.Integer(compute='_compute_complaint_count', help="Of this cause and those below.")

    @api.depends('name', 'parent_id.complete_name')
    def _compute_complete_name(self):
        for cause in self.with_context(lang='en_US'):  # else it would be that of whoever wrote last
            cause.complete_name = " / ".join(filter(None, (cause.parent_id.complete_name, cause.name)))

    @api.depends('name', 'complete_name')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for cause in self:
            above = self.browse(int(key) for key in (cause.parent_id.parent_path or '').split('/') if key)
            cause.display_name = " / ".join(filter(None, (above | cause).mapped('name')))

    @api.depends('complaint_ids', 'child_ids')
    def _compute_complaint_count(self):
        below = self.search([('id', 'child_of', self.ids)])
        counts = dict(self.env['crm.complaint']._read_group([('cause_id', 'in', below.ids)], ['cause_id'], ['__count']))
        for cause in self:
            path = cause.parent_path or ''
            cause.complaint_count = sum(
                count for found, count in counts.items() if path and (found.parent_path or '').startswith(path))

    @api.constrains('parent_id')
    def _check_parent_id(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A cause can't lie below itself."))

    def action_view_complaints(self):
        """Open the complaints of this cause and those below."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_feedback.crm_complaint_action')
        return {**action, 'domain': [('cause_id', 'child_of', self.id)], 'context': {}}
