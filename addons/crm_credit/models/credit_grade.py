from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.limit import is_credible, propose_limit


class CreditGrade(models.Model):
    """One step of a policy's scale and the terms that go with it."""

    _name = 'credit.grade'
    _description = 'Credit Grade'
    _inherit = ['credit.policy.line.mixin']
    _order = 'policy_id, min_score desc, id'

    code = fields.Char(
        required=True, help='Short, such as A. Rules and reports compare grades of different versions by it.'
    )
    name = fields.Char(string='Meaning', required=True, translate=True)
    min_score = fields.Float(
        string='From score',
        required=True,
        digits=(5, 1),
        help='An assessment with this score (0–100) or more gets this grade.',
    )
    color = fields.Integer()
    limit_months = fields.Float(
        string='Months of sales',
        digits=(5, 2),
        help='Proposed limit = average monthly sales of the last twelve months × this number × the multiplier.',
    )
    limit_factor = fields.Float(
        string='Multiplier',
        default=1.0,
        digits=(5, 2),
        help="For what sales don't show, such as value added tax (1.2) or expected growth.",
    )
    equity_share = fields.Float(
        string='Share of equity',
        digits=(5, 4),
        help="When a financial statement is known, no more than this share of the customer's "
        "equity is proposed. Zero: don't look at it.",
    )
    max_limit = fields.Monetary(
        string='Ceiling', help='The highest limit that is proposed for this grade. Zero means no credit.'
    )
    limit_rounding = fields.Monetary(
        string='Rounded to', default=100.0, help='Proposed limits are rounded down to a multiple of this.'
    )
    payment_term_id = fields.Many2one(
        'account.payment.term',
        string='Payment term',
        ondelete='restrict',
        help='Credit period and cash discount of this grade.',
    )
    on_breach = fields.Selection(
        [('none', 'Do nothing'), ('warn', 'Warn'), ('hold', 'Hold')],
        required=True,
        default='hold',
        string='Over the limit',
        help='What happens to an order that would go over the limit.',
    )
    review_months = fields.Integer(string='Review after (months)', default=12)

    _code_unique = models.Constraint('UNIQUE (policy_id, code)', 'A policy has each grade code only once.')
    _score_unique = models.Constraint(
        'UNIQUE (policy_id, min_score)', "Two grades of a policy can't begin at the same score."
    )

    @api.depends('code', 'name')
    @api.depends_context('credit_grade_code')
    def _compute_display_name(self):
        short = self.env.context.get('credit_grade_code')
        for grade in self:
            grade.display_name = grade.code if short or not grade.name else f'{grade.code} – {grade.name}'

    @api.constrains('code')
    def _check_code(self):
        for grade in self:
            if not grade.code.strip() or grade.code != grade.code.strip():
                raise ValidationError(
                    self.env._('The grade code “%s” must not be blank or have blanks around it.', grade.code)
                )

    @api.constrains(
        'min_score', 'limit_months', 'limit_factor', 'equity_share', 'max_limit', 'limit_rounding', 'review_months'
    )
    def _check_figures(self):
        for grade in self:
            for name in ('limit_months', 'limit_factor', 'equity_share', 'max_limit', 'limit_rounding'):
                if grade[name] < 0:
                    raise ValidationError(
                        self.env._(
                            "Grade %(grade)s: %(field)s can't be negative (%(value)s).",
                            grade=grade.code,
                            field=self._fields[name]._description_string(self.env),
                            value=grade[name],
                        )
                    )
            if not is_credible(grade.max_limit):
                raise ValidationError(
                    self.env._(
                        'Grade %(grade)s: a ceiling of %(value)s must be a mistake. Enter the highest limit you give.',
                        grade=grade.code,
                        value=grade.max_limit,
                    )
                )
            if not 0 <= grade.min_score <= 100:
                raise ValidationError(
                    self.env._(
                        'Grade %(grade)s begins at a score between 0 and 100, not at %(value)s.',
                        grade=grade.code,
                        value=grade.min_score,
                    )
                )
            if grade.review_months < 1:
                raise ValidationError(self.env._('Grade %s is reviewed after one month at the earliest.', grade.code))

    def _propose_limit(self, monthly_sales, equity=None):
        """Return the limit that this grade's formula proposes, in company currency (see tools/limit.py)."""
        self.ensure_one()
        return propose_limit(
            monthly_sales,
            months=self.limit_months,
            factor=self.limit_factor,
            ceiling=self.max_limit,
            rounding=self.limit_rounding,
            equity=equity,
            equity_share=self.equity_share,
        )
