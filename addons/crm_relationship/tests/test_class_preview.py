from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .test_metrics import MetricsCase


@tagged('post_install', '-at_install')
class TestClassPreview(MetricsCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = [cls.make_customer(f'Customer {number}') for number in range(5)]

    def setUp(self):
        super().setUp()
        for customer, amount in zip(self.customers, (55, 26, 16, 2, 1), strict=True):
            self.invoice(customer, '2026-05-01', amount)
        self.refresh()

    def open(self, **values):
        Preview = self.env['crm.class.preview'].with_user(self.manager)
        return Preview.create({**Preview.default_get(Preview._fields), **values})

    def counts(self, preview, table, when):
        return {row['key']: row[when] for row in preview.preview[table] if row[when]}

    def test_the_limits_in_force_are_shown_and_change_nothing(self):
        preview = self.open()
        before = self.counts(preview, 'classes', 'before')
        self.assertEqual(before, {'vip': 1, 'major': 1, 'regular': 1, 'minor': 2})
        self.assertEqual(self.counts(preview, 'classes', 'after'), before)
        self.assertEqual(preview.preview['moved'], 0)
        self.assertEqual(preview.preview['buyers'], 5)
        self.assertEqual(preview.preview['points'], [[0, 0], [20, 55], [40, 81], [60, 97], [80, 99], [100, 100]])

    def test_other_limits_show_who_would_move_before_anything_is_saved(self):
        preview = self.open(class_vip_share=70, class_major_share=90, class_regular_share=98)
        self.assertEqual(self.counts(preview, 'classes', 'after'), {'vip': 2, 'major': 1, 'minor': 2})
        self.assertEqual(preview.preview['moved'], 2)
        self.assertEqual(self.company.class_vip_share, 50)

    def test_the_preview_is_what_the_next_cut_does(self):
        preview = self.open(class_vip_share=70, class_major_share=90, class_regular_share=98)
        expected = self.counts(preview, 'classes', 'after')
        preview.action_save()
        self.refresh()
        vip = [('company_id', '=', self.company.id), ('value_class', '=', 'vip')]
        self.assertEqual(self.Metrics.search_count(vip), 1, "no cut is due this month")
        with freeze_time('2026-07-01 12:00:00'):
            self.refresh()
        after = dict(self.Metrics._read_group(
            [('company_id', '=', self.company.id), ('value_class', '!=', False)], ['value_class'], ['__count']))
        self.assertEqual(after, expected)

    def test_apply_now_changes_classes_and_stages_at_once(self):
        preview = self.open(class_vip_share=70, class_major_share=90, stage_dormant_days=30, apply_now=True)
        self.assertEqual(self.counts(preview, 'stages', 'after')['dormant'], 5)
        preview.action_save()
        self.assertEqual(self.customers[1].with_company(self.company).value_class, 'vip')
        self.assertEqual(self.customers[1].with_company(self.company).relationship_stage, 'dormant')
        move = self.env['crm.customer.movement'].search(
            [('partner_id', '=', self.customers[1].id), ('kind', '=', 'value_class')])
        self.assertEqual((move.from_value, move.to_value), ('major', 'vip'))

    def test_the_margin_keeps_customers_near_a_limit(self):
        self.assertEqual(self.open(class_major_share=82, class_margin=0).preview['moved'], 1)
        self.assertEqual(self.open(class_major_share=82, class_margin=3).preview['moved'], 0)
        self.assertEqual(self.open(class_vip_share=56, class_margin=0).preview['moved'], 1)
        self.assertEqual(self.open(class_vip_share=56, class_margin=3).preview['moved'], 0)

    def test_impossible_limits_are_explained_in_place_of_the_preview(self):
        for values, message in (
            ({'class_vip_share': 85}, 'must rise'), ({'class_regular_share': 101}, 'must rise'),
            ({'class_margin': -1}, 'margin'), ({'stage_lost_days': 10}, 'dormant before'),
            ({'stage_loyal_purchases': 1}, 'at least twice'),
        ):
            preview = self.open(**values)
            self.assertIn(message, preview.preview['problem'])

    def test_the_dialog_recomputes_while_typing(self):
        with Form(self.env['crm.class.preview'].with_user(self.manager)) as form:
            form.class_vip_share = 70
            self.assertEqual(form.preview['moved'], 1)

    def test_the_number_of_queries_does_not_grow_with_the_customers(self):
        def count():
            preview = self.open(class_vip_share=70)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertTrue(preview.preview)
            return self.cr.sql_log_count - before
        count()
        few = count()
        for number in range(30):
            self.make_customer(f'More {number}')
        self.refresh()
        self.assertEqual(count(), few)

    def test_salespeople_change_no_limits(self):
        with self.assertRaises(AccessError):
            self.env['crm.class.preview'].with_user(self.salesperson).create({})
