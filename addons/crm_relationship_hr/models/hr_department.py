from odoo import api, fields, models


class HrDepartment(models.Model):
    _inherit = 'hr.department'

    scheme_department_ids = fields.One2many(
        'crm.scheme.department', 'hr_department_id', string="Departments of the Customer File",
    )
    scheme_department_id = fields.Many2one(
        'crm.scheme.department', string="Customer File Department", compute='_compute_scheme_department_id', store=True,
        recursive=True, index='btree_not_null', ondelete='set null',
        help="The department of the customer file on whose board this department's work stands: its own, else that "
             "of the department above.",
    )

    @api.depends('scheme_department_ids.active', 'parent_id.scheme_department_id')
    def _compute_scheme_department_id(self):
        for department in self:
            department.scheme_department_id = (
                department.scheme_department_ids.filtered('active')[:1] or department.parent_id.scheme_department_id
            )
