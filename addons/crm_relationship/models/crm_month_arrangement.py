from babel.dates import format_skeleton

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.misc import babel_locale_parse


class CrmMonthArrangement(models.Model):
    """What a person, a sales team, a department or the company wants to get done in a month; key tasks hang on it.

    A key task without a customer is an activity of the arrangement of its person, so that those who may read the
    arrangement see it on their boards.
    """

    _name = 'crm.month.arrangement'
    _description = "Month Arrangement"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'month desc, user_id, id'
    _mail_post_access = 'read'

    month = fields.Date(
        required=True, default=lambda self: fields.Date.context_today(self).replace(day=1), tracking=True,
        help="Any day of the month.",
    )
    user_id = fields.Many2one(
        'res.users', string="Of", default=lambda self: self.env.user, domain=[('share', '=', False)],
        ondelete='cascade', index=True,
        help="Empty: the arrangement of a whole team, of a department or of the company.",
    )
    team_id = fields.Many2one(
        'crm.team', string="Sales Team", ondelete='cascade', check_company=True,
        help="The team for which this holds. Neither a person, a team nor a department: the whole company.",
    )
    department_id = fields.Many2one(
        'crm.scheme.department', string="Department", ondelete='cascade', check_company=True,
        help="The department for which this holds.",
    )
    company_id = fields.Many2one('res.company', required=True, default=lambda self: self.env.company)
    body = fields.Text(
        string="Overall Arrangement", help="Goals and order of work of the month. It stands above the board.",
    )
    key_task_count = fields.Integer(string="Open Key Tasks", compute='_compute_key_task_count')

    _scope_uniq = models.UniqueIndex(
        "(company_id, month, COALESCE(user_id, 0), COALESCE(team_id, 0), COALESCE(department_id, 0))",
        "There is an arrangement of this month for the same person, team or department already: open that one.",
    )

    @api.depends('month', 'user_id', 'team_id', 'department_id', 'company_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        locale = babel_locale_parse(self.env.lang or 'en_US')
        for arrangement in self:
            arranged = arrangement.sudo()
            owner = (
                arranged.user_id.name or arranged.team_id.name or arranged.department_id.name
                or arranged.company_id.name
            )
            month = arrangement.month and format_skeleton('yMMMM', arrangement.month, locale=locale)
            arrangement.display_name = ' – '.join(filter(None, (month, owner)))

    @api.depends('activity_ids.key_task')
    def _compute_key_task_count(self):
        counts = dict(self.env['mail.activity']._read_group(
            [('res_model', '=', self._name), ('res_id', 'in', self.ids), ('key_task', '=', True)],
            ['res_id'], ['__count'],
        ))
        for arrangement in self:
            arrangement.key_task_count = counts.get(arrangement.id, 0)

    @api.constrains('user_id', 'team_id', 'department_id')
    def _check_scope(self):
        for arrangement in self:
            if bool(arrangement.user_id) + bool(arrangement.team_id) + bool(arrangement.department_id) > 1:
                raise ValidationError(self.env._(
                    "“%(arrangement)s” belongs to a person, to a team or to a department: leave the others empty.",
                    arrangement=arrangement.display_name,
                ))

    @api.onchange('team_id')
    def _onchange_team_id(self):
        if self.team_id:
            self.user_id = self.department_id = False

    @api.onchange('department_id')
    def _onchange_department_id(self):
        if self.department_id:
            self.user_id = self.team_id = False

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._month_vals(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._month_vals(vals))

    @api.model
    def _month_vals(self, vals):
        """Keep the first day of the month, whichever day was chosen."""
        month = fields.Date.to_date(vals.get('month'))
        return {**vals, 'month': month.replace(day=1)} if month else vals

    @api.model
    def _of_person(self, user, day, company):
        """Return the arrangement of a person for the month of ``day``; make an empty one where there is none."""
        month = day.replace(day=1)
        arrangement = self.sudo().search([
            ('user_id', '=', user.id), ('month', '=', month), ('company_id', '=', company.id),
        ], limit=1)
        return arrangement or self.sudo().create({
            'user_id': user.id, 'month': month, 'company_id': company.id,
        })

    def action_view_key_tasks(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.mail_activity_action_month')
        action.update(
            domain=[('res_model', '=', self._name), ('res_id', '=', self.id)], context={},
            display_name=self.display_name,
        )
        return action
