from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import RelationshipCase


@tagged('post_install', '-at_install')
class TestSegment(RelationshipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.north = cls.make_customer('North Trading', city='Northtown')
        cls.south = cls.make_customer('South Trading', city='Southtown')
        cls.segments = cls.env['crm.segment'].with_user(cls.sales_manager)
        cls.segment = cls.segments.create({'name': 'North', 'audience_domain': "[('city', '=', 'Northtown')]"})

    def test_a_manager_saves_a_segment_and_sees_whom_it_means(self):
        self.assertEqual(self.segment._audience_partners(), self.north)
        self.assertEqual(self.segment.audience_count, 1)
        self.assertFalse(self.segment._audience_matches_all())

    def test_contacts_of_a_company_are_no_customers_of_the_segment(self):
        self.env['res.partner'].create({'name': 'Nora', 'parent_id': self.north.id, 'city': 'Northtown'})
        self.assertEqual(self.segment._audience_partners(), self.north)

    def test_customers_of_another_company_stay_out(self):
        other = self.env['res.company'].create({'name': 'Elsewhere'})
        theirs = self.env['res.partner'].create(
            {'name': 'Theirs', 'is_company': True, 'customer_rank': 1, 'city': 'Northtown', 'company_id': other.id}
        )
        self.assertNotIn(theirs, self.segment.sudo()._audience_partners())
        self.assertIn(theirs, self.segment.sudo()._audience_partners(other))

    def test_an_empty_filter_means_everybody_and_says_so(self):
        everybody = self.segments.create({'name': 'All'})
        self.assertTrue(everybody._audience_matches_all())
        self.assertLessEqual(self.north | self.south, everybody._audience_partners())

    def test_a_filter_that_cannot_be_read_is_refused_by_name(self):
        for broken in ("[('no_such_field', '=', 1)]", "[('city', '=', uid)]", "[('city'", "5"):
            with self.assertRaisesRegex(ValidationError, 'North.*Choose its conditions anew', msg=broken):
                self.segment.audience_domain = broken

    def test_a_filter_whose_field_is_gone_says_so_when_used(self):
        self.env.cr.execute(
            "UPDATE crm_segment SET audience_domain = '[(''gone'', ''='', 1)]' WHERE id = %s", [self.segment.id]
        )
        self.segment.invalidate_recordset()
        with self.assertRaisesRegex(UserError, 'North'):
            self.segment._audience_partners()
        self.assertEqual(self.segment.audience_count, 0)

    def test_a_filter_cannot_ask_for_what_its_author_may_not_see(self):
        with self.assertRaisesRegex(ValidationError, 'may not see'):
            self.segment.audience_domain = "[('signup_type', '=', 'x')]"

    def test_a_salesperson_uses_segments_but_does_not_change_them(self):
        mine = self.segment.with_user(self.salesperson)
        self.assertEqual(mine._audience_partners(), self.north)
        with self.assertRaises(AccessError):
            mine.name = 'Mine'
