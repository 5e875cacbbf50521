from odoo.tests import Form, new_test_user, tagged

from .common import RelationshipCase

OURS = ('crm_relationship', 'crm_credit', 'crm_feedback')
MOST_MORE = 8


@tagged('post_install', '-at_install')
class TestFormSpeed(RelationshipCase):
    """What opening a customer costs beside the same form without the fields of these addons."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.make_customer('Anders & Sons')

    def specifications(self, user):
        """What the form of a user reads, and what of it is Odoo's own."""
        env = self.env(user=user)
        whole = Form(self.customer.with_env(env))._view['fields_spec']
        return whole, self.without_ours(env['res.partner'], whole)

    def without_ours(self, model, specification):
        return {
            name: {**value, 'fields': self.without_ours(model.env[model._fields[name].comodel_name], value['fields'])}
            if value.get('fields') else value
            for name, value in specification.items() if not model._fields[name]._module.startswith(OURS)
        }

    def queries(self, user, specification):
        """Fewest queries of three runs: others read what the server keeps."""
        counts = []
        for _run in range(3):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.customer.with_user(user).web_read(specification)
            counts.append(self.env.cr.sql_log_count - before)
        return min(counts)

    def test_a_salesperson_opens_a_customer_with_few_queries_more(self):
        whole, plain = self.specifications(self.salesperson)
        self.assertLessEqual(self.queries(self.salesperson, whole) - self.queries(self.salesperson, plain), MOST_MORE)

    def test_an_accountant_opens_a_customer_with_few_queries_more(self):
        accountant = new_test_user(
            self.env, login='rel_form_accountant', groups='account.group_account_user,base.group_partner_manager')
        whole, plain = self.specifications(accountant)
        self.assertLessEqual(self.queries(accountant, whole) - self.queries(accountant, plain), MOST_MORE)

    def test_what_a_customer_has_gets_shown_though_the_form_showed_none_before(self):
        partner = self.customer.with_user(self.salesperson)
        names = {
            'is_customer': {}, 'open_promise_count': {}, 'open_promise_ids': {}, 'touchpoint_count': {},
            'open_need_ids': {}, 'attention_message': {}, 'manager_ids': {}, 'card_basic_verified': {},
        }
        [before] = partner.web_read(names)
        self.assertEqual((before['open_promise_count'], before['open_promise_ids']), (0, []))
        self.assertFalse(before['manager_ids'])
        promise = self.env['crm.promise'].with_user(self.salesperson).create({
            'partner_id': partner.id, 'name': "Send the samples",
            'date_promised': '2020-01-01', 'date_due': '2020-01-31',
        })
        manager = self.env['res.partner'].create({
            'name': "Ann Anders", 'parent_id': partner.id, 'contact_role': 'owner',
        })
        self.env.invalidate_all()
        [after] = partner.web_read(names)
        self.assertEqual((after['open_promise_count'], after['open_promise_ids']), (1, promise.ids))
        self.assertEqual(after['manager_ids'], manager.ids)
        self.assertIn('promise overdue', after['attention_message'])

    def test_a_contact_shows_what_its_company_has(self):
        self.env['crm.promise'].with_user(self.salesperson).create({
            'partner_id': self.customer.id, 'name': "Send the samples",
            'date_promised': '2020-01-01', 'date_due': '2020-01-31',
        })
        contact = self.env['res.partner'].create({'name': "Ann Anders", 'parent_id': self.customer.id})
        self.env.invalidate_all()
        [shown] = contact.with_user(self.salesperson).web_read({'is_customer': {}, 'open_promise_count': {}})
        self.assertEqual(shown['open_promise_count'], 1)
