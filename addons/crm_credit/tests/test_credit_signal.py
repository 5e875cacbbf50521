from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import CreditCase


@tagged('post_install', '-at_install')
class TestCreditSignal(CreditCase):
    """The stored light of lists and kanban says what the live one says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.env.user)
        cls.metrics = cls.env['crm.customer.metrics'].with_context(allowed_company_ids=cls.company.ids)

    def make_customers(self, *names):
        return [
            self.env['res.partner'].create({'name': name, 'is_company': True, 'customer_rank': 1}) for name in names
        ]

    def owe(self, partner, amount, days):
        due = self.today - timedelta(days=days)
        return self.make_invoice(partner, amount, date=due - timedelta(days=30), due=due)

    def assert_signals_are_live(self, partners):
        self.metrics.refresh()
        for partner in partners:
            partner.invalidate_recordset()
            live = partner.with_company(self.company).credit_light
            self.assertEqual(
                partner.with_company(self.company).credit_signal or 'none', live, f'{partner.name}: {live}'
            )
        return {partner.name: partner.credit_signal for partner in partners}

    def test_the_stored_light_is_the_live_one_under_every_rule(self):
        rules = self.policy.rule_ids
        rules.filtered(lambda rule: rule.kind == 'over_limit').tolerance = 0.1
        self.policy.write(
            {
                'rule_ids': [
                    Command.create(
                        {'name': 'Some overdue', 'kind': 'overdue_amount', 'action': 'warn', 'threshold': 50}
                    ),
                    Command.create({'name': 'Review', 'kind': 'review_expired', 'action': 'warn', 'threshold': 5}),
                    Command.create({'name': 'Guarantee', 'kind': 'guarantee_expired', 'action': 'warn'}),
                    Command.create({'name': 'Family', 'kind': 'over_group_limit', 'action': 'warn'}),
                    Command.create({'name': 'Large', 'kind': 'order_maximum', 'action': 'hold', 'threshold': 5000}),
                    Command.create(
                        {
                            'name': 'No D',
                            'kind': 'grade',
                            'action': 'hold',
                            'grade_ids': [Command.set(self.policy._get_grade('D').ids)],
                        }
                    ),
                ]
            }
        )
        self.activate_policy()
        names = ('clear', 'full', 'over', 'within tolerance', 'late', 'little late', 'much late', 'D', 'unlimited')
        customers = dict(zip(names, self.make_customers(*names), strict=True))
        for name, limit, grade, owed, days in (
            ('clear', 1000, 'B', 100, 0),
            ('full', 1000, 'B', 850, 0),
            ('over', 1000, 'B', 1200, 0),
            ('within tolerance', 1000, 'B', 1050, 0),
            ('late', 1000, 'B', 100, 40),
            ('little late', 1000, 'B', 40, 10),
            ('much late', 1000, 'A', 60, 10),
            ('D', 1000, 'D', 1, 0),
        ):
            self.set_terms(customers[name], limit, grade=grade)
            self.owe(customers[name], owed, days)
        self.set_terms(customers['unlimited'], control='unlimited')
        signals = self.assert_signals_are_live(customers.values())
        self.assertEqual(
            signals,
            {
                'clear': 'green',
                'full': 'amber',
                'over': 'red',
                'within tolerance': 'amber',
                'late': 'red',
                'little late': 'green',
                'much late': 'amber',
                'D': 'red',
                'unlimited': 'green',
            },
        )
        customers['clear'].credit_review_date = self.today - timedelta(days=6)
        self.env['credit.guarantee'].create(
            {
                'name': 'BG 1',
                'partner_id': customers['little late'].id,
                'company_id': self.company.id,
                'amount': 10,
                'date_from': self.today - timedelta(days=30),
                'date_to': self.today - timedelta(days=1),
                'state': 'accepted',
            }
        )
        signals = self.assert_signals_are_live(customers.values())
        self.assertEqual((signals['clear'], signals['little late']), ('amber', 'amber'))

    def test_exceptions_and_shared_limits_count(self):
        self.activate_policy()
        late, member, other, graded = self.make_customers('late', 'member', 'other', 'graded')
        for partner, grade in ((late, 'B'), (member, 'B'), (other, 'B'), (graded, 'C')):
            self.set_terms(partner, 1000, grade=grade)
        for partner in (late, graded):
            self.owe(partner, 100, 60)
        self.owe(other, 450, 0)
        for target in ({'partner_id': late.id, 'effect': 'warn'}, {'grade_code': 'C', 'effect': 'skip'}):
            self.env['credit.rule.exception'].create(
                {
                    'kind': 'overdue_days',
                    'date_from': self.today,
                    'date_to': self.today + timedelta(days=5),
                    'reason': 'Agreed on the phone',
                    'company_id': self.company.id,
                    **target,
                }
            )
        self.env['credit.group'].create(
            {
                'name': 'Family',
                'company_id': self.company.id,
                'credit_limit': 400,
                'member_ids': [Command.set((member + other).ids)],
            }
        )
        signals = self.assert_signals_are_live([late, member, other, graded])
        self.assertEqual(signals, {'late': 'amber', 'member': 'red', 'other': 'red', 'graded': 'green'})

    def test_rules_and_exceptions_about_limits_count(self):
        self.policy.rule_ids = [
            Command.create({'name': "Over the group's limit", 'kind': 'over_group_limit', 'action': 'warn'})
        ]
        self.activate_policy()
        full, excepted, member = self.make_customers('full', 'excepted', 'member')
        for partner, grade in ((full, 'B'), (excepted, 'C'), (member, 'B')):
            self.set_terms(partner, 100, grade=grade)
        self.owe(full, 150, 0)
        self.owe(excepted, 150, 0)
        self.env['credit.rule.exception'].create(
            {
                'kind': 'over_limit',
                'grade_code': 'C',
                'effect': 'skip',
                'date_from': self.today,
                'date_to': self.today,
                'reason': 'Trade fair',
                'company_id': self.company.id,
            }
        )
        self.env['credit.group'].create(
            {
                'name': 'Family',
                'company_id': self.company.id,
                'credit_limit': 0,
                'member_ids': [Command.link(member.id)],
            }
        )
        signals = self.assert_signals_are_live([full, excepted, member])
        self.assertEqual(signals, {'full': 'red', 'excepted': 'amber', 'member': 'amber'})

    def test_without_a_policy_nobody_has_a_light(self):
        (customer,) = self.make_customers('free')
        self.owe(customer, 100, 90)
        self.assertEqual(self.assert_signals_are_live([customer]), {'free': False})

    def test_a_new_limit_shows_at_once(self):
        self.activate_policy()
        self.owe(self.customer, 500, 0)
        self.set_terms(self.customer, 100)
        self.assertEqual(self.customer.credit_signal, 'red')
        self.set_terms(self.customer, 5000)
        self.assertEqual(self.customer.credit_signal, 'green')

    def test_a_second_refresh_writes_nothing(self):
        self.activate_policy()
        self.set_terms(self.customer, 100)
        self.owe(self.customer, 500, 0)
        self.metrics.refresh()
        self.assertEqual(self.metrics.refresh(), 0)

    def test_the_kanban_counts_by_light(self):
        self.activate_policy()
        self.set_terms(self.customer, 100)
        bar = {'field': 'credit_signal', 'colors': {'green': 'success', 'amber': 'warning', 'red': 'danger'}}
        found = (
            self.env['res.partner']
            .with_user(self.salesperson)
            .read_progress_bar([('id', '=', self.customer.id)], 'relationship_stage', bar)
        )
        self.assertEqual([sum(counts.values()) for counts in found.values()], [1])
        self.assertEqual(next(iter(found.values()))['green'], 1)

    def test_who_has_nothing_to_do_with_credit_does_not_see_the_light(self):
        clerk = new_test_user(
            self.env,
            'clerk',
            'base.group_user',
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        with self.assertRaises(AccessError):
            self.customer.with_user(clerk).read(['credit_signal'])
