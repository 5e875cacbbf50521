{
    'name': 'Customer Credit',
    'summary': 'Assess, limit, hold and release customer credit',
    'version': '19.0.1.0.0',
    'category': 'Accounting/Accounting',
    'author': 'Customer Suite Founders',
    'license': 'LGPL-3',
    'application': True,
    'depends': ['crm_relationship', 'account', 'sale_management'],
    'data': [
        'security/crm_credit_groups.xml',
        'security/ir.model.access.csv',
        'views/crm_credit_menus.xml',
    ],
    'demo': [],
}
