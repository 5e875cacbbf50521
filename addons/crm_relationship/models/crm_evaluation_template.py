from odoo import fields, models


class CrmEvaluationTemplate(models.Model):
    """What a relationship evaluation looks at. Evaluations keep a frozen copy: a change here touches no older one."""

    _name = 'crm.evaluation.template'
    _description = 'Evaluation Template'
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    purpose = fields.Selection(
        [('evaluation', "Relationship evaluation"), ('prospect', "Prospect checklist")],
        required=True, default='evaluation',
        help="Evaluations grade customers; checklists say whether a prospect is worth the effort.",
    )
    indicator_ids = fields.One2many('crm.evaluation.indicator', 'template_id', copy=True)
    maintain_from = fields.Float(
        string="Maintain from",
        default=60,
        help="From this total score on the suggestion is to maintain the relationship.",
    )
    terminate_below = fields.Float(
        string="Terminate below",
        default=30,
        help="Below this total score the suggestion is to terminate the relationship. In between it is to improve it.",
    )
    note = fields.Html(string="Guidance", translate=True)

    _limits_rise = models.Constraint(
        'CHECK (0 <= terminate_below AND terminate_below <= maintain_from AND maintain_from <= 100)',
        "The “maintain” limit can't be below the “terminate” limit.")
