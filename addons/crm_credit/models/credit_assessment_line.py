from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.crm_relationship.tools.listing import listed

from .credit_policy_factor import DIMENSIONS


class CreditAssessmentLine(models.Model):
    _name = 'credit.assessment.line'
    _description = 'Credit Assessment Factor Score'
    _inherit = ['crm.scorecard.line.mixin']

    _scorecard_document_field = 'assessment_id'

    assessment_id = fields.Many2one('credit.assessment', required=True, ondelete='cascade', index=True)
    company_id = fields.Many2one(related='assessment_id.company_id', store=True)
    indicator_id = fields.Many2one('credit.policy.factor', string='Factor', ondelete='set null', index='btree_not_null')
    dimension = fields.Selection(DIMENSIONS, readonly=True)
    source = fields.Selection(selection_add=[('credit', 'Credit file')], ondelete={'credit': 'set default'})

    def _scorecard_check_system_fields(self, vals):
        result = super()._scorecard_check_system_fields(vals)
        typed = {'value', 'score', 'missing', 'dimension'} & vals.keys()
        if typed and not self.env.su and any(line.source == 'credit' for line in self):
            raise UserError(
                self.env._(
                    "%s comes from the credit file and can't be typed. Add the statement or "
                    'guarantee and use “Fill from figures”.',
                    listed(self.mapped('name'), self.env.lang),
                )
            )
        return result
