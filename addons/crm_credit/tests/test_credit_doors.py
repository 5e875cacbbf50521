from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..exceptions import CreditRefused
from .test_hold import HoldCase


@tagged('post_install', '-at_install')
class TestCreditDoors(HoldCase):
    """Who may do and see what, through every door: the customer has a limit of 1,000 and owes 800."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = new_test_user(
            cls.env,
            'colleague',
            'base.group_user,base.group_partner_manager,sales_team.group_sale_salesman',
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.outsider = new_test_user(
            cls.env,
            'outsider',
            'base.group_user,base.group_partner_manager',
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    # -- doors to a sale

    def test_who_does_the_invoices_writes_no_order_into_a_sale(self):
        order = self.make_order(amount=500, user=self.salesperson)
        with self.assertRaisesRegex(UserError, order.name), self.cr.savepoint():
            order.with_user(self.accountant).write({'state': 'sale'})
        self.assertEqual((order.state, order.credit_state), ('draft', 'none'))
        small = self.make_order(amount=200, user=self.salesperson)
        small.with_user(self.accountant).write({'state': 'sale'})
        self.assertEqual((small.state, small.credit_state), ('sale', 'clear'))

    def test_nobody_creates_a_sale_past_the_check(self):
        values = {
            'partner_id': self.customer.id,
            'state': 'sale',
            'order_line': [Command.create({'product_id': self.product.id, 'price_unit': 500, 'tax_ids': False})],
        }
        before = self.env['sale.order'].search_count([])
        for user in (self.salesperson, self.env.ref('base.user_admin')):
            if user != self.salesperson:
                user.write({'company_ids': [Command.link(self.company.id)], 'company_id': self.company.id})
            with self.assertRaisesRegex(UserError, 'needs a credit release'), self.cr.savepoint():
                self.env['sale.order'].with_user(user).create(dict(values))
        with self.assertRaises(AccessError), self.cr.savepoint():
            self.env['sale.order'].with_user(self.accountant).create(dict(values))
        self.assertEqual(self.env['sale.order'].search_count([]), before)

    def test_who_does_the_invoices_edits_no_sale_over_the_limit(self):
        order = self.make_order(amount=150, user=self.salesperson, confirm=True)
        for vals in ({'product_uom_qty': 4}, {'price_unit': 201}):
            with self.assertRaises(CreditRefused), self.cr.savepoint():
                order.order_line.with_user(self.accountant).write(vals)
        poor = self.env['res.partner'].create({'name': 'Poor', 'is_company': True})
        self.set_terms(poor, 100)
        with self.assertRaisesRegex(CreditRefused, 'Poor'), self.cr.savepoint():
            order.with_user(self.accountant).partner_invoice_id = poor
        self.assertEqual((order.amount_total, order.partner_invoice_id), (150, self.customer))

    def test_a_batch_through_a_copy_a_reset_and_a_second_confirmation_is_decided_each_time(self):
        order = self.held_order(500).with_user(self.salesperson)
        order.action_cancel()
        order.action_draft()
        (order | order.copy()).action_confirm()
        self.assertEqual(order.credit_state, 'held')

    def test_what_odoo_works_out_makes_no_order_cheaper(self):
        order = self.make_order(amount=500, user=self.salesperson)
        mine = order.with_user(self.salesperson)
        for vals in ({'amount_total': 1}, {'currency_rate': 1000}, {'amount_untaxed': 1, 'amount_tax': 0}):
            with self.subTest(vals=vals), self.assertRaisesRegex(AccessError, order.name), self.cr.savepoint():
                mine.write(vals)
        for vals in ({'price_total': 1}, {'qty_invoiced': 1}, {'untaxed_amount_invoiced': 500}, {'state': 'cancel'},
                     {'invoice_lines': [Command.link(self.invoice.invoice_line_ids.id)]}):
            with self.subTest(vals=vals), self.assertRaisesRegex(AccessError, order.name), self.cr.savepoint():
                mine.order_line.write(vals)
            with self.subTest(vals=vals), self.assertRaises(AccessError), self.cr.savepoint():
                mine.write({'order_line': [Command.update(mine.order_line.id, vals)]})
        with self.assertRaises(AccessError), self.cr.savepoint():
            mine.copy({'amount_total': 1})
        mine.action_confirm()
        self.assertEqual((order.credit_state, order.sudo().credit_hold_ids.amount), ('held', 500))

    def test_goods_called_down_payment_or_expense_are_goods(self):
        order = self.make_order(amount=150, user=self.salesperson, confirm=True).with_user(self.salesperson)
        line = {'product_id': self.product.id, 'price_unit': 500, 'product_uom_qty': 1, 'tax_ids': False}
        for name in ('is_downpayment', 'is_expense'):
            with self.subTest(name), self.assertRaises(CreditRefused), self.cr.savepoint():
                order.write({'order_line': [Command.create({**line, name: True})]})
        quotation = self.make_order(amount=10, user=self.salesperson)
        quotation.write({'order_line': [Command.create({**line, 'price_unit': 30, 'is_downpayment': True})]})
        quotation.action_confirm()
        self.assertEqual(quotation.state, 'sale')
        self.assertEqual(self.exposure().exposure, 800 + 150 + 40)

    def test_costs_that_a_bill_adds_to_the_order_are_spent_already(self):
        order = self.make_order(amount=150, user=self.salesperson, confirm=True)
        bill = self.make_invoice(self.customer, 500, move_type='in_invoice', post=False)
        Line = type(self.env['account.move.line'])

        def put_on_the_order(lines):
            return {line.id: self.env['sale.order.line'].create({
                'order_id': order.id, 'product_id': self.product.id, 'price_unit': 500, 'product_uom_qty': 1,
                'tax_ids': False, 'is_expense': True}) for line in lines}

        method = next(
            cls for cls in Line.__mro__ if '_sale_create_reinvoice_sale_line' in vars(cls) and 'crm_credit' not in
            cls.__module__)
        with patch.object(method, '_sale_create_reinvoice_sale_line', put_on_the_order):
            bill.invoice_line_ids._sale_create_reinvoice_sale_line()
        order = order.sudo()
        self.assertEqual((order.amount_total, order.credit_approved, order.credit_state), (650, 650, 'warning'))
        self.assertIn('posted bill', order.message_ids[0].body)
        self.assertFalse(self.env['sale.order']._credit_marked_ids('reinvoicing'))

    # -- terms

    def test_nobody_says_who_owes_or_how_the_light_stands(self):
        other = self.env['res.partner'].create({'name': 'Straw Man', 'is_company': True})
        contact = self.env['res.partner'].create({'name': 'Shop', 'parent_id': self.customer.id, 'type': 'invoice'})
        for partner in (self.customer, contact):
            for vals in ({'commercial_partner_id': other.id}, {'credit_signal': 'green'}):
                for user in (self.salesperson, self.analyst):
                    with (
                        self.subTest(partner=partner.name, user=user.login, vals=vals),
                        self.assertRaisesRegex(AccessError, partner.name),
                        self.cr.savepoint(),
                    ):
                        partner.with_user(user).write(vals)
        with self.assertRaisesRegex(AccessError, 'Twin'), self.cr.savepoint():
            self.env['res.partner'].with_user(self.salesperson).create(
                {'name': 'Twin', 'parent_id': self.customer.id, 'commercial_partner_id': other.id})

    def test_a_context_opens_no_terms(self):
        mine = self.customer.with_user(self.salesperson).with_context(credit_terms_mirror=True)
        for vals in ({'credit_control': 'unlimited'}, {'property_payment_term_id': self.term_30.id}):
            with self.assertRaisesRegex(AccessError, 'Steady Stores GmbH.*Controller'), self.cr.savepoint():
                mine.write(vals)
        self.assertEqual(self.customer.with_company(self.company).credit_control, 'limited')

    def test_terms_and_parent_of_a_controlled_customer_need_the_credit_department(self):
        parent = self.env['res.partner'].create({'name': 'Holding', 'is_company': True})
        for user in (self.salesperson, self.accountant, self.colleague, self.outsider):
            for vals in (
                {'property_payment_term_id': self.term_30.id},
                {'credit_control': 'unlimited'},
                {'credit_grade_id': self.policy._get_grade('A').id},
                {'parent_id': parent.id},
            ):
                with (
                    self.subTest(user=user.login, vals=vals),
                    self.assertRaisesRegex(AccessError, 'Steady Stores GmbH.*Controller'),
                    self.cr.savepoint(),
                ):
                    self.customer.with_user(user).write(vals)
        self.customer.with_user(self.analyst).write({'property_payment_term_id': self.term_30.id})
        self.assertEqual(self.customer.property_payment_term_id, self.term_30)

    def test_a_contact_made_a_debtor_brings_no_terms_of_its_own(self):
        self.customer._set_credit_terms(self.company, {'property_payment_term_id': self.term_30.id})
        contact = self.env['res.partner'].with_user(self.salesperson).create(
            {'name': 'Shop', 'parent_id': self.customer.id, 'type': 'invoice'})
        order = self.make_order(amount=500, user=self.salesperson, partner_invoice_id=contact.id)
        order.action_confirm()
        self.assertEqual(order.credit_hold_ids.partner_id, self.customer, 'its company owes')

    def test_a_child_company_taken_out_of_its_parent_is_a_new_debtor_under_the_policys_default(self):
        contact = self.env['res.partner'].create({'name': 'Shop', 'parent_id': self.customer.id})
        contact.with_user(self.salesperson).parent_id = False
        terms = contact._credit_terms(self.company)[contact.id]
        self.assertEqual((terms.control, terms.limit), ('unlimited', 0))
        self.assertEqual(self.exposure().exposure, 800, 'what was ordered stays with the customer')

    # -- what each role sees

    def test_salespeople_see_light_available_and_holds_of_their_own(self):
        order = self.held_order(500)
        mine = self.customer.with_user(self.salesperson)
        self.assertEqual((mine.credit_available, mine.credit_light), (200, 'amber'))
        self.assertEqual(self.env['credit.hold'].with_user(self.salesperson).search([]), order.sudo().credit_hold_ids)
        self.assertFalse(self.env['credit.hold'].with_user(self.colleague).search([]))
        with self.assertRaises(AccessError):
            order.sudo().credit_hold_ids.with_user(self.colleague).read(['reasons'])

    def test_salespeople_see_no_investigation_statement_or_assessment(self):
        for model in ('credit.investigation', 'credit.statement', 'credit.assessment', 'credit.guarantee',
                      'credit.extension', 'credit.group', 'credit.policy', 'credit.authority', 'credit.archive',
                      'credit.rule', 'credit.rule.exception', 'credit.lock'):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.salesperson).search([])
        fields = self.customer.with_user(self.salesperson).fields_get()
        for name in ('credit_limit', 'credit_panel', 'credit_review_date', 'credit_used_percent'):
            self.assertNotIn(name, fields)

    def test_accountants_see_receivables_of_all_but_neither_reports_nor_assessments(self):
        order = self.held_order(500)
        customer = self.customer.with_user(self.accountant)
        self.assertEqual((customer.credit_receivable, customer.credit_limit), (800, 1000))
        self.assertIn(self.invoice, self.env['account.move'].with_user(self.accountant).search([]))
        self.assertIn(order.sudo().credit_hold_ids, self.env['credit.hold'].with_user(self.accountant).search([]))
        for model in ('credit.investigation', 'credit.statement', 'credit.assessment', 'credit.policy'):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.accountant).search([])

    def test_who_has_nothing_to_do_with_it_sees_no_figure(self):
        names = self.customer.with_user(self.outsider).fields_get()
        for name in ('credit_available', 'credit_exposure', 'credit_light', 'credit_summary', 'credit_limit'):
            self.assertNotIn(name, names)
            with self.assertRaises(AccessError):
                self.customer.with_user(self.outsider).read([name])
        for name, value in (
            ('credit_over_limit', True), ('credit_exposure', 5), ('credit_receivable', 5), ('credit_overdue', 5),
            ('credit_uninvoiced', 5), ('credit_max_days_overdue', 5), ('credit_limit', 5),
        ):
            for operator in ('=', '!='):
                with self.subTest(field=name, operator=operator), self.assertRaises(AccessError):
                    self.env['res.partner'].with_user(self.outsider).search([(name, operator, value)])

    def test_salespeople_read_reasons_of_their_holds_not_all_that_the_check_knew(self):
        hold = self.held_order(500).sudo().credit_hold_ids.with_user(self.salesperson)
        self.assertIn('Credit limit exceeded', hold.reasons_text)
        self.assertEqual(hold.available, 200)
        for name in ('figures', 'figures_at_decision'):
            with self.assertRaises(AccessError):
                hold.read([name])

    def test_holds_are_made_and_decided_by_the_engine_only(self):
        hold = self.held_order(500).sudo().credit_hold_ids
        for user in (self.salesperson, self.accountant, self.analyst, self.credit_manager):
            with self.assertRaises(AccessError):
                hold.with_user(user).write({'state': 'released'})
            with self.assertRaises(AccessError):
                self.env['credit.hold'].with_user(user).create({'sale_order_id': hold.sale_order_id.id})
            with self.assertRaises(UserError):
                hold.with_user(user).unlink()

    def test_releases_are_asked_for_by_who_may_change_the_order(self):
        order = self.make_order(amount=100, user=self.salesperson, confirm=True)
        with self.assertRaises(AccessError):
            self.env['credit.hold.request'].with_user(self.colleague).create(
                {'sale_order_id': order.id, 'amount': 500, 'note': 'Why not'}).action_request()
        self.assertFalse(order.sudo().credit_hold_ids)


@tagged('post_install', '-at_install')
class TestCreditRpc(HoldCase, HttpCase):
    """The same over the wire: what the web client hides, a script could still ask for."""

    def call(self, model, method, *args, **kwargs):
        call = {'model': model, 'method': method, 'args': list(args), 'kwargs': kwargs}
        with mute_logger('odoo.http'):
            answer = self.url_open(
                f'/web/dataset/call_kw/{model}/{method}',
                json={'jsonrpc': '2.0', 'method': 'call', 'id': 1, 'params': call},
            ).json()
        return answer.get('result'), (answer.get('error') or {}).get('data') or {}

    def test_a_salesperson_confirms_over_rpc_and_is_held(self):
        order = self.make_order(amount=500, user=self.salesperson)
        self.authenticate('credit_salesperson', 'credit_salesperson')
        result, error = self.call('sale.order', 'action_confirm', [order.id])
        self.assertFalse(error)
        self.assertEqual(result['params']['type'], 'warning')
        order.invalidate_recordset()
        self.assertEqual((order.state, order.credit_state), ('draft', 'held'))

    def test_side_doors_are_shut_over_rpc(self):
        order = self.make_order(amount=500, user=self.salesperson)
        self.authenticate('credit_accountant', 'credit_accountant')
        for model, method, args in (
            ('sale.order', 'write', ([order.id], {'state': 'sale'})),
            ('sale.order', 'write', ([order.id], {'credit_state': 'released'})),
            ('res.partner', 'write', ([self.customer.id], {'credit_limit': 99999})),
            ('res.partner', 'write', ([self.customer.id], {'commercial_partner_id': self.company.partner_id.id})),
            ('sale.order', 'write', ([order.id], {'amount_total': 1})),
            ('sale.order', 'write', ([order.id], {'order_line': [[1, order.order_line.id, {'price_total': 1}]]})),
            ('sale.order', '_credit_passed', ([order.id], None)),
            ('credit.lock', '_bump', ([], [self.customer.id])),
            ('res.partner', '_set_credit_terms', ([self.customer.id], self.company.id, {'credit_limit': 99999})),
        ):
            with self.subTest(method=method, args=args):
                _result, error = self.call(model, method, *args)
                self.assertTrue(error)
        self.env.invalidate_all()
        self.assertEqual((order.state, order.credit_state, self.customer.credit_limit), ('draft', 'none', 1000))

    def test_a_context_sent_over_rpc_opens_nothing(self):
        order = self.make_order(amount=500, user=self.salesperson)
        self.authenticate('credit_salesperson', 'credit_salesperson')
        context = dict.fromkeys(
            ('credit_terms_mirror', 'tracking_disable', 'install_mode', 'import_file', 'su', 'credit_gate'), True)
        _result, error = self.call(
            'res.partner', 'write', [self.customer.id], {'credit_control': 'unlimited'}, context=context)
        self.assertIn('Steady Stores GmbH', error['message'])
        _result, error = self.call('sale.order', 'write', [order.id], {'state': 'sale'}, context=context)
        self.assertIn(order.name, error['message'])
        self.call('sale.order', 'action_confirm', [order.id], context=context)
        self.env.invalidate_all()
        self.assertEqual((order.state, order.credit_state), ('draft', 'held'))

    def test_a_refused_edit_offers_a_release_over_rpc(self):
        order = self.make_order(amount=150, user=self.salesperson, confirm=True)
        self.authenticate('credit_salesperson', 'credit_salesperson')
        _result, error = self.call('sale.order.line', 'write', order.order_line.ids, {'price_unit': 500})
        self.assertEqual(error['name'], 'odoo.addons.crm_credit.exceptions.CreditRefused')
        self.assertEqual(error['arguments'][1], self.env.ref('crm_credit.credit_hold_request_action').id)
        self.assertEqual(error['arguments'][3]['default_sale_order_id'], order.id)

    def test_bank_references_are_not_exported_without_the_group(self):
        report = self.env['credit.investigation'].create(
            {'partner_id': self.customer.id, 'bank_reference': 'Pays promptly', 'source': 'bank'})
        self.accountant.group_ids |= self.env.ref('base.group_allow_export')
        self.analyst.group_ids |= self.env.ref('base.group_allow_export')
        for login, expected in (('credit_accountant', False), ('credit_analyst', True)):
            self.authenticate(login, login)
            result, error = self.call('credit.investigation', 'export_data', [report.id], ['bank_reference'])
            self.assertEqual(bool(result) and result['datas'] == [['Pays promptly']], expected)
            self.assertEqual(bool(error), not expected)
