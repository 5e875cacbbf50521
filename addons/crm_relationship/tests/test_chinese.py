from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

from .common import RelationshipCase


@tagged('post_install', '-at_install')
class TestChinese(RelationshipCase):
    """What a salesperson reads whose Odoo speaks Chinese: sentences, not English ones with Chinese words."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.lang']._activate_lang('zh_CN')
        cls.salesperson.lang = 'zh_CN'
        cls.in_chinese = cls.env(user=cls.salesperson, context=dict(cls.env.context, lang='zh_CN'))

    def test_several_names_are_parted_as_chinese_does(self):
        customer = self.make_customer('上海电气有限公司', vat='CN123456789')
        for name in ('上海电气一', '上海电气二'):
            self.make_customer(name, vat='CN123456789')
        flags = customer.with_env(self.in_chinese).card_flags
        self.assertRegex(flags, r'上海电气[一二]( \(\w+\))?、上海电气[一二]')
        self.assertNotRegex(flags, '[\u4e00-\u9fff], ')

    def test_in_english_names_have_a_comma_between_them(self):
        customer = self.make_customer('Deco Addict', vat='CN123456789')
        for name in ('Deco One', 'Deco Two'):
            self.make_customer(name, vat='CN123456789')
        self.assertRegex(customer.card_flags, r'Deco (One|Two)( \(\w+\))?, Deco (One|Two)')

    @freeze_time('2026-03-10')
    def test_a_birthday_is_announced_with_a_chinese_date(self):
        company = self.make_customer('上海电气有限公司')
        person = self.make_customer('张伟', is_company=False, parent_id=company.id)
        person.sudo().birthdate = date(1980, 3, 12)
        self.assertIn('3月12日', company.with_env(self.in_chinese).attention_message)

    def test_a_month_is_named_with_the_year_before_it(self):
        arrangement = self.in_chinese['crm.month.arrangement'].new({'month': date(2026, 11, 1)})
        self.assertIn('2026年11月', arrangement.display_name)
        self.assertIn('November 2026', arrangement.with_context(lang='en_US').display_name)

    def test_a_chinese_name_is_found_by_the_initials_of_its_sounds(self):
        customer = self.make_customer('上海电气集团股份有限公司')
        Partner = self.in_chinese['res.partner'].with_context(res_partner_search_mode='customer')
        self.assertEqual(customer.ref, 'SHDQ')
        for typed in ('shdq', 'SHDQ', 'shd', '上海电气'):
            self.assertIn(customer.id, [found for found, _name in Partner.name_search(typed)], typed)
