from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import RelationshipCase


@tagged('post_install', '-at_install')
class TestProspectCheck(RelationshipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.make_customer(country_id=cls.env.ref('base.cn').id)
        cls.checks = cls.env['crm.prospect.check'].with_user(cls.salesperson)
        cls.check = cls.checks.create({'partner_id': cls.customer.id})

    def answer(self, check, **answers):
        for line in check.line_ids:
            line.answer = answers.get(line.code, 'yes')

    def loyal(self, count, country):
        customers = self.env['res.partner'].create([
            {'name': f'Loyal {country} {number}', 'is_company': True, 'customer_rank': 1,
             'country_id': self.env.ref(f'base.{country}').id}
            for number in range(count)
        ])
        customers.relationship_stage = 'loyal'

    def test_the_checklist_asks_money_authority_need_and_six_marks_of_a_good_customer(self):
        self.assertEqual(
            self.check.line_ids.mapped('code'),
            ['money', 'authority', 'need', 'desire', 'profitable', 'service_cost', 'risk', 'teaches', 'grows'],
        )

    def test_answers_make_the_score_and_unknown_ones_are_left_out(self):
        self.answer(self.check)
        self.assertEqual(self.check.score, 100)
        self.answer(self.check, money='no', need='partly', teaches='unknown')
        # (15 × 0 + 15 × 50 + 65 × 100) / 95, since 5 of 100 are left out
        self.assertAlmostEqual(self.check.score, (15 * 50 + 65 * 100) / 95, 2)
        self.assertEqual(self.check.suggested_decision, 'develop')
        self.answer(self.check, **dict.fromkeys(self.check.line_ids.mapped('code'), 'no'))
        self.assertEqual((self.check.score, self.check.suggested_decision), (0, 'drop'))

    def test_a_checklist_is_done_by_its_button_only(self):
        with self.assertRaisesRegex(AccessError, "can't be entered by hand"):
            self.check.with_user(self.salesperson).write({'state': 'done'})
        self.assertEqual(self.check.state, 'draft')

    def test_likeness_compares_with_loyal_customers(self):
        self.env['res.partner'].search([]).filtered('relationship_stage').relationship_stage = 'potential'
        check = self.checks.create({'partner_id': self.customer.id})
        self.assertIn('fewer than 10 loyal customers (0)', check.matching_note)
        self.loyal(8, 'cn')
        self.loyal(4, 'de')
        self.customer.customer_type = False
        check = self.checks.create({'partner_id': self.customer.id})
        self.assertIn('12 loyal customers', check.matching_note)
        german = self.make_customer('German', country_id=self.env.ref('base.de').id)
        self.assertLess(self.checks.create({'partner_id': german.id}).matching_score, check.matching_score)

    def test_a_decided_checklist_is_frozen_and_makes_the_prospect_a_target(self):
        with self.assertRaisesRegex(UserError, 'answer all questions'):
            self.check.action_done()
        self.answer(self.check)
        self.check.action_done()
        self.assertEqual((self.check.decision, self.customer.relationship_stage), ('develop', 'target'))
        with self.assertRaises(UserError):
            self.check.line_ids[0].answer = 'no'
        with self.assertRaises(UserError):
            self.check.unlink()

    def test_a_lead_without_a_customer_has_a_checklist_and_shows_its_score(self):
        lead = self.env['crm.lead'].with_user(self.salesperson).create({'name': 'Cold', 'type': 'lead'})
        action = lead.action_prospect_check()
        check = self.checks.with_context(**action['context']).create({})
        self.answer(check)
        self.assertEqual((check.name, lead.prospect_score), ('Cold', 100))
        self.assertEqual(lead.action_prospect_check()['res_id'], check.id)

    def test_a_checklist_of_nobody_is_refused(self):
        with self.assertRaisesRegex(ValidationError, 'choose one'):
            self.checks.create({})

    def test_others_read_a_checklist_and_do_not_change_it(self):
        theirs = self.check.with_user(self.other_salesperson)
        self.assertEqual(theirs.name, self.customer.name)
        with self.assertRaises(AccessError):
            theirs.conclusion = 'Mine'
        with self.assertRaises(AccessError):
            theirs.line_ids[0].answer = 'no'

    def test_relationship_evaluations_use_their_own_templates(self):
        evaluation = self.env['crm.evaluation'].with_user(self.sales_manager).create({'partner_id': self.customer.id})
        self.assertEqual(evaluation.template_id.purpose, 'evaluation')

    def test_finding_methods_are_named_in_the_language_of_the_reader(self):
        source = self.env.ref('crm_relationship.utm_source_fair')
        self.assertEqual(source.display_name, 'Trade fair')
        self.assertEqual(self.env['utm.source'].create({'name': 'Own one'}).display_name, 'Own one')


@tagged('post_install', '-at_install')
class TestCrossSell(RelationshipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk, cls.lamp, cls.rug = cls.env['product.product'].create([
            {'name': name, 'type': 'service'} for name in ('Desk', 'Lamp', 'Rug')
        ])
        cls.customer, cls.twin, cls.other, cls.stranger = (
            cls.make_customer(name) for name in ('Customer', 'Twin', 'Other', 'Stranger')
        )
        cls.buy(cls.customer, cls.desk)
        cls.buy(cls.twin, cls.desk, cls.lamp)
        cls.buy(cls.other, cls.desk, cls.lamp, cls.rug)
        cls.buy(cls.stranger, cls.rug)

    @classmethod
    def buy(cls, customer, *products, **values):
        order = cls.env['sale.order'].create({
            'partner_id': customer.id, 'user_id': cls.salesperson.id, **values,
            'order_line': [
                (0, 0, {'product_id': product.id, 'price_unit': 100, 'tax_ids': [(5, 0, 0)]}) for product in products
            ],
        })
        order.action_confirm()
        return order

    def propose(self, customer):
        action = customer.with_user(self.salesperson).action_propose_products()
        return self.env['crm.cross.sell'].with_user(self.salesperson).browse(action['res_id'])

    def test_what_buyers_of_the_same_things_also_buy_is_proposed_most_common_first(self):
        wizard = self.propose(self.customer)
        self.assertEqual(wizard.peer_count, 2)
        self.assertRecordValues(wizard.line_ids, [
            {'product_tmpl_id': self.lamp.product_tmpl_id.id, 'buyer_count': 2, 'share': 100},
            {'product_tmpl_id': self.rug.product_tmpl_id.id, 'buyer_count': 1, 'share': 50},
        ])

    def test_what_is_no_longer_sold_is_not_proposed(self):
        self.lamp.product_tmpl_id.sale_ok = False
        self.assertEqual(self.propose(self.customer).line_ids.product_tmpl_id, self.rug.product_tmpl_id)

    def test_a_proposal_becomes_an_opportunity_that_keeps_where_it_came_from(self):
        touchpoint = self.env['crm.touchpoint'].with_user(self.salesperson).create(
            {'partner_id': self.customer.id, 'summary': 'Visit', 'mode': 'visit'}
        )
        wizard = self.env['crm.cross.sell'].with_user(self.salesperson).browse(
            touchpoint.action_propose_products()['res_id']
        )
        lead = self.env['crm.lead'].browse(wizard.line_ids[0].action_raise_opportunity()['res_id'])
        self.assertRecordValues(lead, [{
            'partner_id': self.customer.id, 'touchpoint_id': touchpoint.id, 'user_id': self.salesperson.id,
            'cross_sell_product_id': self.lamp.product_tmpl_id.id,
        }])

    def test_revenue_that_came_from_it_is_reported_less_credit_notes(self):
        wizard = self.propose(self.customer)
        lead = self.env['crm.lead'].browse(wizard.line_ids[0].action_raise_opportunity()['res_id'])
        order = self.buy(self.customer, self.lamp, opportunity_id=lead.id)
        row = self.env['crm.lead.origin.report'].with_user(self.salesperson).search([('lead_id', '=', lead.id)])
        self.assertEqual((row.origin, row.ordered, row.invoiced), ('proposal', 100, 0))
        order.order_line.qty_delivered = 1
        invoice = order._create_invoices()
        invoice.action_post()
        self.env.invalidate_all()
        self.assertEqual(row.invoiced, 100)
        invoice._reverse_moves([{}]).action_post()
        self.env.invalidate_all()
        self.assertEqual(row.invoiced, 0)

    def test_salespeople_see_the_yield_of_their_own_opportunities(self):
        lead = self.env['crm.lead'].create(
            {'name': 'Mine', 'type': 'opportunity', 'user_id': self.salesperson.id, 'partner_id': self.customer.id}
        )
        report = self.env['crm.lead.origin.report']
        self.assertIn(lead, report.with_user(self.salesperson).search([]).lead_id)
        self.assertNotIn(lead, report.with_user(self.other_salesperson).search([]).lead_id)
        self.assertIn(lead, report.with_user(self.sales_manager).search([]).lead_id)
