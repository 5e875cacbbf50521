from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from odoo.addons.crm_credit.tools.aging import BUCKET_CODES

from .test_exposure import ExposureCase


@tagged('post_install', '-at_install')
class TestCreditPanel(ExposureCase):
    """The same panel on customer, order and invoice, and what each role sees of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.activate_policy()
        cls.set_terms(cls.customer, 1000)
        cls.analyst.group_ids |= cls.env.ref('sales_team.group_sale_salesman_all_leads')

    def part(self, panel, part, key='rows'):
        return next((item for item in panel[key] if item['part'] == part), None)

    def documents(self, part, user=None):
        """The documents that a figure of the panel leads to."""
        action = self.customer.with_user(user or self.accountant).action_open_credit_part(part)
        return self.env[action['res_model']].with_user(user or self.accountant).search(action['domain'])

    def fill(self):
        """One open invoice in each bucket, an order to invoice, a payment on account, a dispute."""
        order = self.make_order(amount=100, confirm=True)
        invoices = {
            code: self.due_invoice(self.customer, 10 * number, days)
            for number, (code, days) in enumerate(
                zip(BUCKET_CODES, (-5, 10, 45, 75, 100, 200), strict=True), start=1)
        }
        invoices['overdue_31_60'].credit_disputed = True
        self.env['account.payment'].create({
            'payment_type': 'inbound', 'partner_type': 'customer', 'partner_id': self.customer.id, 'amount': 7,
            'journal_id': self.company_data['default_journal_bank'].id}).action_post()
        return invoices, order

    def test_panel_is_the_same_on_customer_order_and_invoice(self):
        self.set_terms(self.customer, 100000, control='limited')
        self.env['credit.guarantee'].create({'name': 'G', 'partner_id': self.customer.id, 'amount': 50}).action_accept()
        invoices, order = self.fill()
        quotation = self.make_order(amount=20)
        panels = [record.with_user(self.accountant).credit_panel for record in (self.customer, invoices['not_due'])]
        panels += [quotation.with_user(self.analyst).credit_panel]
        panels += [record.with_user(self.analyst).get_credit_panel() for record in (order, quotation)]
        for panel in panels:
            panel.pop('partner_id', None)
            panel.pop('company_id', None)
            self.assertEqual(panel, panels[0])
        currency = self.company.currency_id
        for part, amount in (
            ('limit', 100000), ('guarantee', 50), ('receivable', 203), ('uninvoiced', 100), ('exposure', 303),
            ('available', 100000 + 50 - 303), ('overdue', 170), ('disputed', 30)):
            self.assertEqual(self.part(panels[0], part)['amount'], currency.format(amount), part)
        self.assertIsNone(self.part(panels[0], 'extension'))
        self.assertEqual(
            [bar['amount'] for bar in panels[0]['bars']],
            [currency.format(amount) for amount in (10, 20, 30, 40, 50, 60, -7)])
        self.assertEqual([bar['width'] for bar in panels[0]['bars']][-2:], [100, 12])

    def test_amounts_lead_to_their_documents(self):
        self.set_terms(self.customer, 100000)
        invoices, order = self.fill()
        for code, invoice in invoices.items():
            self.assertEqual(self.documents(code), invoice, code)
            self.assertEqual(self.documents(code, self.analyst), invoice, code)
        self.assertEqual(self.documents('disputed'), invoices['overdue_31_60'])
        self.assertEqual(
            self.documents('overdue'),
            self.env['account.move'].concat(*invoices.values()) - invoices['not_due'] - invoices['overdue_31_60'])
        self.assertEqual(self.documents('uninvoiced', self.analyst), order)
        self.assertEqual(sum(self.documents('unapplied').mapped('amount_residual')), -7)
        self.assertFalse(self.documents('guarantee'))
        self.assertFalse(self.documents('extension'))
        with self.assertRaisesRegex(UserError, 'nonsense'):
            self.documents('nonsense')
        order._create_invoices().action_post()
        self.assertFalse(self.documents('uninvoiced', self.analyst))

    def test_instalments_lead_to_the_invoice_from_each_bucket(self):
        term = self.env['account.payment.term'].create({'name': 'Half now, half in 60 days', 'line_ids': [
            Command.create({'value': 'percent', 'value_amount': 50, 'nb_days': 0}),
            Command.create({'value': 'percent', 'value_amount': 50, 'nb_days': 60})]})
        invoice = self.make_invoice(self.customer, 200, date=self.day(-40), due=False, invoice_payment_term_id=term.id)
        self.assertEqual(self.documents('overdue_31_60') & self.documents('not_due'), invoice)
        self.assertFalse(self.documents('overdue_1_30'))

    def test_the_salesperson_sees_light_available_and_utilisation_only(self):
        self.due_invoice(self.customer, 250, 5)
        order = self.make_order(amount=50, user=self.salesperson)
        summary = order.with_user(self.salesperson).credit_summary
        self.assertEqual(summary['light'], 'green')
        self.assertEqual((summary['available'], summary['used']), (self.company.currency_id.format(750), 25))
        self.assertEqual(set(summary), {'light', 'label', 'available', 'used'})
        for record in (order, self.customer):
            self.assertNotIn('credit_panel', record.with_user(self.salesperson).fields_get())
            with self.assertRaises(AccessError):
                record.with_user(self.salesperson).read(['credit_panel'])
        arch = self.env['sale.order'].with_user(self.salesperson).get_view(view_type='form')['arch']
        self.assertIn('credit_summary', arch)
        self.assertNotIn('credit_panel', arch)

    def test_opening_a_settled_order_reads_no_figures_until_its_page_is_opened(self):
        order = self.make_order(amount=100, confirm=True).with_user(self.analyst)
        self.env.flush_all()
        self.env.invalidate_all()
        with patch.object(type(self.env['res.partner']), '_credit_exposure', side_effect=AssertionError):
            self.assertFalse(order.credit_summary)
            self.assertFalse(order.credit_panel)
        self.assertEqual(
            self.part(order.get_credit_panel(), 'uninvoiced')['amount'], self.company.currency_id.format(100)
        )
        with self.assertRaises(AccessError):
            order.with_user(self.salesperson).get_credit_panel()

    def test_the_salesperson_gets_the_same_figures_of_a_confirmed_or_held_order_when_asked_for(self):
        self.due_invoice(self.customer, 250, 5)
        confirmed = self.make_order(amount=50, user=self.salesperson)
        confirmed.action_confirm()
        held = self.make_order(amount=5000, user=self.salesperson)
        held.action_confirm()
        self.assertEqual((confirmed.state, held.credit_state), ('sale', 'held'))
        colleague = self._make_user('colleague', 'Colin', 'sales_team.group_sale_salesman')
        outsider = self._make_user('outsider', 'Otto', 'base.group_partner_manager')
        for order in (confirmed, held):
            summary = order.with_user(self.salesperson).get_credit_summary()
            self.assertEqual((summary['available'], summary['used']), (self.company.currency_id.format(700), 30))
            self.assertEqual(set(summary), {'light', 'label', 'available', 'used'}, 'no figure besides')
            for user in (colleague, outsider):
                with self.assertRaises(AccessError):
                    order.with_user(user).get_credit_summary()
        arch = self.env['sale.order'].with_user(self.salesperson).get_view(view_type='form')['arch']
        self.assertIn('credit_summary_now', arch)
        self.assertNotIn('credit_summary_now', self.env['sale.order'].with_user(self.analyst).get_view(
            view_type='form')['arch'], 'has the whole panel on its page')

    def test_who_may_see_an_order_but_not_the_figures_is_refused(self):
        order = self.make_order(amount=50, confirm=True)
        outsider = self._make_user('outsider', 'Otto', 'base.group_partner_manager')
        self.env['ir.model.access'].create({
            'name': 'orders for all', 'model_id': self.env['ir.model']._get_id('sale.order'), 'perm_read': True,
            'group_id': self.env.ref('base.group_partner_manager').id})
        order.with_user(outsider).read(['name'])
        for method in ('get_credit_summary', 'get_credit_panel'):
            with self.assertRaises(AccessError):
                getattr(order.with_user(outsider), method)()

    def test_unchecked_customers_have_no_summary(self):
        free = self.env['res.partner'].create({'name': 'Free', 'is_company': True})
        self.policy.action_archive_policy()
        order = self.make_order(free)
        self.assertFalse(order.credit_summary)
        self.assertFalse(order.get_credit_summary())
        self.assertEqual([row['part'] for row in order.credit_panel['rows']], ['receivable', 'uninvoiced', 'exposure'])
        self.assertFalse(order.credit_panel['bars'])

    def test_another_companys_figures_need_that_company(self):
        other = self.setup_other_company()['company']
        with self.assertRaises(AccessError):
            self.customer.with_user(self.accountant).action_open_credit_part('receivable', other.id)

    def test_new_documents_show_the_panel_of_the_customer_chosen(self):
        self.due_invoice(self.customer, 250, 5)
        order = Form(self.env['sale.order'].with_user(self.salesperson))
        order.partner_id = self.customer
        self.assertEqual(order.credit_summary['used'], 25)
        vendor_bill = self.env['account.move'].new({'move_type': 'in_invoice', 'partner_id': self.customer.id})
        self.assertFalse(vendor_bill.credit_panel)

    def count(self, record, names):
        """Queries of reading ``names`` with nothing but the registry's caches filled."""
        for _warm in range(2):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            record.read(names)
        return self.env.cr.sql_log_count - before

    def test_the_order_form_needs_at_most_eight_queries_more(self):
        self.set_terms(self.customer, 1000)
        orders = {'confirmed': self.make_order(amount=900, confirm=True)}
        orders['clear'] = self.make_order(amount=30)
        orders['would be held'] = self.make_order(amount=300)
        view = self.env['sale.order'].with_user(self.analyst).get_view(view_type='form')
        names = sorted(view['models']['sale.order'])  # what is read first decides what is prefetched
        plain = [name for name in names if not name.startswith('credit_')]
        self.assertIn('credit_panel', set(names) - set(plain))
        for case in ('confirmed', 'clear'):
            order = orders[case].with_user(self.analyst)
            self.assertLessEqual(self.count(order, names) - self.count(order, plain), 8, case)
        # the banner of a held one reads open invoices and releases besides; the panel itself adds nothing to it
        order = orders['would be held'].with_user(self.analyst)
        banner = [name for name in names if name not in ('credit_panel', 'credit_summary')]
        self.count(order, names)  # what is cached between requests isn't counted
        self.assertEqual(self.count(order, names), self.count(order, banner))
        self.assertEqual(orders['would be held'].credit_message_level, 'hold')
