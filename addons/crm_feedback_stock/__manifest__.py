{
    'name': 'Customer Feedback: Deliveries',
    'summary': 'The delivery concerned, and its return, on a complaint',
    'version': '19.0.1.1.0',
    'category': 'Services/Helpdesk',
    'author': 'Customer Suite Founders',
    'license': 'LGPL-3',
    'auto_install': True,
    'depends': ['crm_feedback', 'sale_stock'],
    'data': [
        'security/ir.model.access.csv',
        'views/crm_complaint_views.xml',
    ],
}
