from odoo import fields, models


class CrmClubLevel(models.Model):
    """A level of membership in a club."""

    _name = 'crm.club.level'
    _description = "Club Level"
    _inherit = ['crm.kept.part.mixin']
    _order = 'club_id, sequence, id'

    club_id = fields.Many2one('crm.club', required=True, index=True, ondelete='cascade')
    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    description = fields.Char(string="Reached By", translate=True, help="What a member does to reach this level.")
