from contextlib import contextmanager
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.crm_credit.exceptions import CreditRefused
from odoo.addons.crm_credit.tests.test_exposure import ExposureCase


@tagged('post_install', '-at_install')
class TestEdit(ExposureCase):
    """A confirmed order of 2 × 100 with a limit of 1,000: what goes over it is refused before anything is procured.

    As the salesperson and as who does the invoices.
    """

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref('stock.group_stock_manager')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env['product.product'].create(
            {'name': 'Crate', 'type': 'consu', 'is_storable': True, 'taxes_id': False, 'list_price': 100}
        )
        cls.tax = cls.env['account.tax'].create(
            {'name': 'Heavy', 'amount': 900, 'type_tax_use': 'sale', 'company_id': cls.company.id})
        cls.activate_policy()
        cls.set_terms(cls.customer, 1000)
        cls.order = cls.make_order(amount=100, user=cls.salesperson)
        cls.order.write({'order_line': [cls.added(100)]})
        cls.order.action_confirm()
        cls.first, cls.second = cls.order.order_line

    @classmethod
    def added(cls, price, quantity=1.0):
        return Command.create({
            'product_id': cls.product.id, 'product_uom_qty': quantity, 'price_unit': price, 'tax_ids': False})

    def edits(self):
        """Name and values of writes that would take the order over its limit."""
        first, second = self.first.id, self.second.id

        def both(values, other=None):
            return [Command.update(first, values), Command.update(second, other or values)]

        return {
            'one line, quantity': [Command.update(first, {'product_uom_qty': 20})],
            'one line, price': [Command.update(first, {'price_unit': 901})],
            'one line, tax': [Command.update(first, {'tax_ids': [Command.set(self.tax.ids)]})],
            'one added line': [self.added(801)],
            'several lines, quantity': both({'product_uom_qty': 6}),
            'several lines, price': both({'price_unit': 501}),
            'several lines, tax': both({'tax_ids': [Command.set(self.tax.ids)]}),
            'several lines, one grows': both({'product_uom_qty': 2}, {'product_uom_qty': 9}),
            'several added lines': [self.added(400), self.added(401)],
            'a changed and an added line': [Command.update(first, {'product_uom_qty': 5}), self.added(500)],
        }

    @contextmanager
    def procured(self):
        """Collect everything that stock does."""
        seen = []

        def note(what):
            def call(records, *args, **kwargs):
                seen.append(what)
                raise AssertionError(f'{what} before the refusal')
            return call

        with (
            patch.object(type(self.env['stock.rule']), 'run', note('procurement')),
            patch.object(type(self.env['stock.move']), 'create', note('move')),
            patch.object(type(self.env['stock.move']), 'write', note('changed move')),
            patch.object(type(self.env['stock.picking']), 'create', note('transfer')),
            patch.object(type(self.env['sale.order.line']), '_action_launch_stock_rule', note('launch')),
        ):
            yield seen

    def documents(self):
        """All that an edit could touch, as the database has it."""
        self.env.flush_all()
        found = {}
        for name, sql in {
            'order': 'SELECT amount_total, write_date, credit_approved, credit_state FROM sale_order WHERE id = %s',
            'lines': 'SELECT id, product_uom_qty, price_unit, discount, price_total, write_date FROM sale_order_line '
            'WHERE order_id = %s ORDER BY id',
            'moves': 'SELECT move.id, move.product_uom_qty, move.state FROM stock_move move JOIN sale_order_line line '
            'ON line.id = move.sale_line_id WHERE line.order_id = %s ORDER BY 1',
            'transfers': 'SELECT id, state FROM stock_picking WHERE sale_id = %s ORDER BY 1',
            'holds': 'SELECT id, state FROM credit_hold WHERE sale_order_id = %s ORDER BY 1',
            'messages': "SELECT count(*) FROM mail_message WHERE model = 'sale.order' AND res_id = %s",
            'activities': "SELECT count(*) FROM mail_activity WHERE res_model = 'sale.order' AND res_id = %s",
        }.items():
            self.env.cr.execute(sql, [self.order.id])
            found[name] = self.env.cr.fetchall()
        return found

    def refuse(self, commands, user):
        with self.procured() as seen, self.assertRaises(CreditRefused) as refused:
            self.order.with_user(user).write({'order_line': commands})
        self.assertFalse(seen)
        return refused.exception

    def test_every_edit_over_the_limit_is_refused_before_anything_is_procured(self):
        before = self.documents()
        for user in (self.salesperson, self.accountant):
            for name, commands in self.edits().items():
                if user == self.accountant and any(command[0] == Command.CREATE for command in commands):
                    continue  # Odoo lets who does the invoices change lines, not add any
                with self.subTest(user=user.name, edit=name):
                    refusal = self.refuse(commands, user)
                    self.assertIn(self.order.name, str(refusal))
                    self.assertEqual(self.documents(), before)

    def test_a_discount_taken_back_is_refused_before_anything_is_procured(self):
        lines = self.order.order_line
        self.order.write({'order_line': [
            Command.update(line.id, {'price_unit': 5000, 'discount': 99}) for line in lines]})
        self.assertEqual(self.order.amount_total, 100)
        before = self.documents()
        for user in (self.salesperson, self.accountant):
            for commands in (
                [Command.update(line.id, {'discount': 80}) for line in lines],
                [Command.update(lines[0].id, {'discount': 0})],
            ):
                with self.subTest(user=user.name, edits=len(commands)):
                    self.refuse(commands, user)
                    self.assertEqual(self.documents(), before)

    def test_lines_written_and_made_directly_are_refused_too(self):
        before = self.documents()
        for user in (self.salesperson, self.accountant):
            with self.procured(), self.assertRaises(CreditRefused):
                self.order.order_line.with_user(user).write({'product_uom_qty': 6})
            self.assertEqual(self.documents(), before)
        with self.procured(), self.assertRaises(CreditRefused):
            self.env['sale.order.line'].with_user(self.salesperson).create([
                {'order_id': self.order.id, 'product_id': self.product.id, 'price_unit': 450, 'tax_ids': False}
                for _line in range(2)])
        self.assertEqual(self.documents(), before)

    def test_the_refusal_offers_to_request_a_release(self):
        refusal = self.refuse([self.added(400), self.added(401)], self.salesperson)
        message, action, button, context = refusal.args
        self.assertIn('would grow by', message)
        self.assertEqual(action, self.env.ref('crm_credit.credit_hold_request_action').id)
        self.assertEqual(button, 'Request release')
        request = self.env['credit.hold.request'].with_user(self.salesperson).with_context(**context).create(
            {'note': 'They need more'})
        self.assertEqual((request.sale_order_id, request.amount), (self.order, 801))
        request.action_request()
        hold = self.order.credit_hold_ids
        self.assertEqual((hold.kind, hold.state, hold.amount), ('edit', 'open', 801))
        hold.with_user(self.credit_manager).action_release('Known for years')
        self.order.with_user(self.salesperson).write({'order_line': [self.added(400), self.added(401)]})
        self.assertEqual(self.order.amount_total, 1001)
        self.assertTrue(hold.used_at)

    def test_edits_within_the_limit_are_procured_once(self):
        self.order.with_user(self.salesperson).write({'order_line': [
            Command.update(self.first.id, {'product_uom_qty': 8}),
            Command.update(self.second.id, {'product_uom_qty': 1}),
            self.added(100),
        ]})
        self.assertEqual(self.order.amount_total, 1000)
        quantities = sorted(self.order.order_line.mapped(lambda line: sum(line.move_ids.mapped('product_uom_qty'))))
        self.assertEqual(quantities, [1, 1, 8])
        said = [body for body in self.order.message_ids.mapped('body') if 'ordered quantity' in (body or '').lower()]
        self.assertEqual(len(said), 1)

    def test_what_one_line_gives_up_another_may_take(self):
        self.order.with_user(self.salesperson).write({'order_line': [
            Command.update(self.first.id, {'price_unit': 950}), Command.update(self.second.id, {'price_unit': 50})]})
        self.assertEqual(self.order.amount_total, 1000)

    def test_delivery_costs_are_checked_like_other_lines(self):
        carrier_fee = self.env['product.product'].create(
            {'name': 'Express delivery', 'type': 'service', 'taxes_id': False})
        line = {'product_id': carrier_fee.id, 'price_unit': 900, 'tax_ids': False, 'name': 'Express',
                'order_id': self.order.id}
        if 'is_delivery' in self.env['sale.order.line']._fields:
            line['is_delivery'] = True
        before = self.documents()
        with self.assertRaises(CreditRefused):
            self.env['sale.order.line'].with_user(self.salesperson).create(line)
        self.assertEqual(self.documents(), before)
        self.env['sale.order.line'].with_user(self.salesperson).create({**line, 'price_unit': 800})
        self.assertEqual(self.order.amount_total, 1000)

    def test_lines_and_debtor_changed_together_are_judged_by_the_new_debtor(self):
        poor = self.env['res.partner'].create({'name': 'Poor', 'is_company': True})
        self.set_terms(poor, 300)
        before = self.documents()
        with self.procured(), self.assertRaises(CreditRefused) as refused:
            self.order.with_user(self.salesperson).write({
                'partner_invoice_id': poor.id,
                'order_line': [Command.update(line.id, {'product_uom_qty': 2}) for line in self.order.order_line]})
        self.assertIn('Poor', str(refused.exception))
        self.assertEqual(self.documents(), before)

    def test_orders_of_unchecked_customers_are_edited_without_a_rehearsal(self):
        free = self.env['res.partner'].create({'name': 'Free', 'is_company': True})
        self.set_terms(free, control='unlimited')
        self.policy.action_archive_policy()
        order = self.make_order(free, 100, user=self.salesperson, confirm=True)
        with patch.object(type(order), '_credit_write_bare', lambda *args: self.fail('rehearsed')):
            order.write({'order_line': [self.added(5000), self.added(5000)]})
        self.assertEqual(order.amount_total, 10100)

    def test_a_locked_order_says_so(self):
        self.order.action_lock()
        with self.assertRaises(UserError):
            self.order.with_user(self.salesperson).write(
                {'order_line': [Command.update(line.id, {'price_unit': 1}) for line in self.order.order_line]})
