from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, new_test_user, tagged

from .common import RelationshipCase


class CodeAssistantCase(RelationshipCase):
    """Customers as they are in a database that was filled before there were codes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Check = cls.env['crm.code.assistant'].with_user(cls.sales_manager)
        cls.env['res.partner'].search([('is_customer', '=', True)])._assign_missing_codes()
        cls.old = cls.make_old('Quixotic Zebra', 'Quixotic Zebra', 'Yonder Walrus')

    @classmethod
    def make_old(cls, *names, ref=None):
        partners = cls.env['res.partner'].create([{'name': name, 'is_company': True} for name in names])
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE res_partner SET customer_rank = 1, ref = %s WHERE id = ANY(%s)", (ref, partners.ids))
        cls.env.invalidate_all()
        return partners

    def check(self):
        return self.Check.browse(self.Check.action_check()['res_id'])

    def line(self, check, partner):
        return check.line_ids.filtered(lambda line: line.partner_id == partner)


@tagged('post_install', '-at_install')
class TestCodeAssistant(CodeAssistantCase):

    def test_a_check_proposes_and_changes_nothing(self):
        check = self.check()
        lines = check.line_ids.filtered(lambda line: line.partner_id in self.old)
        self.assertEqual(lines.mapped('proposed_code'), ['QZ', 'QZ2', 'YW'])
        self.assertEqual(set(lines.mapped('kind')), {'blank'})
        self.assertGreaterEqual(check.blank_count, 3)
        self.assertFalse(any(self.old.mapped('ref')))

    def test_few_customers_get_their_codes_at_once(self):
        check = self.check()
        check.action_assign()
        self.assertEqual((check.state, check.failed_count, check.progress), ('done', 0, 100))
        self.assertEqual(self.old.mapped('ref'), ['QZ', 'QZ2', 'YW'])
        self.assertTrue(all(self.old.mapped('has_customer_code')))
        self.assertEqual(self.Check.action_check()['params']['type'], 'success', "nothing is left to find")

    def test_whoever_has_the_most_business_is_proposed_to_keep_a_shared_code(self):
        small, large, third = self.make_old('Small Ltd', 'Large Ltd', 'Third Ltd', ref='DUP-1')
        large.customer_rank = 9
        check = self.check()
        self.assertEqual(
            [self.line(check, partner).decision for partner in (small, large, third)], ['new', 'keep', 'new'])
        self.assertEqual(self.line(check, small).holder_count, 3)
        check.action_assign()
        self.assertEqual(large.ref, 'DUP-1')
        self.assertEqual((small.ref, third.ref), ('SMA', 'THI'))
        self.assertTrue((small + large + third).mapped('has_customer_code'))
        self.assertIn('DUP-1', small.message_ids[0].body)

    def test_two_customers_cannot_keep_one_code(self):
        first, second = self.make_old('First Ltd', 'Second Ltd', ref='DUP-1')
        check = self.check()
        (self.line(check, first) + self.line(check, second)).write({'decision': 'keep'})
        with self.assertRaisesRegex(ValidationError, 'DUP-1 would go to First Ltd, Second Ltd'):
            check.action_assign()

    def test_a_code_left_shared_says_what_is_in_the_way_and_the_others_go_on(self):
        first, second = self.make_old('First Ltd', 'Second Ltd', ref='DUP-1')
        check = self.check()
        self.line(check, second).decision = 'skip'
        check.action_assign()
        line = self.line(check, first)
        self.assertEqual((line.state, check.failed_count), ('failed', 1))
        self.assertIn('DUP-1 belongs to Second Ltd', line.message)
        self.assertEqual(self.old.mapped('ref'), ['QZ', 'QZ2', 'YW'])
        self.assertEqual((first + second).mapped('ref'), ['DUP-1', 'DUP-1'])

    def test_a_typed_code_is_used_and_a_taken_one_refused_on_its_line(self):
        self.make_customer('Owner Of It', ref='KD-1')
        check = self.check()
        first, _second, third = self.old
        self.line(check, first).proposed_code = ' kd-1 '
        self.line(check, third).proposed_code = 'WALRUS'
        check.action_assign()
        self.assertEqual(third.ref, 'WALRUS')
        self.assertFalse(first.ref)
        self.assertIn('kd-1 belongs to Owner Of It', self.line(check, first).message)

    def test_a_proposal_gives_way_when_somebody_was_faster(self):
        check = self.check()
        self.make_customer('Quixotic Zebra', ref='QZ')
        check.action_assign()
        self.assertEqual(self.old.mapped('ref'), ['QZ3', 'QZ2', 'YW'])
        self.assertEqual(self.line(check, self.old[0]).proposed_code, 'QZ3')

    def test_many_customers_are_done_in_batches_that_can_be_cut_off(self):
        self.patch(type(self.Check), '_at_once', 1)
        self.patch(type(self.Check), '_assign_batch', 2)
        check = self.check()
        check.action_assign()
        self.assertEqual(check.state, 'running')
        self.assertFalse(any(self.old.mapped('ref')))
        with self.assertRaisesRegex(UserError, 'nothing can be decided'):
            check.line_ids[0].decision = 'skip'
        check.sudo()._work_off_batch()
        self.assertEqual(check.done_count, 2)
        self.assertLess(check.progress, 100)
        check.action_stop()
        check.action_assign()
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref('crm_relationship.ir_cron_assign_codes').method_direct_trigger()
        check.invalidate_recordset()
        self.assertEqual((check.state, check.progress), ('done', 100))
        self.assertEqual(sorted(self.old.mapped('ref')), ['QZ', 'QZ2', 'YW'])
        self.assertIn('have a code now', check.message_ids[0].body)

    def test_a_batch_of_any_size_takes_the_same_number_of_queries(self):
        def count(number):
            self.make_old(*(f'Batch {index}' for index in range(number)))
            check = self.check()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            check._work_off_batch()
            self.env.flush_all()
            return self.cr.sql_log_count - before
        count(2)
        self.assertLessEqual(abs(count(200) - count(5)), 3)

    def test_salespeople_check_and_assign_nothing(self):
        check = self.check()
        Check = self.env['crm.code.assistant'].with_user(self.salesperson)
        with self.assertRaises(AccessError):
            Check.action_check()
        with self.assertRaises(AccessError):
            Check.browse(check.id).action_assign()

    def test_what_a_check_has_found_cannot_be_repointed(self):
        check = self.check()
        line, other = self.line(check, self.old[0]), self.make_customer('Somebody Else')
        for values in (
            {'partner_id': other.id}, {'kind': 'unregistered'}, {'ref': 'X-1'}, {'state': 'done'},
            {'message': "Done"}, {'typed_by_id': self.salesperson.id}, {'decision': 'skip', 'partner_id': other.id},
        ):
            with self.assertRaisesRegex(UserError, 'of Quixotic Zebra is what Code check .* has found'):
                line.write(values)
        for values in ({'state': 'running'}, {'user_id': self.salesperson.id}, {
            'line_ids': [(1, line.id, {'partner_id': other.id})],
        }):
            with self.assertRaisesRegex(UserError, 'use its buttons'):
                check.write(values)
        with self.assertRaisesRegex(UserError, 'use its buttons'):
            self.Check.create({'user_id': self.salesperson.id})
        with self.assertRaises(AccessError):
            line.unlink()
        check.write({'shared_line_ids': [], 'other_line_ids': [(1, line.id, {'decision': 'skip'})]})
        self.assertEqual((line.partner_id, line.decision), (self.old[0], 'skip'))

    def test_the_history_says_who_checked_assigned_and_stopped(self):
        self.patch(type(self.Check), '_at_once', 1)
        check = self.check()
        check.action_check_again()
        check.action_assign()
        check.action_stop()
        notes = [(message.author_id, str(message.body)) for message in check.message_ids.sorted('id')]
        texts = ' '.join(body for _author, body in notes)
        for expected in ('Customers checked: ', 'are assigned', 'Stopped; 0 customers are done'):
            self.assertIn(expected, texts)
        self.assertEqual({author for author, _body in notes}, {self.sales_manager.partner_id})

    def test_customers_of_other_companies_are_not_listed(self):
        other = self.env['res.company'].create({'name': 'Other Company'})
        self.old[2].company_id = other
        check = self.check()
        self.assertNotIn(self.old[2], check.line_ids.partner_id)
        self.assertIn(self.old[1], check.line_ids.partner_id)

    def test_nothing_to_keep_and_nothing_typed_are_refused(self):
        check = self.check()
        with self.assertRaisesRegex(ValidationError, 'has no code that it could keep'):
            self.line(check, self.old[0]).decision = 'keep'
        with self.assertRaisesRegex(ValidationError, 'needs a new code'):
            self.line(check, self.old[1]).proposed_code = '  '
        check.line_ids.action_skip()
        with self.assertRaisesRegex(UserError, 'nothing to assign'):
            check.action_assign()


@tagged('post_install', '-at_install')
class TestCodeImport(RelationshipCase):

    COLUMNS = ['name', 'ref', 'customer_rank']

    def load(self, *rows):
        return self.env['res.partner'].with_user(self.sales_manager).load(self.COLUMNS, [list(row) for row in rows])

    def test_a_code_that_a_customer_has_is_refused_on_its_line_and_nothing_is_imported(self):
        self.make_customer('Quixotic Zebra', ref='KD-4711')
        result = self.load(
            ('Imported One', 'IMP-1', '1'), ('Imported Two', 'kd-4711', '1'), ('Imported Three', '', '1'))
        self.assertFalse(result['ids'])
        self.assertEqual([message['record'] for message in result['messages']], [1])
        self.assertIn('kd-4711 belongs to Quixotic Zebra', result['messages'][0]['message'])
        self.assertFalse(self.env['res.partner'].search([('name', 'like', 'Imported')]))
        self.assertFalse(self.env['crm.customer.code'].search([('code', '=', 'IMP-1')]), "not even its code is used up")

    def test_codes_of_archived_and_merged_customers_are_refused_too(self):
        archived = self.make_customer('Archived Arc', ref='ARC-1')
        survivor, merged = self.make_customer('Survivor'), self.make_customer('Merged', ref='MRG-1')
        archived.sudo().active = False
        self.env['base.partner.merge.automatic.wizard'].create({})._merge((survivor + merged).ids, survivor)
        for code, owner in (('arc-1', 'Archived Arc'), ('mrg-1', 'Survivor')):
            result = self.load(('Imported', code, '1'))
            self.assertFalse(result['ids'])
            self.assertIn(f'{code} belongs to {owner}', result['messages'][0]['message'])

    def test_the_same_code_twice_is_refused_on_the_second_line(self):
        result = self.load(
            ('Imported One', 'IMP-0', '1'), ('Imported Two', 'IMP-1', '1'), ('Imported Three', 'imp-1', '1'))
        self.assertFalse(result['ids'])
        self.assertEqual([message['record'] for message in result['messages']], [2])
        self.assertIn('imp-1 belongs to Imported Two', result['messages'][0]['message'])

    def test_lines_without_a_code_get_one_beside_those_that_bring_theirs(self):
        result = self.load(('Quixotic Zebra', '', '1'), ('Yonder Walrus', 'QZ', '1'), ('Quixotic Zebra', '', '1'))
        self.assertTrue(result['ids'], result['messages'])
        self.assertEqual(self.env['res.partner'].browse(result['ids']).mapped('ref'), ['QZ2', 'QZ', 'QZ3'])

    def test_importing_again_with_new_codes_replaces_them(self):
        customer = self.make_customer('Quixotic Zebra')
        result = self.env['res.partner'].load(['.id', 'ref'], [[str(customer.id), 'NEW-1']])
        self.assertTrue(result['ids'], result['messages'])
        self.assertEqual(customer.ref, 'NEW-1')
        self.assertEqual(sorted(customer.customer_code_ids.mapped('code')), ['NEW-1', 'QZ'])


@tagged('post_install', '-at_install')
class TestCodeAssistantTour(HttpCase):

    def test_a_sales_manager_cleans_up_codes(self):
        new_test_user(
            self.env, login='rel_sales_manager', name='Mona Manager', email='mona.manager@example.com',
            groups='base.group_user,sales_team.group_sale_manager',
        )
        self.env['res.partner'].search([('is_customer', '=', True)])._assign_missing_codes()
        blank = self.env['res.partner'].create({'name': 'Quixotic Zebra', 'is_company': True})
        shared = self.env['res.partner'].create([
            {'name': name, 'is_company': True} for name in ('Alpha Dup', 'Beta Dup')])
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET customer_rank = 1 WHERE id = ANY(%s)", ((blank + shared).ids,))
        self.env.cr.execute("UPDATE res_partner SET ref = 'DUP-1' WHERE id = ANY(%s)", (shared.ids,))
        self.env.invalidate_all()
        self.start_tour('/odoo/code-assistant', 'crm_relationship_code_assistant', login='rel_sales_manager')
        self.assertEqual(blank.ref, 'ZEBRA')
        self.assertEqual(shared.mapped('ref'), ['AD', 'DUP-1'])
