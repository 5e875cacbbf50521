from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmClubAttendance(models.Model):
    """One member at one meeting: what the calendar answered, and whether the member came."""

    _name = 'crm.club.attendance'
    _description = "Attendance of a Club Meeting"
    _inherit = ['crm.kept.part.mixin']
    _order = 'meeting_id, id'
    _rec_name = 'member_id'

    meeting_id = fields.Many2one('crm.club.meeting', required=True, index=True, ondelete='cascade')
    club_id = fields.Many2one(related='meeting_id.club_id', store=True, index=True)
    company_id = fields.Many2one(related='meeting_id.company_id', store=True, index=True)
    date_start = fields.Datetime(related='meeting_id.date_start', store=True)
    member_id = fields.Many2one(
        'crm.club.member', required=True, index=True, ondelete='cascade', domain="[('club_id', '=', club_id)]",
    )
    customer_id = fields.Many2one(related='member_id.customer_id', store=True, index=True)
    reply = fields.Selection(
        [('needsAction', "No answer"), ('tentative', "Maybe"), ('accepted', "Accepted"), ('declined', "Declined")],
        compute='_compute_reply', help="What the member answered to the invitation in the calendar.",
    )
    presence = fields.Selection([('present', "Came"), ('excused', "Excused"), ('absent', "Didn't come")])
    present_count = fields.Integer(string="Came", compute='_compute_present', store=True)
    present_share = fields.Float(
        string="Attendance Rate", compute='_compute_present', store=True, aggregator='avg',
    )
    note = fields.Char()
    touchpoint_id = fields.Many2one(
        'crm.touchpoint', string="Contact Log", readonly=True, ondelete='set null', copy=False,
    )

    _member_uniq = models.Constraint('UNIQUE (meeting_id, member_id)', "This member is on the list already.")

    @api.depends('meeting_id.event_id.attendee_ids.state', 'member_id.partner_id')
    def _compute_reply(self):
        attendees = self.env['calendar.attendee'].sudo().search_fetch(
            [('event_id', 'in', self.meeting_id.event_id.ids)], ['event_id', 'partner_id', 'state'])
        states = {(attendee.event_id.id, attendee.partner_id.id): attendee.state for attendee in attendees}
        for line in self:
            line.reply = states.get((line.meeting_id.event_id.id, line.member_id.partner_id.id), False)

    @api.depends('presence')
    def _compute_present(self):
        for line in self:
            line.present_count = line.present_share = int(line.presence == 'present')

    @api.constrains('meeting_id', 'member_id')
    def _check_club(self):
        for line in self:
            if line.member_id.club_id != line.meeting_id.club_id:
                raise ValidationError(self.env._(
                    "%(member)s is no member of “%(club)s”.",
                    member=line.member_id.partner_id.display_name, club=line.meeting_id.club_id.name,
                ))
