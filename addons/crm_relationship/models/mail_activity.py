import functools
from datetime import date, datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, Query

from ..tools import board

# How far ahead a person's workdays are looked up: any column's date lies before the end of next month.
WORKDAY_HORIZON = timedelta(days=70)
BOARD_FIELDS = ('board_week', 'board_month')
# Documents whose partner is one of us, not a customer.
INTERNAL_MODELS = ('res.users', 'res.company')


class MailActivity(models.Model):
    _inherit = 'mail.activity'

    board_week = fields.Selection(
        [
            ('overdue', "Overdue"), ('today', "Today"), ('tomorrow', "Tomorrow"), ('this_week', "This week"),
            ('next_week', "Next week"), ('later', "Later"),
        ],
        string="Week Board", compute='_compute_board', store=True, precompute=True, readonly=False, copy=False,
        group_expand=True,
        help="Column of the week board, in the time zone of the assigned person. Weeks start on Monday. "
             "Moving a card to a column gives the activity the date of that column.",
    )
    board_month = fields.Selection(
        [
            ('before', "Earlier months"), ('week_1', "Week 1"), ('week_2', "Week 2"), ('week_3', "Week 3"),
            ('week_4', "Week 4"), ('week_5', "Week 5"), ('week_6', "Week 6"), ('after', "Later months"),
        ],
        string="Month Board", compute='_compute_board', store=True, precompute=True, readonly=False, copy=False,
        group_expand='_group_expand_board_month',
        help="Column of the month board: the weeks of the current month, each from Monday to Sunday.",
    )
    board_partner_id = fields.Many2one(
        'res.partner', string="Customer", compute='_compute_board_partner_id', store=True, precompute=True,
        readonly=False, copy=False, index='btree_not_null', ondelete='set null',
        help="Customer of the document. On an activity without a document it may be chosen: "
             "the activity is then one of the customer.",
    )

    # Odoo's own field, made part of the INSERT: computed later, it takes another UPDATE of each new activity.
    res_name = fields.Char(compute='_compute_res_name', compute_sudo=True, store=True, precompute=True)

    @api.depends('date_deadline', 'user_id.tz', 'active')
    def _compute_board(self):
        now = fields.Datetime.now()

        @functools.cache
        def buckets(tz, day):
            today = self._board_today(now, tz)
            return board.week_bucket(day, today), board.month_bucket(day, today)

        for activity in self:
            day = activity.active and activity.date_deadline
            activity.board_week, activity.board_month = (
                buckets(activity.user_id.sudo().tz, day) if day else (False, False)
            )

    @api.depends('res_model', 'res_id')
    def _compute_board_partner_id(self):
        for model, activities in self.grouped('res_model').items():
            partners = self._board_document_partners(model, activities.mapped('res_id'))
            for activity in activities:
                activity.board_partner_id = partners.get(activity.res_id, False)

    @api.model
    def _board_document_partners(self, model, res_ids):
        """Return the customers of documents of one model: ``{document id: id of the commercial partner}``."""
        if not model or model not in self.env or model in INTERNAL_MODELS:
            return {}
        Model = self.env[model].sudo().with_context(active_test=False)
        if model == 'res.partner':
            partner_by_document = {partner.id: partner for partner in Model.browse(set(res_ids) - {0}).exists()}
        elif Model._fields.get('partner_id') and Model._fields['partner_id'].comodel_name == 'res.partner':
            partner_by_document = {
                document.id: document.partner_id for document in Model.browse(set(res_ids) - {0}).exists()
            }
        else:
            return {}
        return {
            res_id: partner.commercial_partner_id.id
            for res_id, partner in partner_by_document.items() if partner and partner.partner_share
        }

    @api.model
    def _group_expand_board_month(self, values, _domain):
        """Show the weeks that this month has, and whatever else holds cards."""
        today = self._board_today(fields.Datetime.now(), self.env.user.tz)
        shown = {part.bucket for part in board.month_ranges(today)} | set(values)
        return [bucket for bucket in board.MONTH_BUCKETS if bucket in shown]

    @api.model
    @api.readonly
    def web_read_group(self, domain, groupby, *args, **kwargs):
        """Look once, not once a column, which documents of the cards the user may read."""
        if not self.env.su and groupby and groupby[0] in BOARD_FIELDS:
            looked = self.with_context(board_readable=self._search(domain))
            return super(MailActivity, looked).web_read_group(domain, groupby, *args, **kwargs)
        return super().web_read_group(domain, groupby, *args, **kwargs)

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, *, bypass_access=False, **kwargs):
        readable = self.env.context.get('board_readable')
        if isinstance(readable, Query):  # from web_read_group: clients can't send a Query
            domain = Domain(domain) & Domain('id', 'in', readable)
            bypass_access = True
        return super()._search(domain, offset, limit, order, bypass_access=bypass_access, **kwargs)

    @api.model
    def default_get(self, fields_list):
        """Give an activity that is created in a column of a board the date of that column."""
        columns = {
            fname: self.env.context[f'default_{fname}']
            for fname in BOARD_FIELDS if self.env.context.get(f'default_{fname}')
        }
        defaults = super().default_get(fields_list)
        if columns:
            for fname in columns:
                defaults.pop(fname, None)
            if 'date_deadline' in fields_list:
                defaults['date_deadline'] = self._board_target_date(columns, self.env.user)
        return defaults

    @api.onchange('activity_type_id')
    def _onchange_activity_type_id(self):
        summary, deadline = self.summary, self.date_deadline
        result = super()._onchange_activity_type_id()
        if self.env.context.get('default_board_week') or self.env.context.get('default_board_month'):
            self.summary, self.date_deadline = summary, deadline
        return result

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._board_create_vals(vals) for vals in vals_list])

    def write(self, vals):
        columns = {fname: vals[fname] for fname in BOARD_FIELDS if fname in vals}
        if not columns and 'board_partner_id' not in vals:
            result = super().write(vals)
            if 'date_deadline' in vals and not self.env.context.get('promise_sync'):
                self.env['crm.promise']._reschedule_by_reminders(self)
            return result
        vals = {fname: value for fname, value in vals.items() if fname not in columns}
        if 'board_partner_id' in vals:
            vals.update(self._board_partner_vals(vals.pop('board_partner_id')))
        self._board_move(columns)
        return self.write(vals) if vals else True

    def _board_create_vals(self, vals):
        """Turn a column into its date and a customer without a document into a document."""
        vals = dict(vals)
        columns = {fname: vals.pop(fname) for fname in BOARD_FIELDS if fname in vals}
        if any(columns.values()) and not vals.get('date_deadline'):
            user = self.env['res.users'].browse(vals.get('user_id') or self.env.uid)
            vals['date_deadline'] = self._board_target_date(columns, user)
        partner_id = vals.pop('board_partner_id', False)
        if partner_id and not vals.get('res_model_id') and not vals.get('res_id'):
            vals.update(res_model_id=self.env['ir.model']._get_id('res.partner'), res_id=partner_id)
        return vals

    def _board_partner_vals(self, partner_id):
        """Return the values that make activities without a document activities of the customer."""
        if self.filtered('res_model') - self.filtered(lambda activity: activity.board_partner_id.id == partner_id):
            raise UserError(self.env._("The customer of an activity is that of its document. Change it there."))
        if not partner_id or not self.filtered(lambda activity: not activity.res_model):
            return {}
        return {'res_model_id': self.env['ir.model']._get_id('res.partner'), 'res_id': partner_id}

    def _board_move(self, columns):
        """Give the activities the dates that their new columns stand for, each in its person's calendar.

        :param columns: ``{'board_week': bucket}`` and/or ``{'board_month': bucket}``
        """
        moving = self.filtered(lambda activity: any(
            bucket and activity[fname] != bucket for fname, bucket in columns.items()
        ))
        meeting = moving.filtered('calendar_event_id')[:1]
        if meeting:
            message = self.env._(
                "“%(name)s” is a meeting: moving it would write to the guests. Choose its new time in the calendar.",
                name=meeting.calendar_event_id.display_name,
            )
            raise RedirectWarning(message, meeting.action_open_board_event(), self.env._("Open the meeting"))
        for user, activities in moving.grouped('user_id').items():
            activities.write({'date_deadline': self._board_target_date(columns, user or self.env.user)})

    @api.model
    def _board_target_date(self, columns, user):
        """Return the date of a column for a person; raise where a column stands for the past or for no week."""
        today = self._board_today(fields.Datetime.now(), user.sudo().tz)
        workdays = self._board_workdays(user, today)
        try:
            if columns.get('board_week'):
                target = board.week_target(columns['board_week'], today, workdays)
            else:
                target = board.month_target(columns['board_month'], today, workdays)
        except ValueError as error:
            raise ValidationError(str(error)) from error
        if target is None:
            fname = 'board_week' if columns.get('board_week') else 'board_month'
            raise UserError(self._board_refusal(fname, columns[fname], today, user))
        return target

    @api.model
    def _board_refusal(self, fname, bucket, today, user):
        if board.is_over(bucket, today):
            return self.env._(
                "Nothing can be planned in the past. Choose today or a later column, or mark the activity as done.",
            )
        return self.env._(
            "%(user)s has no workday left in “%(column)s”. Choose another column, or enter a date on the activity.",
            user=user.sudo().name, column=dict(self._fields[fname]._description_selection(self.env))[bucket],
        )

    @api.model
    def get_board_columns(self):
        """Return what the columns of both boards stand for, for the current user.

        ``{'board_week': {bucket: column}, 'board_month': {bucket: column}}`` with ``target``, the date of a card that
        is dropped there (False where nothing can be planned: ``over`` when it is past, else for want of a workday),
        and ``first`` and ``last``, the dates that stand there (False where the column has no end, or no dates today).
        """
        today = self._board_today(fields.Datetime.now(), self.env.user.tz)
        workdays = self._board_workdays(self.env.user, today)

        def columns(buckets, target, ranges):
            found = {part.bucket: part for part in ranges}
            return {
                bucket: {
                    'target': target(bucket, today, workdays) or False,
                    'over': board.is_over(bucket, today),
                    'first': bucket in found and found[bucket].first != date.min and found[bucket].first,
                    'last': bucket in found and found[bucket].last != date.max and found[bucket].last,
                }
                for bucket in buckets
            }

        return {
            'board_week': columns(board.WEEK_BUCKETS, board.week_target, board.week_ranges(today)),
            'board_month': columns(board.MONTH_BUCKETS, board.month_target, board.month_ranges(today)),
        }

    @api.model
    def _board_today(self, now, tz):
        """Return the local date of ``now`` (naive UTC) in the time zone named ``tz`` (UTC when empty or unknown)."""
        zone = pytz.timezone(tz) if tz in pytz.all_timezones_set else pytz.utc
        return pytz.utc.localize(now).astimezone(zone).date()

    @api.model
    def _board_workdays(self, user, today):
        """Return the dates from ``today`` on which the person works, by its calendar, holidays and leaves."""
        user = user.sudo()
        company = user.company_id or self.env.company
        resource = user.resource_ids.filtered(lambda item: item.company_id == company)[:1]
        calendar = resource.calendar_id or company.resource_calendar_id
        if not calendar:
            return ()
        start = pytz.utc.localize(datetime.combine(today, time.min))
        intervals = calendar.sudo()._work_intervals_batch(
            start, start + WORKDAY_HORIZON, resources=resource or None,
            domain=[('time_type', '=', 'leave'), ('company_id', 'in', [False, company.id])],
            tz=pytz.timezone(calendar.tz or 'UTC'),
        )[resource.id]
        return {begin.date() for begin, _end, _attendance in intervals}

    @api.model
    def _cron_board(self):
        """Move every card whose day or week has changed, then follow documents that have got another customer."""
        self._board_refresh()
        self._board_refresh_partners()

    @api.model
    def _board_refresh(self):
        """Put all open activities into the columns of now, with one UPDATE; return the number of changed ones.

        Each time zone has its own today; the ranges of the columns are those of ``tools/board.py``.
        """
        self.env['mail.activity'].flush_model(['date_deadline', 'user_id', 'active', 'board_week', 'board_month'])
        self.env['res.partner'].flush_model(['tz'])
        now = fields.Datetime.now()
        weeks, months = [], []
        for tz, in self.env.execute_query(SQL(
            """SELECT DISTINCT COALESCE(p.tz, '') FROM mail_activity a
               LEFT JOIN res_users u ON u.id = a.user_id LEFT JOIN res_partner p ON p.id = u.partner_id
               WHERE a.active""",
        )):
            today = self._board_today(now, tz)
            weeks += [SQL("(%s, %s, %s::date, %s::date)", tz, *part) for part in board.week_ranges(today)]
            months += [SQL("(%s, %s, %s::date, %s::date)", tz, *part) for part in board.month_ranges(today)]
        if not weeks:
            return 0
        changed = self.env.execute_query(SQL(
            """
            UPDATE mail_activity activity
               SET board_week = week.bucket, board_month = month.bucket
              FROM mail_activity a
              LEFT JOIN res_users u ON u.id = a.user_id
              LEFT JOIN res_partner p ON p.id = u.partner_id
              JOIN (VALUES %(weeks)s) AS week (tz, bucket, first, last)
                ON week.tz = COALESCE(p.tz, '') AND a.date_deadline BETWEEN week.first AND week.last
              JOIN (VALUES %(months)s) AS month (tz, bucket, first, last)
                ON month.tz = COALESCE(p.tz, '') AND a.date_deadline BETWEEN month.first AND month.last
             WHERE activity.id = a.id AND a.active
               AND (a.board_week, a.board_month) IS DISTINCT FROM (week.bucket, month.bucket)
            RETURNING activity.id
            """,
            weeks=SQL(", ").join(weeks), months=SQL(", ").join(months),
        ))
        self.env['mail.activity'].invalidate_model(['board_week', 'board_month'], flush=False)
        return len(changed)

    @api.model
    def _board_refresh_partners(self):
        """Follow documents whose customer changed without a write (computed, merged): one UPDATE a model."""
        self.env.flush_all()
        for (model,) in self.env.execute_query(SQL(
            "SELECT DISTINCT res_model FROM mail_activity WHERE active AND res_model IS NOT NULL",
        )):
            field = self.env[model]._fields.get('partner_id') if model in self.env and self.env[model]._auto else None
            if field is None or not field.store or field.comodel_name != 'res.partner' or model in INTERNAL_MODELS:
                continue
            self.env.cr.execute(SQL(
                """
                UPDATE mail_activity activity
                   SET board_partner_id = CASE WHEN partner.partner_share THEN partner.commercial_partner_id END
                  FROM %(table)s document
                  LEFT JOIN res_partner partner ON partner.id = document.partner_id
                 WHERE activity.active AND activity.res_model = %(model)s AND activity.res_id = document.id
                   AND activity.board_partner_id IS DISTINCT FROM
                       CASE WHEN partner.partner_share THEN partner.commercial_partner_id END
                """,
                table=SQL.identifier(self.env[model]._table), model=model,
            ))
        self.env['mail.activity'].invalidate_model(['board_partner_id'], flush=False)

    def action_open_board_event(self):
        """Open the meeting of a card."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'res_model': 'calendar.event', 'res_id': self.calendar_event_id.id,
            'views': [(False, 'form')], 'target': 'current',
        }

    def action_board_edit(self):
        """Open the activity itself, whatever its document."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'name': self.display_name, 'res_model': self._name, 'res_id': self.id,
            'views': [(self.env.ref('mail.mail_activity_view_form_popup').id, 'form')], 'target': 'new',
        }

    def action_board_today(self):
        self.write({'board_week': 'today'})

    def action_board_tomorrow(self):
        self.write({'board_week': 'tomorrow'})

    def action_board_next_week(self):
        self.write({'board_week': 'next_week'})

    def action_board_done_dialog(self):
        """Ask for the result of an activity in one line."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Done: %(name)s", name=self.display_name),
            'res_model': self._name, 'res_id': self.id, 'target': 'new',
            'views': [(self.env.ref('crm_relationship.mail_activity_view_form_done').id, 'form')],
        }

    def action_board_done(self):
        """Mark the activity as done with the result that was just typed in."""
        self.ensure_one()
        self.action_feedback(feedback=self.feedback)
        return {'type': 'ir.actions.act_window_close'}

    def _action_done(self, feedback=False, attachment_ids=None):
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        done = self.exists().filtered(lambda activity: not activity.active)
        self.env['crm.touchpoint']._log_done_activities(done, feedback)
        self.env['crm.promise']._keep_by_reminders(done)
        self.env['crm.care.recipient']._done_by_activities(done)
        return result

    @api.model
    def _contact_log_models(self):
        """Return the models of documents on which a done call, meeting or visit is a contact with the customer."""
        return {'res.partner', 'crm.lead', 'sale.order', 'crm.promise'}

    def _filtered_for_contact_log(self):
        models_logged = self._contact_log_models()
        return self.filtered(lambda activity: (
            activity.board_partner_id and activity.activity_type_id.touchpoint_mode
            and activity.res_model in models_logged
        ))

    def _prepare_touchpoint_vals(self, feedback=False):
        self.ensure_one()
        document = self.env[self.res_model].browse(self.res_id)
        contact = document if self.res_model == 'res.partner' else document.partner_id
        company = (
            contact.commercial_partner_id.company_id or ('company_id' in document and document.company_id)
            or self.user_id.company_id or self.env.company
        )
        vals = {
            'partner_id': contact.id,
            'summary': self.summary or self.activity_type_id.name,
            'body': feedback or False,
            'mode': self.activity_type_id.touchpoint_mode,
            'user_id': (self.user_id or self.env.user).id,
            'company_id': company.id,
            'currency_id': company.currency_id.id,
            'activity_id': self.id,
            'event_id': self.calendar_event_id.id,
            'lead_id': self.res_id if self.res_model == 'crm.lead' else False,
        }
        if self.res_model != 'res.partner':
            vals.update(res_model=self.res_model, res_id=self.res_id)
        if self.calendar_event_id.stop and self.calendar_event_id.stop <= fields.Datetime.now():
            vals.update(date=self.calendar_event_id.start, duration=self.calendar_event_id.duration)
        return vals
