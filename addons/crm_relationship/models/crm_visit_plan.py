import logging
from collections import defaultdict
from datetime import timedelta

from dateutil.relativedelta import relativedelta
from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date, split_every

from ..tools import route

_logger = logging.getLogger(__name__)

# Customers per statement and transaction.
VISIT_BATCH = 1000
ACTIVITY_TYPES = {
    'visit': 'crm_relationship.mail_activity_type_visit',
    'call': 'mail.mail_activity_data_call',
    'mail': 'mail.mail_activity_data_email',
}
TOUCHPOINT_MODES = {'visit': 'visit', 'call': 'phone', 'mail': 'email'}
# What makes a customer visited: modes of the contact log by what the plan counts.
COUNTED_MODES = {
    'visit': ('visit', 'meeting'),
    'personal': ('visit', 'meeting', 'phone', 'exhibition'),
    'any': ('visit', 'meeting', 'phone', 'exhibition', 'email', 'fax', 'web', 'letter'),
}
UNIT_DAYS = {'day': 1, 'week': 7, 'month': 31}


class CrmVisitPlan(models.Model):
    """Who is visited, called or written to, how often and by whom; the visits themselves are activities."""

    _name = 'crm.visit.plan'
    _description = "Visit Plan"
    _inherit = ['crm.audience.mixin', 'crm.period.mixin', 'mail.thread', 'mail.activity.mixin']
    _order = 'sequence, id'
    _check_company_auto = True
    _mail_post_access = 'read'

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10, help="Where a customer is in several plans, statistics count the first.")
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company)
    state = fields.Selection(
        [('draft', "Being prepared"), ('running', "Running"), ('closed', "Closed")],
        default='draft', required=True, readonly=True, copy=False, tracking=True, group_expand=True,
        help="Only running plans put visits on the boards.",
    )
    kind = fields.Selection(
        [('individual', "Customer by customer"), ('round', "In rounds")], required=True, default='individual',
        tracking=True,
        help="Customer by customer: each visit on the day on which it falls due. "
             "In rounds: customers near each other are visited on the same day.",
    )
    mode = fields.Selection(
        [('visit', "Visit"), ('call', "Call"), ('mail', "E-mail")], required=True, default='visit', tracking=True,
    )
    counts = fields.Selection(
        [('visit', "Visits and meetings"), ('personal', "Visits, meetings and calls"), ('any', "Every contact")],
        string="What Counts", compute='_compute_counts', store=True, readonly=False, required=True, precompute=True,
        help="Contacts of the contact log after which the interval starts anew.",
    )
    interval_number = fields.Integer(string="Every", required=True, default=1, tracking=True)
    interval_unit = fields.Selection(
        [('day', "days"), ('week', "weeks"), ('month', "months")], required=True, default='month', tracking=True,
    )
    max_gap_days = fields.Integer(
        string="Longest Gap (days)", tracking=True,
        help="A customer without a contact for longer than this needs attention. 0: the interval itself counts as "
             "the limit in the figures, and nobody is warned.",
    )
    date_start = fields.Date(string="From", required=True, default=fields.Date.context_today, tracking=True)
    date_end = fields.Date(string="Until", tracking=True, help="Empty: until the plan is closed.")
    assign_to = fields.Selection(
        [('salesperson', "The customer's salesperson"), ('fixed', "One person")],
        required=True, default='salesperson', tracking=True,
    )
    user_id = fields.Many2one(
        'res.users', string="Person", domain=[('share', '=', False)], ondelete='restrict', tracking=True,
        help="Who visits all customers of the plan; or, with the customer's salesperson, who visits those "
             "that have none.",
    )
    manager_id = fields.Many2one(
        'res.users', string="Reviewed by", required=True, default=lambda self: self.env.user,
        domain=[('share', '=', False)], ondelete='restrict', tracking=True,
        help="Gets the review of the routes at the end of the period.",
    )
    daily_limit = fields.Integer(
        string="At Most a Day", default=8, help="Visits of one person on one day, over all plans of the same kind of "
        "contact. 0: no limit.",
    )
    horizon_days = fields.Integer(
        string="Days Ahead", default=14, required=True,
        help="How many days before its date a visit is put on the board.",
    )
    start_partner_id = fields.Many2one(
        'res.partner', string="Rounds Start At", ondelete='set null',
        help="Where the day begins. Empty: the address of the company. Used where customers have coordinates.",
    )
    note = fields.Html(string="Instructions", help="What to ask and to show. It stands on every visit.")
    confirm_everybody = fields.Boolean(
        string="All Customers Are Meant", tracking=True,
        help="Needed when the filter leaves nobody out.",
    )
    review = fields.Selection(
        [('month', "At the end of each month"), ('quarter', "At the end of each quarter")],
        string="Review of the Routes", default='quarter', tracking=True,
        help="When the reviewer is asked to compare visits and cost with the sales of the customers.",
    )
    last_review_date = fields.Date(string="Reviewed Up To", readonly=True, copy=False)
    last_run = fields.Datetime(string="Last Planned", readonly=True, copy=False)
    run_message = fields.Text(
        string="Last Result", readonly=True, copy=False, help="What the last run planned and what it could not plan.",
    )
    run_failed = fields.Boolean(readonly=True, copy=False)
    line_ids = fields.One2many('crm.visit.plan.line', 'plan_id', string="Customers")
    line_count = fields.Integer(string="Customers of the Plan", compute='_compute_line_figures')
    overdue_count = fields.Integer(string="Overdue Customers", compute='_compute_line_figures')
    problem_count = fields.Integer(string="Customers with a Problem", compute='_compute_line_figures')
    coverage = fields.Float(
        compute='_compute_line_figures', help="Share of the customers contacted within the interval.",
    )

    _check_interval = models.Constraint(
        'CHECK (interval_number > 0)', "The interval of a visit plan must be one day at least.",
    )
    _check_daily_limit = models.Constraint(
        'CHECK (daily_limit >= 0 AND max_gap_days BETWEEN 0 AND 36500)',
        "A number of visits or days can't be negative, and the longest gap is 36,500 days.",
    )
    _check_horizon = models.Constraint(
        'CHECK (horizon_days BETWEEN 0 AND 60)', "Visits are put on the board 0 to 60 days ahead.",
    )

    @api.depends('mode')
    def _compute_counts(self):
        for plan in self:
            plan.counts = {'visit': 'visit', 'call': 'personal', 'mail': 'any'}.get(plan.mode, 'any')

    @api.depends('line_ids.covered', 'line_ids.overdue_days', 'line_ids.problem')
    def _compute_line_figures(self):
        rows = self.env['crm.visit.plan.line']._read_group(
            [('plan_id', 'in', self.ids)], ['plan_id'], ['__count', 'covered:avg'],
        )
        figures = {plan.id: (count, coverage) for plan, count, coverage in rows}

        def counts(domain):
            groups = self.env['crm.visit.plan.line']._read_group(
                [('plan_id', 'in', self.ids), *domain], ['plan_id'], ['__count'],
            )
            return {plan.id: count for plan, count in groups}

        overdue, problems = counts([('overdue_days', '>', 0)]), counts([('problem', '!=', False)])
        for plan in self:
            plan.line_count, plan.coverage = figures.get(plan._origin.id, (0, 0.0))
            plan.overdue_count = overdue.get(plan._origin.id, 0)
            plan.problem_count = problems.get(plan._origin.id, 0)

    @api.constrains('date_start', 'date_end', 'interval_number', 'interval_unit', 'max_gap_days')
    def _check_gap(self):
        for plan in self:
            longest = plan.interval_number * UNIT_DAYS.get(plan.interval_unit, 1)
            if plan.max_gap_days and plan.max_gap_days < longest:
                raise ValidationError(self.env._(
                    "The longest gap of “%(plan)s” is %(gap)s days, shorter than its interval of %(interval)s days. "
                    "Allow at least the interval, or leave it at 0.",
                    plan=plan.name, gap=plan.max_gap_days, interval=longest,
                ))

    @api.constrains('assign_to', 'user_id')
    def _check_person(self):
        for plan in self:
            if plan.assign_to == 'fixed' and not plan.user_id:
                raise ValidationError(self.env._("Choose the person who carries out “%(plan)s”.", plan=plan.name))

    def copy_data(self, default=None):
        return [
            {**vals, 'name': self.env._("%(name)s (copy)", name=plan.name)}
            for plan, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def write(self, vals):
        result = super().write(vals)
        if {'interval_number', 'interval_unit', 'max_gap_days', 'date_start', 'counts'} & set(vals):
            self.env['crm.visit.plan.line']._refresh(self)
        return result

    # ------------------------------------------------------------------ buttons

    def action_start(self):
        """Put the plan into force and plan its first visits."""
        for plan in self:
            plan._check_startable()
        self.write({'state': 'running'})
        return self.action_generate()

    def action_pause(self):
        """Plan nothing more; visits already on the boards stay."""
        self.write({'state': 'draft'})

    def action_close(self):
        """End the plan; visits of days to come leave the boards, what is due or overdue stays as work."""
        today = fields.Date.context_today(self)
        self.env['mail.activity'].sudo().search([
            ('visit_plan_id', 'in', self.ids), ('automated', '=', True), ('date_deadline', '>', today),
        ]).unlink()
        self.write({'state': 'closed'})

    def action_generate(self):
        """Plan now what the scheduled action would plan over night."""
        self.check_access('write')
        for plan in self.sudo():
            if plan.state == 'running':
                plan._generate()
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'warning' if any(self.mapped('run_failed')) else 'success',
                'message': '\n'.join(filter(None, self.mapped('run_message'))),
                'next': {'type': 'ir.actions.act_window_close'},
            },
        }

    def action_view_lines(self):
        return self._action_lines({})

    def action_view_overdue(self):
        return self._action_lines({'search_default_overdue': 1})

    def action_view_problems(self):
        return self._action_lines({'search_default_problems': 1})

    def action_view_activities(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.mail_activity_action_team_week')
        action.update(domain=[('visit_plan_id', '=', self.id)], context={}, display_name=self.name)
        return action

    def action_view_review(self):
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_visit_review_action')
        action.update(domain=[('plan_id', 'in', self.ids)])
        return action

    def _action_lines(self, context):
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_visit_plan_line_action')
        action.update(
            domain=[('plan_id', 'in', self.ids)], context=context,
            display_name=self.name if len(self) == 1 else action['name'],
        )
        return action

    def _check_startable(self):
        """Refuse a plan that nobody meant: one for everybody must say so, one for nobody is no plan."""
        self.ensure_one()
        if self.date_end and self.date_end < fields.Date.context_today(self):
            raise UserError(self.env._(
                "“%(plan)s” ended on %(date)s. Choose a later end before you start it.",
                plan=self.name, date=format_date(self.env, self.date_end),
            ))
        refusal = self._audience_refusal(self._audience_partners(), starting=True)
        if refusal:
            raise UserError(refusal)

    def _audience_refusal(self, customers, starting=False):
        """Return why these customers can't be the audience, or None.

        A filter that happens to leave nobody out is asked about when the plan starts; one that is empty, always.
        """
        self.ensure_one()
        if not customers:
            return self.env._(
                "“%(plan)s” matches no customer. Change its filter or its segment.", plan=self.name,
            )
        everybody = self._audience_matches_all() or (starting and self._audience_is_everybody(customers))
        if everybody and not self.confirm_everybody:
            return self.env._(
                "“%(plan)s” matches all %(count)s customers. Narrow its filter, or tick “All Customers Are Meant”.",
                plan=self.name, count=len(customers),
            )
        return None

    def _audience_is_everybody(self, customers):
        owners = [False, *self.company_id.sudo().parent_ids.ids]
        total = self.env['res.partner'].search_count([('is_customer', '=', True), ('company_id', 'in', owners)])
        return len(customers) >= total > 1

    # ------------------------------------------------------------------ the scheduled action

    @api.model
    def _cron_generate(self):
        """Plan what falls due, plan by plan; a plan that fails says so and lets the others go on."""
        plans = self.search([('state', '=', 'running')])
        plans._close_ended()
        plans = plans.filtered(lambda plan: plan.state == 'running')
        for done, plan in enumerate(plans):
            try:
                plan._generate(commit=True)
            except OperationalError:
                raise  # a serialisation failure is no plan's fault
            except Exception as error:
                self.env.cr.rollback()
                _logger.warning("Visit plan %s could not be carried out", plan.id, exc_info=True)
                plan.write({'run_failed': True, 'run_message': str(error), 'last_run': fields.Datetime.now()})
            plan._tell_of_failure()
            if not self.env['ir.cron']._commit_progress(1, remaining=len(plans) - done - 1):
                return
        self._remind_of_reviews()

    def _each_safely(self, step):
        """Call ``step`` on each plan in a savepoint of its own; what goes wrong is written on the plan."""
        for plan in self:
            error = self.env['crm.run.error.mixin']._run_safely(plan, step, plan)
            if error:
                plan.write({'run_failed': True, 'run_message': str(error)})
                plan._tell_of_failure()

    def _tell_of_failure(self):
        """Warn the reviewer of a plan whose last run failed, once; take the warning back after a good one."""
        errors = self.env['crm.run.error.mixin']
        if self.run_failed:
            user = self.manager_id if self.manager_id.active else errors._run_error_manager(self.company_id)
            reader = user._in_own_language(self)
            summary = reader.env._("The visits of “%(plan)s” could not be planned", plan=self.name)
            errors._tell_run_error(self, user, summary, self.run_message)
        else:
            errors._told_run_errors(self).unlink()

    def _close_ended(self):
        today = fields.Date.context_today(self)
        self.filtered(lambda plan: plan.date_end and plan.date_end < today)._each_safely(lambda plan: plan._end())

    def _end(self):
        self.write({'state': 'closed'})
        self.message_post(body=self.env._("The plan ended on %(date)s.", date=format_date(self.env, self.date_end)))

    def _generate(self, commit=False):
        """Bring the customers of the plan up to date and plan the visits that fall due; safe to repeat.

        :param bool commit: commit after each batch of customers (scheduled action)
        """
        self.ensure_one()
        plan = self.with_company(self.company_id).with_context(mail_activity_quick_update=True)
        plan._take_turn()
        customers = plan._audience_partners()
        refusal = plan._audience_refusal(customers)
        if refusal:
            plan.write({'run_failed': True, 'run_message': refusal})
            return
        lines = plan.env['crm.visit.plan.line']
        lines._drop_others(plan, customers)
        for batch in split_every(VISIT_BATCH, customers.ids):
            lines._add_missing(plan, batch)
            lines._refresh(plan, batch)
            plan._batch_done(commit)
        plan._drop_superfluous(commit)
        created = plan._plan_visits(commit)
        plan.write({'run_failed': False, 'run_message': plan._run_summary(created)})

    def _take_turn(self):
        """Let two runs of one plan happen one after the other: the second waits here, or is repeated by Odoo."""
        self.env.cr.execute(SQL(
            "UPDATE crm_visit_plan SET last_run = %s WHERE id = %s", fields.Datetime.now(), self.id,
        ))
        self.invalidate_recordset(['last_run'], flush=False)

    def _batch_done(self, commit):
        if commit:
            self.env['ir.cron']._commit_progress()
            self._take_turn()
        self.env.flush_all()

    def _drop_superfluous(self, commit):
        """Take visits off the boards whose customers have been contacted meanwhile without them."""
        today = self._today()
        self.env.flush_all()
        # Two plain reads: a join of rows just made, without statistics, was planned as a nested loop over all of them.
        visits = self.env.execute_query(SQL(
            """SELECT id, res_id FROM mail_activity
                WHERE visit_plan_id = %s AND active AND automated AND res_model = 'res.partner' ORDER BY id""",
            self.id,
        ))
        contacted = {partner_id for (partner_id,) in self.env.execute_query(SQL(
            """SELECT partner_id FROM crm_visit_plan_line
                WHERE plan_id = %s AND last_contact_date IS NOT NULL AND due_date > %s""",
            self.id, today + timedelta(days=self.horizon_days),
        ))} if visits else ()
        superfluous = [visit_id for visit_id, partner_id in visits if partner_id in contacted]
        for batch in split_every(VISIT_BATCH, superfluous):
            activities = self.env['mail.activity'].browse(batch)
            activities.unlink()  # brings the lines of these customers up to date
            self._batch_done(commit)

    def _plan_visits(self, commit):
        """Create the visits that fall due within the horizon; return how many."""
        today = self._today()
        last_day = min(filter(None, (today + timedelta(days=self.horizon_days), self.date_end)))
        stops_by_user = self._due_stops(last_day)
        if not stops_by_user:
            return 0
        users = self.env['res.users'].browse(stops_by_user)
        planned = self._planned_by_day(users, today)
        visits = []
        for user in users:
            days = self._visit_days(user, max(today, self.date_start), last_day)
            capacity = route.free_capacity(days, planned[user.id], self.daily_limit)
            rounds = route.plan_rounds(
                stops_by_user[user.id], capacity, start=self._start_point(), by_place=self.kind == 'round',
            )
            visits += [(visit, user.id) for visit in rounds]
        created = 0
        for batch in split_every(VISIT_BATCH, visits):
            created += self._create_visits(list(batch))
            self._batch_done(commit)
        return created

    def _due_stops(self, last_day):
        """Return ``{user id: [Stop, …]}`` of the customers that are due and have no open visit of this plan."""
        self.env.flush_all()
        rows = self.env.execute_query(SQL(
            """SELECT l.user_id, p.id, COALESCE(c.code, ''), COALESCE(p.zip, ''), COALESCE(p.city, ''),
                      COALESCE(p.street, ''), p.partner_latitude, p.partner_longitude, l.due_date
                 FROM crm_visit_plan_line l
                 JOIN res_partner p ON p.id = l.partner_id
                 LEFT JOIN res_country c ON c.id = p.country_id
                WHERE l.plan_id = %s AND l.user_id IS NOT NULL AND l.due_date <= %s AND l.activity_id IS NULL
                ORDER BY l.user_id, p.id""",
            self.id, last_day,
        ))
        stops = defaultdict(list)
        for user_id, key, country, postcode, city, street, latitude, longitude, due in rows:
            stops[user_id].append(route.Stop(
                key, country, postcode, city, street, route.point_of(latitude, longitude), due,
            ))
        return stops

    def _planned_by_day(self, users, today):
        """Return ``{user id: {day: visits}}`` of what visit plans have put on these boards already."""
        planned = {user.id: {} for user in users}
        for user, day, count in self.env['mail.activity']._read_group(
            Domain('user_id', 'in', users.ids) & Domain('visit_plan_id', '!=', False)
            & Domain('activity_type_id', '=', self._activity_type().id) & Domain('date_deadline', '>=', today),
            ['user_id', 'date_deadline:day'], ['__count'],
        ):
            planned[user.id][day] = count
        return planned

    def _visit_days(self, user, first, last):
        """Return the days on which the person works, by calendar, public holidays and leaves."""
        days = self.env['mail.activity']._board_workdays(user, first)
        if not days and not user.company_id.resource_calendar_id:
            days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
        return sorted(day for day in days if first <= day <= last)

    def _start_point(self):
        start = self.start_partner_id or self.company_id.partner_id
        return route.point_of(start.partner_latitude, start.partner_longitude)

    def _create_visits(self, visits):
        """Create one batch of activities; customers for which that fails get the reason on their line."""
        # Read together, not one by one when the activities are created.
        self.env['res.partner'].browse([visit.key for visit, _user_id in visits]).mapped('display_name')
        common = self._prepare_common_vals()
        vals_list = [{
            **common, 'res_id': visit.key, 'user_id': user_id, 'date_deadline': visit.day,
            'visit_sequence': visit.position,
        } for visit, user_id in visits]
        failed, created = {}, self.env['mail.activity']
        try:
            with self.env.cr.savepoint():
                created = self.env['mail.activity'].create(vals_list)
        except OperationalError:
            raise
        except Exception:
            for vals in vals_list:
                try:
                    with self.env.cr.savepoint():
                        created += self.env['mail.activity'].create(vals)
                except OperationalError:
                    raise
                except Exception as error:
                    _logger.warning("Visit plan %s: customer %s", self.id, vals['res_id'], exc_info=True)
                    failed[vals['res_id']] = str(error)
        self.env['crm.visit.plan.line']._note_visits(self, created)
        for line in self.env['crm.visit.plan.line'].search([
            ('plan_id', '=', self.id), ('partner_id', 'in', list(failed)),
        ]):
            line.write({'problem': 'error', 'problem_note': failed[line.partner_id.id]})
        return len(vals_list) - len(failed)

    def _prepare_common_vals(self):
        """Return what all visits of the plan share."""
        return {
            'activity_type_id': self._activity_type().id,
            'summary': self.name,
            'note': self.note,
            'res_model_id': self.env['ir.model']._get_id('res.partner'),
            'visit_plan_id': self.id,
            'automated': True,
        }

    def _activity_type(self):
        return self.env.ref(ACTIVITY_TYPES[self.mode])

    def _today(self):
        return self.env['crm.customer.metrics']._scope(self.company_id.root_id).today

    def _interval(self):
        return relativedelta(**{f'{self.interval_unit}s': self.interval_number})

    def _run_summary(self, created):
        """Say what was planned and what needs a person, in one paragraph."""
        self.invalidate_recordset(['line_count', 'problem_count'])
        parts = [self.env._(
            "“%(plan)s”: %(customers)s customers, %(created)s visits planned.",
            plan=self.name, customers=self.line_count, created=created,
        )]
        labels = dict(self.env['crm.visit.plan.line']._fields['problem']._description_selection(self.env))
        for problem, count in self.env['crm.visit.plan.line']._read_group(
            [('plan_id', '=', self.id), ('problem', '!=', False)], ['problem'], ['__count'],
        ):
            parts.append(self.env._("%(count)s × %(problem)s.", count=count, problem=labels[problem]))
        return ' '.join(parts)
