from odoo import fields, models


class CreditAssessmentReject(models.TransientModel):
    """Asks the manager why an assessment is rejected."""

    _name = 'credit.assessment.reject'
    _description = 'Reject Credit Assessment'

    assessment_id = fields.Many2one(
        'credit.assessment', required=True, ondelete='cascade', default=lambda self: self.env.context.get('active_id')
    )
    reason = fields.Text(required=True)

    def action_reject(self):
        self.ensure_one()
        return self.assessment_id.action_reject(self.reason)
