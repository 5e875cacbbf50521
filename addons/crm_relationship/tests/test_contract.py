import io
from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from lxml import html as lxml_html
from psycopg2 import IntegrityError
from pypdf import PdfReader

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import RelationshipCase

REPORT = 'crm_relationship.report_crm_contract'


@tagged('post_install', '-at_install')
class TestContract(RelationshipCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time('2026-11-23 09:00:00'))
        cls.customer = cls.make_customer('Deco Addict GmbH')
        cls.unit = cls.env.ref('uom.product_uom_unit')
        cls.dozen = cls.env.ref('uom.product_uom_dozen')
        # Services, so that nothing but the salesperson says what is delivered.
        cls.chair, cls.desk = cls.env['product.product'].create([
            {'name': 'Chair', 'type': 'service', 'list_price': 100, 'invoice_policy': 'delivery', 'taxes_id': False,
             'uom_ids': [(4, cls.dozen.id)]},
            {'name': 'Desk', 'type': 'service', 'list_price': 400, 'invoice_policy': 'delivery', 'taxes_id': False},
        ])

    def contract(self, activate=True, user=None, lines=None, **values):
        contract = self.env['crm.contract'].with_user(user or self.salesperson).create({
            'partner_id': self.customer.id, 'subject': "Furniture for a year",
            'date_start': '2026-11-01', 'date_end': '2027-10-31',
            'line_ids': [(0, 0, line) for line in lines or [
                {'product_id': self.chair.id, 'quantity': 100, 'price_unit': 80, 'standard_quantity': 10},
                {'product_id': self.desk.id, 'quantity': 20, 'price_unit': 300},
            ]],
            **values,
        })
        if activate:
            contract.action_activate()
        return contract

    def order(self, contract, chairs=0, desks=0, confirm=True):
        quantities = zip(contract.line_ids, (chairs, desks), strict=True)
        order = contract._make_order({line: quantity for line, quantity in quantities if quantity})
        if confirm:
            order.action_confirm()
        return order

    def run_cron(self, name):
        with self.enter_registry_test_mode():
            self.env.ref(f'crm_relationship.{name}').method_direct_trigger()

    # ------------------------------------------------------------------ writing a contract

    def test_a_salesperson_writes_a_contract_from_a_template(self):
        template = self.env.ref('crm_relationship.crm_contract_template_supply')
        with Form(self.env['crm.contract'].with_user(self.salesperson)) as form:
            form.partner_id = self.customer
            form.subject = "Chairs"
            form.template_id = template
            form.date_end = date(2027, 11, 22)
            with form.line_ids.new() as line:
                line.product_id = self.chair
                line.quantity = 5
        contract = form.record
        self.assertRegex(contract.name, r'^CON/\d{4}/\d{4}')
        self.assertEqual(contract.user_id, self.salesperson)
        self.assertIn("pays in the agreed way", contract.customer_terms)
        self.assertEqual((contract.line_ids.price_unit, contract.amount_total), (100, 500))
        self.assertEqual((contract.date_notice, contract.date_reminder), (date(2027, 10, 23), date(2027, 9, 23)))

    def test_a_contract_cannot_end_before_it_starts(self):
        with self.assertRaisesRegex(ValidationError, "before it starts"):
            self.contract(date_end='2026-10-31')

    def test_bad_quantities_and_prices_are_refused(self):
        for line in ({'quantity': -1}, {'quantity': 1, 'price_unit': -1}, {'quantity': 1, 'standard_quantity': -1}):
            with self.assertRaises(IntegrityError), mute_logger('odoo.sql_db'), self.cr.savepoint():
                self.contract(lines=[{'product_id': self.chair.id, **line}])
        with self.assertRaisesRegex(ValidationError, "can't be agreed in"):
            kilogram = self.env.ref('uom.product_uom_kgm')
            self.contract(lines=[{'product_id': self.chair.id, 'product_uom_id': kilogram.id}])

    def test_only_a_complete_contract_comes_into_force_and_only_by_the_button(self):
        contract = self.contract(activate=False)
        with self.assertRaisesRegex(UserError, "Use the buttons"):
            contract.state = 'active'
        contract.line_ids.unlink()
        with self.assertRaisesRegex(UserError, "no lines"):
            contract.action_activate()
        with self.assertRaisesRegex(UserError, "ended on"):
            self.contract(date_start='2025-01-01', date_end='2025-12-31')

    def test_number_renewal_and_end_are_not_entered_by_hand(self):
        contract, other = self.contract(), self.contract()
        for vals in ({'name': 'CON/1999/0001'}, {'previous_id': other.id}, {'date_terminated': '2026-11-30'}):
            with self.subTest(vals=vals), self.assertRaisesRegex(AccessError, "can't be entered by hand"):
                contract.write(vals)
        for values in ({'previous_id': other.id}, {'date_terminated': '2026-11-30'}):
            with self.subTest(values=values), self.assertRaisesRegex(AccessError, "can't be entered by hand"):
                self.contract(**values)
        self.assertNotEqual(self.contract(name='CON/1999/0001').name, 'CON/1999/0001', "the number is always given")
        contract.write({'name': contract.name, 'subject': "Chairs and desks"})
        renewed = contract.browse(contract.action_renew()['res_id'])
        self.assertEqual(renewed.previous_id, contract)
        contract.termination_reason = "The customer moves away."
        contract.action_terminate()
        self.assertEqual(contract.date_terminated, date(2026, 11, 23))

    def test_changes_of_a_contract_in_force_are_in_its_history(self):
        contract = self.contract()
        contract.line_ids[0].price_unit = 85
        self.assertIn("80.00 →", contract.message_ids[0].body)
        self.assertIn("85.00<", contract.message_ids[0].body)
        count = len(contract.message_ids)
        contract.line_ids[0].standard_quantity = 12
        self.assertEqual(len(contract.message_ids), count, "what isn't agreed with the customer isn't noted")

    def test_a_contract_that_has_ended_cannot_be_changed_or_deleted(self):
        contract = self.contract(termination_reason="Moved away")
        contract.action_terminate()
        for change in (
            lambda: contract.write({'date_end': '2028-01-01'}),
            lambda: contract.line_ids[0].write({'price_unit': 1}),
            lambda: contract.line_ids[0].unlink(),
            lambda: contract.write({'line_ids': [(0, 0, {'product_id': self.desk.id})]}),
        ):
            with self.assertRaisesRegex(UserError, "Renew it"):
                change()
        with self.assertRaisesRegex(UserError, "stays on file"):
            contract.unlink()
        contract.user_id = self.salesperson

    def test_termination_says_why(self):
        contract = self.contract()
        with self.assertRaisesRegex(UserError, "Say why"):
            contract.action_terminate()
        contract.termination_reason = "Business closed"
        contract.action_terminate()
        self.assertEqual((contract.state, contract.date_terminated), ('terminated', date(2026, 11, 23)))

    # ------------------------------------------------------------------ call-off

    def test_a_call_off_is_a_quotation_at_the_agreed_price(self):
        term = self.env['account.payment.term'].create({'name': "60 days"})
        contract = self.contract(payment_term_id=term.id)
        contract.line_ids[0].specification = "Oak, oiled"
        action = contract.action_call_off()
        with Form(self.env['crm.contract.call.off'].with_user(self.salesperson).browse(action['res_id'])) as form:
            with form.line_ids.edit(0) as line:
                self.assertEqual((line.quantity, line.remaining), (10, 100))
            with form.line_ids.edit(1) as line:
                self.assertEqual(line.quantity, 20)
                line.quantity = 0
            self.assertEqual(form.amount, 800)
        order = self.env['sale.order'].browse(form.record.action_create_order()['res_id'])
        self.assertEqual((order.contract_id, order.user_id, order.payment_term_id), (contract, self.salesperson, term))
        self.assertEqual(
            order.order_line.mapped(lambda line: (line.product_id, line.product_uom_qty, line.price_unit)),
            [(self.chair, 10, 80)],
        )
        self.assertIn("Oak, oiled", order.order_line.name)
        self.assertEqual(contract.line_ids[0].quantity_quoted, 10)
        order.order_line.product_uom_qty = 12
        self.assertEqual(order.order_line.price_unit, 80, "no price list comes in when the quantity changes")
        self.assertEqual(contract.order_count, 1)

    def test_an_ordinary_quotation_calls_off_when_it_names_the_contract(self):
        contract = self.contract()
        with Form(self.env['sale.order'].with_user(self.salesperson)) as form:
            form.partner_id = self.customer
            with form.order_line.new() as line:
                line.product_id = self.chair
                self.assertEqual(line.price_unit, 100)
            form.contract_id = contract
        line = form.record.order_line
        self.assertEqual((line.contract_line_id, line.price_unit), (contract.line_ids[0], 80))
        copied = form.record.copy()
        self.assertEqual(copied.order_line.contract_line_id, contract.line_ids[0])
        contract.termination_reason = "Over"
        contract.action_terminate()
        self.assertFalse(form.record.copy().contract_id, "a copy doesn't call off from what has ended")
        self.assertIn("not in force", form.record.contract_warning)

    def test_a_contract_of_somebody_else_is_refused(self):
        contract = self.contract()
        stranger = self.make_customer('Gemini Furniture')
        with self.assertRaisesRegex(ValidationError, "a contract with Deco Addict"):
            self.env['sale.order'].with_user(self.salesperson).create({
                'partner_id': stranger.id, 'contract_id': contract.id,
            })

    def test_nothing_is_called_off_outside_the_period(self):
        with self.assertRaisesRegex(UserError, "isn't in force"):
            self.contract(activate=False).action_call_off()
        with self.assertRaisesRegex(UserError, "starts on"):
            self.contract(date_start='2026-12-01').action_call_off()
        contract = self.contract(date_end='2026-11-24')
        with freeze_time('2026-11-25'), self.assertRaisesRegex(UserError, "ended on"):
            contract.action_repeat()

    def test_an_empty_call_off_is_refused(self):
        call_off = self.env['crm.contract.call.off'].browse(self.contract().action_call_off()['res_id'])
        call_off.line_ids.quantity = 0
        with self.assertRaisesRegex(UserError, "at least one product"):
            call_off.action_create_order()

    # ------------------------------------------------------------------ fulfilment

    def test_fulfilment_counts_orders_deliveries_returns_and_cancellations(self):
        contract = self.contract()
        chairs = contract.line_ids[0]
        self.order(contract, chairs=5, confirm=False)
        self.assertEqual((chairs.quantity_quoted, chairs.quantity_ordered, chairs.ordered_rate), (5, 0, 0))
        order = self.order(contract, chairs=40, desks=10)
        self.assertEqual((chairs.quantity_ordered, chairs.quantity_remaining, chairs.ordered_rate), (40, 60, 0.4))
        self.assertEqual((contract.amount_total, contract.amount_ordered), (14000, 6200))
        order.order_line[0].qty_delivered = 30
        self.assertEqual((chairs.quantity_delivered, chairs.fulfilment_rate, chairs.amount_delivered), (30, 0.3, 2400))
        self.assertAlmostEqual(contract.fulfilment_rate, 2400 / 14000)
        order.order_line[0].qty_delivered = 25
        self.assertEqual(chairs.fulfilment_rate, 0.25, "five came back")
        order._create_invoices().action_post()
        self.assertEqual((chairs.quantity_invoiced, contract.amount_invoiced), (25, 2000))
        other = self.order(contract, desks=3)
        self.assertEqual(contract.line_ids[1].quantity_ordered, 13)
        other._action_cancel()
        self.assertEqual(contract.line_ids[1].quantity_ordered, 10)

    def test_units_and_currencies_of_orders_are_converted(self):
        foreign = self.env['res.currency'].create({
            'name': 'XTC', 'symbol': 'X', 'rate_ids': [(0, 0, {'name': '2026-01-01', 'rate': 2.0})],
        })
        pricelist = self.env['product.pricelist'].create({'name': "Foreign", 'currency_id': foreign.id})
        self.customer.property_product_pricelist = pricelist
        contract = self.contract(currency_id=self.env.company.currency_id.id)
        order = self.order(contract, chairs=24, confirm=False)
        line = order.order_line
        self.assertEqual((order.currency_id, line.price_unit), (foreign, 160))
        line.write({'product_uom_id': self.dozen.id, 'product_uom_qty': 2})
        self.assertEqual(line.price_unit, 1920)
        order.action_confirm()
        chairs = contract.line_ids[0]
        self.assertEqual((chairs.quantity_ordered, chairs.amount_ordered), (24, 1920))
        euro_contract = self.contract(currency_id=foreign.id, lines=[
            {'product_id': self.chair.id, 'quantity': 10, 'price_unit': 160},
        ])
        self.assertEqual((euro_contract.amount_total, euro_contract.company_amount_total), (1600, 800))

    def test_more_than_agreed_warns_on_order_and_contract_but_goes_on(self):
        contract = self.contract()
        self.order(contract, chairs=95)
        order = self.order(contract, chairs=10, confirm=False)
        self.assertIn("5 Units more than the 100", order.contract_warning)
        self.assertFalse(contract.is_over_called)
        order.action_confirm()
        self.assertEqual(order.state, 'sale')
        self.assertTrue(contract.is_over_called)
        self.assertIn("5 Units more", order.contract_warning)

    def test_a_line_without_quantity_agrees_on_the_price_only(self):
        contract = self.contract(lines=[{'product_id': self.chair.id, 'price_unit': 70, 'standard_quantity': 3}])
        order = self.env['sale.order'].browse(contract.action_repeat()['res_id'])
        order.order_line.product_uom_qty = 500
        order.action_confirm()
        self.assertEqual((order.order_line.price_unit, order.contract_warning), (70, ''))
        self.assertEqual((contract.line_ids.quantity_ordered, contract.is_over_called), (500, False))
        self.assertEqual(contract.fulfilment_rate, 0)

    # ------------------------------------------------------------------ standard orders

    def test_the_standard_order_is_repeated_until_nothing_is_left(self):
        contract = self.contract(lines=[
            {'product_id': self.chair.id, 'quantity': 14, 'price_unit': 80, 'standard_quantity': 10},
        ])
        quantities = []
        for _time in range(2):
            order = self.env['sale.order'].browse(contract.action_repeat()['res_id'])
            quantities.append(order.order_line.product_uom_qty)
        self.assertEqual(quantities, [10, 4])
        with self.assertRaisesRegex(UserError, "nothing to repeat"):
            contract.action_repeat()

    def test_standard_orders_are_made_in_time_and_only_once(self):
        contract = self.contract(repeat_interval=1, repeat_unit='month', repeat_next_date='2026-08-20')
        self.run_cron('ir_cron_contract_orders')
        self.run_cron('ir_cron_contract_orders')
        order = contract.order_ids
        self.assertEqual(len(order), 1, "missed months don't pile up")
        self.assertEqual((order.state, order.user_id), ('draft', self.salesperson))
        self.assertEqual(order.activity_ids.user_id, self.salesperson)
        self.assertEqual(contract.repeat_next_date, date(2026, 12, 20))

    def test_standard_orders_stop_when_nothing_is_left(self):
        contract = self.contract(repeat_interval=2, repeat_unit='week', lines=[
            {'product_id': self.chair.id, 'quantity': 10, 'price_unit': 80, 'standard_quantity': 10},
        ])
        self.assertFalse(contract.repeat_next_date)
        contract.write({'repeat_next_date': '2026-11-23'})
        self.run_cron('ir_cron_contract_orders')
        self.assertEqual(contract.repeat_next_date, date(2026, 12, 7))
        with freeze_time('2026-12-07'):
            self.run_cron('ir_cron_contract_orders')
        self.assertEqual((len(contract.order_ids), contract.repeat_next_date), (1, False))

    def test_a_bad_contract_does_not_stop_the_others(self):
        bad, good = (
            self.contract(repeat_interval=1, repeat_next_date='2026-11-20') for _time in range(2)
        )
        make_order = type(bad)._make_order

        def fail(record, quantities):
            if record.id == bad.id:
                raise ValueError("The chairs are on strike")
            return make_order(record, quantities)

        with patch.object(type(bad), '_make_order', fail), self.assertLogs('odoo.addons.crm_relationship', 'WARNING'):
            self.run_cron('ir_cron_contract_orders')
        self.assertEqual((len(bad.order_ids), len(good.order_ids)), (0, 1))
        self.assertIn("on strike", bad.follow_up_error)
        self.run_cron('ir_cron_contract_orders')
        self.assertEqual((len(bad.order_ids), len(good.order_ids), bad.follow_up_error), (1, 1, False))

    # ------------------------------------------------------------------ ends and renewals

    def test_the_end_is_announced_once_before_the_notice_period(self):
        contract = self.contract(date_end='2027-01-20', notice_days=30, reminder_days=30)
        later = self.contract(date_end='2027-01-23', notice_days=30, reminder_days=30)
        self.run_cron('ir_cron_contracts')
        reminder = contract.renewal_activity_id
        self.assertEqual((reminder.user_id, reminder.date_deadline), (self.salesperson, date(2026, 12, 21)))
        self.assertFalse(later.renewal_activity_id)
        reminder.with_user(self.salesperson).action_feedback(feedback="They want to go on")
        self.run_cron('ir_cron_contracts')
        self.assertEqual(contract.renewal_activity_id, reminder, "what was done isn't asked again")
        attention = self.customer.with_user(self.salesperson)._get_attention_items()[self.customer.id]
        self.assertIn(f"contract {contract.name} ends on 01/20/2027", [text for _seq, _level, text in attention])

    def test_the_end_is_announced_in_the_language_of_who_is_reminded(self):
        self.env['res.lang']._activate_lang('zh_CN')
        self.salesperson.lang = 'zh_CN'
        contract = self.contract(date_end='2027-01-20', notice_days=30, reminder_days=30)
        self.run_cron('ir_cron_contracts')
        self.assertRegex(contract.renewal_activity_id.summary, '2027[/-]01[/-]20.*续签')

    def test_a_renewal_is_a_draft_of_the_next_period(self):
        contract = self.contract(renewal_months=6)
        renewed = self.env['crm.contract'].browse(contract.action_renew()['res_id'])
        self.assertEqual((renewed.state, renewed.date_start, renewed.date_end), (
            'draft', date(2027, 11, 1), date(2028, 4, 30)))
        self.assertEqual(renewed.line_ids.mapped('quantity'), [100, 20])
        self.assertEqual(renewed.line_ids.mapped('quantity_ordered'), [0, 0])
        self.assertEqual(contract.action_renew()['res_id'], renewed.id, "twice opens the same one")

    def test_contracts_expire_and_renew_by_themselves(self):
        ends = self.contract(date_end='2026-11-24', renewal='none')
        renews = self.contract(date_end='2026-11-24', renewal='auto', renewal_months=12)
        self.run_cron('ir_cron_contracts')
        self.assertEqual((ends.state, renews.state), ('active', 'active'), "the last day still counts")
        with freeze_time('2026-11-25'):
            self.run_cron('ir_cron_contracts')
            self.run_cron('ir_cron_contracts')
        self.assertEqual((ends.state, renews.state), ('expired', 'expired'))
        self.assertFalse(ends.next_ids)
        self.assertEqual(renews.next_ids.mapped(lambda item: (item.state, item.date_start, item.date_end)), [
            ('active', date(2026, 11, 25), date(2027, 11, 24)),
        ])
        self.assertEqual(renews.next_ids.user_id, self.salesperson)
        with self.assertRaisesRegex(ValidationError, "can't renew itself"):
            self.contract(date_end=False, renewal='auto')

    def test_when_the_salesperson_left_the_successor_is_reminded(self):
        contract = self.contract(date_end='2026-12-24')
        self.customer.user_id = self.other_salesperson
        self.run_cron('ir_cron_contracts')
        self.assertEqual(contract.renewal_activity_id.user_id, self.salesperson)
        contract.renewal_activity_id.unlink()
        self.salesperson.active = False
        self.run_cron('ir_cron_contracts')
        self.assertEqual(contract.renewal_activity_id.user_id, self.other_salesperson)

    def test_contracts_pass_over_with_the_other_work_of_a_salesperson(self):
        contract = self.contract()
        self.assertIn('crm.contract', [source.model for source in self.env['crm.handover']._handover_sources()])
        handover = self.env['crm.handover'].new({
            'from_user_id': self.salesperson.id, 'company_id': self.env.company.id,
        })
        source = next(item for item in handover._handover_sources() if item.model == 'crm.contract')
        self.assertIn(contract, handover._handover_records(source))

    # ------------------------------------------------------------------ breaches

    def test_a_breach_is_noted_and_settled_with_words(self):
        contract = self.contract()
        order = self.order(contract, chairs=10)
        breach = self.env['crm.contract.breach'].with_user(self.salesperson).create({
            'contract_id': contract.id, 'name': "Paid 40 days late", 'date': '2026-11-20', 'order_id': order.id,
        })
        self.assertEqual((contract.open_breach_count, breach.state), (1, 'open'))
        with self.assertRaisesRegex(ValidationError, "Say how"):
            breach.date_resolved = '2026-11-23'
        with self.assertRaisesRegex(ValidationError, "before it happened"):
            breach.write({'date_resolved': '2026-11-01', 'resolution': "Apology"})
        breach.write({'date_resolved': '2026-11-23', 'resolution': "Interest paid"})
        self.assertEqual((contract.open_breach_count, breach.state), (0, 'settled'))
        stranger = self.env['sale.order'].create({'partner_id': self.customer.id})
        with self.assertRaisesRegex(ValidationError, "isn't an order of"):
            breach.order_id = stranger

    # ------------------------------------------------------------------ who may

    def test_own_contracts_and_those_of_own_customers_all_for_managers(self):
        contract = self.contract()
        other = contract.with_user(self.other_salesperson)
        with self.assertRaises(AccessError):
            other.read(['subject'])
        with self.assertRaises(AccessError):
            other.line_ids.with_user(self.other_salesperson).read(['price_unit'])
        self.customer.user_id = self.other_salesperson
        self.assertEqual(other.subject, "Furniture for a year")
        contract.with_user(self.sales_manager).subject = "Furniture"
        with self.assertRaisesRegex(AccessError, "Only managers"):
            other.action_draft()
        contract.with_user(self.sales_manager).action_draft()
        self.assertEqual(contract.state, 'draft')
        with self.assertRaises(AccessError):
            self.env['crm.contract.template'].with_user(self.salesperson).create({'name': "Mine"})

    def test_a_call_off_by_the_keeper_of_the_customer_is_the_keepers_order(self):
        contract = self.contract()
        self.customer.user_id = self.other_salesperson
        order_id = contract.with_user(self.other_salesperson).action_repeat()['res_id']
        self.assertEqual(self.env['sale.order'].browse(order_id).user_id, self.other_salesperson)

    def test_other_companies_do_not_see_the_contract(self):
        contract = self.contract()
        company = self.env['res.company'].create({'name': "Elsewhere"})
        self.sales_manager.write({'company_ids': [(4, company.id)], 'company_id': company.id})
        contracts = self.env['crm.contract'].with_user(self.sales_manager).with_context(allowed_company_ids=company.ids)
        self.assertFalse(contracts.search([('id', '=', contract.id)]))

    def test_an_order_of_the_contract_of_a_colleague_can_be_read(self):
        order = self.order(self.contract(), chairs=10, confirm=False)
        self.salesperson.write({'group_ids': [(4, self.env.ref('sales_team.group_sale_salesman').id)]})
        order.user_id = self.other_salesperson
        spec = {'contract_id': {'fields': {'display_name': {}}}, 'contract_warning': {}}
        data = order.with_user(self.other_salesperson).web_read(spec)
        self.assertIn("Furniture for a year", data[0]['contract_id']['display_name'])

    def test_merging_customers_keeps_contracts_and_orders(self):
        contract = self.contract()
        order = self.order(contract, chairs=10)
        kept = self.make_customer('Deco Addict')
        wizard = self.env['base.partner.merge.automatic.wizard'].create({})
        wizard._merge((self.customer | kept).ids, kept)
        self.assertEqual((contract.partner_id, contract.line_ids[0].partner_id), (kept, kept))
        self.assertEqual((order.contract_id, order.partner_id), (contract, kept))

    # ------------------------------------------------------------------ lists, print

    def test_a_contract_is_made_from_an_order(self):
        order = self.env['sale.order'].with_user(self.salesperson).create({
            'partner_id': self.customer.id, 'order_line': [
                (0, 0, {'product_id': self.chair.id, 'product_uom_qty': 7, 'price_unit': 90, 'discount': 10}),
            ],
        })
        contract = self.env['crm.contract'].browse(order.action_make_contract()['res_id'])
        line = contract.line_ids
        self.assertEqual((line.quantity, line.standard_quantity, line.price_unit), (7, 7, 81))
        self.assertEqual(contract.document_name, order.display_name)

    def test_the_list_takes_as_many_queries_for_80_contracts_as_for_8(self):
        contracts = self.env['crm.contract'].concat(*(self.contract() for _time in range(80)))
        spec = {
            'name': {}, 'subject': {}, 'partner_id': {'fields': {'display_name': {}}}, 'date_end': {},
            'amount_total': {}, 'fulfilment_rate': {}, 'order_count': {}, 'open_breach_count': {}, 'state': {},
        }

        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertEqual(len(records.web_read(spec)), len(records))
            return self.cr.sql_log_count - before
        count(contracts[:2])
        self.assertEqual(count(contracts[:8]), count(contracts))

    def test_the_print_is_in_the_language_of_the_customer_one_document_for_all(self):
        self.env['res.lang']._activate_lang('fr_FR')
        self.customer.lang = 'fr_FR'
        self.chair.with_context(lang='fr_FR').name = "Chaise"
        gemini = self.make_customer('Gemini')
        contracts = self.contract() | self.contract(partner_id=gemini.id, legal_representative="Ms Lindt")
        report = self.env['ir.actions.report'].with_user(self.salesperson)
        document = lxml_html.fromstring(report._render_qweb_html(REPORT, contracts.ids)[0].decode())
        sheets = document.find_class('o_contract_sheet')
        self.assertEqual([sheet.get('lang') for sheet in sheets], ['fr-FR', 'en-US'])
        self.assertIn("Chaise", sheets[0].text_content())
        self.assertIn("Chair", sheets[1].text_content())
        self.assertIn("Ms Lindt", sheets[1].text_content())
        self.assertEqual(len(document.find_class('article')), 1)

    @mute_logger('odoo.addons.base.models.ir_actions_report')
    def test_the_pdf_can_be_printed_for_several_contracts(self):
        with self.allow_pdf_render():
            report = self.env['ir.actions.report'].with_context(force_report_rendering=True)
            content, kind = report._render_qweb_pdf(REPORT, (self.contract() | self.contract()).ids)
        self.assertEqual(kind, 'pdf')
        self.assertGreaterEqual(len(PdfReader(io.BytesIO(content)).pages), 2)
