{
    'name': 'Customer Feedback: Marketing Encyclopaedia',
    'summary': 'Pages about the product concerned, at hand on a complaint',
    'version': '19.0.1.1.0',
    'category': 'Services/Helpdesk',
    'author': 'Customer Suite Founders',
    'license': 'AGPL-3',
    'auto_install': True,
    'depends': ['crm_feedback', 'crm_relationship_knowledge'],
    'data': [
        'security/crm_feedback_knowledge_groups.xml',
        'views/crm_complaint_views.xml',
    ],
}
