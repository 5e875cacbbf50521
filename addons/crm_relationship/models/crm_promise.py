import logging
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

_logger = logging.getLogger(__name__)

FOLLOW_UP_BATCH = 100


class CrmPromise(models.Model):
    _name = 'crm.promise'
    _description = "Promise to a Customer"
    _inherit = ['crm.customer.link.mixin', 'mail.thread', 'mail.activity.mixin']
    _order = 'date_due, id'
    _mail_post_access = 'read'

    name = fields.Char(string="Promise", required=True, tracking=True)
    user_id = fields.Many2one(
        'res.users', string="Promised By", index=True, default=lambda self: self.env.user, ondelete='set null',
        tracking=True, domain=[('share', '=', False)],
    )
    user_active = fields.Boolean(related='user_id.active', string="Promiser Is Active")
    date_promised = fields.Date(
        string="Promised On", required=True, default=fields.Date.context_today, copy=False,
    )
    date_due = fields.Date(
        string="Due", required=True, index=True, tracking=True, copy=False,
    )
    date_due_initial = fields.Date(
        string="First Due", readonly=True, copy=False, help="The date that was promised at first.",
    )
    date_done = fields.Date(string="Done On", copy=False, tracking=True)
    date_broken = fields.Date(
        string="Broken On", readonly=True, copy=False,
        help="The day on which the promise was given up, or found not kept after the days of grace.",
    )
    state = fields.Selection(
        [('open', "Outstanding"), ('kept', "Kept"), ('late', "Kept late"), ('broken', "Broken")],
        compute='_compute_state', store=True, index=True, tracking=True, group_expand=True,
        help="Kept: done on or before the due date. Kept late: done after it. Broken: given up, or not done some days "
             "after the due date.",
    )
    urgency = fields.Selection(
        [('overdue', "Overdue"), ('today', "Due today"), ('tomorrow', "Due tomorrow"), ('planned', "Later")],
        compute='_compute_urgency', help="How soon an open promise is due.",
    )
    note = fields.Text()
    activity_id = fields.Many2one('mail.activity', string="Reminder", readonly=True, copy=False, ondelete='set null')
    follow_up_error = fields.Char(
        readonly=True, copy=False, help="Why the last daily follow-up failed for this promise.",
    )


    _guarded_by_odoo = ('date_due_initial', 'follow_up_error')

    @api.depends('date_done', 'date_broken', 'date_due')
    def _compute_state(self):
        for promise in self:
            if promise.date_done:
                promise.state = 'kept' if promise.date_due and promise.date_done <= promise.date_due else 'late'
            else:
                promise.state = 'broken' if promise.date_broken else 'open'

    @api.depends('state', 'date_due')
    @api.depends_context('tz')
    def _compute_urgency(self):
        today = fields.Date.context_today(self)
        for promise in self:
            if promise.state != 'open' or not promise.date_due:
                promise.urgency = False
            elif promise.date_due < today:
                promise.urgency = 'overdue'
            else:
                promise.urgency = {0: 'today', 1: 'tomorrow'}.get((promise.date_due - today).days, 'planned')

    @api.constrains('date_promised', 'date_due')
    def _check_due(self):
        for promise in self:
            if promise.date_due and promise.date_promised and promise.date_due < promise.date_promised:
                raise ValidationError(self.env._(
                    "“%(promise)s” to %(customer)s can't be due on %(due)s, before it was given on %(given)s. Choose "
                    "a later day.",
                    promise=promise.name, customer=promise.partner_id.display_name,
                    due=format_date(self.env, promise.date_due), given=format_date(self.env, promise.date_promised),
                ))

    @api.constrains('date_promised', 'date_done')
    def _check_done(self):
        today = fields.Date.context_today(self)
        for promise in self.filtered('date_done'):
            values = {
                'promise': promise.name, 'customer': promise.partner_id.display_name,
                'done': format_date(self.env, promise.date_done),
            }
            if promise.date_done > today:
                raise ValidationError(self.env._(
                    "“%(promise)s” to %(customer)s: %(done)s lies in the future. Enter the day on which it was done.",
                    **values,
                ))
            if promise.date_promised and promise.date_done < promise.date_promised:
                raise ValidationError(self.env._(
                    "“%(promise)s” to %(customer)s can't be done on %(done)s, before it was given on %(given)s. "
                    "Correct one of the two dates.",
                    given=format_date(self.env, promise.date_promised), **values,
                ))

    @api.model_create_multi
    def create(self, vals_list):
        promises = super().create([{**vals, 'date_due_initial': vals.get('date_due')} for vals in vals_list])
        promises.filtered(lambda promise: promise.state == 'open')._create_reminders()
        return promises

    def write(self, vals):
        self._check_closed_content(vals)
        result = super().write(vals)
        if vals.get('date_due') or 'user_id' in vals or vals.get('name'):
            self._sync_reminders()
        if vals.get('date_done') or vals.get('date_broken'):
            self._close_reminders()
        return result

    def _check_closed_content(self, vals):
        """Refuse to move the due date of a closed promise: its verdict would change."""
        if 'date_due' not in vals:
            return
        due = fields.Date.to_date(vals['date_due'])
        closed = self.filtered(lambda promise: promise.state != 'open' and promise.date_due != due)
        if closed:
            raise UserError(self.env._(
                "“%(promise)s” is closed: its due date can't be moved any more. Reopen the promise first.",
                promise=closed[0].name,
            ))

    def action_keep(self):
        """The promise has been fulfilled today."""
        self.filtered(lambda promise: not promise.date_done).write({'date_done': fields.Date.context_today(self)})

    def action_break(self):
        """The promise won't be fulfilled."""
        self.filtered(lambda promise: promise.state == 'open').write({'date_broken': fields.Date.context_today(self)})

    def action_reopen(self):
        self.write({'date_done': False, 'date_broken': False})
        self.filtered(lambda promise: not promise.activity_id.active)._create_reminders()

    def _get_reminder_user(self):
        """Return who is reminded: the one who promised, else who has taken over the customer; may be empty."""
        self.ensure_one()
        customer, team = self.partner_id.sudo(), self.user_id.sudo().sale_team_id
        candidates = self.user_id | customer.user_id | team.user_id | self.create_uid
        return candidates.filtered(lambda user: user.active and not user.share)[:1]

    def _create_reminders(self):
        """Put one activity a promise on the board of the one who keeps it."""
        if self.env.context.get('promise_has_reminder'):
            return
        for promise in self:
            user = promise._get_reminder_user()
            if user:
                promise.sudo().activity_id = promise.activity_schedule(
                    'crm_relationship.mail_activity_type_promise', date_deadline=promise.date_due,
                    summary=promise.name, user_id=user.id,
                )

    def _sync_reminders(self):
        """Carry a new due date, person or text over to the reminders."""
        for promise in self.filtered(lambda item: item.state == 'open' and item.activity_id.active).sudo():
            values = {
                'date_deadline': promise.date_due, 'summary': promise.name,
                'user_id': promise._get_reminder_user().id or promise.activity_id.user_id.id,
            }
            changed = {
                fname: value for fname, value in values.items()
                if promise.activity_id._fields[fname].convert_to_write(promise.activity_id[fname], promise) != value
            }
            if changed:
                promise.activity_id.with_context(promise_sync=True).write(changed)

    def _close_reminders(self):
        """Close the reminders of promises that are no longer open."""
        for promise in self.filtered(lambda item: item.state != 'open').sudo():
            if promise.activity_id.active:
                promise.activity_id.action_feedback(feedback=dict(
                    promise._fields['state']._description_selection(promise.env),
                )[promise.state])

    @api.model
    def _keep_by_reminders(self, activities):
        """A reminder that is done means that the promise was kept."""
        self._of_reminders(activities).action_keep()

    @api.model
    def _reschedule_by_reminders(self, activities):
        """A reminder that is moved moves the promise, which notes it in its history."""
        for promise in self._of_reminders(activities):
            if promise.date_due != promise.activity_id.date_deadline:
                promise.date_due = max(promise.activity_id.date_deadline, promise.date_promised)

    @api.model
    def _of_reminders(self, activities):
        """Return the open promises whose reminders are among ``activities``."""
        kinds = self._reminder_types()
        reminders = activities.filtered(lambda activity: activity.activity_type_id in kinds)
        if not reminders:
            return self.browse()
        # The person in charge of the reminder may keep the promise, whoever gave it.
        return self.sudo().search([('activity_id', 'in', reminders.ids), ('state', '=', 'open')])

    @api.model
    def _reminder_types(self):
        """Types of activities that remind of promises: on the promise itself, or on any document."""
        kinds = ('mail_activity_type_promise', 'mail_activity_type_customer_promise')
        found = (self.env.ref(f'crm_relationship.{kind}', raise_if_not_found=False) for kind in kinds)
        return self.env['mail.activity.type'].concat(*filter(None, found))

    @api.model
    def _cron_follow_up(self):
        """Break promises after the days of grace and bring back lost reminders, each promise on its own."""
        broken = self._search_broken()
        todo = broken | self._search_without_reminder()
        remaining = len(todo)
        for start in range(0, len(todo), FOLLOW_UP_BATCH):
            batch = todo[start:start + FOLLOW_UP_BATCH]
            for promise in batch:
                promise._follow_up_safely(promise in broken)
            remaining -= len(batch)
            if not self.env['ir.cron']._commit_progress(len(batch), remaining=remaining):
                break

    def _follow_up_safely(self, broken):
        """Follow one promise up; what goes wrong with it is written on it and doesn't stop the others."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self._follow_up(broken)
                self.follow_up_error = False
                self.env.flush_all()
        except OperationalError:
            raise  # a serialisation failure is no promise's fault: the run is rolled back and repeated
        except Exception as error:
            _logger.warning("Follow-up of promise %s failed", self.id, exc_info=True)
            self.env.invalidate_all(flush=False)
            self.follow_up_error = str(error)

    def _follow_up(self, broken):
        if broken:
            self.date_broken = fields.Date.context_today(self)
            self.message_post(body=self.env._(
                "Not done within %(days)s days after the due date: the promise counts as broken.",
                days=self.company_id.promise_grace_days,
            ))
        else:
            self._create_reminders()

    @api.model
    def _search_broken(self):
        """Return open promises whose grace is over, by the number of days of their companies."""
        today = fields.Date.context_today(self)
        found = self.browse()
        graces = self.env['res.company'].sudo()._read_group([], ['promise_grace_days'], ['id:recordset'])
        for days, companies in graces:
            found |= self.search([
                ('state', '=', 'open'), ('company_id', 'in', companies.ids),
                ('date_due', '<', today - timedelta(days=days)),
            ])
        return found

    @api.model
    def _search_without_reminder(self):
        """Return open promises that remind nobody: the reminder was removed, or its person has left."""
        return self.search([
            ('state', '=', 'open'),
            '|', ('activity_id', '=', False), ('activity_id.active', '=', False),
        ])

    @api.model
    def _action_new(self, record):
        """Return the dialog in which a promise to the customer of ``record`` is noted."""
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("New promise"),
            'res_model': self._name,
            'views': [(self.env.ref('crm_relationship.crm_promise_view_form_quick').id, 'form')],
            'target': 'new',
            'context': self._default_document(record),
        }
