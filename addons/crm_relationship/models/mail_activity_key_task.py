from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..tools import board

# Tasks over several weeks that a board shows above its columns; more than fit on a screen.
SPANNING_LIMIT = 100


class MailActivity(models.Model):
    """Key tasks, tasks over several weeks, and boards by sales team and department."""

    _inherit = 'mail.activity'

    key_task = fields.Boolean(
        string="Key Task", help="Work of weight that the team should see, with or without a customer.",
    )
    board_date_start = fields.Date(
        string="From", copy=False, index='btree_not_null',
        help="First day of a task that takes longer. It is shown in every week from this day to the due date.",
    )
    board_team_id = fields.Many2one(
        related='user_id.sale_team_id', string="Sales Team", compute_sudo=True,
    )
    board_department_id = fields.Many2one(
        related='user_id.relationship_department_id', string="Department", compute_sudo=True,
    )

    @api.constrains('board_date_start', 'date_deadline')
    def _check_board_dates(self):
        for activity in self:
            if activity.board_date_start and activity.board_date_start > activity.date_deadline:
                raise UserError(self.env._(
                    "“%(task)s” would start on %(start)s, after it is due on %(due)s. Choose an earlier start.",
                    task=activity.display_name, start=format_date(self.env, activity.board_date_start),
                    due=format_date(self.env, activity.date_deadline),
                ))

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._key_task_vals(vals) for vals in vals_list])

    def write(self, vals):
        if vals.get('key_task'):
            for activity in self.filtered(lambda item: not item.res_model):
                super(MailActivity, activity).write(activity._key_task_document(
                    activity.user_id or self.env.user, activity.date_deadline,
                ))
        return super().write(vals)

    @api.model
    def _key_task_vals(self, vals):
        """Hang a key task without a document on the month of its person: the team sees it."""
        if not vals.get('key_task') or any(vals.get(fname) for fname in ('res_model_id', 'res_id', 'board_partner_id')):
            return vals
        vals = self._board_create_vals(vals)
        user = self.env['res.users'].browse(vals.get('user_id') or self.env.uid)
        day = fields.Date.to_date(vals.get('date_deadline')) or fields.Date.context_today(self)
        return {**vals, **self._key_task_document(user, day)}

    @api.model
    def _key_task_document(self, user, day):
        arrangement = self.env['crm.month.arrangement']._of_person(user, day, self.env.company)
        return {
            'res_model_id': self.env['ir.model']._get_id('crm.month.arrangement'), 'res_id': arrangement.id,
        }

    def action_board_key_task(self):
        """Mark a card as a key task, or no longer."""
        for activity in self:
            activity.key_task = not activity.key_task

    def _board_move(self, columns):
        """Move tasks over several weeks as a whole: they keep their length."""
        spanning = {activity: activity.date_deadline - activity.board_date_start for activity in self
                    if activity.board_date_start and activity.date_deadline}
        for activity in spanning:
            activity.board_date_start = False
        super()._board_move(columns)
        for activity, length in spanning.items():
            activity.board_date_start = activity.date_deadline - length

    @api.model
    def action_department_board(self):
        """Open the board of departments with one's own chosen in the panel beside it."""
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.mail_activity_action_department_week')
        department = self.env.user.relationship_department_id
        if department.has_access('read'):
            context = {'force_search_count': 1, 'search_default_customer_work': 1}
            action['context'] = {**context, 'searchpanel_default_board_department_id': department.id}
        return action

    @api.model
    @api.readonly
    def get_board_overview(self, domain, fname):
        """Return what a board shows besides its cards, for the current user.

        ``spanning``: ``{bucket: [task, …]}``, the tasks that match the domain and lie over several columns, in each of
        those columns but the one of their card; a task is ``{'id', 'name', 'until', 'key_task'}``.
        ``arrangements``: on the month board ``[{'id', 'name', 'body'}, …]`` of this month, one's own first.
        """
        today = self._board_today(fields.Datetime.now(), self.env.user.tz)
        if fname not in ('board_week', 'board_month'):
            return {'spanning': {}, 'arrangements': [], 'own': False}
        ranges = board.week_ranges(today) if fname == 'board_week' else board.month_ranges(today)
        arrangements = self._board_arrangements(today) if fname == 'board_month' else []
        return {
            'spanning': self._board_spanning(domain, fname, ranges),
            'arrangements': arrangements,
            'own': any(item['own'] for item in arrangements),
        }

    @api.model
    def _board_spanning(self, domain, fname, ranges):
        tasks = self.search(
            Domain(domain) & Domain('board_date_start', '!=', False) & Domain('active', '=', True),
            limit=SPANNING_LIMIT,
        )
        shown = {}
        for part in ranges:
            if part.first == date.min or part.last == date.max:
                continue
            found = [
                {
                    'id': task.id, 'name': task.display_name, 'key_task': task.key_task,
                    'until': format_date(self.env, task.date_deadline),
                }
                for task in tasks
                if board.spans(task.board_date_start, task.date_deadline, part) and task[fname] != part.bucket
            ]
            if found:
                shown[part.bucket] = found
        return shown

    @api.model
    def _board_arrangements(self, today):
        Arrangement = self.env['crm.month.arrangement']
        if not Arrangement.has_access('read'):
            return []
        mine = Domain('user_id', '=', self.env.uid)
        shared = Domain('user_id', '=', False)
        records = Arrangement.search(
            Domain('month', '=', today.replace(day=1)) & (mine | shared)
            & Domain('company_id', 'in', self.env.companies.ids),
        )
        return [
            {
                'id': item.id, 'name': item.display_name, 'body': item.body or '',
                'own': item.user_id == self.env.user,
            }
            for item in records.sorted(lambda item: (item.user_id != self.env.user, item.id))
        ]
