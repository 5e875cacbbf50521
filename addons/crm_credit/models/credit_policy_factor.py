from odoo import api, fields, models
from odoo.exceptions import ValidationError

DIMENSIONS = [
    ('character', 'Character'),
    ('capacity', 'Capacity'),
    ('capital', 'Capital'),
    ('collateral', 'Collateral'),
    ('conditions', 'Conditions'),
    ('coverage', 'Coverage'),
]


class CreditPolicyFactor(models.Model):
    """A factor of the credit assessment: one of the six Cs, its weight, its score curve, its knock-out."""

    _name = 'credit.policy.factor'
    _description = 'Credit Assessment Factor'
    _inherit = ['crm.scorecard.indicator.mixin', 'credit.policy.line.mixin']
    _order = 'policy_id, sequence, id'

    dimension = fields.Selection(DIMENSIONS, required=True, default='character')
    source = fields.Selection(selection_add=[('credit', 'Credit file')], ondelete={'credit': 'set default'})
    credit_figure = fields.Selection(
        [
            ('z_score', 'Altman Z″ of the last financial statement'),
            ('equity_ratio', 'Equity ratio of the last financial statement, in %'),
            ('current_ratio', 'Current ratio of the last financial statement'),
            ('guarantee_cover', 'Accepted guarantees in % of monthly sales'),
            ('sales_growth', 'Sales of the last twelve months against the twelve before, in %'),
        ],
        string='Figure of the credit file',
    )

    _code_unique = models.Constraint('UNIQUE (policy_id, code)', 'A policy has each factor code only once.')

    @api.constrains('source', 'credit_figure')
    def _check_credit_figure(self):
        for factor in self:
            if factor.source == 'credit' and not factor.credit_figure:
                raise ValidationError(self.env._('Choose the figure of the credit file that fills %s.', factor.name))

    def _scorecard_line_values(self):
        return {**super()._scorecard_line_values(), 'dimension': self.dimension}
