from odoo import api, fields, models


class CrmClub(models.Model):
    """Customers organised in a club, or prospects in a panel that answers questions."""

    _name = 'crm.club'
    _description = "Customer Club"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'name, id'

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [('club', "Club of customers"), ('panel', "Panel of prospects")], required=True, default='club', index=True,
        help="A club keeps customers together with meetings and benefits; a panel of prospects answers questions.",
    )
    purpose = fields.Text(help="What the club or panel is for, and what is expected of its members.")
    user_id = fields.Many2one(
        'res.users', string="Responsible", default=lambda self: self.env.user, index=True, ondelete='set null',
        tracking=True, domain=[('share', '=', False)], help="Keeps members, meetings, benefits and questions.",
    )
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company)
    level_ids = fields.One2many('crm.club.level', 'club_id', string="Levels")
    member_ids = fields.One2many('crm.club.member', 'club_id', string="Members")
    meeting_ids = fields.One2many('crm.club.meeting', 'club_id', string="Meetings")
    benefit_ids = fields.One2many('crm.club.benefit', 'club_id', string="Benefits")
    question_ids = fields.One2many('crm.club.question', 'club_id', string="Questions")
    member_count = fields.Integer(compute='_compute_member_count', string="Members Now")
    meeting_count = fields.Integer(compute='_compute_meeting_count', string="Number of Meetings")
    next_meeting = fields.Datetime(compute='_compute_meeting_count')
    attendance_rate = fields.Float(
        compute='_compute_attendance_rate', help="Share of the invited members who came, over all meetings held.",
    )
    open_question_count = fields.Integer(compute='_compute_open_question_count', string="Open Questions")

    @api.depends('member_ids.date_joined', 'member_ids.date_left')
    def _compute_member_count(self):
        members = self.env['crm.club.member']
        domain = [('club_id', 'in', self.ids), ('is_current', '=', True)]
        counts = dict(members._read_group(domain, ['club_id'], ['__count']))
        for club in self:
            club.member_count = counts.get(club._origin, 0)

    @api.depends('meeting_ids.date_start', 'meeting_ids.state')
    def _compute_meeting_count(self):
        meetings = self.env['crm.club.meeting']
        counts = dict(meetings._read_group(
            [('club_id', 'in', self.ids), ('state', '!=', 'cancelled')], ['club_id'], ['__count']))
        following = dict(meetings._read_group(
            [('club_id', 'in', self.ids), ('state', '=', 'planned'), ('date_start', '>=', fields.Datetime.now())],
            ['club_id'], ['date_start:min']))
        for club in self:
            club.meeting_count = counts.get(club._origin, 0)
            club.next_meeting = following.get(club._origin, False)

    @api.depends('meeting_ids.attendance_ids.presence')
    def _compute_attendance_rate(self):
        rates = dict(self.env['crm.club.attendance']._read_group(
            [('club_id', 'in', self.ids), ('meeting_id.state', '=', 'held')], ['club_id'], ['present_share:avg']))
        for club in self:
            club.attendance_rate = rates.get(club._origin) or 0

    @api.depends('question_ids.state')
    def _compute_open_question_count(self):
        counts = dict(self.env['crm.club.question']._read_group(
            [('club_id', 'in', self.ids), ('state', '=', 'open')], ['club_id'], ['__count']))
        for club in self:
            club.open_question_count = counts.get(club._origin, 0)

    def copy_data(self, default=None):
        return [
            {**vals, 'name': self.env._("%(name)s (copy)", name=club.name)}
            for club, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def _current_members(self):
        return self.env['crm.club.member'].search([('club_id', 'in', self.ids), ('is_current', '=', True)])

    def _open(self, xmlid, **context):
        action = self.env['ir.actions.act_window']._for_xml_id(f'crm_relationship.{xmlid}')
        action['domain'] = [('club_id', 'in', self.ids)]
        action['context'] = {'default_club_id': self.id, **context}
        return action

    def action_open_members(self):
        self.ensure_one()
        return self._open('crm_club_member_action', search_default_current=1)

    def action_open_meetings(self):
        self.ensure_one()
        return self._open('crm_club_meeting_action')

    def action_open_questions(self):
        self.ensure_one()
        return self._open('crm_club_question_action')

    def action_open_attendance(self):
        self.ensure_one()
        return self._open('crm_club_attendance_action')

    def action_new_care(self):
        """A care programme for the members."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'crm.care.programme',
            'views': [(False, 'form')],
            'context': {
                'default_name': self.name, 'default_company_id': self.company_id.id,
                'default_audience_domain': f"[('club_ids', 'in', [{self.id}])]",
            },
        }
