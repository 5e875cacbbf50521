from odoo import fields, models


class CrmCareKind(models.Model):
    """A kind of care action. Customers may refuse single kinds."""

    _name = 'crm.care.kind'
    _description = "Kind of Care"
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False, help="Short name for imports.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    is_invitation = fields.Boolean(
        string="Invitation", help="Customers are asked to come: the reply and who came are noted for each recipient.",
    )
    description = fields.Text(translate=True, help="What actions of this kind contain.")

    _code_uniq = models.Constraint('UNIQUE (code)', "There is a kind of care with this code already.")
