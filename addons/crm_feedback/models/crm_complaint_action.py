from odoo import api, fields, models


class CrmComplaintAction(models.Model):
    """What is done against the damage (containment), its cause (corrective) or its return (preventive)."""
    _name = 'crm.complaint.action'
    _description = "Corrective or Preventive Action"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'state desc, date_due, id'

    name = fields.Char(string="Action", required=True, tracking=True)
    complaint_id = fields.Many2one('crm.complaint', required=True, ondelete='cascade', index=True)
    company_id = fields.Many2one(related='complaint_id.company_id', store=True, index=True)
    cause_id = fields.Many2one(related='complaint_id.cause_id', string="Root cause", store=True, index=True)
    kind = fields.Selection([
        ('containment', "Containment"), ('corrective', "Corrective"), ('preventive', "Preventive"),
    ], required=True, default='corrective', tracking=True)
    user_id = fields.Many2one(
        'res.users', string="Owner", required=True, default=lambda self: self.env.user,
        domain="[('share', '=', False)]", tracking=True, index=True)
    date_due = fields.Date(string="Due", required=True, tracking=True)
    date_done = fields.Date(string="Done on", readonly=True, copy=False)
    state = fields.Selection(
        [('open', "Open"), ('done', "Done")], default='open', required=True, copy=False, tracking=True)
    is_overdue = fields.Boolean(compute='_compute_is_overdue')
    note = fields.Text()

    @api.depends('state', 'date_due')
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for action in self:
            action.is_overdue = bool(action.state == 'open' and action.date_due and action.date_due < today)

    @api.model_create_multi
    def create(self, vals_list):
        actions = super().create(vals_list)
        for action in actions.filtered(lambda a: a.state == 'open' and a.user_id != self.env.user):
            action.activity_schedule(
                'mail.mail_activity_data_todo', date_deadline=action.date_due, user_id=action.user_id.id,
                summary=action.name)
        return actions

    def action_done(self):
        """Mark as carried out today."""
        self.write({'state': 'done', 'date_done': fields.Date.context_today(self)})
        self.activity_feedback(['mail.mail_activity_data_todo'])

    def action_reopen(self):
        """Take up again."""
        self.write({'state': 'open', 'date_done': False})
