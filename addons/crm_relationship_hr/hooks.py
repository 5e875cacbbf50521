def uninstall_hook(env):
    """Leave the departments with the people they have."""
    linked = env['crm.scheme.department'].with_context(active_test=False).search([('hr_department_id', '!=', False)])
    for department in linked:
        department.write({'hr_department_id': False, 'member_ids': department.user_ids.ids})
