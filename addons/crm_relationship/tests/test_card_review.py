from datetime import date, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import RelationshipCase


@tagged("post_install", "-at_install")
@freeze_time("2026-03-04 09:00:00")  # a Wednesday
class TestCardReview(RelationshipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["crm.team"].create(
            {
                "name": "North",
                "user_id": cls.sales_manager.id,
                "member_ids": [(4, cls.salesperson.id)],
            }
        )
        cls.customers = cls.env["res.partner"].concat(*(cls.make_customer(name) for name in ("Alpha", "Beta", "Gamma")))

    def run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("crm_relationship.ir_cron_card_review").method_direct_trigger()
        self.env.invalidate_all()
        return self.env["crm.card.review"].with_user(self.sales_manager).search([("user_id", "=", self.salesperson.id)])

    def test_every_week_a_manager_gets_each_salespersons_cards_once(self):
        self.customers[0].with_user(self.salesperson).action_verify_card()
        review = self.run_cron()
        self.assertEqual((review.week, review.manager_id, review.card_count), (date(2026, 3, 2), self.sales_manager, 3))
        self.assertEqual(review.line_ids.partner_id, self.customers)
        self.assertAlmostEqual(review.verified_share, 100 / 3, 2)
        self.assertAlmostEqual(review.upkeep_score, 0.6 * review.completeness + 0.4 * review.verified_share, 2)
        self.assertEqual(review.activity_ids.user_id, self.sales_manager)
        self.assertEqual(self.run_cron(), review)
        with freeze_time("2026-03-09 09:00:00"):
            self.assertEqual(len(self.run_cron()), 2)

    def test_cards_not_looked_at_for_longest_come_first(self):
        self.env.company.card_review_size = 2
        first = self.run_cron()
        first.line_ids.action_right()
        with freeze_time("2026-03-09 09:00:00"):
            second = self.run_cron() - first
        self.assertEqual(len(second.line_ids), 2)
        self.assertIn(self.customers - first.line_ids.partner_id, second.line_ids.partner_id)

    def test_a_correction_is_asked_for_with_a_remark_and_lands_with_the_salesperson(self):
        review = self.run_cron()
        line = review.line_ids[0]
        with self.assertRaisesRegex(UserError, "Write in the remark"):
            line.action_ask()
        line.remark = "Phone is wrong"
        line.action_ask()
        activity = line.partner_id.activity_ids
        self.assertEqual((activity.user_id, activity.summary), (self.salesperson, "Correct the card: Phone is wrong"))
        self.assertEqual(
            (line.partner_id.card_reviewed_on, line.reviewed_by_id), (date(2026, 3, 4), self.sales_manager)
        )

    def test_a_review_is_finished_when_every_card_was_looked_at_and_then_stays(self):
        review = self.run_cron()
        with self.assertRaisesRegex(UserError, "3 cards are still"):
            review.action_done()
        review.line_ids.action_right()
        review.action_done()
        self.assertEqual(review.state, "done")
        self.assertFalse(review.activity_ids)
        with self.assertRaisesRegex(UserError, "stays as it is"):
            review.remark = "Later"
        with self.assertRaisesRegex(UserError, "stays as it is"):
            review.line_ids[0].action_right()

    def test_salespeople_see_the_review_of_their_own_cards_and_cannot_do_it(self):
        review = self.run_cron()
        self.assertEqual(review.with_user(self.salesperson).card_count, 3)
        with self.assertRaises(AccessError):
            review.line_ids.with_user(self.salesperson).action_right()
        with self.assertRaises(AccessError):
            review.with_user(self.other_salesperson).read(["card_count"])

    def test_a_debriefing_shows_the_contacts_of_its_day(self):
        touchpoint = (
            self.env["crm.touchpoint"]
            .with_user(self.salesperson)
            .create(
                {
                    "partner_id": self.customers[0].id,
                    "summary": "Visit",
                    "mode": "visit",
                    "date": "2026-03-03 10:00:00",
                }
            )
        )
        debriefing = self.env["crm.debriefing"].with_user(self.salesperson).create({"result": "Wants samples"})
        self.assertEqual((debriefing.date, debriefing.manager_id), (date(2026, 3, 3), self.sales_manager))
        self.assertEqual(debriefing.touchpoint_ids, touchpoint)
        with self.assertRaisesRegex(ValidationError, "future"):
            debriefing.date = date(2026, 3, 4) + timedelta(days=1)
        with self.assertRaises(AccessError):
            debriefing.with_user(self.other_salesperson).read(["result"])
