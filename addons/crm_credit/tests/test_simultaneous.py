import threading
import time
from unittest.mock import patch

from odoo import SUPERUSER_ID, Command, api
from odoo.modules.registry import DummyRLock, Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name

from ..tools.decision import Terms


@tagged('post_install', '-at_install')
class TestSimultaneous(BaseCase):
    """Two real connections, committed data, Odoo's own retry. Cleans up after itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        cls.addClassCleanup(cls._clean_up)
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            cls.partner_ids = (
                env['res.partner']
                .create([{'name': f'Two at once {number}', 'is_company': True} for number in range(2)])
                .ids
            )
            cls.product_id = (
                env['product.product'].create({'name': 'Two at once', 'type': 'service', 'taxes_id': False}).id
            )
            cls.order_ids = [
                env['sale.order']
                .create(
                    {
                        'partner_id': partner_id,
                        'order_line': [
                            Command.create(
                                {
                                    'product_id': cls.product_id,
                                    'product_uom_qty': 1,
                                    'price_unit': 600,
                                    'tax_ids': False,
                                }
                            )
                        ],
                    }
                )
                .id
                for partner_id in cls.partner_ids
                for _number in range(2)
            ]

    @classmethod
    def _clean_up(cls):
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            orders = env['sale.order'].browse(cls.order_ids)
            env['mail.activity'].search(
                [('res_model', '=', 'credit.hold'), ('res_id', 'in', orders.credit_hold_ids.ids)]
            ).unlink()
            cr.execute("DELETE FROM credit_hold WHERE sale_order_id = ANY(%s)", [cls.order_ids])
            cr.execute("DELETE FROM credit_lock WHERE partner_id = ANY(%s)", [cls.partner_ids])
            env.invalidate_all()
            orders.write({'state': 'cancel'})
            orders.unlink()
            env['product.product'].browse(cls.product_id).product_tmpl_id.unlink()
            env['res.partner'].browse(cls.partner_ids).action_archive()

    def setUp(self):
        super().setUp()
        terms = Terms(control='limited', limit=1000, on_breach='hold')
        self.enterContext(
            patch.object(
                self.registry['res.partner'],
                '_credit_terms',
                lambda partners, company: dict.fromkeys(partners.ids, terms),
            )
        )
        # tests run while the registry is being loaded: the other thread must not wait for that
        self.enterContext(patch.object(Registry, '_lock', DummyRLock()))
        # no waiting between tries
        self.enterContext(patch('odoo.service.model.random.uniform', lambda *args: 0.0))

    def _confirm_in_thread(self, order_id, tries):
        """Confirm in a transaction of its own, as a request would: tried again after a serialisation failure."""

        def run():
            threading.current_thread().dbname = get_db_name()
            with self.registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})

                def confirm():
                    tries.append(order_id)
                    env['sale.order'].browse(order_id).action_confirm()

                retrying(confirm, env)

        thread = threading.Thread(target=run, name=f'confirm-{order_id}')
        thread.start()
        return thread

    def _wait_until_blocked(self):
        """Wait until some connection to this database waits for a lock."""
        for _attempt in range(100):
            with self.registry.cursor() as cr:
                cr.execute(
                    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
                )
                if cr.fetchone():
                    return
            time.sleep(0.05)
        self.fail("The second confirmation didn't wait for the first one")

    def _states(self, order_ids):
        with self.registry.cursor() as cr:
            orders = api.Environment(cr, SUPERUSER_ID, {})['sale.order'].browse(order_ids)
            return [(order.state, order.credit_state) for order in orders]

    def test_two_simultaneous_orders_cannot_both_pass(self):
        first, second = self.order_ids[:2]
        tries = []
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env['sale.order'].browse(first).action_confirm()
            env.flush_all()
            thread = self._confirm_in_thread(second, tries)
            self._wait_until_blocked()
        thread.join(30)
        self.assertFalse(thread.is_alive())
        self.assertEqual(self._states([first, second]), [('sale', 'clear'), ('draft', 'held')])
        self.assertEqual(len(tries), 2, "the second confirmation is repeated once")

    def test_an_old_snapshot_does_not_help(self):
        """The second transaction began before the first one ended, but asks only afterwards."""
        first, second = self.order_ids[2:]
        tries = []
        with self.registry.cursor() as old:
            env = api.Environment(old, SUPERUSER_ID, {})
            env['sale.order'].browse(second).read(['state'])  # takes the snapshot
            thread = self._confirm_in_thread(first, [])
            thread.join(30)

            def confirm():
                tries.append(second)
                env['sale.order'].browse(second).action_confirm()

            retrying(confirm, env)
        states = self._states([first, second])
        self.assertEqual(states[1], ('draft', 'held'))
        self.assertEqual(len(tries), 2)
