from contextlib import nullcontext
from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from lxml import html as lxml_html

from odoo.exceptions import AccessError, RedirectWarning, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import RelationshipCase


@tagged('post_install', '-at_install')
class TestHandover(RelationshipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time('2026-03-02 09:00:00'))
        cls.customer = cls.make_customer()
        cls.other_customer = cls.make_customer('Lumber Inc', city='Northtown')
        cls.lead = cls.env['crm.lead'].with_user(cls.salesperson).create(
            {'name': 'Desks', 'partner_id': cls.customer.id, 'type': 'opportunity', 'user_id': cls.salesperson.id}
        )
        cls.quotation = cls.env['sale.order'].with_user(cls.salesperson).create({'partner_id': cls.customer.id})
        cls.promise = cls.env['crm.promise'].with_user(cls.salesperson).create(
            {'partner_id': cls.customer.id, 'name': 'Send samples', 'date_due': '2026-03-09'}
        )
        cls.activity = cls.customer.activity_schedule(
            'mail.mail_activity_data_call', date(2026, 3, 4), user_id=cls.salesperson.id
        )
        cls.personal = cls.env['mail.activity'].sudo().create({
            'summary': 'Tidy the files', 'user_id': cls.salesperson.id, 'date_deadline': '2026-03-05',
            'activity_type_id': cls.env.ref('mail.mail_activity_data_todo').id,
        })

    def handover(self, **values):
        return self.env['crm.handover'].with_user(self.sales_manager).create({
            'from_user_id': self.salesperson.id, 'to_user_id': self.other_salesperson.id, **values,
        })

    def run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref('crm_relationship.ir_cron_handover').method_direct_trigger()
        self.env.invalidate_all()

    def test_the_manager_sees_beforehand_how_much_will_pass_over(self):
        counts = {part.key: part.count for part in self.handover().part_ids}
        self.assertEqual(counts['res.partner.user_id'], 2)
        self.assertEqual(counts['crm.lead.user_id'], 1)
        self.assertEqual(counts['sale.order.user_id'], 1)
        self.assertEqual(counts['crm.promise.user_id'], 1)
        self.assertEqual(counts['mail.activity.user_id'], 2)  # reminders count with their promises

    def test_a_planned_handover_shows_what_would_pass_over_now(self):
        handover = self.handover(date_start='2026-03-20')
        handover.action_hand_over()
        self.assertEqual((handover.state, handover.customer_count, handover.line_count), ('planned', 2, 7))
        self.make_customer('Gemini Furniture')
        leads = handover.part_ids.filtered(lambda part: part.key == 'crm.lead.user_id')
        leads.included = False
        self.env.invalidate_all()
        self.assertEqual((handover.customer_count, handover.line_count), (3, 7), "one more, and the lead stays")
        found = {part.key: part.found for part in handover.part_ids}
        self.assertEqual((found['res.partner.user_id'], found['crm.lead.user_id']), (3, 1))
        customers = self.env['res.partner'].search(handover.action_open_customers()['domain'])
        self.assertEqual(len(customers), 3)
        for reader in (self.salesperson, self.other_salesperson):
            self.assertEqual(handover.with_user(reader).customer_count, 3, "giver and successor read it too")
        handover.audience_domain = "[('city', '=', 'Northtown')]"
        self.assertEqual((handover.customer_count, handover.line_count), (1, 1))
        with freeze_time('2026-03-20 09:00:00'):
            self.run_cron()
        self.assertEqual((handover.state, handover.customer_count, handover.line_count), ('done', 1, 1))

    def test_the_title_names_both_as_soon_as_they_are_chosen(self):
        with Form(self.env['crm.handover'].with_user(self.sales_manager)) as form:
            self.assertEqual(form.name, "New handover")
            form.from_user_id = self.salesperson
            self.assertEqual(form.name, "Sally Seller → …")
            form.to_user_id = self.other_salesperson
        self.assertEqual(form.record.name, "Sally Seller → Oscar Other")

    def test_the_list_takes_as_many_queries_for_20_planned_handovers_as_for_2(self):
        def queries(handovers):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            handovers.mapped('customer_count')
            return self.env.cr.sql_log_count - before

        handovers = self.env['crm.handover'].concat(*(self.handover(date_start='2026-03-20') for _number in range(20)))
        self.env.flush_all()
        queries(handovers)
        self.assertEqual(queries(handovers), queries(handovers[:2]))

    def test_everything_open_passes_to_the_successor_at_once(self):
        handover = self.handover()
        handover.action_hand_over()
        self.env.invalidate_all()
        for record in (self.customer, self.other_customer, self.lead, self.quotation, self.promise, self.activity,
                       self.personal, self.promise.sudo().activity_id):
            self.assertEqual(record.sudo().user_id, self.other_salesperson, record)
        self.assertEqual(handover.state, 'done')
        self.assertFalse(handover.orphan_note)
        self.assertEqual(self.promise.state, 'open')

    def test_what_is_over_stays_with_the_one_who_did_it(self):
        self.promise.action_keep()
        won = self.env['crm.lead'].create({
            'name': 'Won', 'partner_id': self.customer.id, 'type': 'opportunity', 'user_id': self.salesperson.id,
        })
        won.action_set_won()
        self.handover().action_hand_over()
        self.assertEqual(self.promise.user_id, self.salesperson)
        self.assertEqual(won.user_id, self.salesperson)

    def test_each_record_keeps_a_note_of_the_handover(self):
        self.handover().with_context(tracking_disable=False).action_hand_over()
        for record in (self.customer, self.lead, self.quotation, self.promise):
            notes = record.sudo().message_ids.filtered(lambda message: 'Handed over' in (message.body or ''))
            self.assertEqual(len(notes), 1, record)
            self.assertIn('from Sally Seller to Oscar Other', notes.body)
            self.assertEqual(notes.author_id, self.sales_manager.partner_id)

    def test_a_part_that_is_not_ticked_stays_and_is_reported(self):
        handover = self.handover()
        handover.part_ids.filtered(lambda part: part.key == 'crm.lead.user_id').included = False
        handover.action_hand_over()
        self.assertEqual(self.lead.user_id, self.salesperson)
        self.assertIn('1 left with Sally Seller', handover.orphan_note)

    def test_only_the_work_with_chosen_customers_can_pass_over(self):
        self.handover(audience_domain="[('city', '=', 'Northtown')]").action_hand_over()
        self.assertEqual(self.other_customer.user_id, self.other_salesperson)
        self.assertEqual(self.customer.user_id, self.salesperson)
        self.assertEqual(self.lead.user_id, self.salesperson)
        self.assertEqual(self.activity.sudo().user_id, self.salesperson)

    def test_teams_and_meetings_are_reported_as_left_behind(self):
        self.env['crm.team'].create({'name': 'North team', 'user_id': self.salesperson.id})
        self.env['calendar.event'].create({
            'name': 'Fair', 'user_id': self.salesperson.id, 'start': '2026-04-01 08:00', 'stop': '2026-04-01 10:00',
        })
        handover = self.handover()
        handover.action_hand_over()
        self.assertIn('North team', handover.orphan_note)
        self.assertIn('Fair', handover.orphan_note)

    def test_nothing_moves_when_something_fails(self):
        handover = self.handover()
        broken = patch.object(type(self.env['crm.promise']), 'write', side_effect=ValueError('broken'))
        with self.assertRaises(ValueError), self.env.cr.savepoint(), broken:
            handover.action_hand_over()
        self.env.invalidate_all()
        self.assertEqual(self.customer.user_id, self.salesperson)
        self.assertEqual(handover.state, 'draft')

    def test_the_successor_acknowledges_and_nobody_else(self):
        handover = self.handover()
        handover.action_hand_over()
        with self.assertRaisesRegex(AccessError, 'Oscar Other'):
            handover.action_acknowledge()
        mine = handover.with_user(self.other_salesperson)
        self.assertEqual(mine.activity_ids.user_id, self.other_salesperson)
        mine.action_acknowledge()
        self.assertEqual(handover.state, 'acknowledged')
        self.assertFalse(handover.activity_ids)
        with self.assertRaises(UserError):
            mine.action_acknowledge()

    def test_an_absence_returns_by_itself_after_its_last_day(self):
        handover = self.handover(kind='substitution', date_end='2026-03-06')
        handover.action_hand_over()
        # In the meantime the substitute wins the opportunity, and the manager gives a customer to a third person.
        third = new_test_user(self.env, 'third', groups='sales_team.group_sale_salesman')
        self.other_customer.with_user(self.sales_manager).user_id = third
        self.run_cron()
        self.assertEqual(self.customer.user_id, self.other_salesperson)
        with freeze_time('2026-03-07 09:00:00'):
            self.run_cron()
            self.assertEqual(handover.state, 'returned')
            self.run_cron()
        self.assertEqual(self.customer.user_id, self.salesperson)
        self.assertEqual(self.lead.user_id, self.salesperson)
        self.assertEqual(self.promise.user_id, self.salesperson)
        self.assertEqual(self.activity.sudo().user_id, self.salesperson)
        self.assertEqual(self.other_customer.user_id, third)
        self.assertEqual(handover.line_ids.filtered(lambda line: line.state == 'kept').partner_id, self.other_customer)

    def age(self, *records, when='2026-03-04 10:00:00'):
        """Creation dates are those of the database's clock."""
        self.env.flush_all()
        for record in records:
            table = record._table
            self.env.cr.execute(f'UPDATE {table} SET create_date = %s WHERE id = %s', [when, record.id])
        self.env.invalidate_all()

    def test_what_the_substitute_began_for_these_customers_goes_back_with_them(self):
        mine = self.make_customer('Of Oscar', user_id=self.other_salesperson.id)
        handover = self.handover(kind='substitution', date_end='2026-03-06')
        handover.part_ids.filtered(lambda part: part.key == 'sale.order.user_id').included = False
        handover.action_hand_over()
        oscar = self.other_salesperson

        def activity(partner, **values):
            return partner.with_user(oscar).activity_schedule(
                'mail.mail_activity_data_todo', date(2026, 3, 9), user_id=oscar.id, **values)

        event = self.env['calendar.event'].with_user(oscar).create({
            'name': 'Fair', 'start': '2026-03-09 08:00', 'stop': '2026-03-09 10:00',
        })
        lead = self.env['crm.lead'].with_user(oscar).create({
            'name': 'Chairs', 'partner_id': self.customer.id, 'type': 'opportunity', 'user_id': oscar.id,
        })
        promise = self.env['crm.promise'].with_user(oscar).create({
            'partner_id': self.other_customer.id, 'name': 'Send drawings', 'date_due': '2026-03-09',
        })
        call, own = activity(self.customer, summary='Call back'), activity(mine, summary='Call my own')
        meeting = activity(self.customer, calendar_event_id=event.id)
        earlier = activity(self.customer, summary='Earlier')
        order = self.env['sale.order'].with_user(oscar).create({'partner_id': self.customer.id, 'user_id': oscar.id})
        kept_promise = self.env['crm.promise'].with_user(oscar).create({
            'partner_id': self.customer.id, 'name': 'Rang', 'date_due': '2026-03-09', 'date_promised': '2026-03-02',
        })
        kept_promise.action_keep()
        self.age(lead, promise, call, own, meeting, order, kept_promise)
        self.age(earlier, when='2026-03-01 10:00:00')
        handover.with_user(self.sales_manager).action_return()
        for record in (lead, promise, call, self.lead, self.customer):
            self.assertEqual(record.sudo().user_id, self.salesperson, record)
        for record in (own, meeting, earlier, order, kept_promise):
            self.assertEqual(record.sudo().user_id, oscar, record)
        begun = handover.line_ids.filtered('begun')
        self.assertEqual(
            {(line.res_model, line.res_id, line.state) for line in begun},
            {
                ('crm.lead', lead.id, 'returned'), ('crm.promise', promise.id, 'returned'),
                ('mail.activity', call.id, 'returned'), ('mail.activity', meeting.id, 'kept'),
            },
        )
        said = ' '.join(handover.message_ids.mapped('body'))
        self.assertIn('3 that Oscar Other began', said)
        self.assertIn('1 meetings with them stay with Oscar Other', said)

    def test_what_was_begun_for_a_customer_given_to_somebody_else_stays(self):
        handover = self.handover(kind='substitution', date_end='2026-03-06')
        handover.action_hand_over()
        third = new_test_user(self.env, 'third', groups='sales_team.group_sale_salesman')
        self.customer.with_user(self.sales_manager).user_id = third
        call = self.customer.activity_schedule(
            'mail.mail_activity_data_todo', date(2026, 3, 9), user_id=self.other_salesperson.id)
        self.age(call)
        handover.action_return()
        self.assertEqual(call.user_id, self.other_salesperson)

    def test_work_that_shows_its_progress_says_how_far_it_is_and_goes_when_it_fails(self):
        shown = []
        module = 'odoo.addons.crm_relationship.models.crm_handover'
        message = patch.object(
            type(self.env['crm.handover']), '_show_progress',
            lambda handover, user, title, done, total: shown.append((user.id, title, done, total)),
        )
        cursor = patch.object(type(self.env.registry), 'cursor', lambda registry: nullcontext(self.env.cr))
        with message, cursor, patch(f'{module}.BATCH', 2), patch(f'{module}.current_test', None):
            self.handover().action_hand_over()
            total = shown[0][3]
            self.assertEqual({item[:2] for item in shown}, {
                (self.sales_manager.id, "Handover: Sally Seller → Oscar Other"),
            })
            self.assertEqual([item[2] for item in shown], sorted(item[2] for item in shown))
            self.assertEqual((shown[0][2], shown[-1][2]), (0, total))
            self.assertGreater(len(shown), 4)
            del shown[:]
            back = self.handover(from_user_id=self.other_salesperson.id, to_user_id=self.salesperson.id)
            broken = patch.object(type(self.env['crm.promise']), 'write', side_effect=ValueError('broken'))
            with self.assertRaises(ValueError), broken:
                back.action_hand_over()
            self.assertEqual(shown[-1][2:], (0, 0))

    @mute_logger('odoo.addons.crm_relationship.models.crm_handover')
    def test_a_planned_handover_to_somebody_archived_since_moves_nothing_and_says_so(self):
        handover = self.handover(date_start='2026-03-10')
        handover.action_hand_over()
        self.other_salesperson.sudo().active = False
        with freeze_time('2026-03-10 09:00:00'):
            self.run_cron()
        self.assertEqual((handover.state, self.customer.user_id), ('planned', self.salesperson))
        self.assertIn('Oscar Other is archived', handover.schedule_error)
        with self.assertRaisesRegex(ValidationError, 'Oscar Other is archived'):
            handover.action_hand_over()

    def test_a_handover_can_be_planned_for_a_later_day(self):
        handover = self.handover(date_start='2026-03-10')
        handover.action_hand_over()
        self.assertEqual(handover.state, 'planned')
        self.run_cron()
        self.assertEqual(self.customer.user_id, self.salesperson)
        with freeze_time('2026-03-10 09:00:00'):
            self.run_cron()
        self.assertEqual(handover.state, 'done')
        self.assertEqual(self.customer.user_id, self.other_salesperson)

    @mute_logger('odoo.addons.crm_relationship.models.crm_handover')
    def test_a_failed_return_is_seen_and_does_not_stop_the_others(self):
        failing = self.handover(kind='substitution', date_end='2026-03-06')
        failing.action_hand_over()
        back = self.env['crm.handover'].with_user(self.sales_manager).create({
            'from_user_id': self.sales_manager.id, 'to_user_id': self.other_salesperson.id,
            'date_start': '2026-03-10', 'kind': 'permanent',
        })
        customer = self.make_customer('Third', user_id=self.sales_manager.id)
        back.action_hand_over()
        self.salesperson.sudo().with_context(crm_handover=True).action_archive()
        with freeze_time('2026-03-10 09:00:00'):
            self.run_cron()
            self.run_cron()
        self.assertIn('Sally Seller', failing.schedule_error)
        self.assertEqual(len(failing.activity_ids.filtered(lambda activity: activity.note)), 1)
        self.assertEqual(customer.user_id, self.other_salesperson)

    def test_archiving_somebody_with_open_work_offers_a_handover(self):
        admin = new_test_user(self.env, 'hr', groups='base.group_erp_manager')
        with self.assertRaisesRegex(RedirectWarning, 'Hand them over') as refusal:
            self.salesperson.with_user(admin).action_archive()
        self.assertTrue(self.salesperson.active)
        self.assertEqual(refusal.exception.args[3]['default_from_user_id'], self.salesperson.id)
        with self.assertRaisesRegex(UserError, 'one at a time'):
            self.make_customer('Of Oscar', user_id=self.other_salesperson.id)
            (self.salesperson + self.other_salesperson).with_user(admin).action_archive()
        handover = self.env['crm.handover'].with_user(admin).create({
            'from_user_id': self.salesperson.id, 'to_user_id': self.other_salesperson.id, 'archive_user': True,
        })
        handover.part_ids.filtered(lambda part: part.key == 'mail.activity.user_id').included = False
        handover.action_hand_over()
        self.assertFalse(self.salesperson.active)
        self.assertEqual(self.personal.exists().user_id, admin)

    def test_somebody_without_open_work_is_archived_at_once(self):
        idle = new_test_user(self.env, 'idle')
        idle.with_user(new_test_user(self.env, 'hr', groups='base.group_erp_manager')).action_archive()
        self.assertFalse(idle.active)

    def test_work_of_somebody_archived_can_still_be_handed_over(self):
        self.salesperson.sudo().active = False
        self.handover().action_hand_over()
        self.assertEqual(self.customer.user_id, self.other_salesperson)

    def test_an_archived_or_unfit_successor_is_refused(self):
        self.other_salesperson.sudo().active = False
        with self.assertRaisesRegex(ValidationError, 'Oscar Other is archived'):
            self.handover()
        with self.assertRaisesRegex(ValidationError, 'own successor'):
            self.handover(to_user_id=self.salesperson.id)
        portal = new_test_user(self.env, 'portal_one', groups='base.group_portal')
        with self.assertRaisesRegex(ValidationError, 'not an employee'):
            self.handover(to_user_id=portal.id)
        self.other_salesperson.sudo().active = True
        elsewhere = self.env['res.company'].create({'name': 'Elsewhere'})
        with self.assertRaisesRegex(ValidationError, 'no access to Elsewhere'):
            self.env['crm.handover'].create({
                'from_user_id': self.salesperson.id, 'to_user_id': self.other_salesperson.id,
                'company_id': elsewhere.id,
            })

    def test_an_absence_needs_an_end_after_its_start(self):
        with self.assertRaisesRegex(ValidationError, 'needs its last day'):
            self.handover(kind='substitution')
        with self.assertRaisesRegex(ValidationError, "can't end before it starts"):
            self.handover(kind='substitution', date_end='2026-02-01')

    def test_somebody_with_nothing_open_has_nothing_to_hand_over(self):
        with self.assertRaisesRegex(UserError, 'nothing open'):
            self.handover(
                from_user_id=new_test_user(self.env, 'idle').id
            ).action_hand_over()

    def test_a_salesperson_cannot_hand_over(self):
        with self.assertRaises(AccessError):
            self.env['crm.handover'].with_user(self.salesperson).create({
                'from_user_id': self.other_salesperson.id, 'to_user_id': self.salesperson.id,
            })
        handover = self.handover()
        with self.assertRaises(AccessError):
            handover.with_user(self.salesperson).action_hand_over()
        uninvolved = new_test_user(self.env, 'third', groups='sales_team.group_sale_salesman')
        with self.assertRaises(AccessError):
            handover.with_user(uninvolved).read(['name'])

    def test_what_was_handed_over_stays_on_file_unchanged(self):
        handover = self.handover()
        handover.action_hand_over()
        with self.assertRaisesRegex(UserError, 'carried out'):
            handover.reason = 'Other'
        with self.assertRaisesRegex(UserError, 'carried out'):
            handover.part_ids[0].included = False
        with self.assertRaisesRegex(UserError, 'stays on file'):
            handover.unlink()

    def test_the_dossier_lists_customers_with_what_is_open(self):
        handover = self.handover(note='<p>Mind the dog</p>')
        handover.action_hand_over()
        html = self.env['ir.actions.report'].with_user(self.other_salesperson)._render_qweb_html(
            'crm_relationship.report_handover_dossier', handover.ids
        )[0].decode()
        for text in ('Deco Addict', 'Lumber Inc', 'Desks', 'Send samples', 'Mind the dog', 'Tidy the files'):
            self.assertIn(text, html)
        rows = lxml_html.fromstring(html).xpath("//tr[td/b]")
        self.assertEqual({len(row.findall('td')) for row in rows}, {6}, "what isn't known leaves its cell empty")

    def test_many_customers_pass_over_without_a_mail_and_a_query_for_each(self):
        def queries(count):
            for number in range(count):
                self.make_customer(f'Customer {number}')
            handover = self.handover()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            handover.action_hand_over()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        mails = self.env['mail.mail'].sudo().search_count([])
        queries(2)
        self.assertLess(abs(queries(40) - queries(5)), 12)
        # The activity of each handover announces itself.
        self.assertLessEqual(self.env['mail.mail'].sudo().search_count([]) - mails, 3)

    def test_the_number_of_queries_of_the_dossier_does_not_grow(self):
        report = self.env['report.crm_relationship.report_handover_dossier']
        few = self.handover()
        few.action_hand_over()
        for number in range(20):
            self.make_customer(f'Customer {number}')
        many = self.handover()
        many.action_hand_over()

        def queries(handover):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            report._dossier(handover)
            return self.env.cr.sql_log_count - before

        queries(few)
        self.assertEqual(queries(few), queries(many))
