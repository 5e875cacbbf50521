from odoo import fields, models


class CrmSchemeDepartment(models.Model):
    """A department that carries out, supervises or examines maintenance schemes."""

    _name = 'crm.scheme.department'
    _description = "Department"
    _order = 'name, id'

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one('res.company', help="Empty: for all companies.")
    head_id = fields.Many2one(
        'res.users', string="Head", ondelete='set null', domain=[('share', '=', False)],
        help="Gets the activities of the department's schemes, and approves the schemes that it examines.",
    )
    team_id = fields.Many2one(
        'crm.team', string="Sales Team", ondelete='set null', check_company=True,
        help="The sales team of this department, if it is one.",
    )
