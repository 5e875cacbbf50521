{
    'name': 'Customer Relationship',
    'summary': 'Customer file, relationship card, boards, promises and evaluations',
    'version': '19.0.1.0.0',
    'category': 'Sales/CRM',
    'author': 'Customer Suite Founders',
    'license': 'LGPL-3',
    'application': True,
    'depends': ['crm', 'sale_crm', 'sale_management', 'account', 'contacts', 'calendar'],
    'external_dependencies': {'python': ['pypinyin', 'holidays', 'phonenumbers']},
    'data': [
        'security/crm_relationship_groups.xml',
        'security/ir.model.access.csv',
        'data/res_partner_data.xml',
        'views/crm_relationship_menus.xml',
    ],
    'demo': [],
}
