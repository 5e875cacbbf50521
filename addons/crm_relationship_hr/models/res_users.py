from odoo import api, models


class ResUsers(models.Model):
    _inherit = 'res.users'

    # employee_ids is limited to the companies switched on and version_id depends on the context: what is stored mustn't
    # depend on either, so that employees are searched and their current version is read.
    @api.depends(
        'company_id', 'employee_ids.active', 'employee_ids.company_id',
        'employee_ids.current_version_id.department_id.scheme_department_id',
    )
    def _compute_relationship_department_id(self):
        super()._compute_relationship_department_id()
        for user, department in self._departments_of_employees().items():
            user.relationship_department_id = department

    def _departments_of_employees(self):
        """Return ``{user: department}`` for those who have one as employees; that of the user's main company first."""
        found = {}
        employees = self.env['hr.employee'].sudo().search([('user_id', 'in', self.ids)], order='id')
        for employee in employees.sorted(lambda item: item.company_id != item.user_id.company_id):
            department = employee.current_version_id.department_id.scheme_department_id
            if department:
                found.setdefault(employee.user_id, department)
        return found

    def _relationship_department_besides(self, department):
        other = self._departments_of_employees().get(self, department) - department
        return other or super()._relationship_department_besides(department)
