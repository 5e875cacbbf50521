from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmSchemeDepartment(models.Model):
    """A department of one's own company: it has a board and carries out, supervises or examines maintenance schemes.

    ``member_ids`` is what was typed in; who really belongs to a department is ``user_ids``, the other side of
    ``res.users.relationship_department_id``: one department a person, so that a board can be grouped by it.
    """

    _name = 'crm.scheme.department'
    _description = "Department"
    _order = 'name, id'

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one('res.company', help="Empty: for all companies.")
    head_id = fields.Many2one(
        'res.users', string="Head", ondelete='set null', domain=[('share', '=', False)],
        help="Gets the activities of the department's schemes, and approves the schemes that it examines. Belongs to "
             "the department as well, unless a member of another one.",
    )
    member_ids = fields.Many2many(
        'res.users', 'crm_scheme_department_member_rel', 'department_id', 'user_id', string="Members",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)] if company_id else [('share', '=', False)]",
        help="Whose work stands on the department's board. A person belongs to one department.",
    )
    user_ids = fields.One2many(
        'res.users', 'relationship_department_id', string="People", readonly=True,
        help="Who belongs to the department: its members, and its head.",
    )
    team_id = fields.Many2one(
        'crm.team', string="Sales Team", ondelete='set null', check_company=True,
        help="The sales team of this department, if it is one.",
    )

    @api.constrains('member_ids', 'active')
    def _check_members(self):
        for department in self.filtered('active'):
            for user in department.sudo().member_ids:
                other = user._relationship_department_besides(department)
                if other:
                    raise ValidationError(self.env._(
                        "%(user)s belongs to %(other)s and can't be a member of %(department)s too: everyone counts "
                        "in one department on the boards. Take them out of %(other)s first.",
                        user=user.name, other=other.name, department=department.name,
                    ))
