from freezegun import freeze_time

from odoo.tests import tagged

from .common import RelationshipCase


@tagged('post_install', '-at_install')
@freeze_time('2026-11-23 09:00:00')
class TestMetricsWork(RelationshipCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.make_customer('Deco Addict GmbH')
        cls.other = cls.make_customer('Gemini Furniture')
        cls.Metrics = cls.env['crm.customer.metrics']

    def figures(self, customer):
        self.Metrics.refresh([self.customer.id, self.other.id])
        return self.Metrics.search([('partner_id', '=', customer.id), ('company_id', '=', self.env.company.root_id.id)])

    def test_contacts_of_the_last_twelve_months_and_what_they_cost(self):
        for day, cost in (('2026-11-20', 40), ('2026-03-02', 60), ('2025-11-20', 500)):
            self.env['crm.touchpoint'].create({
                'partner_id': self.customer.id, 'summary': "Visit", 'mode': 'visit', 'cost': cost,
                'date': f'{day} 10:00:00',
            })
        figures = self.figures(self.customer)
        self.assertEqual((figures.contact_count_12m, figures.contact_cost_12m), (2, 100))
        self.assertEqual(str(figures.last_contact_date), '2026-11-20')
        self.assertEqual(self.figures(self.other).contact_count_12m, 0)

    def test_the_share_of_promises_kept_in_time(self):
        def promise(due, **values):
            return self.env['crm.promise'].create({
                'partner_id': self.customer.id, 'name': "Send the price list", 'date_promised': '2025-01-01',
                'date_due': due, **values,
            })

        promise('2026-11-10', date_done='2026-11-10')
        promise('2026-11-10', date_done='2026-11-11')
        promise('2026-11-10').action_break()
        promise('2026-10-01', date_done='2026-09-01')
        promise('2026-11-25')
        promise('2025-11-01', date_done='2025-12-24')
        figures = self.figures(self.customer)
        self.assertAlmostEqual(figures.promise_kept_rate, 0.5)
        self.assertEqual(figures.promise_count_12m, 4)
        self.env.cr.execute(
            "SELECT promise_kept_rate FROM crm_customer_metrics WHERE partner_id = %s", [self.other.id],
        )
        self.assertIn(self.env.cr.fetchone(), ((None,), None))
