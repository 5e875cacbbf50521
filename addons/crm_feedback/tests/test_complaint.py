from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import FeedbackCase


@tagged('post_install', '-at_install')
class TestComplaint(FeedbackCase):

    def test_agent_registers_and_number_team_person_and_deadlines_are_set(self):
        complaint = self.register()
        self.assertRegex(complaint.name, r'^CP/\d{4}/\d{5}$')
        self.assertEqual((complaint.team_id, complaint.state, complaint.priority), (self.team, 'assigned', '1'))
        self.assertIn(complaint.user_id, self.agent + self.other_agent)
        self.assertTrue(complaint.first_response_due and complaint.resolution_due)
        self.assertIn('no rule names another', complaint.dispatch_note)
        self.assertIn('Test level: the first whose conditions are met', complaint.dispatch_note)

    def test_load_is_balanced_and_archived_members_get_nothing(self):
        complaints = self.env['crm.complaint'].with_user(self.agent).create([
            {'subject': f'{n}', 'partner_id': self.customer.id} for n in range(4)])
        self.assertEqual(len(complaints.filtered(lambda c: c.user_id == self.agent)), 2)
        self.other_agent.active = False
        self.assertEqual(self.register().user_id, self.agent)

    def test_rules_set_priority_team_person_and_level_and_say_why(self):
        legal = self.env['crm.complaint.team'].create({'name': 'Legal', 'sequence': 99})
        fast = self.policy.copy({'name': 'Fast', 'sequence': 99, 'resolution_hours': 2})
        self.env['crm.complaint.rule'].create([
            {'name': 'Court', 'keywords': 'lawyer, court', 'priority': '3', 'team_id': legal.id, 'sequence': 1},
            {'name': 'Mail', 'channel': 'email', 'priority': '0', 'assign_to': 'person',
             'user_id': self.other_agent.id, 'sla_policy_id': fast.id, 'sequence': 2}])
        complaint = self.register(channel='email', description='<p>My <b>lawyer</b> will write</p>')
        self.assertEqual(
            (complaint.priority, complaint.team_id, complaint.user_id, complaint.sla_policy_id),
            ('3', legal, self.other_agent, fast))
        self.assertIn('rule “Court” (keyword “lawyer”)', complaint.dispatch_note)
        self.assertIn('rule “Mail” (E-mail)', complaint.dispatch_note)

    def test_customer_class_steers_priority(self):
        self.env['crm.complaint.rule'].create({'name': 'VIPs', 'value_class': 'vip', 'priority': '2'})
        self.customer.with_company(self.company).sudo().value_class = 'vip'
        complaint = self.register()
        self.assertEqual((complaint.value_class, complaint.priority), ('vip', '2'))

    def test_customer_grade_steers_priority(self):
        grade = self.env['crm.grade'].search([], limit=1)
        self.env['crm.complaint.rule'].create({'name': 'Best', 'grade_ids': grade.ids, 'priority': '2'})
        self.assertEqual(self.register().priority, '1')
        self.customer.with_company(self.company).sudo().customer_grade_id = grade
        self.assertEqual(self.register().priority, '2')

    def test_what_the_agent_gives_wins_over_the_rules(self):
        self.env['crm.complaint.rule'].create({'name': 'All', 'priority': '3', 'assign_to': 'leader'})
        complaint = self.register(priority='0', user_id=self.agent.id)
        self.assertEqual((complaint.priority, complaint.user_id), ('0', self.agent))

    def test_resolving_needs_resolution_verdict_and_cause(self):
        complaint = self.register()
        with self.assertRaisesRegex(UserError, 'What Was Done, Verdict'):
            complaint.action_resolve()
        complaint.write({'resolution': 'New desk', 'verdict': 'justified'})
        with self.assertRaisesRegex(UserError, 'Root cause'):
            complaint.action_resolve()
        complaint.verdict = 'unjustified'
        complaint.action_resolve()
        self.assertEqual(complaint.state, 'resolved')

    def test_a_suggestion_needs_no_verdict(self):
        complaint = self.register(kind='suggestion', resolution='Passed on')
        complaint.action_resolve()
        self.assertEqual(complaint.state, 'resolved')

    def test_dragging_a_card_does_what_the_button_does(self):
        complaint = self.register()
        with self.assertRaises(UserError):
            complaint.state = 'resolved'
        with self.assertRaises(UserError):
            complaint.state = 'closed'
        complaint.state = 'waiting'
        self.assertTrue(complaint._sla_paused_since())
        complaint.state = 'in_progress'
        self.assertFalse(complaint._sla_paused_since())
        self.resolve(complaint)
        complaint.state = 'in_progress'
        self.assertEqual(complaint.reopen_count, 1)

    def test_closed_content_is_frozen_until_reopened(self):
        complaint = self.register()
        self.resolve(complaint)
        complaint.action_close()
        self.assertEqual((complaint.closed_at, complaint.closed_how), (self.now, 'confirmed'))
        with self.assertRaisesRegex(UserError, "is closed: Subject can't be changed"):
            complaint.subject = 'Something else'
        with self.assertRaises(UserError):
            complaint.sudo().verdict = 'unjustified'
        with self.assertRaises(UserError):
            complaint.with_user(self.manager).unlink()
        complaint.action_reopen()
        self.assertEqual((complaint.closed_at, complaint.reopen_count), (False, 1))
        complaint.subject = 'Something else'

    def test_what_happens_to_a_complaint_is_told_in_the_language_of_who_is_responsible(self):
        self.env['res.lang']._activate_lang('zh_CN')
        self.agent.lang = 'zh_CN'
        complaint = self.register(user_id=self.agent.id)
        self.resolve(complaint)
        complaint.sudo().message_post(
            body='Still broken', message_type='email', subtype_xmlid='mail.mt_comment', author_id=self.customer.id)
        self.assertIn('客户再次来信', complaint.activity_ids.summary)

    def test_causes_are_read_and_found_in_the_language_of_the_agent(self):
        self.env['res.lang']._activate_lang('zh_CN')
        Cause = self.env['crm.complaint.cause']
        above = Cause.create({'name': 'Road'})
        below = Cause.create({'name': 'Flat tyre', 'parent_id': above.id})
        for cause, name in ((above, '道路'), (below, '爆胎')):
            cause.with_context(lang='zh_CN').name = name
        in_chinese = below.with_user(self.agent).with_context(lang='zh_CN')
        self.assertEqual(in_chinese.display_name, '道路 / 爆胎')
        self.assertEqual(below.with_user(self.agent).display_name, 'Road / Flat tyre')
        for typed in ('爆胎', '道路', 'Flat'):
            self.assertIn(below.id, [found for found, _name in in_chinese.name_search(typed)], typed)

    def test_several_things_that_are_missing_are_parted_as_chinese_does(self):
        self.env['res.lang']._activate_lang('zh_CN')
        complaint = self.register().with_context(lang='zh_CN')
        with self.assertRaisesRegex(UserError, '请补充：.+、.+。'):
            complaint.action_resolve()

    def test_resolved_closes_by_itself_after_the_grace_period_unless_the_customer_writes(self):
        quiet, objecting, by_hand = (self.register() for _n in range(3))
        by_hand.team_id = self.team.copy({'grace_days': 0})
        for complaint in (quiet, objecting, by_hand):
            self.resolve(complaint)
        objecting.sudo().message_post(
            body='Still broken', message_type='email', subtype_xmlid='mail.mt_comment', author_id=self.customer.id)
        self.assertIn('written again', objecting.activity_ids.summary)
        self.run_close_cron('2026-01-18 08:00')
        self.assertEqual(quiet.state, 'resolved')
        self.run_close_cron('2026-01-19 08:00')
        self.assertEqual((quiet.state, quiet.closed_how), ('closed', 'grace'))
        self.assertEqual((objecting.state, by_hand.state), ('resolved', 'resolved'))

    def run_close_cron(self, moment):
        self.at(moment)
        with patch.object(type(self.env['ir.cron']), '_commit_progress', lambda *args, **kw: 60):
            self.env['crm.complaint']._cron_close()

    def test_complaint_from_the_future_is_refused(self):
        with self.assertRaisesRegex(ValidationError, 'future'):
            self.register(date_received='2026-01-13 08:00:00')

    def test_invoice_of_somebody_else_is_refused(self):
        stranger = self.env['res.partner'].create({'name': 'Gemini'})
        invoice = self.env['account.move'].create({
            'move_type': 'out_invoice', 'partner_id': stranger.id,
            'invoice_line_ids': [Command.create({'price_unit': 5})]})
        with self.assertRaisesRegex(ValidationError, 'not an invoice of Deco Addict'):
            self.register(invoice_ids=invoice.ids)

    def test_complaint_on_an_order_takes_customer_product_and_invoices(self):
        product = self.env['product.product'].create({'name': 'Desk'})
        contact = self.env['res.partner'].create({'name': 'Bea Buyer', 'parent_id': self.customer.id})
        order = self.env['sale.order'].create({
            'partner_id': contact.id, 'order_line': [Command.create({'product_id': product.id})]})
        order.action_confirm()
        context = order.with_user(self.agent).action_register_complaint()['context']
        complaint = self.env['crm.complaint'].with_user(self.agent).with_context(**context).create({'subject': 'Late'})
        self.assertEqual(
            (complaint.partner_id, complaint.contact_id, complaint.product_id, complaint.sale_order_id),
            (self.customer, contact, product, order))
        self.assertEqual(order.with_user(self.agent).complaint_count, 1)
        self.assertEqual(self.customer.with_user(self.agent).complaint_count, 1)

    def test_merging_two_customers_keeps_their_complaints(self):
        double = self.env['res.partner'].create({'name': 'Deco Adict', 'is_company': True})
        complaint = self.register(partner_id=double.id)
        merge = self.env['base.partner.merge.automatic.wizard'].create({})
        merge._merge((self.customer + double).ids, self.customer)
        complaint.invalidate_recordset()
        self.assertEqual((complaint.partner_id, complaint.commercial_partner_id), (self.customer, self.customer))

    def test_person_who_leaves_hands_open_complaints_to_the_leader(self):
        complaint = self.register(user_id=self.agent.id)
        self.agent.active = False
        self.assertEqual(complaint.sudo().user_id, self.manager)

    def test_settlement_is_proposed_by_the_agent_and_approved_by_the_manager(self):
        complaint = self.register()
        settlement = self.env['crm.complaint.settlement'].with_user(self.agent).create({
            'complaint_id': complaint.id, 'kind': 'refund', 'amount': 120})
        settlement.action_propose()
        self.assertEqual(settlement.activity_ids.user_id, self.manager)
        with self.assertRaisesRegex(UserError, 'Only a feedback manager'):
            settlement.action_approve()
        with self.assertRaises(UserError):
            settlement.state = 'approved'
        settlement.with_user(self.manager).action_approve()
        self.assertEqual((settlement.approved_by, complaint.settlement_amount), (self.manager, 120))
        with self.assertRaisesRegex(UserError, 'is decided'):
            settlement.amount = 500
        settlement.action_done()

    def test_action_of_another_owner_is_an_activity_for_them(self):
        complaint = self.register()
        action = self.env['crm.complaint.action'].with_user(self.agent).create({
            'complaint_id': complaint.id, 'name': 'Train the packers', 'user_id': self.other_agent.id,
            'date_due': '2026-01-20'})
        self.assertEqual(action.activity_ids.user_id, self.other_agent)
        action.with_user(self.other_agent).action_done()
        self.assertEqual((action.state, bool(action.activity_ids)), ('done', False))

    def test_import_of_a_closed_complaint_keeps_its_dates(self):
        complaint = self.env['crm.complaint'].with_user(self.manager).create({
            'subject': 'Old', 'partner_id': self.customer.id, 'state': 'closed', 'verdict': 'unjustified',
            'resolution': 'Explained', 'date_received': '2026-01-05 08:00:00', 'closed_at': '2026-01-07 10:00:00'})
        self.assertEqual(complaint.closed_at, self.due('2026-01-07 10:00'))
        self.assertEqual(complaint.resolved_at, self.due('2026-01-07 10:00'))


