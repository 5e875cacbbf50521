{
    'name': 'Customer Relationship: Mailings',
    'summary': 'Recipients of care programmes become a mailing list',
    'version': '19.0.1.1.0',
    'category': 'Sales/CRM',
    'author': 'Customer Suite Founders',
    'license': 'LGPL-3',
    'auto_install': True,
    'depends': ['crm_relationship', 'mass_mailing'],
    'data': [
        'security/ir.model.access.csv',
        'views/crm_care_programme_views.xml',
        'views/crm_care_run_views.xml',
    ],
}
