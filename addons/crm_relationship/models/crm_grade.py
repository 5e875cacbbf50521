from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmGrade(models.Model):
    """One step of the scale of customer grades, reached with a minimum score of the relationship evaluation."""

    _name = 'crm.grade'
    _description = 'Customer Grade'
    _order = 'min_score desc, id'
    _rec_names_search = ['code', 'name']

    code = fields.Char(required=True)
    name = fields.Char(required=True, translate=True)
    min_score = fields.Float(string="From score", required=True, help="Lowest total score (0 to 100) of the grade.")
    color = fields.Integer()
    active = fields.Boolean(default=True)
    description = fields.Char(translate=True)

    _code_uniq = models.Constraint('UNIQUE (code)', "Two customer grades can't have the same code.")
    _score_in_range = models.Constraint(
        'CHECK (min_score >= 0 AND min_score <= 100)', "The score of a grade must be between 0 and 100.")

    @api.depends('code', 'name')
    def _compute_display_name(self):
        for grade in self:
            grade.display_name = (
                f'{grade.code} · {grade.name}' if grade.name and grade.name != grade.code else grade.code
            )

    @api.constrains('min_score', 'active')
    def _check_scale(self):
        if self._read_group([], ['min_score'], having=[('__count', '>', 1)], limit=1):
            raise ValidationError(self.env._("Two customer grades can't begin at the same score."))

    @api.model
    def _scale(self):
        """[(minimum score, code)] of the active grades, as ``tools.scorecard.grade_for`` wants it."""
        return [(grade.min_score, grade.code) for grade in self.search([])]

    @api.model
    def _by_code(self, code):
        """The grade of a code, archived ones included; empty when there is none."""
        return self.with_context(active_test=False).search([('code', '=', code)], limit=1) if code else self.browse()