@tagged('post_install', '-at_install')
class TestComplaintAccess(FeedbackCase):

    def test_salesperson_registers_and_reads_own_customers_only(self):
        mine = self.register()
        other = self.register(partner_id=self.env['res.partner'].create({
            'name': 'Gemini', 'user_id': self.other_salesperson.id}).id)
        found = self.env['crm.complaint'].with_user(self.salesperson).search([('id', 'in', (mine + other).ids)])
        self.assertEqual(found, mine)
        with self.assertRaises(AccessError):
            mine.with_user(self.salesperson).subject = 'Not so bad'
        with self.assertRaises(AccessError):
            mine.with_user(self.salesperson).action_start()
        registered = self.register(user=self.salesperson, subject='Told me on the phone')
        self.assertTrue(registered.team_id and registered.resolution_due)
        self.assertEqual(registered.with_user(self.salesperson).read(['name'])[0]['id'], registered.id)
        with self.assertRaises(AccessError):
            self.env['crm.complaint.settlement'].with_user(self.salesperson).search([])
        for values in ({'verdict': 'justified'}, {'state': 'closed'}, {'resolution': 'Done'}):
            with self.assertRaisesRegex(AccessError, 'Only feedback agents'):
                self.register(user=self.salesperson, **values)

    def test_employee_without_a_role_sees_nothing(self):
        nobody = self.env['res.users'].create({'name': 'Nobody', 'login': 'fb_nobody'})
        with self.assertRaises(AccessError):
            self.register().with_user(nobody).read(['subject'])
        self.assertEqual(self.customer.with_user(nobody).complaint_count, 0)

    def test_agent_configures_nothing(self):
        for model in ('crm.complaint.team', 'crm.complaint.rule', 'crm.sla.policy', 'crm.complaint.cause'):
            self.assertTrue(self.env[model].with_user(self.agent).has_access('read'))
            self.assertFalse(self.env[model].with_user(self.agent).has_access('write'))
            self.assertTrue(self.env[model].with_user(self.manager).has_access('create'))

    def test_agent_of_another_company_sees_nothing(self):
        company = self.env['res.company'].create({'name': 'Elsewhere'})
        self.other_agent.write({'company_ids': [Command.set(company.ids)], 'company_id': company.id})
        complaint = self.register()
        self.assertEqual(complaint.user_id, self.agent, 'nor gets it')
        self.assertFalse(self.env['crm.complaint'].with_user(self.other_agent).search([('id', '=', complaint.id)]))
        with self.assertRaises(AccessError):
            complaint.with_user(self.other_agent).read(['subject'])

    def test_agent_reads_orders_and_customer_invoices_but_changes_none(self):
        order = self.env['sale.order'].create({'partner_id': self.customer.id})
        self.assertTrue(order.with_user(self.agent).read(['name', 'amount_total']))
        with self.assertRaises(AccessError):
            order.with_user(self.agent).note = 'changed'
