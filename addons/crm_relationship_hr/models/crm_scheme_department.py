from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmSchemeDepartment(models.Model):
    """Name, head and people of a department that the Employees app knows come from there."""

    _inherit = 'crm.scheme.department'

    name = fields.Char(compute='_compute_from_hr', store=True, readonly=False, precompute=True)
    head_id = fields.Many2one(compute='_compute_from_hr', store=True, readonly=False, precompute=True)
    hr_department_id = fields.Many2one(
        'hr.department', string="Employees Department", ondelete='set null', index='btree_not_null',
        help="Its manager is the head; its employees, and those of the departments below it, are the members. "
             "When somebody moves there, the boards follow.",
    )

    @api.depends('hr_department_id.name', 'hr_department_id.manager_id.user_id')
    def _compute_from_hr(self):
        for department in self:
            hr_department = department.hr_department_id.sudo()
            department.name = hr_department.name or department.name
            department.head_id = hr_department.manager_id.user_id if hr_department else department.head_id

    @api.constrains('hr_department_id', 'active')
    def _check_hr_department(self):
        for department in self.filtered(lambda item: item.active and item.hr_department_id):
            other = (department.hr_department_id.sudo().scheme_department_ids.filtered('active') - department)[:1]
            if other:
                raise ValidationError(self.env._(
                    "%(hr_department)s of the Employees app is %(other)s here already. Choose another department, or "
                    "archive %(other)s first.",
                    hr_department=department.hr_department_id.name, other=other.name,
                ))

    @api.constrains('hr_department_id', 'head_id', 'member_ids')
    def _check_from_hr(self):
        for department in self.filtered('hr_department_id'):
            if department.member_ids or department.head_id != department.hr_department_id.sudo().manager_id.user_id:
                raise ValidationError(self.env._(
                    "Head and members of %(department)s come from the Employees app. Change them there, or empty "
                    "“Employees Department” first.", department=department.name,
                ))

    @api.onchange('hr_department_id')
    def _onchange_hr_department_id(self):
        if self.hr_department_id:
            self.member_ids = False
