from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import RelationshipCase


@tagged('post_install', '-at_install')
@freeze_time('2026-11-23 09:00:00')
class TestNeeds(RelationshipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.make_customer()
        cls.rival = cls.env['res.partner'].create({'name': 'Rival Ltd', 'is_company': True})
        cls.need = cls.env['crm.customer.need'].with_user(cls.salesperson).create({
            'partner_id': cls.customer.id, 'name': 'Delivery in two days', 'is_core': True, 'date': '2026-05-01',
        })

    def sighting(self, **values):
        return self.env['crm.competitor.sighting'].with_user(self.salesperson).create({
            'partner_id': self.customer.id, 'competitor_id': self.rival.id, **values,
        })

    def test_an_assumed_need_becomes_a_confirmed_expectation_of_today(self):
        self.need.action_confirm()
        self.assertEqual((self.need.level, self.need.date), ('confirmed', date(2026, 11, 23)))

    def test_a_need_that_is_met_leaves_the_list_and_can_be_closed_once(self):
        self.assertEqual(self.customer.open_need_ids, self.need)
        self.need.action_met()
        self.env.invalidate_all()
        self.assertFalse(self.customer.open_need_ids)
        with self.assertRaisesRegex(UserError, 'Delivery in two days.*Deco Addict.*closed already'):
            self.need.action_drop()

    def test_needs_and_competitors_stand_on_the_card(self):
        self.sighting(product='Desk Pro', price=99, share=40)
        sections = {section.code: section for section in self.customer._get_card_sections()[self.customer.id]}
        self.assertEqual(sections['needs'].rows, [('Assumed by us', 'Delivery in two days')])
        self.assertEqual(sections['competitors'].lines[0][1:3], ['Rival Ltd', 'Desk Pro'])

    def test_a_competitor_shows_where_it_was_met(self):
        sighting = self.sighting()
        rival = self.rival.with_user(self.salesperson)
        self.assertTrue(rival.is_competitor)
        self.assertFalse(self.customer.is_competitor)
        self.assertEqual(self.env['crm.competitor.sighting'].search(rival.action_view_sightings()['domain']), sighting)

    def test_an_impossible_share_and_the_customer_itself_are_refused(self):
        with self.assertRaisesRegex(ValidationError, 'Rival Ltd at Deco Addict.*120'):
            self.sighting(share=120)
        with self.assertRaisesRegex(ValidationError, 'own competitor'):
            self.sighting(competitor_id=self.customer.id)

    def test_others_read_what_was_noted_and_only_its_author_or_a_manager_changes_it(self):
        self.assertEqual(self.need.with_user(self.other_salesperson).name, 'Delivery in two days')
        with self.assertRaises(AccessError):
            self.need.with_user(self.other_salesperson).name = 'Other'
        self.need.with_user(self.sales_manager).name = 'Delivery in one day'

    def test_market_information_is_found_by_its_text(self):
        information = self.env['crm.market.information'].with_user(self.salesperson).create({
            'name': 'Hotels renew', 'topic': 'demand', 'body': '<p>Furniture in the north</p>',
        })
        found = self.env['crm.market.information'].with_user(self.other_salesperson).search([
            ('body', 'ilike', 'in the north'),
        ])
        self.assertEqual(found, information)
        with self.assertRaises(AccessError):
            information.with_user(self.other_salesperson).name = 'x'
