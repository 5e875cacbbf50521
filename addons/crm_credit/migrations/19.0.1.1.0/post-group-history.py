def migrate(cr, version):
    """Groups that exist already: the archive of their members begins with what they share now."""
    cr.execute(
        """INSERT INTO credit_group_change (group_id, group_name, partner_id, company_id, currency_id, kind, old_limit,
                                            new_limit, user_id, date, create_uid, create_date, write_uid, write_date)
           SELECT g.id, g.name, member.partner_id, share.company_id, company.currency_id, 'group_joined', 0,
                  g.credit_limit, COALESCE(g.create_uid, 1), g.create_date, 1, now() AT TIME ZONE 'UTC', 1,
                  now() AT TIME ZONE 'UTC'
             FROM credit_group g
             JOIN credit_group_member_rel member ON member.group_id = g.id
             JOIN credit_group_company_rel share ON share.group_id = g.id
             JOIN res_company company ON company.id = g.company_id
            WHERE g.active AND NOT EXISTS (SELECT 1 FROM credit_group_change known WHERE known.group_id = g.id)"""
    )
