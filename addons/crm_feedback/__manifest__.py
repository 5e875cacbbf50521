{
    'name': 'Customer Feedback',
    'summary': 'Complaints, deadlines, prevention, settlement and satisfaction',
    'version': '19.0.1.0.0',
    'category': 'Services/Helpdesk',
    'author': 'Customer Suite Founders',
    'license': 'LGPL-3',
    'application': True,
    'depends': ['crm_relationship', 'portal', 'survey', 'resource'],
    'data': [
        'security/crm_feedback_groups.xml',
        'security/ir.model.access.csv',
        'views/crm_feedback_menus.xml',
    ],
    'demo': [],
}
