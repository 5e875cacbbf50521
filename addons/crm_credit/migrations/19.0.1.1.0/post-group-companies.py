def migrate(cr, version):
    """Groups belonged to one company; now they have companies, that one first, and each of them reads the group."""
    cr.execute(
        """INSERT INTO credit_group_company_rel (group_id, company_id)
           SELECT id, company_id FROM credit_group
               ON CONFLICT DO NOTHING"""
    )
    cr.execute(
        """UPDATE ir_rule rule SET domain_force = '[(''company_ids'', ''parent_of'', company_ids)]'
             FROM ir_model_data data
            WHERE data.module = 'crm_credit' AND data.name = 'credit_group_rule_company' AND data.res_id = rule.id
              AND rule.domain_force = '[(''company_id'', ''parent_of'', company_ids)]'"""
    )
