from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .test_hold import HoldCase


@tagged('post_install', '-at_install')
class TestCreditArchive(HoldCase):
    """Everything about a customer's credit in time order, with who and why."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # tests don't track changes unless told to
        cls.env = cls.env(context={'allowed_company_ids': cls.company.ids})
        cls.customer = cls.customer.with_env(cls.env)

    def flush_tracking(self):
        self.env.flush_all()
        self.cr.precommit.run()
        self.env.invalidate_all()

    def events(self, user=None, **domain):
        user = user or self.analyst
        Archive = self.env['credit.archive'].with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
        return Archive.search(
            [('partner_id', '=', self.customer.id), *((name, '=', value) for name, value in domain.items())]
        )

    def event(self, kind, user=None):
        found = self.events(user, kind=kind)
        self.assertEqual(len(found), 1, kind)
        return found

    def approved_assessment(self):
        assessment = self.env['credit.assessment'].with_user(self.analyst).create({'partner_id': self.customer.id})
        assessment.action_fill()
        assessment.line_ids.write({'score': 70, 'basis': 'Visit in May'})
        assessment.action_submit()
        assessment.with_user(self.credit_manager).decision_note = 'Good references'
        assessment.with_user(self.credit_manager).action_approve()
        return assessment

    def test_assessments_are_on_file_with_who_and_why(self):
        assessment = self.approved_assessment()
        submitted, approved = self.event('assessment_submitted'), self.event('assessment_approved')
        self.assertEqual(submitted.user_id, self.analyst)
        self.assertEqual(approved.user_id, self.credit_manager)
        self.assertEqual(approved.amount, assessment.approved_limit)
        self.assertEqual((approved.currency_id, approved.company_id), (assessment.currency_id, self.company))
        self.assertIn('Good references', approved.text)
        self.assertIn('B', submitted.text)
        opened = approved.action_open()
        self.assertEqual((opened['res_model'], opened['res_id']), ('credit.assessment', assessment.id))

    def test_a_superseded_assessment_stays_approved_on_file(self):
        self.approved_assessment()
        second = self.approved_assessment()
        self.assertEqual(len(self.events(kind='assessment_approved')), 2)
        self.assertEqual(second.state, 'approved')

    def test_holds_are_on_file_when_held_and_when_decided(self):
        released, rejected = self.held_order(500), self.held_order(600)
        self.hold_of(released).with_user(self.credit_manager).action_release('Known for years')
        self.hold_of(rejected).with_user(self.other_manager).action_reject('Pay first')
        held = self.events(kind='hold_open')
        self.assertEqual(sorted(held.mapped('amount')), [500, 600])
        self.assertEqual(held.user_id, self.salesperson)
        release, refusal = self.event('hold_released'), self.event('hold_rejected')
        self.assertEqual((release.user_id, refusal.user_id), (self.credit_manager, self.other_manager))
        self.assertIn('Known for years', release.text)
        self.assertIn('Pay first', refusal.text)
        self.assertIn(released.name, release.text)

    def test_guarantees_extensions_statements_and_exceptions_are_on_file(self):
        guarantee = self.env['credit.guarantee'].with_user(self.analyst).create(
            {'name': 'G 7', 'partner_id': self.customer.id, 'amount': 400})
        extension = self.env['credit.extension'].with_user(self.analyst).create(
            {'partner_id': self.customer.id, 'amount': 300, 'date_to': self.day(9), 'reason': 'Season'})
        self.env['credit.statement'].with_user(self.analyst).create({
            'partner_id': self.customer.id, 'date_end': '2025-12-31', 'current_assets': 60, 'total_assets': 100,
            'current_liabilities': 20, 'total_liabilities': 40, 'equity': 60})
        self.env['credit.rule.exception'].with_user(self.credit_manager).create({
            'partner_id': self.customer.id, 'kind': 'overdue_days', 'date_to': self.day(9), 'reason': 'Strike'})
        self.flush_tracking()
        guarantee.with_user(self.credit_manager).action_accept()
        extension.with_user(self.credit_manager).action_approve()
        self.flush_tracking()
        self.assertIn('G 7', self.event('guarantee').text)
        self.assertEqual(self.event('guarantee_state').user_id, self.credit_manager)
        self.assertEqual(self.event('guarantee_state').text, 'Draft → Accepted')
        self.assertIn('Season', self.event('extension').text)
        self.assertEqual(self.event('extension').user_id, self.analyst)
        self.assertEqual(self.event('extension_state').text, 'Requested → Approved')
        self.assertEqual(self.event('statement').amount, 60)
        self.assertIn('Strike', self.event('exception').text)
        for event in self.events():
            self.assertTrue(event.action_open()['res_id'])

    def test_changes_of_terms_are_on_file_with_value_before_and_after(self):
        self.flush_tracking()
        self.customer.with_user(self.analyst).write({'credit_limit': 2500, 'credit_review_date': '2027-01-31'})
        self.flush_tracking()
        self.customer._set_credit_terms(self.company, {'credit_grade_id': self.policy._get_grade('C').id})
        self.flush_tracking()
        limit = self.events(kind='limit')[0]
        self.assertEqual((limit.amount, limit.text), (2500, '1000 → 2500'))
        self.assertEqual((limit.user_id, limit.company_id), (self.analyst, self.company))
        self.assertEqual(limit.action_open()['res_model'], 'res.partner')
        self.assertEqual(self.event('review').text, '– → 2027-01-31')
        self.assertIn('C – Grade C', self.event('grade').text)

    def test_it_is_in_time_order(self):
        order = self.held_order(500)
        self.hold_of(order).with_user(self.credit_manager).action_release('Fine')
        self.approved_assessment()
        self.flush_tracking()
        dates = self.events().mapped('date')
        self.assertEqual(dates, sorted(dates, reverse=True))
        self.assertEqual(len(self.events()), len(set(self.events().ids)))

    def test_accountants_see_no_assessments_and_salespeople_nothing(self):
        self.held_order(40000)
        self.flush_tracking()
        self.approved_assessment()
        self.flush_tracking()
        self.assertTrue(self.events(self.accountant, category='hold'))
        self.assertTrue(self.events(self.accountant, category='terms'))
        self.assertFalse(self.events(self.accountant, category='assessment'))
        self.assertTrue(self.events(self.credit_manager, category='assessment'))
        with self.assertRaises(AccessError):
            self.events(self.salesperson)

    def test_other_companies_see_nothing_of_it(self):
        self.approved_assessment()
        self.held_order(40000)
        self.flush_tracking()
        other = self.env['res.company'].create({'name': 'Elsewhere'})
        stranger = new_test_user(
            self.env, 'credit_stranger', 'base.group_user,crm_credit.group_credit_manager',
            company_id=other.id, company_ids=[Command.set(other.ids)])
        self.assertFalse(self.events(stranger))

    def test_a_branch_sees_what_its_root_company_decided(self):
        self.approved_assessment()
        branch = self.env['res.company'].create({'name': 'Branch', 'parent_id': self.company.id})
        user = new_test_user(
            self.env, 'credit_branch', 'base.group_user,crm_credit.group_credit_analyst',
            company_id=branch.id, company_ids=[Command.set(branch.ids)])
        self.assertTrue(self.events(user, kind='assessment_approved'))

    def test_it_opens_from_the_customer(self):
        contact = self.env['res.partner'].create({'name': 'Buyer', 'parent_id': self.customer.id})
        action = contact.with_user(self.accountant).action_open_credit_archive()
        self.assertEqual(action['res_model'], 'credit.archive')
        self.assertEqual(action['domain'], [('partner_id', '=', self.customer.id)])

    def test_it_can_be_grouped(self):
        self.held_order(500)
        groups = self.env['credit.archive'].with_user(self.analyst)._read_group(
            [('partner_id', '=', self.customer.id), ('date', '<=', fields.Datetime.now())],
            ['date:month', 'category'], ['__count'])
        self.assertTrue(groups)

    def test_investigations_are_on_file_for_the_credit_department_only(self):
        self.env['credit.investigation'].with_user(self.analyst).create(
            {
                'partner_id': self.customer.id,
                'source': 'bank',
                'rating': 'good for 500',
                'recommended_limit': 500,
                'bank_reference': 'Confidential word',
            }
        )
        event = self.event('investigation')
        self.assertEqual((event.user_id, event.amount), (self.analyst, 500))
        self.assertIn('good for 500', event.text)
        self.assertNotIn('Confidential', event.text)
        self.assertEqual(event.action_open()['res_model'], 'credit.investigation')
        Archive = self.env['credit.archive'].with_user(self.accountant)
        self.assertFalse(Archive.search([('category', 'in', ('investigation', 'statement', 'assessment'))]))

    def test_copies_of_the_terms_on_contacts_are_no_events(self):
        self.env['res.partner'].create({'name': 'Buyer', 'parent_id': self.customer.id})
        self.flush_tracking()
        before = self.events(kind='limit')
        self.customer.with_user(self.analyst).write({'credit_limit': 2600})
        self.flush_tracking()
        self.assertEqual(len(self.events(kind='limit') - before), 1)

    def test_changed_guarantees_are_on_file_with_what_was_before(self):
        guarantee = self.env['credit.guarantee'].with_user(self.credit_manager).create(
            {'name': 'G 7', 'partner_id': self.customer.id, 'amount': 500, 'date_from': '2026-01-01'}
        )
        self.flush_tracking()
        guarantee.action_accept()
        self.flush_tracking()
        guarantee.write({'amount': 700, 'date_to': '2099-12-31'})
        self.flush_tracking()
        texts = self.events(kind='guarantee_state').mapped('text')
        self.assertEqual(
            sorted(texts), ['Amount: 500 → 700', 'Draft → Accepted', 'Valid until: – → 2099-12-31'], texts
        )

    # -- shared limits

    def group(self, **values):
        self.other = self.env['res.partner'].create({'name': 'Subsidiary', 'is_company': True})
        return self.env['credit.group'].with_user(self.credit_manager).create({
            'name': 'Holding', 'credit_limit': 2000, 'member_ids': [Command.set((self.customer | self.other).ids)],
            'note': 'The parent stands for it', **values})

    def test_shared_limits_are_on_file_with_who_why_and_what_was_before(self):
        group = self.group()
        joined = self.event('group_joined')
        self.assertEqual((joined.user_id, joined.amount, joined.category), (self.credit_manager, 2000, 'terms'))
        self.assertEqual(joined.text, 'Holding: – → 2000.00: The parent stands for it')
        self.assertEqual((joined.company_id, joined.currency_id), (self.company, self.company.currency_id))
        group.with_user(self.other_manager).write({'credit_limit': 3000, 'change_reason': 'Guarantee of the parent'})
        changed = self.event('group_limit')
        self.assertEqual(changed.user_id, self.other_manager)
        self.assertEqual(changed.text, 'Holding: 2000.00 → 3000.00: Guarantee of the parent')
        self.assertEqual(changed.action_open()['res_id'], group.id)
        group.write({'member_ids': [Command.unlink(self.customer.id)], 'change_reason': 'Sold'})
        self.assertEqual(self.event('group_left').text, 'Holding: 3000.00 → –: Sold')
        group.write({'credit_limit': 1000, 'change_reason': 'Smaller without it'})
        self.assertEqual(len(self.events(kind='group_limit')), 1, 'it has left: what follows is the others')

    def test_archiving_and_deleting_a_group_is_on_file_for_its_members(self):
        group = self.group()
        group.active = False
        self.assertEqual(len(self.events(kind='group_left')), 1)
        group.active = True
        group.unlink()
        left = self.events(kind='group_left')
        self.assertEqual(len(left), 2)
        self.assertIn('deleted', left[0].text)
        self.assertEqual(left[0].action_open()['res_model'], 'res.partner', 'the group is gone, the event is not')

    def test_nothing_is_noted_where_nothing_changes(self):
        group = self.group()
        group.write({'name': 'Holding AG', 'credit_limit': 2000, 'note': 'Still'})
        self.assertEqual(self.events().filtered(lambda event: event.kind.startswith('group_')).mapped('kind'),
                         ['group_joined'])

    def test_what_happened_to_a_shared_limit_is_not_rewritten(self):
        self.group()
        change = self.env['credit.group.change'].search([('partner_id', '=', self.customer.id)])
        with self.assertRaisesRegex(UserError, 'stays on file'):
            change.write({'reason': 'Nothing'})
        with self.assertRaisesRegex(UserError, 'stays on file'):
            change.unlink()
        with self.assertRaises(AccessError):
            change.with_user(self.credit_manager).unlink()
        with self.assertRaises(AccessError):
            self.env['credit.group.change'].with_user(self.salesperson).search([])
        self.assertTrue(self.event('group_joined', self.accountant), 'accountants see terms')

    def test_the_form_asks_why_when_limit_or_members_change(self):
        group = self.group()
        with self.assertRaisesRegex(AssertionError, 'change_reason'), Form(group) as form:
            form.credit_limit = 2500
        with Form(group) as form:
            self.assertFalse(form.reason_needed)
            form.note = 'Still'
        with Form(group) as form:
            form.credit_limit = 2500
            self.assertTrue(form.reason_needed)
            form.change_reason = 'Season'
        self.assertIn('Season', self.event('group_limit').text)
        self.assertFalse(group.change_reason)

    def test_merged_customers_keep_the_history_of_their_shared_limits(self):
        self.group()
        double = self.env['res.partner'].create({'name': 'Double', 'is_company': True})
        self.env['credit.group'].search([]).write({'member_ids': [Command.unlink(self.customer.id)]})
        self.env['base.partner.merge.automatic.wizard']._merge((self.customer | double).ids, double)
        changes = self.env['credit.group.change'].search([('partner_id', '=', double.id)])
        self.assertEqual(sorted(changes.mapped('kind')), ['group_joined', 'group_left'])
