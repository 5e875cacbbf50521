{
    'name': 'Customer Credit: Deliveries',
    'summary': 'Check credit again before goods leave',
    'version': '19.0.1.1.0',
    'category': 'Accounting/Accounting',
    'author': 'Customer Suite Founders',
    'license': 'LGPL-3',
    'auto_install': True,
    'depends': ['crm_credit', 'sale_stock'],
    'data': [
        'security/ir.model.access.csv',
        'security/credit_hold_security.xml',
        'views/credit_hold_views.xml',
        'views/credit_policy_views.xml',
        'views/stock_picking_views.xml',
    ],
    'assets': {'web.assets_tests': ['crm_credit_stock/static/tests/tours/*.js']},
    'uninstall_hook': 'uninstall_hook',
}
