from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import sla
from .selections import SLA_STATES
from .working_time import WorkingTime

FAR = timedelta(weeks=16)


class CrmSlaMixin(models.AbstractModel):
    """Deadlines in working time: first response, next response, resolution.

    The model that uses it says whether a record is open (`is_open`, stored), when it came in (`date_received`),
    and calls `_sla_pause`, `_sla_resume`, `_sla_resolve` and `_sla_reopen` as its state changes. What was promised is
    kept on the record (minutes, calendar), so a policy may change without moving a deadline.
    Waiting stops the resolution clock only: saying that one waits is no answer.
    """
    _name = 'crm.sla.mixin'
    _description = "Deadlines in Working Time"
    _DEADLINE_FIELDS = (
        'first_response_due', 'first_response_late', 'next_response_due', 'resolution_due', 'sla_at_risk_at',
        'sla_breach_at', 'sla_note', 'next_escalation_at')

    company_id = fields.Many2one('res.company', required=True, default=lambda self: self.env.company)
    is_open = fields.Boolean()
    date_received = fields.Datetime(
        string="Received", required=True, default=lambda self: fields.Datetime.now(), tracking=True,
        help="When the customer turned to us; all deadlines count from here.")
    sla_policy_id = fields.Many2one(
        'crm.sla.policy', string="Service level", ondelete='restrict', check_company=True, tracking=True, index=True)
    sla_calendar_id = fields.Many2one('resource.calendar', string="Working hours", readonly=True)
    first_response_minutes = fields.Float(readonly=True)
    next_response_minutes = fields.Float(readonly=True)
    resolution_minutes = fields.Float(readonly=True, help="Working minutes allowed since the resolution clock started.")
    at_risk_share = fields.Float(readonly=True, default=0.75)
    sla_pauses = fields.Json(
        string="Pauses", help="[[from, to or null], …] in UTC: time that doesn't count towards the resolution.")

    first_response_at = fields.Datetime(string="First answered", tracking=True, copy=False)
    first_response_due = fields.Datetime(
        string="First response due", compute='_compute_deadlines', store=True, compute_sudo=True)
    first_response_late = fields.Boolean(compute='_compute_deadlines', store=True, compute_sudo=True)
    awaiting_reply_since = fields.Datetime(
        string="Customer waits since", copy=False, readonly=True,
        help="First message of the customer that no public answer followed yet.")
    next_response_due = fields.Datetime(
        string="Next response due", compute='_compute_deadlines', store=True, compute_sudo=True)
    resolution_start = fields.Datetime(
        readonly=True, copy=False, help="Start of the resolution clock: received or reopened.")
    resolution_due = fields.Datetime(
        string="Resolution due", compute='_compute_deadlines', store=True, compute_sudo=True)
    first_resolved_at = fields.Datetime(string="First resolved", readonly=True, copy=False)
    resolved_at = fields.Datetime(string="Resolved", readonly=True, copy=False, help="Last time it was resolved.")
    first_resolution_hours = fields.Float(
        string="Working hours to first resolution", readonly=True, copy=False, aggregator='avg')
    resolution_hours = fields.Float(
        string="Working hours to final resolution", readonly=True, copy=False, aggregator='avg',
        help="Working time of all rounds, without waiting for the customer.")
    resolution_late = fields.Boolean(readonly=True, copy=False, help="Resolved late in any round.")
    reopen_count = fields.Integer(string="Reopened", readonly=True, copy=False, tracking=True)

    sla_at_risk_at = fields.Datetime(string="At Risk From", compute='_compute_deadlines', store=True, compute_sudo=True)
    sla_breach_at = fields.Datetime(
        string="Next deadline", compute='_compute_deadlines', store=True, compute_sudo=True,
        help="The earliest deadline that still runs.")
    sla_state = fields.Selection(
        SLA_STATES, string="Deadline", compute='_compute_deadlines', store=True, compute_sudo=True, default='none',
        help="While open: of the deadlines that run now. Afterwards: whether one was missed.")
    sla_note = fields.Char(string="Deadline Note", compute='_compute_deadlines', store=True, compute_sudo=True)
    sla_remaining_hours = fields.Float(
        string="Working hours left", compute='_compute_sla_remaining', compute_sudo=True,
        help="Until the next deadline; negative when late.")
    sla_label = fields.Char(string="Time left", compute='_compute_sla_remaining', compute_sudo=True)

    sla_escalated = fields.Json(
        string="Levels Reached",
        copy=False, readonly=True, help="{level id: [start of the clock, reached at]}: each level once a clock.")
    next_escalation_at = fields.Datetime(
        compute='_compute_deadlines', store=True, compute_sudo=True, index='btree_not_null', copy=False)
    escalation_level = fields.Integer(string="Escalation level", readonly=True, copy=False, tracking=True)
    escalated_at = fields.Datetime(string="Last escalated", readonly=True, copy=False)
    escalation_error = fields.Char(readonly=True, copy=False)

    # -- computes -----------------------------------------------------------

    @api.depends(
        'is_open', 'date_received', 'company_id', 'sla_policy_id', 'sla_calendar_id', 'first_response_minutes',
        'next_response_minutes', 'resolution_minutes', 'at_risk_share', 'sla_pauses', 'first_response_at',
        'awaiting_reply_since', 'resolution_start', 'resolved_at', 'resolution_late', 'sla_escalated')
    def _compute_deadlines(self):
        working_time, now = WorkingTime(self.env), fields.Datetime.now()
        for record in self:
            try:
                values = record._deadlines(working_time, now)
            except sla.NoWorkingTimeError:
                values = {'sla_note': self.env._(
                    "The working hours %(calendar)s leave no time for this service level.",
                    calendar=record.sla_calendar_id.name)}
            record.update({**dict.fromkeys(self._DEADLINE_FIELDS, False), 'sla_state': 'none', **values})

    @api.depends('sla_breach_at', 'sla_state', 'is_open', 'sla_pauses')
    def _compute_sla_remaining(self):
        working_time, now = WorkingTime(self.env), fields.Datetime.now()
        for record in self:
            record.sla_remaining_hours, record.sla_label = 0.0, False
            due = record.sla_breach_at
            if record.is_open and due:
                end = min(max(due, now - FAR), now + FAR)
                minutes = sla.working_minutes(now, end, record._sla_stream(working_time, min(now, end)))
                record.sla_remaining_hours = minutes / 60
                record.sla_label = record._sla_words(minutes, more=end != due)
            elif record.is_open and record._sla_paused_since():
                record.sla_label = self.env._("clock stopped")

    def _sla_words(self, minutes, more=False):
        """Working minutes in words, e.g. "3 h 20 min left", "over 99 h late"."""
        hours, rest = divmod(abs(round(minutes)), 60)
        text = self.env._("%(hours)s h", hours=hours) if more or hours >= 10 or not rest else (
            self.env._("%(hours)s h %(minutes)s min", hours=hours, minutes=rest) if hours
            else self.env._("%(minutes)s min", minutes=rest))
        if more:
            text = self.env._("over %(time)s", time=text)
        late = self.sla_breach_at < fields.Datetime.now()
        return self.env._("%(time)s late", time=text) if late else self.env._("%(time)s left", time=text)

    # -- clocks -------------------------------------------------------------

    def _sla_stream(self, working_time, start):
        return working_time.stream(self.sla_calendar_id, self.company_id, start)

    def _sla_paused_since(self):
        """Start of the pause that lasts, or None."""
        start, end = (self._sla_pauses() or [(None, None)])[-1]
        return start if end is None else None

    def _sla_pauses(self):
        return [
            (fields.Datetime.to_datetime(start), fields.Datetime.to_datetime(end) or None)
            for start, end in self.sla_pauses or []]

    def _sla_clocks(self):
        """The promises of this record by name; one without minutes is none."""
        self.ensure_one()
        clocks = {}
        if self.first_response_minutes and self.date_received:
            clocks['first_response'] = sla.Clock(
                self.date_received, self.first_response_minutes, stopped=self.first_response_at or None)
        if self.next_response_minutes and self.awaiting_reply_since and self.first_response_at:
            clocks['next_response'] = sla.Clock(self.awaiting_reply_since, self.next_response_minutes)
        start = self.resolution_start or self.date_received
        if self.resolution_minutes and start:
            clocks['resolution'] = sla.Clock(
                start, self.resolution_minutes, tuple(self._sla_pauses()), stopped=self.resolved_at or None)
        return clocks

    def _deadlines(self, working_time, now):
        """Values of the stored deadline fields.

        :raises sla.NoWorkingTimeError: the calendar has too little working time
        """
        clocks = self._sla_clocks()
        if not clocks or not self.sla_policy_id:
            return {}
        status = {
            name: sla.evaluate(clock, now, self._sla_stream(working_time, clock.start), self.at_risk_share or 1)
            for name, clock in clocks.items()}
        first, resolution = status.get('first_response'), clocks.get('resolution')
        values = {f'{name}_due': state.due for name, state in status.items()}
        if resolution and not values['resolution_due']:
            closed = tuple(pause for pause in resolution.pauses if pause[1])
            values['resolution_due'] = sla.due(
                sla.Clock(resolution.start, resolution.minutes, closed),
                self._sla_stream(working_time, resolution.start))
        values['first_response_late'] = bool(
            first and self.first_response_at and self.first_response_at > first.due)
        running = {name: state for name, state in status.items() if not clocks[name].stopped}
        if self.is_open:
            values['sla_state'] = sla.worst(state.state for state in running.values())
            values['sla_breach_at'] = min((s.due for s in running.values() if s.due), default=False)
            values['sla_at_risk_at'] = min((s.at_risk_at for s in running.values() if s.at_risk_at), default=False)
            values['next_escalation_at'] = min(
                (moment for _level, _clock, moment in self._escalations(working_time, clocks)), default=False)
        elif self.resolved_at:
            late = values['first_response_late'] or self.resolution_late
            values['sla_state'] = 'breached' if late else 'ok'
        return values

    def _sla_apply(self, policy):
        """Take over the promises of a policy (or none) for the present round."""
        for record in self:
            values = policy._deadline_values(record.company_id)
            if record.reopen_count and record.resolution_minutes:
                values['resolution_minutes'] = min(record.resolution_minutes, values['resolution_minutes'])
            record._sla_write(values)

    def _sla_write(self, values):
        """Hook: write without what a user's change of the same fields sets off."""
        return self.write(values)

    def _sla_pause(self, moment):
        for record in self:
            if not record._sla_paused_since():
                pauses = [*(record.sla_pauses or []), [fields.Datetime.to_string(moment), None]]
                record._sla_write({'sla_pauses': pauses})

    def _sla_resume(self, moment):
        for record in self:
            if record._sla_paused_since():
                *closed, (start, _end) = record.sla_pauses
                record._sla_write({'sla_pauses': [*closed, [start, fields.Datetime.to_string(moment)]]})

    def _sla_elapsed_minutes(self, moment):
        """Working minutes of the present round until a moment."""
        self.ensure_one()
        start = self.resolution_start or self.date_received
        stream = self._sla_stream(WorkingTime(self.env), start)
        return max(sla.working_minutes(start, moment, stream, self._sla_pauses()), 0.0)

    def _sla_resolve(self, moment):
        """Stop the clocks; the first resolution is kept apart from the final one."""
        self._sla_resume(moment)
        for record in self:
            hours = record.resolution_hours + record._sla_elapsed_minutes(moment) / 60
            values = {
                'resolved_at': moment,
                'resolution_hours': hours,
                'resolution_late': record.resolution_late or bool(
                    record.resolution_due and moment > record.resolution_due),
                'awaiting_reply_since': False,
                'first_response_at': record.first_response_at or moment,
            }
            if not record.first_resolved_at:
                values.update(first_resolved_at=moment, first_resolution_hours=hours)
            record._sla_write(values)

    def _sla_reopen(self, moment):
        """Start a new round with the time that was left, at least the policy's minimum."""
        for record in self:
            values = {'reopen_count': record.reopen_count + 1}
            if record.resolved_at:
                left = sla.reopening_minutes(
                    record.resolution_minutes, record._sla_elapsed_minutes(record.resolved_at),
                    record.sla_policy_id.reopen_hours * 60)
                values.update(
                    resolved_at=False, resolution_start=moment, sla_pauses=False,
                    resolution_minutes=record.resolution_minutes and left)
            record._sla_write(values)

    # -- escalation ---------------------------------------------------------

    def _plan_escalation(self):
        """Compute anew when the next level is reached (the levels themselves are no dependency)."""
        self.env.add_to_compute(self._fields['next_escalation_at'], self)

    def _escalations(self, working_time, clocks):
        """Levels not reached yet, as ``[(level, start of its clock, moment), …]`` in order of time."""
        self.ensure_one()
        planned, reached = [], self.sla_escalated or {}
        for level in self.sla_policy_id.escalation_ids:
            clock = clocks.get(level.clock)
            if not clock or clock.stopped:
                continue
            start = fields.Datetime.to_string(clock.start)
            moment = self._escalation_moment(working_time, level, clock)
            if moment and reached.get(str(level.id), [None])[0] != start:
                planned.append((level, start, moment))
        return sorted(planned, key=lambda entry: (entry[2], entry[0].level, entry[0].id))

    def _escalation_moment(self, working_time, level, clock):
        stream = self._sla_stream(working_time, clock.start)
        if level.trigger == 'percent':
            return sla.due(clock, stream, level.percent / 100)
        return sla.due(sla.Clock(clock.start, clock.minutes + level.delay_minutes, clock.pauses), stream)

    @api.model
    def _refresh_sla_state(self):
        """Bring `sla_state` of all open records up to now in one statement; return the number changed."""
        self.flush_model()
        self.env.cr.execute(SQL(
            """UPDATE %(table)s SET sla_state = fresh.state
                 FROM (SELECT id, CASE WHEN sla_breach_at < %(now)s THEN 'breached' ELSE 'at_risk' END AS state
                         FROM %(table)s
                        WHERE is_open AND (sla_breach_at < %(now)s OR sla_at_risk_at <= %(now)s)) AS fresh
                WHERE fresh.id = %(table)s.id AND %(table)s.sla_state IS DISTINCT FROM fresh.state""",
            table=SQL.identifier(self._table), now=fields.Datetime.now()))
        changed = self.env.cr.rowcount
        self.invalidate_model(['sla_state'])
        return changed

    @api.model
    def _replan_open(self, calendars, everywhere=False):
        """Compute the deadlines of open records on these calendars (or on all) anew."""
        if not calendars and not everywhere:
            return
        domain = [('is_open', '=', True)] + ([] if everywhere else [('sla_calendar_id', 'in', calendars.ids)])
        records = self.sudo().search(domain)
        for name in ('first_response_due', 'next_response_due', 'resolution_due', 'sla_breach_at', 'sla_at_risk_at',
                     'next_escalation_at', 'sla_state'):
            self.env.add_to_compute(self._fields[name], records)
