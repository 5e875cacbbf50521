from odoo import fields, models


class CrmEvaluationIndicator(models.Model):
    _name = 'crm.evaluation.indicator'
    _description = 'Evaluation Indicator'
    _inherit = ['crm.scorecard.indicator.mixin']

    template_id = fields.Many2one('crm.evaluation.template', required=True, ondelete='cascade', index=True)

    _code_uniq = models.Constraint(
        'UNIQUE (template_id, code)', "Two indicators of a template can't have the same code."
    )
