{
    'name': 'Customer Relationship: Marketing Encyclopaedia',
    'summary': 'Pages on products, prices and competitors at hand on customers, contacts and opportunities',
    'version': '19.0.1.1.0',
    'category': 'Sales/CRM',
    'author': 'Customer Suite Founders',
    'license': 'AGPL-3',
    'auto_install': True,
    'depends': ['crm_relationship', 'document_page'],
    'data': [
        'security/crm_relationship_knowledge_groups.xml',
        'data/document_page_data.xml',
        'views/document_page_views.xml',
        'views/res_partner_views.xml',
        'views/crm_lead_views.xml',
        'views/crm_touchpoint_views.xml',
    ],
    'demo': [
        'demo/document_page_demo.xml',
    ],
}
