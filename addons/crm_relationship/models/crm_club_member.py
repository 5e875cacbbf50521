from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class CrmClubMember(models.Model):
    """The membership of a customer or person in a club, from one day to another."""

    _name = 'crm.club.member'
    _description = "Club Member"
    _inherit = ['crm.kept.part.mixin', 'crm.period.mixin', 'mail.thread']
    _order = 'club_id, date_left DESC, date_joined, id'
    _rec_name = 'partner_id'
    _mail_post_access = 'read'

    club_id = fields.Many2one('crm.club', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='club_id.company_id', store=True, index=True)
    partner_id = fields.Many2one(
        'res.partner', string="Member", required=True, index=True, ondelete='restrict',
        help="The customer, or the person at the customer.",
    )
    customer_id = fields.Many2one(
        related='partner_id.commercial_partner_id', store=True, index=True, string="Customer",
    )
    relationship_stage = fields.Selection(related='customer_id.relationship_stage')
    email = fields.Char(related='partner_id.email')
    phone = fields.Char(related='partner_id.phone')
    role = fields.Selection(
        [
            ('member', "Member"), ('chair', "Chair"), ('board', "Board Member"), ('speaker', "Speaker"),
            ('honorary', "Honorary"),
        ],
        required=True, default='member', tracking=True,
    )
    level_id = fields.Many2one(
        'crm.club.level', domain="[('club_id', '=', club_id)]", index='btree_not_null', ondelete='restrict',
        tracking=True,
    )
    date_joined = fields.Date(string="Joined", required=True, default=fields.Date.context_today)
    date_left = fields.Date(string="Left", tracking=True)
    reason_left = fields.Char(string="Why Left")
    is_current = fields.Boolean(
        string="Member Now", compute='_compute_is_current', search='_search_is_current',
        help="Joined, and not left yet.",
    )
    attendance_ids = fields.One2many('crm.club.attendance', 'member_id')
    answer_ids = fields.One2many('crm.club.answer', 'member_id')

    _period = ('date_joined', 'date_left')

    @api.depends('date_joined', 'date_left')
    @api.depends_context('tz')
    def _compute_is_current(self):
        today = fields.Date.context_today(self)
        for member in self:
            joined, left = member.date_joined, member.date_left
            member.is_current = bool(joined and joined <= today and (not left or left > today))

    def _search_is_current(self, operator, value):
        if operator != 'in':
            return NotImplemented
        today = fields.Date.context_today(self)
        not_left = Domain('date_left', '=', False) | Domain('date_left', '>', today)
        current = Domain('date_joined', '<=', today) & not_left
        return Domain.OR(current if wanted else ~current for wanted in value)

    @api.depends('partner_id', 'club_id')
    def _compute_display_name(self):
        for member in self:
            member.display_name = f'{member.partner_id.display_name or ""} ({member.club_id.name or ""})'

    @api.constrains('club_id', 'partner_id', 'date_joined', 'date_left')
    def _check_once(self):
        for member in self:
            others = self.search([
                ('club_id', '=', member.club_id.id), ('partner_id', '=', member.partner_id.id), ('id', '!=', member.id),
            ])
            for other in others:
                if member._overlaps(other):
                    raise ValidationError(self.env._(
                        "%(member)s has been in “%(club)s” since %(date)s already. End that membership first.",
                        member=member.partner_id.display_name, club=member.club_id.name, date=other.date_joined,
                    ))

    def _overlaps(self, other):
        first, second = sorted((self, other), key=lambda member: member.date_joined)
        return not first.date_left or first.date_left > second.date_joined

    @api.constrains('club_id', 'partner_id')
    def _check_company(self):
        for member in self:
            owner = member.partner_id.company_id
            if owner and owner not in member.company_id.sudo().parent_ids:
                raise ValidationError(self.env._(
                    "%(customer)s belongs to %(owner)s and can't be used by %(company)s.",
                    customer=member.partner_id.display_name, owner=owner.display_name,
                    company=member.company_id.display_name,
                ))

    @api.constrains('club_id', 'level_id')
    def _check_level(self):
        for member in self:
            if member.level_id and member.level_id.club_id != member.club_id:
                raise ValidationError(self.env._(
                    "“%(level)s” is no level of “%(club)s”. Choose one of its own levels.",
                    level=member.level_id.name, club=member.club_id.name,
                ))

    def action_leave(self):
        """The membership ends today."""
        self.filtered(lambda member: not member.date_left).write({'date_left': fields.Date.context_today(self)})

    @api.model
    def _settle_merged(self, partners):
        """Join memberships of one club that a merge made overlap: the earliest keeps meetings and answers of all."""
        members = self.sudo().search([('partner_id', 'in', partners.ids)], order='date_joined, id')
        for group in members.grouped(lambda member: (member.club_id, member.partner_id)).values():
            keeper = self.browse()
            for member in group:
                if keeper and keeper._overlaps(member):
                    keeper._absorb(member)
                else:
                    keeper = member

    def _absorb(self, other):
        known = self.attendance_ids.meeting_id
        other.attendance_ids.filtered(lambda line: line.meeting_id not in known).member_id = self
        for line in other.attendance_ids:
            kept = self.attendance_ids.filtered(lambda item, line=line: item.meeting_id == line.meeting_id)
            kept.presence = 'present' if 'present' in (kept.presence, line.presence) else kept.presence or line.presence
        known = self.answer_ids.filtered('is_answered').question_id
        (self.answer_ids - self.answer_ids.filtered('is_answered')).filtered(
            lambda answer: answer.question_id in other.answer_ids.question_id).unlink()
        other.answer_ids.filtered(lambda answer: answer.question_id not in known).member_id = self
        for answer in other.answer_ids.filtered('is_answered'):
            kept = self.answer_ids.filtered(lambda item, answer=answer: item.question_id == answer.question_id)
            kept.text = "\n".join(filter(None, (kept.text, answer._in_words())))
        left = False if not self.date_left or not other.date_left else max(self.date_left, other.date_left)
        level, role = self.level_id or other.level_id, self.role if self.role != 'member' else other.role
        self.message_post(body=self.env._("Merged with the membership since %(date)s.", date=other.date_joined))
        other.unlink()
        self.write({'date_left': left, 'level_id': level.id, 'role': role})
