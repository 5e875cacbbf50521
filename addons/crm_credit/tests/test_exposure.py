from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from .common import CreditCase


class ExposureCase(CreditCase):
    """Makes orders and reads exposures."""

    @classmethod
    def get_default_groups(cls):
        return (
            super().get_default_groups()
            | cls.quick_ref('crm_credit.group_credit_manager')
            | cls.quick_ref('sales_team.group_sale_manager')
        )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env['product.product'].create(
            {'name': 'Pump', 'type': 'service', 'invoice_policy': 'order', 'list_price': 100, 'taxes_id': False}
        )
        cls.today = fields.Date.context_today(cls.env['res.partner'])

    @classmethod
    def make_order(cls, partner=None, amount=100.0, quantity=1.0, confirm=False, user=None, **values):
        order = (
            cls.env['sale.order']
            .with_user(user or cls.env.user)
            .create(
                {
                    'partner_id': (partner or cls.customer).id,
                    'order_line': [
                        Command.create(
                            {
                                'product_id': cls.product.id,
                                'product_uom_qty': quantity,
                                'price_unit': amount / quantity,
                                'tax_ids': False,
                            }
                        )
                    ],
                    **({'user_id': user.id} if user else {}),
                    **values,
                }
            )
        )
        if confirm:
            order.action_confirm()
        return order

    def day(self, offset):
        return self.today + timedelta(days=offset)

    def exposure(self, partner=None, company=None):
        partner = partner or self.customer
        return partner._credit_exposure(company or self.company)[partner.commercial_partner_id.id]

    def due_invoice(self, partner, amount, days, **values):
        """An open invoice that is ``days`` overdue."""
        return self.make_invoice(partner, amount, date=self.day(-days - 1), due=self.day(-days), **values)


