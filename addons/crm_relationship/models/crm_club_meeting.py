from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmClubMeeting(models.Model):
    """A meeting of a club: invitations through the calendar, who came, minutes and cost."""

    _name = 'crm.club.meeting'
    _description = "Club Meeting"
    _inherit = ['crm.kept.part.mixin', 'mail.thread']
    _order = 'date_start desc, id desc'

    name = fields.Char(string="Subject", required=True)
    club_id = fields.Many2one('crm.club', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='club_id.company_id', store=True, index=True)
    user_id = fields.Many2one(related='club_id.user_id', store=True)
    event_id = fields.Many2one(
        'calendar.event', string="Calendar", readonly=True, copy=False, index='btree_not_null', ondelete='set null',
    )
    date_start = fields.Datetime(
        string="Starts", compute='_compute_from_event', store=True, readonly=False, required=True, index=True,
        precompute=True,
    )
    duration = fields.Float(
        string="Hours", compute='_compute_from_event', store=True, readonly=False, precompute=True,
    )
    date_stop = fields.Datetime(string="Ends", compute='_compute_date_stop')
    place = fields.Char(compute='_compute_from_event', store=True, readonly=False, precompute=True)
    state = fields.Selection(
        [('planned', "Planned"), ('held', "Held"), ('cancelled', "Cancelled")],
        required=True, readonly=True, default='planned', index=True, copy=False, tracking=True,
    )
    agenda = fields.Text()
    minutes = fields.Text(help="What was discussed and agreed.")
    currency_id = fields.Many2one('res.currency', related='company_id.currency_id')
    cost = fields.Monetary(help="What the meeting cost. It is shared by the members who came, in their contact log.")
    attendance_ids = fields.One2many('crm.club.attendance', 'meeting_id', string="Attendance")
    invited_count = fields.Integer(compute='_compute_counts')
    present_count = fields.Integer(compute='_compute_counts', string="Came")

    _check_cost = models.Constraint('CHECK (cost >= 0)', "The cost of a meeting can't be negative.")
    _check_duration = models.Constraint('CHECK (duration > 0)', "A meeting lasts longer than nothing: enter its hours.")

    @api.depends('event_id.start', 'event_id.duration', 'event_id.location')
    def _compute_from_event(self):
        for meeting in self:
            event = meeting.event_id
            meeting.date_start = event.start if event else meeting.date_start
            meeting.duration = event.duration if event else meeting.duration or 2
            meeting.place = event.location if event else meeting.place

    @api.depends('date_start', 'duration')
    def _compute_date_stop(self):
        for meeting in self:
            meeting.date_stop = meeting.date_start and meeting.date_start + timedelta(hours=meeting.duration)

    @api.depends('attendance_ids.presence')
    def _compute_counts(self):
        counts = {
            meeting: (invited, present)
            for meeting, invited, present in self.env['crm.club.attendance']._read_group(
                [('meeting_id', 'in', self.ids)], ['meeting_id'], ['__count', 'present_count:sum'])
        }
        for meeting in self:
            meeting.invited_count, meeting.present_count = counts.get(meeting._origin, (0, 0))

    def write(self, vals):
        result = super().write(vals)
        if {'name', 'date_start', 'duration', 'place'} & set(vals) and not self.env.context.get('club_event_sync'):
            for meeting in self.filtered(lambda item: item.event_id and item.state == 'planned'):
                meeting._update_event()
        return result

    def _update_event(self):
        """Carry a new time, place or subject over to the calendar, which tells the guests."""
        values = self._prepare_event_vals()
        event = self.event_id
        if any(event[fname] != values[fname] for fname in ('name', 'start', 'stop', 'location')):
            event.write({fname: values[fname] for fname in ('name', 'start', 'stop', 'location')})

    def _prepare_event_vals(self):
        return {
            'name': self.name,
            'start': self.date_start,
            'stop': self.date_start + timedelta(hours=self.duration),
            'location': self.place,
            'description': self.agenda,
            'user_id': (self.user_id or self.env.user).id,
            'partner_ids': [fields.Command.set((
                self.attendance_ids.member_id.partner_id | (self.user_id or self.env.user).partner_id
            ).ids)],
            # The club logs the contact itself, with those who really came.
            'contact_logged': True,
        }

    def action_list_members(self):
        """Put every current member on the attendance list."""
        self._check_planned()
        for meeting in self:
            missing = meeting.club_id._current_members() - meeting.attendance_ids.member_id
            meeting.attendance_ids = [fields.Command.create({'member_id': member.id}) for member in missing]

    def action_invite(self):
        """Invite the members on the list through the calendar; all members when the list is empty."""
        self._check_planned()
        for meeting in self:
            if not meeting.attendance_ids:
                meeting.action_list_members()
            if not meeting.attendance_ids:
                raise UserError(self.env._(
                    "“%(club)s” has no members whom you could invite. Add members first.", club=meeting.club_id.name,
                ))
            if meeting.event_id:
                meeting.event_id.partner_ids |= meeting.attendance_ids.member_id.partner_id
            else:
                meeting.with_context(club_event_sync=True).event_id = self.env['calendar.event'].create(
                    meeting._prepare_event_vals())

    def _check_planned(self):
        closed = self.filtered(lambda meeting: meeting.state != 'planned')
        if closed:
            raise UserError(self.env._(
                "“%(meeting)s” is over or cancelled: nobody can be invited any more.", meeting=closed[0].name,
            ))

    def action_hold(self):
        """Close the meeting: those who came get an entry in the contact log, with their share of the cost."""
        for meeting in self:
            if meeting.date_start > fields.Datetime.now():
                raise UserError(self.env._(
                    "“%(meeting)s” hasn't begun yet. Close it when it is over.", meeting=meeting.name,
                ))
            if not meeting.present_count:
                raise UserError(self.env._(
                    "Note on the attendance list of “%(meeting)s” who came, then close it. If nobody came, cancel it.",
                    meeting=meeting.name,
                ))
            meeting.attendance_ids.filtered(lambda line: not line.presence).presence = 'absent'
            meeting._log_contacts()
        self.write({'state': 'held'})

    def action_cancel(self):
        """The meeting doesn't take place; the calendar tells the guests."""
        if any(meeting.state == 'held' for meeting in self):
            raise UserError(self.env._("A meeting that was held can't be cancelled."))
        events = self.event_id
        self.write({'state': 'cancelled'})
        events.unlink()

    def action_reset(self):
        self.filtered(lambda meeting: meeting.state == 'cancelled').write({'state': 'planned'})

    def _log_contacts(self):
        present = self.attendance_ids.filtered(lambda line: line.presence == 'present' and not line.touchpoint_id)
        if not present:
            return
        share = self.currency_id.round(self.cost / len(present))
        touchpoints = self.env['crm.touchpoint'].sudo().create([{
            'partner_id': line.member_id.partner_id.id,
            'summary': self.name,
            'body': self.minutes,
            'mode': 'meeting',
            'date': self.date_start,
            'duration': self.duration,
            'location': self.place,
            'user_id': (self.user_id or self.env.user).id,
            'company_id': self.company_id.id,
            'currency_id': self.currency_id.id,
            'cost': share,
            'event_id': self.event_id.id,
            'res_model': self._name,
            'res_id': self.id,
        } for line in present])
        for line, touchpoint in zip(present, touchpoints, strict=True):
            line.sudo().touchpoint_id = touchpoint
