from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .test_hold import HoldCase


@tagged('post_install', '-at_install')
class TestCreditGroup(HoldCase):
    """Two members share 2,000: the customer (own limit 1,000, owes 800) and a subsidiary (own limit 5,000)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.subsidiary = cls.env['res.partner'].create(
            {'name': 'Steady Stores Sud', 'is_company': True, 'customer_rank': 1, 'user_id': cls.salesperson.id}
        )
        cls.set_terms(cls.subsidiary, 5000)
        cls.group = cls.env['credit.group'].create(
            {
                'name': 'Steady Group',
                'company_id': cls.company.id,
                'credit_limit': 2000,
                'member_ids': [Command.set((cls.customer | cls.subsidiary).ids)],
            }
        )

    def order(self, partner, amount):
        order = self.make_order(partner, amount, user=self.salesperson)
        order.action_confirm()
        return order

    def test_an_order_over_the_shared_limit_is_held_with_figures(self):
        order = self.order(self.subsidiary, 1500)
        self.assertEqual((order.state, order.credit_state), ('draft', 'held'))
        reasons = order.credit_hold_ids.reasons
        self.assertIn('Steady Group', reasons)
        self.assertIn('300.00', reasons)
        self.assertIn('800.00', reasons)
        self.assertNotIn('Credit limit exceeded', reasons)

    def test_an_order_within_both_limits_passes(self):
        self.assertEqual(self.order(self.subsidiary, 1200).state, 'sale')
        self.assertEqual(self.order(self.subsidiary, 1).state, 'draft')

    def test_the_own_limit_stays_in_force(self):
        order = self.order(self.customer, 300)
        self.assertEqual(order.credit_state, 'held')
        self.assertIn('Credit limit exceeded', order.credit_hold_ids.reasons)
        self.assertNotIn('Steady Group', order.credit_hold_ids.reasons)

    def test_unlimited_members_are_bound_by_the_shared_limit(self):
        self.set_terms(self.subsidiary, control='unlimited')
        self.assertEqual(self.order(self.subsidiary, 1201).credit_state, 'held')
        self.assertEqual(self.order(self.subsidiary, 1200).state, 'sale')

    def test_in_one_batch_members_see_each_others_orders(self):
        first = self.make_order(self.subsidiary, 1100, user=self.salesperson)
        second = self.make_order(self.customer, 150, user=self.salesperson)
        (first | second).action_confirm()
        self.assertEqual((first | second).mapped('state'), ['sale', 'draft'])
        self.assertIn('50.00', second.credit_hold_ids.reasons)

    def test_a_payment_of_one_member_releases_the_order_of_another(self):
        order = self.order(self.subsidiary, 1500)
        self.pay(self.invoice, self.today)
        self.assertEqual((order.state, order.credit_state), ('sale', 'released'))

    def test_a_higher_shared_limit_releases(self):
        order = self.order(self.subsidiary, 1500)
        self.group.with_user(self.credit_manager).write({'credit_limit': 3000, 'change_reason': 'Steady grows'})
        self.assertEqual(order.state, 'sale')

    def test_leaving_or_archiving_the_group_ends_the_shared_limit(self):
        order = self.order(self.subsidiary, 1500)
        self.group.member_ids = [Command.unlink(self.customer.id)]
        self.assertEqual(order.state, 'sale')
        self.group.active = False
        self.assertEqual(self.order(self.subsidiary, 3000).state, 'sale')

    def test_all_members_are_locked_before_anything_is_read(self):
        self.env['credit.lock']._bump(self.company, self.customer.ids)
        self.env.cr.execute(
            'SELECT partner_id, version FROM credit_lock WHERE company_id = %s AND partner_id = ANY(%s)',
            [self.company.id, (self.customer | self.subsidiary).ids],
        )
        before = dict(self.env.cr.fetchall())
        self.order(self.subsidiary, 10)
        self.env.cr.execute(
            'SELECT partner_id, version FROM credit_lock WHERE company_id = %s AND partner_id = ANY(%s)',
            [self.company.id, (self.customer | self.subsidiary).ids],
        )
        after = dict(self.env.cr.fetchall())
        self.assertEqual(set(after), set((self.customer | self.subsidiary).ids))
        self.assertGreater(after[self.customer.id], before[self.customer.id])

    def test_exposure_takes_no_more_queries_for_members(self):
        free = self.env['res.partner'].create({'name': 'Free', 'is_company': True})
        self.env['credit.group']._memberships(self.company.id)
        counts = []
        for partner in (free, free, self.subsidiary):
            self.env.flush_all()
            before = self.cr.sql_log_count
            partner._credit_exposure(self.company)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_a_customer_is_in_one_group_of_a_company(self):
        with self.assertRaisesRegex(ValidationError, 'Steady Stores Sud belong to group Steady Group'):
            self.env['credit.group'].create(
                {
                    'name': 'Another',
                    'company_id': self.company.id,
                    'credit_limit': 1,
                    'member_ids': [Command.set(self.subsidiary.ids)],
                }
            )

    def test_impossible_groups_are_refused(self):
        contact = self.env['res.partner'].create({'name': 'Buyer', 'parent_id': self.customer.id})
        with self.assertRaisesRegex(ValidationError, 'owes for it'), self.cr.savepoint():
            self.group.member_ids = [Command.link(contact.id)]
        with self.assertRaisesRegex(ValidationError, 'negative'), self.cr.savepoint():
            self.group.credit_limit = -1
        self.env.registry.clear_cache()

    def test_who_changes_what_a_group_may_owe_says_why_also_by_rpc(self):
        group = self.group.with_user(self.credit_manager)
        for values in (
            {'credit_limit': 1600},
            {'credit_limit': 1600, 'change_reason': '  '},
            {'member_ids': [Command.unlink(self.customer.id)]},
        ):
            with self.assertRaisesRegex(UserError, 'Say why .* of group Steady Group change'), self.cr.savepoint():
                group.write(values)
        self.env.registry.clear_cache()
        group.write({'credit_limit': group.credit_limit, 'member_ids': [Command.set(group.member_ids.ids)]})
        group.write({'note': 'Consolidated accounts are due in May', 'name': 'Steady Group AG'})
        self.assertNotIn('group_limit', group.change_ids.mapped('kind'))
        group.write({'credit_limit': 1600, 'change_reason': 'Guarantee of the parent'})
        changed = group.change_ids.filtered(lambda change: change.kind == 'group_limit')
        self.assertEqual(set(changed.mapped('reason')), {'Guarantee of the parent'})

    def test_archiving_a_group_gives_its_own_reason(self):
        self.group.with_user(self.credit_manager).action_archive()
        self.assertIn('The group was archived', self.group.change_ids.mapped('reason'))
        self.group.with_user(self.credit_manager).action_unarchive()
        self.assertIn('The group is in force again', self.group.change_ids.mapped('reason'))

    def test_only_managers_within_their_authority_set_shared_limits(self):
        with self.assertRaises(AccessError):
            self.group.with_user(self.analyst).write({'credit_limit': 10})
        with self.assertRaisesRegex(AccessError, 'authority'), self.cr.savepoint():
            self.group.with_user(self.credit_manager).write({'credit_limit': 50001, 'change_reason': 'Growth'})
        self.env.registry.clear_cache()
        with self.assertRaises(AccessError):
            self.group.with_user(self.salesperson).read(['credit_limit'])

    def test_the_customer_shows_the_shared_limit(self):
        customer = self.subsidiary.with_user(self.salesperson)
        self.assertEqual(
            (
                customer.credit_group_name,
                customer.credit_group_limit,
                customer.credit_group_exposure,
                customer.credit_group_available,
            ),
            ('Steady Group', 2000, 800, 1200),
        )
        self.assertEqual(customer.credit_available, 1200, 'the group leaves less than the own limit of 5,000')
        self.assertAlmostEqual(customer.credit_utilization, 0.4)
        own = self.customer.with_user(self.salesperson)
        self.assertEqual(own.credit_available, 200, 'here the own limit leaves less')
        self.assertEqual((self.group.exposure, self.group.available), (800, 1200))
        self.assertFalse(self.env['res.partner'].create({'name': 'Free', 'is_company': True}).credit_group_name)

    def test_unlimited_members_show_what_the_group_leaves(self):
        self.set_terms(self.subsidiary, control='unlimited')
        customer = self.subsidiary.with_user(self.salesperson)
        self.assertTrue(customer.credit_is_limited)
        self.assertEqual((customer.credit_available, customer.credit_light), (1200, 'green'))

    def test_the_panel_shows_the_group_and_leads_to_it(self):
        customer = self.subsidiary.with_user(self.analyst)
        rows = {row['part']: row for row in customer.credit_panel['rows']}
        self.assertEqual(rows['group_limit']['label'], 'Limit of Steady Group')
        figure = self.company.currency_id.format
        self.assertEqual(
            [rows[part]['amount'] for part in ('limit', 'group_limit', 'group', 'group_available', 'available')],
            [figure(amount) for amount in (5000, 2000, 800, 1200, 1200)],
        )
        action = customer.action_open_credit_part('group', self.company.id)
        self.assertEqual((action['res_model'], action['res_id']), ('credit.group', self.group.id))
        self.assertTrue(self.env['credit.group'].with_user(self.analyst).browse(action['res_id']).name)
        free = self.env['res.partner'].create({'name': 'Free', 'is_company': True}).with_user(self.analyst)
        self.assertNotIn('group', [row['part'] for row in free.credit_panel['rows']])
        with self.assertRaisesRegex(UserError, 'Free shares no limit'):
            free.action_open_credit_part('group')

    def test_all_members_of_a_group_over_its_limit_are_found_as_over_the_limit(self):
        Partner = self.env['res.partner'].with_user(self.analyst)
        members = self.customer | self.subsidiary
        domain = [('id', 'in', members.ids), ('credit_over_limit', '=', True)]
        self.assertFalse(Partner.search(domain))
        self.group.credit_limit = 799
        self.assertEqual(Partner.search(domain), members)
        self.assertTrue(all(members.mapped('credit_over_limit')))
        self.assertFalse(Partner.search([('id', 'in', members.ids), ('credit_over_limit', '=', False)]))

    # -- the rule

    def with_rule(self, **values):
        policy = self._make_policy(name='With a group rule', date_from=self.today)
        policy.rule_ids = [Command.create({'name': "Over the group's limit", 'kind': 'over_group_limit', **values})]
        self.policy.action_archive_policy()
        self.env.cr.execute('UPDATE credit_policy SET date_to = %s WHERE id = %s', [self.day(-1), self.policy.id])
        self.policy.invalidate_recordset(['date_to'])
        self.activate_policy(policy)
        return policy

    def test_a_rule_may_only_warn(self):
        self.with_rule(action='warn')
        order = self.order(self.subsidiary, 1500)
        self.assertEqual((order.state, order.credit_state), ('sale', 'warning'))

    def test_a_rule_may_tolerate(self):
        self.with_rule(action='hold', tolerance=0.1)
        self.assertEqual(self.order(self.subsidiary, 1400).state, 'sale')
        self.assertEqual(self.order(self.subsidiary, 1).credit_state, 'held')

    def test_without_a_rule_the_grade_says_what_happens(self):
        self.set_terms(self.subsidiary, grade='A')  # whose limit only warns
        order = self.order(self.subsidiary, 1500)
        self.assertEqual((order.state, order.credit_state), ('sale', 'warning'))

    def test_without_a_policy_nobody_is_held(self):
        self.policy.action_archive_policy()
        self.assertEqual(self.order(self.subsidiary, 15000).state, 'sale')

    def test_an_exception_for_one_member_lets_it_pass_the_shared_limit(self):
        exception = (
            self.env['credit.rule.exception']
            .with_user(self.credit_manager)
            .create(
                {
                    'kind': 'over_group_limit',
                    'partner_id': self.subsidiary.id,
                    'effect': 'skip',
                    'reason': 'Trade fair',
                    'date_from': self.today,
                    'date_to': self.day(10),
                }
            )
        )
        self.assertEqual(self.order(self.subsidiary, 1500).credit_state, 'clear')
        self.assertEqual(self.order(self.subsidiary, 4000).credit_state, 'held', 'the own limit still counts')
        exception.effect = 'warn'
        self.assertEqual(self.order(self.subsidiary, 1).credit_state, 'warning')

    def test_an_exception_to_the_own_limit_counts_with_and_without_a_rule(self):
        self.env['credit.rule.exception'].with_user(self.credit_manager).create(
            {
                'kind': 'over_limit',
                'partner_id': self.customer.id,
                'effect': 'skip',
                'reason': 'Trade fair',
                'date_from': self.today,
                'date_to': self.day(10),
            }
        )
        self.assertEqual(self.order(self.customer, 500).state, 'sale')
        self.assertEqual(self.order(self.customer, 1000).credit_state, 'held', "the group's limit still counts")

    # -- merging

    def merge(self, source, destination):
        self.env['base.partner.merge.automatic.wizard']._merge((source | destination).ids, destination)
        self.env.invalidate_all()

    def test_merging_members_of_one_group_keeps_group_and_limit(self):
        order = self.make_order(self.subsidiary, 100, user=self.salesperson, confirm=True)
        self.merge(self.subsidiary, self.customer)
        self.assertEqual(self.group.member_ids, self.customer)
        self.assertEqual(order.partner_id, self.customer)
        self.assertEqual((self.group.credit_limit, self.group.exposure), (2000, 900))
        self.assertEqual(self.customer.credit_group_name, 'Steady Group')

    def test_merging_members_of_two_groups_keeps_both_until_somebody_decides(self):
        stranger = self.env['res.partner'].create({'name': 'Stranger', 'is_company': True})
        other = self.env['credit.group'].create(
            {'name': 'Tight Group', 'credit_limit': 1000, 'member_ids': [Command.set(stranger.ids)]}
        )
        self.merge(stranger, self.customer)
        self.assertIn(self.customer, self.group.member_ids)
        self.assertEqual(other.member_ids, self.customer)
        self.assertEqual((other.credit_limit, other.exposure, self.group.exposure), (1000, 800, 800))
        self.assertEqual(self.customer.credit_group_name, 'Tight Group', 'the lower limit counts')
        self.assertEqual(self.order(self.customer, 201).credit_state, 'held')
        for group in (self.group, other):
            self.assertIn('belongs to', group.message_ids[0].body)
        with self.assertRaisesRegex(ValidationError, 'GmbH, .* belong to group Steady Group'), self.cr.savepoint():
            other.write({'member_ids': [Command.link(self.subsidiary.id)]})
        other.member_ids = [Command.unlink(self.customer.id)]
        self.assertEqual(self.customer.credit_group_name, 'Steady Group')
