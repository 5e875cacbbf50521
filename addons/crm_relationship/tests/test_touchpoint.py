import ast
from datetime import date, datetime

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from .common import RelationshipCase

NOW = '2026-11-23 09:00:00'


@tagged('post_install', '-at_install')
@freeze_time(NOW)
class TestTouchpoint(RelationshipCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.make_customer('Deco Addict GmbH')
        cls.contact = cls.env['res.partner'].create({'name': "Ms Lindt", 'parent_id': cls.customer.id})
        cls.visit = cls.env.ref('crm_relationship.mail_activity_type_visit')

    def log(self, user=None, **values):
        return self.env['crm.touchpoint'].with_user(user or self.salesperson).create({
            'partner_id': self.customer.id, 'summary': "Showed the new range", 'mode': 'visit', **values,
        })

    def of_customer(self):
        return self.env['crm.touchpoint'].search([('partner_id', '=', self.customer.id)])

    def test_logging_a_visit_needs_one_line(self):
        action = self.customer.with_user(self.salesperson).action_log_visit()
        Touchpoint = self.env['crm.touchpoint'].with_user(self.salesperson).with_context(**action['context'])
        with Form(Touchpoint, 'crm_relationship.crm_touchpoint_view_form_quick') as form:
            form.summary = "Showed the new range"
        touchpoint = form.record
        self.assertEqual(
            (touchpoint.partner_id, touchpoint.user_id, touchpoint.mode, touchpoint.direction),
            (self.customer, self.salesperson, 'visit', 'out'),
        )
        self.assertEqual(touchpoint.date, datetime(2026, 11, 23, 9))
        self.assertEqual(self.customer.touchpoint_count, 1)

    def test_a_call_with_a_contact_is_one_with_its_customer(self):
        action = self.contact.with_user(self.salesperson).action_log_call()
        Touchpoint = self.env['crm.touchpoint'].with_user(self.salesperson).with_context(**action['context'])
        with Form(Touchpoint, 'crm_relationship.crm_touchpoint_view_form_quick') as form:
            form.summary = "Asked for samples"
        self.assertEqual((form.record.partner_id, form.record.contact_id), (self.customer, self.contact))
        self.assertEqual(self.log(partner_id=self.contact.id).contact_id, self.contact)

    def test_the_next_step_goes_on_the_board(self):
        touchpoint = self.log(next_step="Send samples", next_date='2026-11-25')
        activity = touchpoint.next_activity_id
        self.assertEqual((activity.summary, activity.date_deadline), ("Send samples", date(2026, 11, 25)))
        self.assertEqual((activity.user_id, activity.board_partner_id), (self.salesperson, self.customer))
        with self.assertRaisesRegex(ValidationError, "text and a date"):
            self.log(next_step="Send samples")

    def test_the_card_is_verified_or_what_changed_stays_on_the_list(self):
        self.log(card_verified=True)
        self.assertEqual(self.customer.card_verified_on, date(2026, 11, 23))
        self.assertEqual(self.customer.card_verified_by_id, self.salesperson)
        self.log(card_changes="New head of purchasing", date='2026-11-22 09:00:00')
        self.assertEqual(self.customer.activity_ids.mapped('summary'), ["Update the card: New head of purchasing"])

    def test_an_older_check_never_replaces_a_newer_one(self):
        self.customer.sudo().card_verified_on = date(2026, 11, 20)
        self.log(card_verified=True, date='2026-11-10 09:00:00')
        self.assertEqual(self.customer.card_verified_on, date(2026, 11, 20))

    def test_a_contact_in_the_future_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "lies in the future"):
            self.log(date='2026-11-24 09:00:00')

    def test_the_contact_must_be_one_of_the_customer(self):
        with self.assertRaisesRegex(ValidationError, "t a contact of"):
            self.log(contact_id=self.make_customer('Gemini Furniture').id)

    def test_cost_is_kept_in_its_currency_and_in_that_of_the_company(self):
        currency = self.env['res.currency'].create({'name': 'XTP', 'symbol': 'x', 'rounding': 0.01})
        self.env['res.currency.rate'].create({
            'currency_id': currency.id, 'name': '2026-11-01', 'rate': 4.0, 'company_id': self.env.company.id,
        })
        touchpoint = self.log(cost=100, currency_id=currency.id)
        self.assertAlmostEqual(touchpoint.company_cost, 25)
        self.assertAlmostEqual(self.log(cost=30).company_cost, 30)

    def test_a_done_visit_becomes_an_entry_once(self):
        activity = self.customer.with_user(self.salesperson).activity_schedule(
            activity_type_id=self.visit.id, summary="Visit for the autumn range", user_id=self.salesperson.id,
        )
        activity.action_feedback(feedback="Wants samples")
        touchpoint = self.of_customer()
        self.assertEqual(
            (touchpoint.mode, touchpoint.summary, touchpoint.body, touchpoint.user_id),
            ('visit', "Visit for the autumn range", "Wants samples", self.salesperson),
        )
        self.env['crm.touchpoint']._log_done_activities(activity)
        self.assertEqual(self.of_customer(), touchpoint)

    def test_a_done_call_on_an_opportunity_names_it(self):
        lead = self.env['crm.lead'].with_user(self.salesperson).create({
            'name': "Spring range", 'partner_id': self.contact.id, 'user_id': self.salesperson.id,
        })
        lead.activity_schedule('mail.mail_activity_data_call', user_id=self.salesperson.id).action_feedback()
        touchpoint = self.of_customer()
        self.assertEqual(
            (touchpoint.mode, touchpoint.lead_id, touchpoint.contact_id), ('phone', lead, self.contact),
        )

    def test_other_done_work_is_no_contact(self):
        self.customer.activity_schedule('mail.mail_activity_data_todo', user_id=self.salesperson.id).action_feedback()
        self.salesperson.partner_id.activity_schedule(
            'mail.mail_activity_data_call', user_id=self.salesperson.id,
        ).action_feedback()
        self.assertFalse(self.env['crm.touchpoint'].search([('user_id', '=', self.salesperson.id)]))

    def make_event(self, **values):
        return self.env['calendar.event'].with_user(self.salesperson).create({
            'name': "Range meeting", 'start': '2026-11-23 07:00:00', 'stop': '2026-11-23 08:30:00',
            'partner_ids': [(6, 0, (self.contact | self.salesperson.partner_id).ids)], **values,
        })

    def run_meetings(self):
        with self.enter_registry_test_mode():
            self.env.ref('crm_relationship.ir_cron_log_meetings').method_direct_trigger()

    def test_a_meeting_that_is_over_becomes_an_entry_once(self):
        event = self.make_event()
        future = self.make_event(start='2026-11-23 12:00:00', stop='2026-11-23 13:00:00')
        private = self.make_event(privacy='private')
        self.run_meetings()
        touchpoint = self.of_customer()
        self.assertEqual((touchpoint.event_id, touchpoint.contact_id), (event, self.contact))
        self.assertEqual((touchpoint.mode, touchpoint.duration), ('meeting', 1.5))
        self.assertEqual(touchpoint.user_id, self.salesperson)
        self.assertEqual((future | private).mapped('contact_logged'), [False, False])
        touchpoint.unlink()
        self.run_meetings()
        self.assertFalse(self.of_customer(), "what was deleted doesn't come back")

    def test_a_meeting_and_its_activity_are_one_entry(self):
        for activity_first in (True, False):
            event = self.make_event()
            activity = self.customer.with_user(self.salesperson).activity_schedule(
                'mail.mail_activity_data_meeting', summary="Range meeting", user_id=self.salesperson.id,
                calendar_event_id=event.id,
            )
            if activity_first:
                activity.action_feedback(feedback="Wants samples")
            self.run_meetings()
            if not activity_first:
                activity.action_feedback(feedback="Wants samples")
            touchpoint = self.of_customer().filtered(lambda item, event=event: item.event_id == event)
            self.assertEqual((len(touchpoint), touchpoint.body), (1, "Wants samples"))

    def test_an_opportunity_raised_from_a_contact_keeps_its_source(self):
        touchpoint = self.log(contact_id=self.contact.id)
        lead = self.env['crm.lead'].browse(touchpoint.action_raise_opportunity()['res_id'])
        self.assertEqual((lead.touchpoint_id, touchpoint.lead_id), (touchpoint, lead))
        self.assertEqual((lead.partner_id, lead.user_id, lead.type), (self.contact, self.salesperson, 'opportunity'))
        other = self.env['crm.lead'].create({'name': "Older", 'type': 'opportunity', 'partner_id': self.contact.id,
                                             'probability': 90})
        merged = (lead | other).merge_opportunity()
        self.assertEqual((merged.touchpoint_id, touchpoint.lead_id), (touchpoint, merged))

    def test_only_the_own_entries_can_be_changed_except_by_managers(self):
        touchpoint = self.log()
        other = touchpoint.with_user(self.other_salesperson)
        self.assertEqual(other.summary, "Showed the new range")
        with self.assertRaises(AccessError):
            other.summary = "Something else"
        with self.assertRaises(AccessError):
            other.unlink()
        touchpoint.with_user(self.sales_manager).summary = "Corrected"

    def test_another_company_sees_nothing(self):
        company = self.env['res.company'].create({'name': "Other company"})
        self.other_salesperson.write({'company_ids': [(6, 0, company.ids)], 'company_id': company.id})
        touchpoint = self.log()
        log = self.env['crm.touchpoint'].with_user(self.other_salesperson)
        self.assertFalse(log.search([('id', '=', touchpoint.id)]))
        self.customer.company_id = self.env.company
        with self.assertRaisesRegex(ValidationError, "can't be used by"):
            touchpoint.company_id = company

    def test_a_customer_with_contacts_is_archived_not_deleted(self):
        touchpoint = self.log()
        self.customer.action_archive()
        self.assertTrue(touchpoint.exists())

    def test_a_call_is_logged_from_an_order_in_one_line(self):
        order = self.env['sale.order'].with_user(self.salesperson).create({'partner_id': self.contact.id})
        action = order.action_log_call()
        Touchpoint = self.env['crm.touchpoint'].with_user(self.salesperson).with_context(**action['context'])
        with Form(Touchpoint, 'crm_relationship.crm_touchpoint_view_form_quick') as form:
            form.summary = "Asked for an earlier delivery"
        touchpoint = form.record
        self.assertEqual((touchpoint.partner_id, touchpoint.contact_id), (self.customer, self.contact))
        self.assertEqual((touchpoint.mode, touchpoint.document_name), ('phone', order.name))

    def test_a_done_e_mail_is_a_contact_too(self):
        self.customer.activity_schedule(
            'mail.mail_activity_data_email', summary="Sent the price list", user_id=self.salesperson.id,
        ).action_feedback()
        self.assertEqual((self.of_customer().mode, self.of_customer().direction), ('email', 'out'))

    def test_all_ways_of_contact_are_logged_in_both_directions(self):
        modes = [mode for mode, _label in self.env['crm.touchpoint']._fields['mode'].selection]
        self.assertLessEqual({
            'phone', 'email', 'meeting', 'visit', 'fax', 'web', 'letter', 'exhibition', 'notification',
        }, set(modes))
        for mode in modes:
            for direction in ('in', 'out'):
                self.assertTrue(self.log(mode=mode, direction=direction).mode_icon)

    def test_objections_and_their_answers_are_found_by_what_was_said(self):
        touchpoint = self.log(objection="Delivery takes three weeks", objection_answer="Stock in Rotterdam since May")
        self.log(summary="Nothing to object")
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_touchpoint_action_objection')
        said = ['|', ('objection', 'ilike', 'rotterdam'), ('objection_answer', 'ilike', 'rotterdam')]
        domain = ast.literal_eval(action['domain']) + said
        found = self.env['crm.touchpoint'].with_user(self.other_salesperson).search(domain)
        self.assertEqual(found, touchpoint, "a colleague finds the answer too")
