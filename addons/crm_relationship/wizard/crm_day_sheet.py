from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class CrmDaySheet(models.TransientModel):
    """Which day of whom is printed."""

    _name = 'crm.day.sheet'
    _description = "Print a Day Sheet"

    day = fields.Date(required=True, default=fields.Date.context_today)
    user_id = fields.Many2one(
        'res.users', string="Visits Of", required=True, default=lambda self: self.env.user,
        domain=[('share', '=', False)],
    )
    visit_count = fields.Integer(string="Visits on That Day", compute='_compute_visit_count')

    @api.depends('day', 'user_id')
    def _compute_visit_count(self):
        for sheet in self:
            sheet.visit_count = len(sheet._visits())

    def _visits(self):
        return self.env['mail.activity']._visits_of_day(self.user_id, self.day)

    def action_print(self):
        self.ensure_one()
        visits = self._visits()
        if not visits:
            raise UserError(self.env._(
                "%(person)s has no visit planned for %(day)s. Plan a round, or choose another day.",
                person=self.user_id.name, day=format_date(self.env, self.day),
            ))
        return self.env.ref('crm_relationship.action_report_day_sheet').report_action(visits)
