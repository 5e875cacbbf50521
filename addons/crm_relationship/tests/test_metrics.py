from datetime import date

from freezegun import freeze_time

from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from ..models.crm_customer_metrics import RefreshBusy
from ..tools import rfm

TODAY = date(2026, 6, 15)


class MetricsCase(AccountTestInvoicingCommon):
    """Invoices and orders of fixed dates, seen on 15 June 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time('2026-06-15 12:00:00'))
        cls.company = cls.company_data['company']
        context = dict(
            cls.env.context, tracking_disable=True, no_reset_password=True, allowed_company_ids=cls.company.ids
        )
        cls.env = cls.env(user=SUPERUSER_ID, context=context)
        cls.Metrics = cls.env['crm.customer.metrics']
        cls.customer = cls.make_customer('Deco Addict')
        cls.salesperson = cls.make_user('metrics_salesperson', 'sales_team.group_sale_salesman')
        cls.manager = cls.make_user('metrics_manager', 'sales_team.group_sale_manager')

    @classmethod
    def make_user(cls, login, groups):
        return new_test_user(
            cls.env, login=login, groups=f'base.group_user,{groups}', company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)])

    @classmethod
    def make_customer(cls, name, **values):
        return cls.env['res.partner'].create({'name': name, 'is_company': True, 'customer_rank': 1, **values})

    def invoice(self, partner, day, amount, move_type='out_invoice', post=True, **values):
        move = self.env['account.move'].create(
            {
                'move_type': move_type,
                'partner_id': partner.id,
                'invoice_date': day,
                'date': day,
                'invoice_line_ids': [(0, 0, {'name': 'Goods', 'quantity': 1, 'price_unit': amount, 'tax_ids': [(5,)]})],
                **values,
            }
        )
        if post:
            move.action_post()
        return move

    def order(self, partner, day, price=100):
        order = self.env['sale.order'].create({
            'partner_id': partner.id,
            'order_line': [(0, 0, {'product_id': self.product_a.id, 'price_unit': price, 'tax_ids': [(5,)]})]})
        order.action_confirm()
        order.date_order = f'{day} 10:00:00'
        return order

    def figures(self, partner=None, **context):
        return self.Metrics.search(
            [('partner_id', '=', (partner or self.customer).id), ('company_id', '=', self.company.id)]
        )

    def refresh(self, *partners):
        return self.Metrics.refresh([partner.id for partner in partners] or None)

    def refresh_all_companies(self):
        return self.Metrics.with_context(allowed_company_ids=None).refresh()


@tagged('post_install', '-at_install')
class TestMetrics(MetricsCase):

    def test_sales_are_untaxed_posted_invoices_less_credit_notes(self):
        self.invoice(self.customer, '2026-05-01', 1000)
        self.invoice(self.customer, '2026-05-02', 200, 'out_refund')
        self.invoice(self.customer, '2025-06-15', 50)  # a year and no day ago: outside the twelve months
        self.invoice(self.customer, '2026-05-03', 999, post=False)
        self.refresh()
        self.assertEqual((self.figures().sales_12m, self.figures().sales_total), (800, 850))

    def test_invoice_to_a_contact_belongs_to_its_company(self):
        contact = self.env['res.partner'].create({'name': 'Ann', 'parent_id': self.customer.id, 'type': 'contact'})
        self.invoice(contact, '2026-05-01', 300)
        self.refresh()
        self.assertEqual(self.figures().sales_12m, 300)
        self.assertFalse(self.figures(contact))
        self.assertEqual(contact.with_company(self.company).metrics_id, self.figures())

    def test_foreign_amounts_count_in_company_currency(self):
        currency = self.setup_other_currency('EUR', rates=[('2026-01-01', 2.0)])
        self.invoice(self.customer, '2026-05-01', 500, currency_id=currency.id)
        self.refresh()
        self.assertEqual(self.figures().sales_12m, 250)
        self.assertEqual(self.figures().currency_id, self.company.currency_id)

    def test_order_and_its_invoice_are_one_purchase(self):
        order = self.order(self.customer, '2026-03-01')
        invoice = order._create_invoices()
        invoice.invoice_date = '2026-03-20'
        invoice.action_post()
        self.refresh()
        self.assertEqual(self.figures().order_count, 1)
        self.assertEqual(self.figures().last_order_date, date(2026, 3, 1))

    def test_purchases_of_one_day_count_once_and_quotations_not_at_all(self):
        self.order(self.customer, '2026-03-01')
        self.invoice(self.customer, '2026-03-01', 10)
        self.invoice(self.customer, '2025-01-01', 10)
        self.env['sale.order'].create({'partner_id': self.customer.id})
        self.refresh()
        figures = self.figures()
        self.assertEqual((figures.order_count, figures.order_count_12m), (2, 1))
        self.assertEqual((figures.first_order_date, figures.last_order_date), (date(2025, 1, 1), date(2026, 3, 1)))

    def test_repurchase_rate_is_the_share_of_years_with_a_second_purchase(self):
        for day in ('2023-07-01', '2023-08-01', '2024-08-01', '2025-07-01', '2026-01-01'):
            self.invoice(self.customer, day, 10)
        self.refresh()
        self.assertAlmostEqual(self.figures().repurchase_rate, 2 / 3)
        self.assertIsNone(self.read_raw(self.make_customer('Nobody yet'), 'repurchase_rate'))

    def read_raw(self, partner, name):
        self.refresh(partner)
        return self.Metrics._read_figures(self.company, partner.ids, {name})[0][partner.id][name]

    def test_branches_count_for_the_root_company_and_others_do_not(self):
        branch = self.env['res.company'].create({'name': 'Branch', 'parent_id': self.company.id})
        other = self.env['res.company'].create({'name': 'Other'})
        self.order(self.customer, '2026-02-01')
        branch_order = self.env['sale.order'].with_context(allowed_company_ids=(branch | self.company).ids).create({
            'partner_id': self.customer.id, 'company_id': branch.id})
        branch_order.write({'state': 'sale', 'date_order': '2026-04-01 10:00:00'})
        self.refresh_all_companies()
        self.assertEqual(self.figures().order_count, 2)
        rows = self.Metrics.search([('partner_id', '=', self.customer.id)])
        self.assertIn(other, rows.company_id)
        self.assertNotIn(branch, rows.company_id)
        self.assertFalse(rows.filtered(lambda row: row.company_id == other).order_count)

    def test_only_changed_rows_are_written_and_write_date_tells(self):
        second = self.make_customer('Second')
        self.invoice(self.customer, '2026-05-01', 100)
        self.refresh()
        self.assertEqual(self.refresh(), 0)
        before = self.figures(second).write_date
        self.env.cr.execute("UPDATE crm_customer_metrics SET write_date = write_date - interval '1 day'")
        self.invoice(second, '2024-05-01', 10)
        self.assertGreater(self.refresh(), 0)
        self.assertEqual(self.figures(second).write_date, before)
        self.assertEqual(self.figures(second).write_uid, self.env.user)

    def test_row_goes_when_the_customer_becomes_a_contact(self):
        self.refresh()
        self.customer.write({'is_company': False, 'parent_id': self.make_customer('Group').id})
        self.refresh()
        self.assertFalse(self.figures())

    def test_customer_of_another_company_has_no_row(self):
        hidden = self.make_customer('Hidden', company_id=self.env['res.company'].create({'name': 'Elsewhere'}).id)
        self.refresh()
        self.assertFalse(self.figures(hidden))

    def test_refresh_of_given_partners_leaves_the_others(self):
        second = self.make_customer('Second')
        self.invoice(self.customer, '2026-05-01', 100)
        self.invoice(second, '2026-05-01', 100)
        self.refresh(self.customer)
        self.assertEqual(self.figures().sales_12m, 100)
        self.assertFalse(self.figures(second))

    def test_batches_of_any_size_give_the_same_figures(self):
        customers = [self.make_customer(f'Customer {n}') for n in range(7)]
        for number, customer in enumerate(customers):
            self.invoice(customer, '2026-05-01', 100 * number + 1)
        self.refresh()
        whole = self.all_figures()
        self.Metrics.search([]).unlink()
        self.env['crm.metrics.run'].search([]).basis = False
        self.patch(type(self.Metrics), '_refresh_batch', 2)
        self.refresh()
        self.assertEqual(self.all_figures(), whole)

    def all_figures(self):
        names = [column for source in [*self.Metrics._metrics_sources(), *self.Metrics._metrics_population_sources()]
                 for column in source.columns]
        return {row['partner_id'][0]: row for row in self.Metrics.search([('company_id', '=', self.company.id)]).read(
            ['partner_id', *names], load='_classic_read') if row.pop('id')}

    def test_number_of_queries_does_not_grow_with_the_customers(self):
        self.refresh()
        self.make_customer('Customer')
        with self.assertQueryCount(31):
            counted = self.count_queries()
        for number in range(30):
            self.make_customer(f'Customer {number}')
        self.assertEqual(self.count_queries(), counted)

    def count_queries(self):
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self.refresh()
        return self.env.cr.sql_log_count - before

    def test_rank_shares_and_fifths_agree_with_the_definition(self):
        amounts = [5000, 1200, 1200, 800, 300, 40, 0.5]
        customers = [self.make_customer(f'Customer {n}') for n in range(len(amounts) + 1)]
        for number, (customer, amount) in enumerate(zip(customers, amounts, strict=False)):
            for month in range(1, 2 + number % 3):
                self.invoice(customer, f'2026-0{month}-{10 + number}', amount)
        self.refresh()
        rows = {row.partner_id.id: row for row in self.Metrics.search([('company_id', '=', self.company.id)])}
        shares = rfm.sales_shares({key: row.sales_12m for key, row in rows.items()})
        for key, (rank, share, cumulative) in shares.items():
            row = rows[key]
            self.assertEqual(row.sales_rank, rank)
            self.assertAlmostEqual(row.sales_share, share, 5)
            self.assertAlmostEqual(row.sales_cumulative_share, cumulative, 4)
        buyers = {
            key: (row.last_order_date, row.order_count_12m, row.sales_12m)
            for key, row in rows.items()
            if row.order_count
        }
        self.assertEqual(len(buyers), len(amounts))
        for key, scores in rfm.rfm_scores(buyers).items():
            self.assertEqual((rows[key].rfm_recency, rows[key].rfm_frequency, rows[key].rfm_monetary), scores)
        self.assertEqual(rows[customers[-1].id].rfm_recency, 0)

    def test_salesperson_reads_own_customers_and_refreshes_nothing(self):
        mine = self.make_customer('Mine', user_id=self.salesperson.id)
        self.refresh()
        seen = self.Metrics.with_user(self.salesperson).search([('company_id', '=', self.company.id)])
        self.assertEqual(seen.partner_id, mine)
        self.assertGreater(len(self.Metrics.with_user(self.manager).search([])), 1)
        with self.assertRaises(AccessError):
            self.Metrics.with_user(self.salesperson).refresh()
        with self.assertRaises(AccessError):
            seen.write({'sales_12m': 1})
        self.Metrics.with_user(self.manager).refresh()

    def test_customer_handed_over_is_seen_by_the_new_salesperson_at_once(self):
        mine = self.make_customer('Mine', user_id=self.salesperson.id)
        self.refresh()
        mine.user_id = self.manager
        self.assertFalse(self.Metrics.with_user(self.salesperson).search([]))

    def test_customers_can_be_searched_by_their_figures(self):
        self.invoice(self.customer, '2026-05-01', 100)
        self.refresh()
        found = self.env['res.partner'].with_company(self.company).search([('metrics_id.sales_12m', '>', 50)])
        self.assertEqual(found, self.customer)

    def test_merging_keeps_the_sales_of_both(self):
        double = self.make_customer('Deco Addict', email='a@example.com')
        self.customer.email = 'a@example.com'
        self.invoice(self.customer, '2026-05-01', 100)
        self.invoice(double, '2026-05-02', 50)
        self.refresh()
        wizard = self.env['base.partner.merge.automatic.wizard'].create({})
        wizard._merge([self.customer.id, double.id], self.customer)
        self.assertEqual(self.figures().sales_12m, 150)
        self.assertEqual(
            len(self.Metrics.search([('company_id', '=', self.company.id), ('partner_id', '=', self.customer.id)])), 1
        )

    def test_failed_company_is_reported_and_does_not_stop_the_others(self):
        Run = type(self.env['crm.metrics.run'])
        bad = self.env['res.company'].create({'name': 'Bad'})
        original = type(self.Metrics)._refresh_scope

        def refresh_scope(metrics, scope):
            if scope.root == bad:
                raise ValueError('broken figures')
            return original(metrics, scope)

        self.patch(type(self.Metrics), '_refresh_scope', refresh_scope)
        self.patch(Run, '_refresh_in_batches', Run._refresh_in_batches)
        with (
            self.enter_registry_test_mode(),
            self.assertLogs('odoo.addons.crm_relationship.models.crm_metrics_run', 'ERROR'),
        ):
            self.env.ref('crm_relationship.ir_cron_refresh_metrics').method_direct_trigger()
        run = self.env['crm.metrics.run'].search([('company_id', '=', bad.id)], limit=1)
        self.assertEqual((run.state, run.error), ('failed', 'broken figures'))
        good = self.env['crm.metrics.run'].search([('company_id', '=', self.company.id)], limit=1)
        self.assertEqual(good.state, 'done')
        self.assertTrue(self.figures())

    def test_interrupted_refresh_goes_on_where_it_stopped(self):
        first, second = self.make_customer('First'), self.make_customer('Second')
        Run = self.env['crm.metrics.run']
        run = Run._start(self.company)
        run.last_partner_id = first.id
        with self.enter_registry_test_mode():
            self.env.ref('crm_relationship.ir_cron_refresh_metrics').method_direct_trigger()
        self.assertFalse(self.figures(first), "done before the interruption, as far as the run knows")
        self.assertTrue(self.figures(second))
        self.assertEqual(run.state, 'done')
        self.refresh()
        self.assertTrue(self.figures(first))

    def test_second_refresh_at_the_same_time_is_told_to_wait(self):
        with self.registry.cursor() as other:
            other.execute("SELECT pg_advisory_xact_lock(hashtext('crm_customer_metrics'), %s)", [self.company.id])
            with self.assertRaisesRegex(RefreshBusy, 'being refreshed right now'):
                self.refresh()

    def test_title_says_as_of_when(self):
        self.assertIn('not computed yet', self.env['crm.metrics.run']._title('Figures', self.company))
        self.refresh()
        self.assertIn('2026', str(self.env['crm.metrics.run']._as_of(self.company)))


@tagged('post_install', '-at_install')
class TestStageAndClass(MetricsCase):

    def stage_of(self, partner, company=None):
        return partner.with_company(company or self.company).relationship_stage

    def class_of(self, partner, company=None):
        return partner.with_company(company or self.company).value_class

    def test_stage_follows_the_purchases(self):
        days = {
            'potential': (), 'first': ('2026-05-01',), 'repeat': ('2026-01-01', '2026-05-01'),
            'loyal': ('2026-01-01', '2026-02-01', '2026-03-01', '2026-04-01', '2026-05-01'),
            'dormant': ('2025-01-01', '2025-10-01'), 'lost': ('2025-01-01',),
        }
        customers = {stage: self.make_customer(stage) for stage in days}
        for stage, dates in days.items():
            for day in dates:
                self.invoice(customers[stage], day, 10)
        self.refresh()
        self.assertEqual(
            {stage: self.stage_of(customer) for stage, customer in customers.items()}, {stage: stage for stage in days}
        )
        found = self.env['res.partner'].with_company(self.company).search([
            ('relationship_stage', '=', 'lost'), ('id', 'in', [customer.id for customer in customers.values()])])
        self.assertEqual(found, customers['lost'])

    def test_open_quotation_or_mark_makes_a_target(self):
        quoted, marked = self.make_customer('Quoted'), self.make_customer('Marked')
        self.env['sale.order'].create({'partner_id': quoted.id})
        marked.with_company(self.company).action_mark_target()
        self.refresh()
        self.assertEqual((self.stage_of(quoted), self.stage_of(marked)), ('target', 'target'))
        self.assertEqual(self.stage_of(self.customer), 'potential')

    def test_branches_show_the_same_and_other_companies_their_own(self):
        branch = self.env['res.company'].create({'name': 'Branch', 'parent_id': self.company.id})
        other = self.env['res.company'].create({'name': 'Other'})
        self.invoice(self.customer, '2026-05-01', 10)
        self.refresh_all_companies()
        self.assertEqual(self.stage_of(self.customer, branch), 'first')
        self.assertEqual(self.class_of(self.customer, branch), 'vip')
        self.assertEqual(self.stage_of(self.customer, other), 'potential')
        self.assertFalse(self.class_of(self.customer, other))

    def test_first_figures_of_a_company_are_no_history(self):
        self.invoice(self.customer, '2026-05-01', 10)
        self.refresh()
        self.assertEqual(self.stage_of(self.customer), 'first')
        self.assertFalse(self.env['crm.customer.movement'].search([('partner_id', '=', self.customer.id)]))

    def test_change_is_kept_in_the_history_once(self):
        self.refresh()
        self.invoice(self.customer, '2026-05-01', 10)
        self.refresh()
        self.refresh()
        moves = self.env['crm.customer.movement'].search(
            [('partner_id', '=', self.customer.id), ('kind', '=', 'relationship_stage')]
        )
        self.assertEqual(
            moves.mapped(lambda move: (move.from_value, move.to_value, move.date)), [('potential', 'first', TODAY)]
        )

    def test_classes_follow_the_share_of_sales(self):
        customers = [self.make_customer(f'Customer {n}') for n in range(5)]
        for customer, amount in zip(customers, (55, 26, 16, 2, 1), strict=False):
            self.invoice(customer, '2026-05-01', amount)
        old = self.make_customer('Bought long ago')
        self.invoice(old, '2024-05-01', 1000)
        self.refresh()
        self.assertEqual(
            [self.class_of(customer) for customer in customers], ['vip', 'major', 'regular', 'minor', 'minor']
        )
        self.assertEqual(self.class_of(old), 'minor')
        self.assertFalse(self.class_of(self.customer))

    def test_class_changes_at_the_monthly_cut_and_beyond_the_margin_only(self):
        large, small = self.make_customer('Large'), self.make_customer('Small')
        self.invoice(large, '2026-05-01', 60)
        self.invoice(small, '2026-05-01', 40)
        self.refresh()
        self.assertEqual((self.class_of(large), self.class_of(small)), ('vip', 'major'))
        self.invoice(small, '2026-06-01', 18)  # 58 against 60: large keeps rank 1, nothing to do
        self.invoice(small, '2026-06-02', 4)  # 62 against 60: small leads, large has 50.8 % before it
        self.refresh()
        self.assertEqual((self.class_of(large), self.class_of(small)), ('vip', 'major'), "no cut is due in June")
        with freeze_time('2026-07-01 12:00:00'):
            self.refresh()
            self.assertEqual(self.class_of(large), 'vip', "within the margin of 3 points")
            self.assertEqual(self.class_of(small), 'vip')
        self.invoice(small, '2026-06-03', 20)
        with freeze_time('2026-08-01 12:00:00'):
            self.refresh()
            self.assertEqual(self.class_of(large), 'major')

    def test_override_wins_at_once_and_ends_by_itself(self):
        self.invoice(self.customer, '2026-05-01', 10)
        self.refresh()
        override = self.env['crm.value.class.override'].with_user(self.manager).create({
            'partner_id': self.customer.id, 'company_id': self.company.id, 'value_class': 'minor',
            'date_to': '2026-06-30', 'reason': 'Under liquidation'})
        self.assertEqual(self.class_of(self.customer), 'minor')
        self.assertEqual(self.figures().value_class_sales, 'vip')
        self.assertEqual(override.user_id, self.manager)
        move = self.env['crm.customer.movement'].search(
            [('partner_id', '=', self.customer.id), ('kind', '=', 'value_class')])
        self.assertRecordValues(move, [{
            'from_value': 'vip', 'to_value': 'minor', 'user_id': self.manager.id, 'note': 'Under liquidation'}])
        with freeze_time('2026-07-02 12:00:00'):
            self.refresh()
            self.assertEqual(self.class_of(self.customer), 'vip')
            back = self.env['crm.customer.movement'].search(
                [('partner_id', '=', self.customer.id), ('kind', '=', 'value_class')], limit=1)
            self.assertEqual((back.from_value, back.to_value, bool(back.user_id)), ('minor', 'vip', False))

    def test_salesperson_cannot_override_a_class(self):
        with self.assertRaises(AccessError):
            self.env['crm.value.class.override'].with_user(self.salesperson).create({
                'partner_id': self.customer.id, 'value_class': 'vip', 'reason': 'I like them'})

    def test_override_for_a_branch_alone_is_refused(self):
        branch = self.env['res.company'].create({'name': 'Branch', 'parent_id': self.company.id})
        with self.assertRaisesRegex(ValidationError, 'all its branches'):
            self.env['crm.value.class.override'].create({
                'partner_id': self.customer.id, 'company_id': branch.id, 'value_class': 'vip', 'reason': 'x'})
