from odoo import fields, models


class CrmClubOption(models.Model):
    """A choice that a question offers."""

    _name = 'crm.club.option'
    _description = "Choice of a Question"
    _inherit = ['crm.kept.part.mixin']
    _order = 'question_id, sequence, id'

    question_id = fields.Many2one('crm.club.question', required=True, index=True, ondelete='cascade')
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Choice", required=True)
