from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.listing import listed


class CrmEvaluationLine(models.Model):
    _name = 'crm.evaluation.line'
    _description = 'Evaluation Line'
    _inherit = ['crm.scorecard.line.mixin']
    _rec_name = 'name'

    _scorecard_document_field = 'evaluation_id'

    evaluation_id = fields.Many2one('crm.evaluation', required=True, ondelete='cascade', index=True)
    # Set null: an addon's indicators go with the addon, what was found with them stays.
    indicator_id = fields.Many2one('crm.evaluation.indicator', string="Template indicator", ondelete='set null')
    partner_id = fields.Many2one(related='evaluation_id.partner_id')
    state = fields.Selection(related='evaluation_id.state')
    help_text = fields.Text(related='indicator_id.help_text')
    grade = fields.Char(compute='_compute_grade', help="Grade that the score of this line alone would give.")

    @api.depends('score', 'missing', 'basis', 'evaluation_id.frozen_template')
    def _compute_grade(self):
        for line in self:
            counts = line._scorecard_input() is not None
            line.grade = line.evaluation_id._scorecard_grade_code(line.score) if counts else False

    def _scorecard_check_open(self):
        super()._scorecard_check_open()
        waiting = self.evaluation_id.filtered(lambda evaluation: evaluation.state != 'draft')
        if waiting and not self.env.su:
            raise UserError(
                self.env._(
                    "%(names)s is submitted. Set it back to draft to change its lines.",
                    names=listed(waiting.mapped('name'), self.env.lang),
                )
            )
