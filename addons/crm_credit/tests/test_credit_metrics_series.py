from datetime import timedelta
from random import Random
from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import tagged

from .common import CreditCase


@tagged('post_install', '-at_install')
class TestCreditMetricsSeries(CreditCase):
    """Whatever changes and in whatever order: a refresh of the customers in the log leaves the very rows, and the very
    fields on the customers, that a refresh of all customers leaves.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.env.user)
        cls.metrics = cls.env['crm.customer.metrics'].with_context(allowed_company_ids=cls.company.ids)
        cls.activate_policy()
        cls.others = cls.env['res.partner'].create(
            [{'name': f'Other {number}', 'is_company': True, 'customer_rank': 1} for number in range(4)]
        )
        cls.contact = cls.env['res.partner'].create({'name': 'Buyer', 'parent_id': cls.customer.id})
        for number, partner in enumerate(cls.customer | cls.others):
            cls.make_invoice(partner, 300 + 100 * number, date=cls.day(-90 + number), due=cls.day(-20))
        cls.invoice = cls.make_invoice(cls.customer, 1000, date=cls.day(-40), due=cls.day(-15))
        cls.order = cls.sell(cls.customer)
        cls.free = cls.env['res.partner'].create({'name': 'Free', 'is_company': True, 'customer_rank': 1})
        cls.growing = cls.sell(cls.free)
        cls.group = cls.env['credit.group'].create(
            {'name': 'Holding', 'credit_limit': 5000, 'member_ids': [Command.set(cls.others[2:].ids)]}
        )
        cls.metrics.refresh()

    @classmethod
    def day(cls, days):
        return cls.today + timedelta(days=days)

    @classmethod
    def sell(cls, partner, confirm=True, quantity=4):
        line = {'product_id': cls.product_a.id, 'price_unit': 70, 'product_uom_qty': quantity}
        order = cls.env['sale.order'].create({'partner_id': partner.id, 'order_line': [Command.create(line)]})
        if confirm:
            order.action_confirm()
        return order

    # ------------------------------------------------------------------ what is compared

    def state(self):
        """All figures of the company, and what its customers show of them; not ids and times."""
        self.env.flush_all()
        sources = [*self.metrics._metrics_sources(), *self.metrics._metrics_population_sources()]
        columns = sorted({column for source in sources for column in source.columns} | {'user_id', 'currency_id'})
        names = ', '.join(columns)
        self.env.cr.execute(
            f'SELECT partner_id, {names} FROM crm_customer_metrics WHERE company_id = %s', [self.company.id]
        )
        rows = {partner: dict(zip(columns, values, strict=True)) for partner, *values in self.env.cr.fetchall()}
        mirrored = [figure.field for figure in self.metrics._metrics_mirrored()]
        self.env.cr.execute(f"SELECT id, {', '.join(mirrored)} FROM res_partner WHERE id = ANY(%s)", [list(rows)])
        return rows, self.env.cr.fetchall()

    def assertSameAsAll(self, after):
        original = type(self.metrics)._refresh_changed
        with patch.object(type(self.metrics), '_refresh_changed', autospec=True, side_effect=original) as some:
            self.metrics.refresh()
        rows, partners = self.state()
        self.env['crm.metrics.run'].search([]).basis = False
        written = self.metrics.refresh()
        complete, complete_partners = self.state()
        self.assertEqual(rows, complete, after)
        self.assertEqual(sorted(partners, key=str), sorted(complete_partners, key=str), after)
        self.assertEqual(written, 0, after)
        return some.called

    # ------------------------------------------------------------------ what changes

    def changes(self):
        return [
            getattr(self, name)
            for name in sorted(vars(type(self)))
            if name.startswith('change_')
            and (name not in ('change_complaint', 'change_complaint_verdict') or 'crm.complaint' in self.env)
        ]

    def change_invoice(self):
        self.make_invoice(self.others[0], 777, date=self.day(-20), due=self.day(-3))

    def change_credit_note(self):
        self.make_invoice(self.others[1], 50, date=self.day(-2), move_type='out_refund')

    def change_payment(self):
        self.pay(self.invoice, self.day(-4), amount=450)

    def change_dispute(self):
        self.invoice.credit_disputed = not self.invoice.credit_disputed

    def change_order(self):
        self.sell(self.others[0])

    def change_quotation(self):
        newcomer = self.env['res.partner'].create({'name': 'Newcomer', 'is_company': True, 'customer_rank': 1})
        self.sell(newcomer, confirm=False)

    def change_opportunity(self):
        newcomer = self.env['res.partner'].create({'name': 'Lead', 'is_company': True, 'customer_rank': 1})
        self.env['crm.lead'].create({'name': 'Fleet', 'type': 'opportunity', 'partner_id': newcomer.id})

    def change_line_quantity(self):
        self.growing.order_line.product_uom_qty += 3

    def change_invoice_link(self):
        invoice = self.order.with_context(raise_if_nothing_to_invoice=False)._create_invoices(final=True)
        if invoice:
            invoice.invoice_date = self.day(-1)
            invoice.action_post()

    def change_cut_link(self):
        self.env.cr.execute(
            'DELETE FROM sale_order_line_invoice_rel WHERE order_line_id = ANY(%s)', [self.order.order_line.ids]
        )

    def change_delivery(self):
        if 'picking_ids' in self.order:
            for picking in self.order.picking_ids.filtered(lambda picking: picking.state not in ('done', 'cancel')):
                picking.move_ids.write({'quantity': 1, 'picked': True})
                picking._action_done()

    def change_paid_transaction(self):
        provider = self.env['payment.provider'].create({'name': 'Test', 'code': 'none', 'state': 'test'})
        self.env['payment.transaction'].create(
            {
                'provider_id': provider.id,
                'payment_method_id': self.env.ref('payment.payment_method_unknown').id,
                'reference': f'T{provider.id}',
                'amount': 60,
                'currency_id': self.company.currency_id.id,
                'partner_id': self.customer.id,
                'state': 'done',
            }
        )

    def change_refused_transaction(self):
        self.env['payment.transaction'].search([('partner_id', '=', self.customer.id)]).state = 'cancel'

    def change_touchpoint(self):
        self.env['crm.touchpoint'].create({'partner_id': self.contact.id, 'summary': 'Lunch', 'cost': 30})

    def change_promise(self):
        promise = self.env['crm.promise'].create(
            {'partner_id': self.customer.id, 'name': 'Call', 'date_due': self.day(0)}
        )
        promise.action_keep()

    def change_investment(self):
        self.env['crm.customer.investment'].create(
            {'partner_id': self.customer.id, 'name': 'Gift', 'cost': 45, 'date': self.day(-1)}
        )

    def change_complaint(self):
        self.env['crm.complaint'].create({'subject': 'Scratched', 'partner_id': self.customer.id})

    def change_complaint_verdict(self):
        self.env['crm.complaint'].search([('partner_id', '=', self.customer.id)]).verdict = 'justified'

    def change_guarantee(self):
        guarantee = self.env['credit.guarantee'].create({'name': 'BG', 'partner_id': self.customer.id, 'amount': 400})
        guarantee.action_accept()

    def change_closed_guarantee(self):
        self.env['credit.guarantee'].search([('state', '=', 'accepted')]).action_close()

    def change_extension(self):
        self.env['credit.extension'].create(
            {'partner_id': self.others[1].id, 'amount': 300, 'date_to': self.day(9), 'reason': 'Season'}
        ).action_approve()

    def change_terms(self):
        self.set_terms(self.customer, limit=800, grade='B')

    def change_review_date(self):
        self.set_terms(self.others[1], limit=100, grade='C')
        self.others[1].with_company(self.company).credit_review_date = self.day(-400)

    def change_assessment(self):
        assessment = self.env['credit.assessment'].with_user(self.analyst).create({'partner_id': self.others[0].id})
        assessment.action_fill()
        assessment.line_ids.filtered(lambda line: line.source == 'manual').write({'score': 70, 'basis': 'Visit'})
        assessment.action_submit()
        assessment.with_user(self.credit_manager).action_approve()

    def change_exception(self):
        self.env['credit.rule.exception'].create(
            {'partner_id': self.customer.id, 'kind': 'overdue_days', 'date_to': self.day(9), 'reason': 'Strike'}
        )

    def change_exception_gone(self):
        self.env['credit.rule.exception'].search([]).unlink()

    def change_exception_for_grade(self):
        self.env['credit.rule.exception'].create(
            {'grade_code': 'B', 'kind': 'overdue_days', 'date_to': self.day(9), 'reason': 'Storm'}
        )

    def change_group_limit(self):
        self.group.credit_limit = 600

    def change_group_debt(self):
        self.make_invoice(self.others[3], 250, date=self.day(-9), due=self.day(-2))

    def change_parent(self):
        self.contact.parent_id = self.others[0]

    def change_customer_to_contact(self):
        lone = self.env['res.partner'].create({'name': 'Lone', 'is_company': True, 'customer_rank': 1})
        self.make_invoice(lone, 90, date=self.day(-9))
        self.metrics.refresh()
        lone.write({'is_company': False, 'parent_id': self.others[0].id})

    def change_salesperson(self):
        self.others.user_id = self.salesperson

    def change_value_class(self):
        self.env['crm.value.class.override'].create(
            {'partner_id': self.others[0].id, 'value_class': 'minor', 'reason': 'Under liquidation'}
        )

    def change_mirrored_fields(self):
        partner = self.others[1].with_company(self.company)
        partner.write({'relationship_stage': 'lost', 'value_class': 'minor', 'credit_signal': 'green'})

    def change_uom(self):
        self.env.ref('uom.product_uom_dozen').relative_factor = 13

    # ------------------------------------------------------------------ the series

    def test_one_change_at_a_time(self):
        for change in self.changes():
            with self.subTest(change=change.__name__):
                change()
                self.assertSameAsAll(change.__name__)

    def test_changes_in_random_order_several_at_a_time(self):
        random, partial = Random(19), 0
        for number in range(2):
            changes = self.changes()
            random.shuffle(changes)
            while changes:
                some = [changes.pop() for _index in range(min(len(changes), random.randint(2, 6)))]
                for change in some:
                    change()
                partial += self.assertSameAsAll((number, [change.__name__ for change in some]))
        self.assertGreater(partial, 5, "most of these changes are refreshed without going over all customers")

    def test_where_nothing_changed_nothing_is_computed(self):
        self.group.unlink()
        self.metrics.refresh()
        with (
            patch.object(type(self.metrics), '_write_rows', side_effect=AssertionError('computed')),
            patch.object(type(self.metrics), '_batches', side_effect=AssertionError('all customers')),
        ):
            self.assertEqual(self.metrics.refresh(), 0)
