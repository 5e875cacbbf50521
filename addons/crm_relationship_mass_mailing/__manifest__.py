{
    'name': 'Customer Relationship: Mailings',
    'summary': 'Care programmes fill mailing lists, and what comes of the mailings is noted on the recipients',
    'version': '19.0.1.1.0',
    'category': 'Sales/CRM',
    'author': 'Customer Suite Founders',
    'license': 'LGPL-3',
    'auto_install': True,
    'depends': ['crm_relationship', 'mass_mailing'],
    'data': [
        'security/ir.model.access.csv',
        'data/ir_cron_data.xml',
        'views/crm_care_programme_views.xml',
        'views/crm_care_recipient_views.xml',
        'views/crm_care_run_views.xml',
        'views/mailing_mailing_views.xml',
    ],
}
