from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools.translate import code_translations

from odoo.addons.crm_relationship.tests.common import RelationshipCase


@tagged('post_install', '-at_install')
class TestKnowledge(RelationshipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk, cls.chair = cls.env['product.product'].create([
            {'name': 'Desk', 'type': 'service'}, {'name': 'Chair', 'type': 'service'},
        ])
        pages = cls.env['document.page'].with_user(cls.sales_manager)
        cls.desk_page, cls.chair_page = pages.create([
            {
                'name': f'All about {product.name}', 'topic': 'product', 'draft_name': '1', 'draft_summary': 'New',
                'content': f'<p>Facts about {product.name}</p>',
                'product_tmpl_ids': [(6, 0, product.product_tmpl_id.ids)],
                'parent_id': cls.env.ref('crm_relationship_knowledge.document_page_category_products').id,
            }
            for product in (cls.desk, cls.chair)
        ])
        cls.customer = cls.make_customer()
        cls.order = cls.env['sale.order'].with_user(cls.salesperson).create({
            'partner_id': cls.customer.id, 'order_line': [(0, 0, {'product_id': cls.desk.id, 'price_unit': 1})],
        })

    def buy(self):
        self.order.sudo().action_confirm()
        self.env.invalidate_all()

    def test_a_salesperson_finds_the_pages_about_what_the_customer_buys(self):
        self.assertEqual(self.customer.knowledge_count, 0)
        self.buy()
        self.assertEqual(self.customer.knowledge_count, 1)
        self.assertEqual(self.customer.action_open_knowledge()['res_id'], self.desk_page.id)

    def test_without_pages_about_it_the_whole_encyclopaedia_opens(self):
        action = self.customer.action_open_knowledge()
        self.assertFalse(action.get('res_id'))
        self.assertLessEqual(
            self.desk_page | self.chair_page, self.env['document.page'].search(action['domain'])
        )

    def test_categories_are_named_in_the_language_of_the_reader_until_they_are_renamed(self):
        self.env['res.lang']._activate_lang('zh_CN')
        code_translations.get_python_translations('crm_relationship_knowledge', 'zh_CN')
        self.enterContext(patch.dict(
            code_translations.python_translations, {('crm_relationship_knowledge', 'zh_CN'): {'Products': '产品'}},
        ))
        page = self.desk_page.with_user(self.salesperson).with_context(lang='zh_CN')
        self.assertEqual(page.parent_id.display_name, '产品')
        self.assertEqual(page.with_context(lang='en_US').parent_id.display_name, 'Products')
        self.assertEqual(page.search([('parent_id', 'ilike', '产品')]) & page, page)
        self.assertEqual(self.desk_page.with_context(lang='zh_CN').display_name, 'All about Desk')
        page.parent_id.sudo().name = 'Furniture'
        self.assertEqual(page.parent_id.display_name, 'Furniture')

    def test_pages_without_a_topic_are_not_in_the_encyclopaedia(self):
        self.chair_page.topic = False
        pages = self.env['document.page'].search(self.customer.action_open_knowledge()['domain'])
        self.assertIn(self.desk_page, pages)
        self.assertNotIn(self.chair_page, pages)

    def test_a_contact_and_a_visit_offer_the_pages_of_the_customer(self):
        self.buy()
        touchpoint = self.env['crm.touchpoint'].with_user(self.salesperson).create(
            {'partner_id': self.customer.id, 'summary': 'Visit', 'mode': 'visit'}
        )
        self.assertEqual(touchpoint.knowledge_count, 1)
        contact = self.env['res.partner'].create({'name': 'Ann', 'parent_id': self.customer.id})
        self.assertEqual(contact.with_user(self.salesperson).knowledge_count, 1)

    def test_an_opportunity_offers_the_pages_about_what_is_quoted(self):
        lead = self.env['crm.lead'].with_user(self.salesperson).create(
            {'name': 'Chairs', 'partner_id': self.customer.id, 'type': 'opportunity'}
        )
        self.env['sale.order'].with_user(self.salesperson).create({
            'partner_id': self.customer.id, 'opportunity_id': lead.id,
            'order_line': [(0, 0, {'product_id': self.chair.id, 'price_unit': 1})],
        })
        self.assertEqual(lead._knowledge_pages()[lead.id], self.chair_page.with_user(self.salesperson))

    def test_words_of_the_text_are_found(self):
        pages = self.env['document.page'].with_user(self.salesperson)
        self.assertIn(self.desk_page, pages.search([('content', 'ilike', 'facts about desk')]))

    def test_salespeople_read_and_managers_write(self):
        with self.assertRaises(AccessError):
            self.desk_page.with_user(self.salesperson).name = 'Mine'
        self.desk_page.with_user(self.sales_manager).content = '<p>Better</p>'
        self.assertIn('Better', self.desk_page.with_user(self.salesperson).content)

    def test_scripts_in_a_page_do_not_reach_its_readers(self):
        self.desk_page.content = '<p onclick="alert(1)">Hello<script>alert(2)</script></p>'
        self.assertNotIn('alert', self.desk_page.content)
        self.assertNotIn('alert', self.desk_page.history_head.content)
        self.assertIn('Hello', self.desk_page.content)

    def test_the_number_of_queries_does_not_grow_with_the_documents(self):
        self.buy()
        touchpoints = self.env['crm.touchpoint'].with_user(self.salesperson).create([
            {'partner_id': self.make_customer(f'Customer {number}').id, 'summary': 'Call', 'mode': 'phone'}
            for number in range(12)
        ])

        def queries(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.mapped('knowledge_count')
            return self.env.cr.sql_log_count - before

        queries(touchpoints[:2])
        self.assertEqual(queries(touchpoints[:2]), queries(touchpoints))
