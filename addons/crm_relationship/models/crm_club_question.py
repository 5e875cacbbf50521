from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmClubQuestion(models.Model):
    """A question to the members of a club or panel, or one that a member asked us."""

    _name = 'crm.club.question'
    _description = "Question to a Club"
    _inherit = ['crm.kept.part.mixin', 'crm.period.mixin', 'mail.thread']
    _order = 'date_asked desc, id desc'

    name = fields.Char(string="Question", required=True)
    club_id = fields.Many2one('crm.club', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='club_id.company_id', store=True, index=True)
    topic = fields.Char(index=True, help="Product, price, service …: groups questions.")
    asked_by_id = fields.Many2one(
        'crm.club.member', string="Asked By", index='btree_not_null', ondelete='set null',
        domain="[('club_id', '=', club_id)]", help="The member who asked us. Empty: we ask the members.",
    )
    reply = fields.Text(string="Our Answer")
    kind = fields.Selection(
        [('text', "In words"), ('score', "Score 1 to 5"), ('choice', "Choice")], string="Answered", required=True,
        default='text',
    )
    option_ids = fields.One2many('crm.club.option', 'question_id', string="Choices", copy=True)
    date_asked = fields.Date(string="Asked On", required=True, default=fields.Date.context_today)
    date_close = fields.Date(string="Answers Until")
    state = fields.Selection(
        [('open', "Collecting answers"), ('closed', "Closed")], required=True, readonly=True, default='open',
        index=True, copy=False, tracking=True,
    )
    conclusion = fields.Text(help="What we learn from the answers and what we do about it.")
    answer_ids = fields.One2many('crm.club.answer', 'question_id', string="Answers")
    answer_count = fields.Integer(compute='_compute_results', string="Answered By")
    asked_count = fields.Integer(compute='_compute_results')
    average_score = fields.Float(compute='_compute_results', digits=(2, 1))
    result = fields.Char(compute='_compute_results', help="Average score, or how often each choice was made.")

    _period = ('date_asked', 'date_close')

    @api.depends('answer_ids.score', 'answer_ids.option_id', 'answer_ids.text', 'kind')
    def _compute_results(self):
        counts, scores, choices = {}, {}, {}
        answers = self.env['crm.club.answer']
        for question, answered, count, score in answers._read_group(
                [('question_id', 'in', self.ids)], ['question_id', 'is_answered'], ['__count', 'score_value:avg']):
            counts[question, answered] = count
            if answered:
                scores[question] = score
        for question, option, count in answers._read_group(
                [('question_id', 'in', self.ids), ('option_id', '!=', False)], ['question_id', 'option_id'],
                ['__count']):
            choices.setdefault(question, []).append(
                self.env._("%(answer)s: %(count)s", answer=option.name, count=count))
        for question in self:
            origin = question._origin
            question.answer_count = counts.get((origin, True), 0)
            question.asked_count = question.answer_count + counts.get((origin, False), 0)
            question.average_score = question.kind == 'score' and scores.get(origin) or 0
            if question.kind == 'score':
                question.result = f'⌀ {question.average_score:.1f}' if question.answer_count else False
            else:
                question.result = question.kind == 'choice' and ' · '.join(choices.get(origin, ()))

    def action_ask(self):
        """Put every current member on the list of answers."""
        for question in self:
            if question.state == 'closed':
                raise UserError(self.env._(
                    "“%(question)s” is closed. Reopen it to collect more answers.", question=question.name,
                ))
            if question.kind == 'choice' and len(question.option_ids) < 2:
                raise UserError(self.env._(
                    "“%(question)s” needs at least two choices.", question=question.name,
                ))
            members = question.club_id._current_members() - question.answer_ids.member_id
            if not members and not question.answer_ids:
                raise UserError(self.env._(
                    "“%(club)s” has no members whom you could ask. Add members first.", club=question.club_id.name,
                ))
            question.answer_ids = [fields.Command.create({'member_id': member.id}) for member in members]

    def action_close(self):
        """Close the question with what was learnt, or with our answer to the member."""
        for question in self:
            if question.asked_by_id and not question.reply:
                raise UserError(self.env._(
                    "Write the answer to %(member)s first, then close “%(question)s”.",
                    member=question.asked_by_id.partner_id.display_name, question=question.name,
                ))
            if not question.asked_by_id and not question.conclusion:
                raise UserError(self.env._(
                    "Write down what you learnt from the answers, then close “%(question)s”.", question=question.name,
                ))
        self.write({'state': 'closed'})

    def action_reopen(self):
        self.write({'state': 'open'})
