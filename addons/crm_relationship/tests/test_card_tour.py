from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged


@tagged('post_install', '-at_install')
class TestCardTour(HttpCase):

    def test_a_salesperson_reads_a_card_before_a_visit_and_prints_many(self):
        salesperson = new_test_user(
            self.env, login='rel_salesperson', name='Sally Seller', email='sally.seller@example.com',
            groups='base.group_user,sales_team.group_sale_salesman',
        )
        self.env.company.card_print_limit = 1
        customer, _other = self.env['res.partner'].create([
            {'name': name, 'is_company': True, 'customer_rank': 1, 'user_id': salesperson.id}
            for name in ('Quixotic Zebra', 'Yonder Walrus')
        ])
        customer.activity_schedule(
            'crm_relationship.mail_activity_type_visit', fields.Date.today(), user_id=salesperson.id)
        self.env['crm.card.reading']._remind(salesperson)
        self.start_tour('/odoo/cards-to-read', 'crm_relationship_card_print', login='rel_salesperson')
        self.assertEqual(customer.phone, '+32 2 290 34 90')
        self.assertEqual(customer.card_reading_ids.filtered('read_on').mapped('kind'), ['screen'])
        job = self.env['crm.card.print.job'].search([('user_id', '=', salesperson.id)])
        self.assertRecordValues(job, [{'layout': 'a6', 'language': 'user', 'state': 'queued', 'total_count': 2}])