@tagged('post_install', '-at_install')
class TestExposure(ExposureCase):
    def test_open_items_fall_into_buckets_by_their_due_date(self):
        for days, amount in ((-10, 1), (0, 2), (1, 4), (30, 8), (31, 16), (75, 32), (100, 64), (200, 128)):
            self.make_invoice(self.customer, amount, date=self.day(-days - 1), due=self.day(-days))
        exposure = self.exposure()
        self.assertEqual(
            (
                exposure.not_due,
                exposure.overdue_1_30,
                exposure.overdue_31_60,
                exposure.overdue_61_90,
                exposure.overdue_91_120,
                exposure.overdue_over_120,
            ),
            (3, 12, 16, 32, 64, 128),
        )
        self.assertEqual(exposure.receivable, 255)
        self.assertEqual((exposure.overdue, exposure.max_days_overdue), (252, 200))

    def test_instalments_are_due_one_by_one(self):
        term = self.env['account.payment.term'].create(
            {
                'name': 'Half now, half in 60 days',
                'line_ids': [
                    Command.create({'value': 'percent', 'value_amount': 50, 'nb_days': 0}),
                    Command.create({'value': 'percent', 'value_amount': 50, 'nb_days': 60}),
                ],
            }
        )
        self.make_invoice(self.customer, 200, date=self.day(-40), due=False, invoice_payment_term_id=term.id)
        exposure = self.exposure()
        self.assertEqual((exposure.overdue_31_60, exposure.not_due), (100, 100))

    def test_unapplied_payments_and_credit_notes_are_negative_and_never_overdue(self):
        self.due_invoice(self.customer, 500, 40)
        self.make_invoice(self.customer, 80, date=self.day(-90), move_type='out_refund')
        self.env['account.payment'].create(
            {
                'payment_type': 'inbound',
                'partner_type': 'customer',
                'partner_id': self.customer.id,
                'amount': 120,
                'journal_id': self.company_data['default_journal_bank'].id,
            }
        ).action_post()
        exposure = self.exposure()
        self.assertEqual((exposure.unapplied, exposure.receivable, exposure.overdue), (-200, 300, 500))

    def test_part_payments_reduce_what_is_open(self):
        invoice = self.due_invoice(self.customer, 500, 10)
        self.pay(invoice, self.today, 200)
        self.assertEqual(self.exposure().receivable, 300)

    def test_a_disputed_invoice_is_owed_but_not_overdue(self):
        invoice = self.due_invoice(self.customer, 500, 100)
        invoice.credit_disputed = True
        exposure = self.exposure()
        self.assertEqual(
            (exposure.receivable, exposure.disputed, exposure.overdue, exposure.max_days_overdue), (500, 500, 0, 0)
        )

    def test_contacts_owe_as_their_company_and_the_invoice_address_decides(self):
        contact = self.env['res.partner'].create({'name': 'Buyer', 'parent_id': self.customer.id})
        payer = self.env['res.partner'].create({'name': 'Head Office', 'is_company': True})
        self.due_invoice(contact, 100, 5)
        self.make_order(contact, 50, confirm=True)
        self.make_order(self.customer, 30, confirm=True, partner_invoice_id=payer.id)
        self.assertEqual(self.exposure(contact).exposure, 150)
        self.assertEqual(self.exposure(payer).uninvoiced, 30)

    def test_foreign_amounts_count_at_the_rate_of_their_document(self):
        currency = self.setup_other_currency('EUR', rates=[('2020-01-01', 2.0)])
        pricelist = self.env['product.pricelist'].create({'name': 'EUR', 'currency_id': currency.id})
        order = self.make_order(amount=100, pricelist_id=pricelist.id, confirm=True)
        self.make_invoice(self.customer, 60, date='2026-01-01', currency_id=currency.id)
        self.env.flush_all()
        currency.rate_ids.rate = 4.0  # what happens to the rate later changes nothing
        self.assertEqual(order.currency_id, currency)
        self.assertEqual((self.exposure().uninvoiced, self.exposure().receivable), (50, 30))

    # -- orders

    def test_drafts_do_not_count_and_draft_invoices_do_not_reduce(self):
        self.make_order(amount=70)
        order = self.make_order(amount=100, confirm=True)
        self.assertEqual(self.exposure().uninvoiced, 100)
        invoice = order._create_invoices()
        self.assertEqual(order.invoice_status, 'invoiced')
        self.assertEqual((self.exposure().uninvoiced, self.exposure().receivable), (100, 0))
        invoice.action_post()
        self.assertEqual((self.exposure().uninvoiced, self.exposure().receivable), (0, 100))

    def test_a_partly_invoiced_order_counts_its_rest_at_its_price(self):
        order = self.make_order(amount=1000, quantity=10, confirm=True)
        invoice = order._create_invoices()
        invoice.invoice_line_ids.quantity = 4
        invoice.action_post()
        self.assertEqual((self.exposure().uninvoiced, self.exposure().receivable), (600, 400))

    def test_a_refund_of_the_order_reopens_what_is_to_be_invoiced(self):
        order = self.make_order(amount=1000, quantity=10, confirm=True)
        invoice = order._create_invoices()
        invoice.action_post()
        invoice._reverse_moves([{'invoice_date': self.today}], cancel=True)
        self.assertEqual((self.exposure().uninvoiced, self.exposure().receivable), (1000, 0))

    def test_units_of_measure_are_converted(self):
        dozen = self.env.ref('uom.product_uom_dozen')
        order = self.make_order(amount=1200, confirm=True)
        order.order_line.product_uom_id = dozen
        order.order_line.price_unit = 1200
        invoice = order._create_invoices()
        invoice.invoice_line_ids.write(
            {'product_uom_id': self.env.ref('uom.product_uom_unit').id, 'quantity': 3, 'price_unit': 100}
        )
        invoice.action_post()
        self.assertAlmostEqual(self.exposure().uninvoiced, 900)

    def test_tax_is_included(self):
        tax = self.env['account.tax'].create({'name': '20 %', 'amount': 20, 'type_tax_use': 'sale'})
        order = self.make_order(amount=100)
        order.order_line.tax_ids = tax
        order.action_confirm()
        self.assertEqual(self.exposure().uninvoiced, 120)

    def test_down_payments_move_credit_from_the_order_to_the_invoice(self):
        order = self.make_order(amount=1000, confirm=True)
        wizard = self.env['sale.advance.payment.inv'].create(
            {'sale_order_ids': order.ids, 'advance_payment_method': 'fixed', 'fixed_amount': 300}
        )
        invoice = wizard._create_invoices(order)
        self.assertEqual(self.exposure().exposure, 1000)
        invoice.action_post()
        self.assertEqual((self.exposure().uninvoiced, self.exposure().receivable), (700, 300))
        order._create_invoices(final=True).action_post()
        self.assertEqual((self.exposure().uninvoiced, self.exposure().receivable), (0, 1000))

    def test_what_is_delivered_beyond_the_order_counts_by_delivery_policy(self):
        self.product.invoice_policy = 'delivery'
        order = self.make_order(amount=100, quantity=10, confirm=True)
        self.assertEqual(self.exposure().uninvoiced, 100)
        order.order_line.qty_delivered = 12
        self.assertEqual(self.exposure().uninvoiced, 120)

    def test_cancelled_and_closed_orders_do_not_count(self):
        self.make_order(amount=100, confirm=True)._action_cancel()
        closed = self.make_order(amount=200, confirm=True)
        closed.invoice_status = 'invoiced'
        self.assertEqual(self.exposure().exposure, 0)

    def test_a_locked_order_still_counts_unless_it_is_done(self):
        self.product.invoice_policy = 'delivery'
        order = self.make_order(amount=100, quantity=10, confirm=True)
        order.action_lock()
        self.assertEqual(self.exposure().uninvoiced, 100)
        order.action_unlock()
        order.order_line.qty_delivered = 6
        order._create_invoices().action_post()
        self.assertEqual(self.exposure().uninvoiced, 40)
        order.action_lock()
        self.assertEqual(self.exposure().uninvoiced, 0)

    # -- transactions

    def make_transaction(self, order=None, amount=100.0, state='authorized', **values):
        provider = self.env['payment.provider'].sudo().create({'name': 'Test', 'code': 'none', 'state': 'test'})
        provider.support_manual_capture = 'partial'
        method = self.env.ref('payment.payment_method_unknown')
        return (
            self.env['payment.transaction']
            .sudo()
            .create(
                {
                    'provider_id': provider.id,
                    'payment_method_id': method.id,
                    'reference': f'T{provider.id}',
                    'amount': amount,
                    'currency_id': self.company.currency_id.id,
                    'partner_id': self.customer.id,
                    'state': state,
                    **({'sale_order_ids': [Command.link(order.id)]} if order else {}),
                    **values,
                }
            )
        )

    def test_paid_transactions_count_until_their_payment_is_posted(self):
        order = self.make_order(amount=100, confirm=True)
        transaction = self.make_transaction(order, state='done')
        self.assertEqual((self.exposure().transactions, self.exposure().exposure), (100, 0))
        payment = self.env['account.payment'].create(
            {
                'payment_type': 'inbound',
                'partner_type': 'customer',
                'partner_id': self.customer.id,
                'amount': 100,
                'journal_id': self.company_data['default_journal_bank'].id,
            }
        )
        transaction.payment_id = payment
        payment.action_post()
        if payment.move_id:
            self.assertEqual((self.exposure().transactions, self.exposure().unapplied), (0, -100))
        self.assertEqual(self.exposure().exposure, 0)

    def test_captures_do_not_count_beside_their_authorisation(self):
        source = self.make_transaction(amount=100)
        source.copy({'reference': 'child', 'amount': 40, 'state': 'done', 'source_transaction_id': source.id})
        self.make_transaction(amount=55, state='pending')
        self.make_transaction(amount=55, state='cancel')
        self.assertEqual(self.exposure().transactions, 100)

    # -- companies, queries, searches

    def test_branches_share_one_exposure(self):
        branch = self.env['res.company'].create({'name': 'Branch', 'parent_id': self.company.id})
        self.env.user.company_ids |= branch
        self.due_invoice(self.customer, 100, 5)
        order = self.make_order(amount=50, company_id=branch.id, partner_id=self.customer.id)
        order.with_company(branch).action_confirm()
        self.assertEqual(self.exposure(company=branch).exposure, 150)
        self.assertEqual(self.exposure(company=self.company).exposure, 150)
        self.assertEqual(self.customer.with_company(branch).credit_exposure, 150)

    def test_other_companies_do_not_count(self):
        other = self.setup_other_company()['company']
        self.due_invoice(self.customer, 100, 5)
        self.assertEqual(self.exposure(company=other).exposure, 0)

    def test_the_number_of_queries_does_not_depend_on_the_number_of_partners(self):
        partners = self.env['res.partner'].create([{'name': f'P{i}', 'is_company': True} for i in range(80)])
        for partner in partners[:4]:
            self.due_invoice(partner, 10, 5)
        self.env.flush_all()
        for batch in (partners[:8], partners):
            self.env.invalidate_all()
            batch.mapped('commercial_partner_id')  # a list page has read its partners
            self.exposure()  # the user's time zone and the company are read
            with self.assertQueryCount(4):
                batch._credit_exposure(self.company)

    def test_the_salesperson_sees_the_figures_but_not_the_limit_field(self):
        self.activate_policy()
        self.set_terms(self.customer, 1000)
        self.due_invoice(self.customer, 250, 5)
        customer = self.customer.with_user(self.salesperson)
        self.assertEqual((customer.credit_available, customer.credit_utilization), (750, 0.25))
        self.assertNotIn('credit_limit', customer.fields_get())

    def test_search_finds_who_owes_is_late_or_over_the_limit(self):
        self.activate_policy()
        late, small, clean = self.env['res.partner'].create(
            [{'name': name, 'is_company': True} for name in ('Late', 'Small', 'Clean')]
        )
        self.set_terms(late, 100)
        self.set_terms(small, 100)
        self.set_terms(clean, 0)
        self.due_invoice(late, 150, 45)
        self.due_invoice(small, 50, 10)
        contact = self.env['res.partner'].create({'name': 'Contact', 'parent_id': late.id})

        def found(domain):
            return self.env['res.partner'].search([('id', 'in', (late | small | clean | contact).ids), *domain])

        self.assertEqual(found([('credit_max_days_overdue', '>', 30)]), late | contact)
        self.assertEqual(found([('credit_exposure', '>', 20)]), late | small | contact)
        self.assertEqual(found([('credit_exposure', '=', 0)]), clean)
        self.assertEqual(found([('credit_exposure', '<', 60)]), small | clean)
        self.assertEqual(found([('credit_over_limit', '=', True)]), late | contact)
        self.assertEqual(found([('credit_over_limit', '=', False)]), small | clean)
        self.assertEqual(found([('credit_overdue', '>=', 150)]), late | contact)
