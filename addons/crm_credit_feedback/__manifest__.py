{
    'name': 'Customer Credit: Complaints',
    'summary': 'Invoices of justified complaints are in dispute',
    'version': '19.0.1.1.0',
    'category': 'Services/Helpdesk',
    'author': 'Customer Suite Founders',
    'license': 'LGPL-3',
    'auto_install': True,
    'depends': ['crm_credit', 'crm_feedback'],
    'data': [
        'views/crm_complaint_views.xml',
    ],
}
