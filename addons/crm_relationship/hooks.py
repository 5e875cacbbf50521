from odoo.tools import SQL

BATCH = 1000


def pre_init_hook(env):
    """Create the computed columns empty: computing them for every contact of a filled database would take minutes."""
    env.cr.execute("""
        ALTER TABLE res_partner
            ADD COLUMN IF NOT EXISTS customer_type varchar,
            ADD COLUMN IF NOT EXISTS card_completeness integer
    """)


def post_init_hook(env):
    """Existing customers get a type and a code, in batches.

    References that are there become codes where they are unique; duplicates stay as they are, without a code, for
    people to clean up (filter "Without code").
    """
    _make_buyers_customers(env)
    _set_types(env)
    _register_unique_refs(env)
    customers = env['res.partner'].with_context(active_test=False, prefetch_fields=False).search(
        [('is_customer', '=', True)], order='id',
    )
    for start in range(0, len(customers), BATCH):
        batch = customers[start:start + BATCH].with_prefetch()
        batch._assign_missing_codes()
        batch._recompute_card_completeness()


def uninstall_hook(env):
    """Triggers are no record of a model: Odoo wouldn't remove them, and each posting would fail."""
    changes = env['crm.metrics.change']
    changes._drop_triggers(trigger.name for trigger in changes._metrics_triggers())


def _make_buyers_customers(env):
    """Whoever has a quotation or an opportunity is a customer, as it will be from now on."""
    env.cr.execute("""
        UPDATE res_partner
           SET customer_rank = 1
         WHERE customer_rank = 0 AND active
           AND id IN (SELECT p.commercial_partner_id FROM sale_order o JOIN res_partner p ON p.id = o.partner_id
                       UNION
                      SELECT p.commercial_partner_id FROM crm_lead l JOIN res_partner p ON p.id = l.partner_id
                       WHERE l.type = 'opportunity')
    """)
    env['res.partner'].invalidate_model(['customer_rank'])


def _set_types(env):
    env.cr.execute("""
        UPDATE res_partner
           SET customer_type = CASE WHEN is_company THEN 'intermediary' ELSE 'individual' END
         WHERE customer_type IS NULL AND customer_rank > 0 AND (is_company OR parent_id IS NULL)
    """)
    env['res.partner'].invalidate_model(['customer_type'])


def _register_unique_refs(env):
    """One statement for all: far fewer queries than asking batch by batch who else has a reference."""
    Code = env['crm.customer.code']
    rows = env.execute_query(SQL("""
        SELECT id, trim(ref), name
          FROM (SELECT id, ref, name, count(*) OVER (PARTITION BY upper(trim(ref))) AS holders
                  FROM res_partner
                 WHERE customer_rank > 0 AND (is_company OR parent_id IS NULL) AND trim(ref) <> '') p
         WHERE holders = 1 AND NOT EXISTS (SELECT FROM crm_customer_code c WHERE upper(c.code) = upper(trim(p.ref)))
    """))
    for start in range(0, len(rows), BATCH):
        batch = rows[start:start + BATCH]
        Code._insert([code for _partner_id, code, _name in batch], [name for _partner_id, _code, name in batch])
        Code._attach({code: partner_id for partner_id, code, _name in batch})
