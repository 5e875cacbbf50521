from odoo import fields, models

from .selections import SEVERITIES


class CrmComplaintCategory(models.Model):
    """What feedback is about, as the customer sees it (the cause is found later)."""
    _name = 'crm.complaint.category'
    _description = "Feedback Category"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    severity = fields.Selection(SEVERITIES, string="Usual severity", help="Proposed when this category is chosen.")
