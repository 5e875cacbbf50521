{
    'name': 'Customer Relationship: Employees',
    'summary': 'Head and members of departments come from the Employees app',
    'version': '19.0.1.1.0',
    'category': 'Sales/CRM',
    'author': 'Customer Suite Founders',
    'license': 'LGPL-3',
    'auto_install': True,
    'depends': ['crm_relationship', 'hr'],
    'data': [
        'views/crm_scheme_department_views.xml',
    ],
    'uninstall_hook': 'uninstall_hook',
}
