from odoo.tests import TransactionCase, new_test_user


class RelationshipCase(TransactionCase):
    """Salespeople and a sales manager of the main company; nobody else is ever needed to keep a customer.

    ``salesperson`` and ``other_salesperson`` see their own documents, ``sales_manager`` sees all.
    ``make_customer()`` creates a customer the way the Customers app does.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True, no_reset_password=True))
        cls.salesperson = new_test_user(
            cls.env, login='rel_salesperson', name='Sally Seller', email='sally.seller@example.com',
            groups='base.group_user,sales_team.group_sale_salesman',
        )
        cls.other_salesperson = new_test_user(
            cls.env, login='rel_other_salesperson', name='Oscar Other', email='oscar.other@example.com',
            groups='base.group_user,sales_team.group_sale_salesman',
        )
        cls.sales_manager = new_test_user(
            cls.env, login='rel_sales_manager', name='Mona Manager', email='mona.manager@example.com',
            groups='base.group_user,sales_team.group_sale_manager',
        )

    @classmethod
    def make_customer(cls, name='Deco Addict GmbH', **values):
        """Create one customer (a company unless ``is_company`` says otherwise) as the salesperson."""
        values = {'name': name, 'is_company': True, 'user_id': cls.salesperson.id, **values}
        return (
            cls.env['res.partner'].with_user(cls.salesperson)
            .with_context(res_partner_search_mode='customer').create(values)
        )
