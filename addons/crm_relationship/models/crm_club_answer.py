from odoo import api, fields, models
from odoo.exceptions import ValidationError

SCORES = [('1', "1 – not at all"), ('2', "2"), ('3', "3"), ('4', "4"), ('5', "5 – very much")]


class CrmClubAnswer(models.Model):
    """What one member answers to one question."""

    _name = 'crm.club.answer'
    _description = "Answer of a Club Member"
    _inherit = ['crm.kept.part.mixin']
    _order = 'question_id, id'
    _rec_name = 'member_id'

    question_id = fields.Many2one('crm.club.question', required=True, index=True, ondelete='cascade')
    club_id = fields.Many2one(related='question_id.club_id', store=True, index=True)
    company_id = fields.Many2one(related='question_id.company_id', store=True, index=True)
    kind = fields.Selection(related='question_id.kind', string="Way of Answering")
    member_id = fields.Many2one('crm.club.member', required=True, index=True, ondelete='cascade',
                                domain="[('club_id', '=', club_id)]")
    customer_id = fields.Many2one(related='member_id.customer_id', store=True, index=True)
    option_id = fields.Many2one(
        'crm.club.option', string="Choice", domain="[('question_id', '=', question_id)]", ondelete='restrict',
        index='btree_not_null',
    )
    score = fields.Selection(SCORES)
    score_value = fields.Integer(string="Score Value", compute='_compute_answered', store=True, aggregator='avg')
    text = fields.Text(string="In Words")
    is_answered = fields.Boolean(string="Answered", compute='_compute_answered', store=True, index=True)
    date = fields.Date(string="Answered On", compute='_compute_date', store=True, readonly=False)

    _member_uniq = models.Constraint('UNIQUE (question_id, member_id)', "This member is on the list already.")

    @api.depends('score', 'option_id', 'text')
    def _compute_answered(self):
        for answer in self:
            answer.score_value = int(answer.score or 0)
            answer.is_answered = bool(answer.score or answer.option_id or answer.text)

    @api.depends('is_answered')
    def _compute_date(self):
        for answer in self:
            if answer.is_answered and not answer.date:
                answer.date = fields.Date.context_today(answer)
            elif not answer.is_answered:
                answer.date = False

    @api.constrains('question_id', 'member_id', 'option_id')
    def _check_question(self):
        for answer in self:
            if answer.member_id.club_id != answer.question_id.club_id:
                raise ValidationError(self.env._(
                    "%(member)s is no member of “%(club)s”.",
                    member=answer.member_id.partner_id.display_name, club=answer.question_id.club_id.name,
                ))
            if answer.option_id and answer.option_id.question_id != answer.question_id:
                raise ValidationError(self.env._(
                    "“%(choice)s” is no choice of “%(question)s”.",
                    choice=answer.option_id.name, question=answer.question_id.name,
                ))

    def _in_words(self):
        return " · ".join(filter(None, (self.option_id.name, self.score, self.text)))
