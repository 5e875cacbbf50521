def migrate(cr, version):
    """Done e-mail activities are contacts now, as calls and meetings are; a setting made by hand stays."""
    cr.execute("""
        UPDATE mail_activity_type SET touchpoint_mode = 'email'
         WHERE touchpoint_mode IS NULL
           AND id = (SELECT res_id FROM ir_model_data WHERE module = 'mail' AND name = 'mail_activity_data_email')
    """)
