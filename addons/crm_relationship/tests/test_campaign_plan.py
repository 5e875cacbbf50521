from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from .common import RelationshipCase


@tagged('post_install', '-at_install')
class TestCampaignPlan(RelationshipCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time('2026-11-23 09:00:00'))
        cls.azure = cls.make_customer('Azure Interior', city='Campaign Town')
        cls.plans = cls.env['crm.campaign.plan'].with_user(cls.sales_manager)

    def plan(self, **values):
        return self.plans.create({
            'name': "Autumn offer", 'date_start': '2026-10-01', 'date_end': '2026-12-31', 'budget': 1000,
            'audience_domain': "[('city', '=', 'Campaign Town')]", **values})

    def test_a_plan_makes_its_campaign_and_knows_its_audience(self):
        plan = self.plan()
        self.assertEqual(plan.campaign_id.title, "Autumn offer")
        self.assertEqual(plan._audience_partners(), self.azure)
        self.assertEqual(plan.copy().campaign_id.title, "Autumn offer (copy)")

    def test_leads_of_the_campaign_are_its_result(self):
        plan = self.plan(expected_leads=3)
        leads = self.env['crm.lead'].create([
            {'name': name, 'campaign_id': plan.campaign_id.id, 'company_id': company}
            for name, company in (('One', self.env.company.id), ('Two', False))])
        leads[0].active = False
        other = self.env['res.company'].create({'name': 'Elsewhere'})
        self.env['crm.lead'].create({
            'name': 'Theirs', 'campaign_id': plan.campaign_id.id, 'company_id': other.id, 'user_id': False,
            'team_id': False})
        self.assertEqual(plan.lead_count, 2)
        self.assertEqual(plan.with_user(self.salesperson).lead_count, 2)

    def test_costs_are_compared_with_the_budget(self):
        plan = self.plan(cost_ids=[
            Command.create({'name': "Leaflet", 'planned': 400, 'amount': 500, 'date': '2026-10-02'}),
            Command.create({'name': "Advertisement", 'planned': 500}),
        ])
        self.assertEqual((plan.allotted, plan.cost, plan.budget_left, plan.budget_used), (900, 500, 500, 0.5))

    def test_foreign_costs_are_converted_at_the_rate_of_their_day(self):
        self.env.ref('base.USD').active = self.env.ref('base.EUR').active = True
        foreign = self.env.ref('base.EUR') if self.env.company.currency_id.name != 'EUR' else self.env.ref('base.USD')
        self.env['res.currency.rate'].search([('currency_id', '=', foreign.id)]).unlink()
        self.env['res.currency.rate'].create([
            {'currency_id': foreign.id, 'name': '2026-01-01', 'rate': 0.5},
            {'currency_id': foreign.id, 'name': '2026-11-01', 'rate': 0.25}])
        plan = self.plan(cost_ids=[Command.create({
            'name': "Fair", 'amount': 100, 'currency_id': foreign.id, 'date': '2026-10-02'})])
        self.assertEqual(plan.cost, 200)

    def test_care_for_the_campaign_costs_the_campaign(self):
        plan = self.plan()
        action = plan.action_new_care()
        programmes = self.env['crm.care.programme'].with_user(self.sales_manager)
        programme = programmes.with_context(**action['context']).create(
            {'kind_id': self.env.ref('crm_relationship.care_kind_promotion').id, 'channel': 'activity', 'unit_cost': 7,
             'occasion_date': '2026-11-23', 'is_automatic': True, 'avoid_days_off': False})
        programme.action_start()
        run = programme.run_ids.sudo()
        run._list_recipients()
        run.recipient_ids._send_safely()
        self.assertEqual(plan.cost, 0, "nothing is spent before the call")
        self.azure.activity_ids.with_user(self.salesperson).action_feedback()
        plan.invalidate_recordset()
        self.assertEqual((plan.cost, plan.care_programme_count), (7, 1))

    def test_closing_asks_for_a_conclusion_and_notes_the_figures(self):
        plan = self.plan(expected_leads=5)
        plan.action_start()
        with self.assertRaisesRegex(UserError, "Write the conclusion"):
            plan.action_close()
        plan.conclusion = "Too late in the year; start in August."
        plan.action_close()
        self.assertEqual(plan.state, 'closed')
        self.assertIn("0 leads (5 expected)", plan.message_ids[0].body)
        with self.assertRaisesRegex(UserError, "stays on record"):
            plan.unlink()
        with self.assertRaisesRegex(UserError, "is “Closed” and can't be started"):
            plan.action_start()
        plan.action_reopen()
        self.assertEqual(plan.state, 'planned')

    def test_a_campaign_says_for_whom_it_is(self):
        with self.assertRaisesRegex(UserError, "Say for whom"):
            self.plan(audience_domain='[]').action_start()
        self.plan(name="For all", audience_domain='[]', goal="A new logo, for everybody").action_start()

    def test_the_responsible_salesperson_notes_costs_and_nobody_else(self):
        plan = self.plan(user_id=self.salesperson.id)
        mine = plan.with_user(self.salesperson)
        with Form(mine) as form, form.cost_ids.new() as line:
            line.name = "Taxi"
            line.amount = 20
        self.assertEqual(mine.cost, 20)
        theirs = plan.with_user(self.other_salesperson)
        self.assertEqual(theirs.cost, 20)
        with self.assertRaisesRegex(UserError, "Autumn offer.*its buttons"):
            mine.state = 'closed'
        with self.assertRaises(AccessError):
            theirs.budget = 5000
        with self.assertRaises(AccessError):
            theirs.action_start()
        other = self.plan(name="Winter offer")
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            mine.cost_ids.plan_id = other
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self.env['crm.campaign.cost'].with_user(self.salesperson).create({'plan_id': other.id, 'name': "Taxi"})
        with self.assertRaises(AccessError):
            theirs.cost_ids.amount = 1
        with self.assertRaises(AccessError):
            self.plans.with_user(self.salesperson).create({
                'name': "Mine", 'date_start': '2026-10-01', 'date_end': '2026-10-02'})

    @mute_logger('odoo.sql_db')
    def test_absurd_plans_are_refused(self):
        for values in (
            {'budget': -1}, {'expected_leads': -1},
            {'campaign_id': self.plan().campaign_id.id},
        ):
            with self.assertRaises(IntegrityError, msg=values), self.env.cr.savepoint():
                self.plan(**values)
        with self.assertRaisesRegex(ValidationError, "on which day"):
            self.plan(name="Undated", cost_ids=[Command.create({'name': "Leaflet", 'amount': 5})])

    def test_a_cost_that_cannot_be_counted_is_refused_by_name(self):
        currency = self.env['res.currency'].create({'name': 'XQZ', 'symbol': 'Q'})
        for values, expected in (
            ({"amount": 50, "date": "2026-10-02", "currency_id": currency.id}, "offer: Leaflet.*XQZ.*Enter a rate"),
            ({'planned': -3}, "“Leaflet” of Autumn offer.*-3.0.*Enter zero or more"),
        ):
            with self.assertRaisesRegex(ValidationError, expected), self.env.cr.savepoint():
                self.plan(cost_ids=[Command.create({'name': "Leaflet", **values})])

    def test_an_import_with_an_unknown_currency_names_it(self):
        result = self.plans.load(
            ['name', 'date_start', 'date_end', 'cost_ids/name', 'cost_ids/amount', 'cost_ids/date',
             'cost_ids/currency_id'],
            [['Imported', '2026-10-01', '2026-10-31', 'Leaflet', '5', '2026-10-02', 'XXQ']])
        self.assertFalse(result['ids'])
        self.assertIn('XXQ', result['messages'][0]['message'])

    def test_lists_cost_the_same_for_few_and_many_plans(self):
        plans = self.plans.concat(*(self.plan(name=f'Plan {n}') for n in range(20)))
        self.env.flush_all()
        counts = []
        for number in (1, 2, 20):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            plans[:number].read(['lead_count', 'cost', 'revenue', 'return_rate', 'allotted', 'care_programme_count'])
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])


@tagged('post_install', '-at_install')
class TestCampaignRevenue(AccountTestInvoicingCommon):
    """Orders and invoices of the campaign, with credit notes subtracted and foreign money converted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref('sales_team.group_sale_manager')
        cls.plan = cls.env['crm.campaign.plan'].create({
            'name': "Autumn offer", 'date_start': '2019-01-01', 'date_end': '2019-12-31', 'goal': "Sell"})
        cls.campaign = cls.plan.campaign_id

    def test_confirmed_orders_count_in_company_currency(self):
        foreign = self.setup_other_currency('EUR', rates=[('2018-01-01', 2.0)])
        pricelist = self.env['product.pricelist'].create({'name': "Foreign", 'currency_id': foreign.id})
        values = {
            'partner_id': self.partner_a.id, 'campaign_id': self.campaign.id, 'date_order': '2019-02-01',
            'order_line': [Command.create({
                'product_id': self.product_a.id, 'product_uom_qty': 1, 'price_unit': 100, 'tax_ids': False})],
        }
        orders = self.env['sale.order'].create([values, {**values, 'pricelist_id': pricelist.id}, values])
        orders[:2].action_confirm()
        orders.flush_recordset()
        self.plan.invalidate_recordset()
        self.assertEqual((self.plan.order_count, self.plan.order_amount), (2, 100 + orders[1].amount_untaxed / 2))

    def test_credit_notes_are_subtracted_even_without_the_campaign(self):
        invoices = self.env['account.move'].create([{
            'move_type': 'out_invoice', 'partner_id': self.partner_a.id, 'invoice_date': '2019-02-01',
            'campaign_id': self.campaign.id,
            'invoice_line_ids': [Command.create({'name': "Desk", 'price_unit': price, 'tax_ids': False})],
        } for price in (1000, 300, 50)])
        invoices[:2].action_post()
        refund = invoices[1]._reverse_moves([{'campaign_id': False, 'invoice_date': '2019-03-01'}])
        refund.action_post()
        self.plan.cost_ids = [Command.create({'name': "Leaflet", 'amount': 250, 'date': '2019-01-02'})]
        self.plan.invalidate_recordset()
        self.assertEqual((self.plan.revenue, self.plan.return_rate), (1000, 3))
        row = self.env['crm.campaign.result'].search([('plan_id', '=', self.plan.id)])
        self.assertEqual((row.revenue, row.cost), (1000, 250))

    def test_foreign_invoices_and_their_credit_notes_count_at_their_own_rate(self):
        foreign = self.setup_other_currency('EUR', rates=[('2019-01-01', 2.0), ('2019-03-01', 4.0)])
        invoice = self.env['account.move'].create({
            'move_type': 'out_invoice', 'partner_id': self.partner_a.id, 'invoice_date': '2019-02-01',
            'currency_id': foreign.id, 'campaign_id': self.campaign.id,
            'invoice_line_ids': [Command.create({'name': "Desk", 'price_unit': 1000, 'tax_ids': False})]})
        invoice.action_post()
        self.plan.invalidate_recordset()
        self.assertEqual(self.plan.revenue, 500)
        refund = invoice._reverse_moves([{'campaign_id': False, 'invoice_date': '2019-03-02', 'date': '2019-03-02'}])
        refund.invoice_line_ids.price_unit = 400
        refund.action_post()
        self.plan.invalidate_recordset()
        self.assertEqual(self.plan.revenue, 400, "400 at a rate of 4 are taken back")

    def test_a_branch_with_a_plan_of_its_own_does_not_count_twice(self):
        root = self.env.company
        branch, other = self.env['res.company'].create([
            {'name': "Branch", 'parent_id': root.id}, {'name': "Other branch", 'parent_id': root.id}])
        self.env.user.company_ids += branch + other
        companies = root + branch + other
        self.env = self.env(context=dict(self.env.context, allowed_company_ids=companies.ids))
        own = self.env['crm.campaign.plan'].create({
            'name': "Branch offer", 'campaign_id': self.campaign.id, 'company_id': branch.id, 'goal': "Sell",
            'date_start': '2019-01-01', 'date_end': '2019-12-31'})
        for company, price in ((root, 1000), (branch, 300), (other, 20)):
            self.partner_a.with_company(company).property_account_receivable_id = (
                self.company_data['default_account_receivable'])
            self.env['account.move'].with_company(company).create({
                'move_type': 'out_invoice', 'partner_id': self.partner_a.id, 'invoice_date': '2019-02-01',
                'campaign_id': self.campaign.id, 'company_id': company.id,
                'invoice_line_ids': [Command.create({'name': "Desk", 'price_unit': price, 'tax_ids': False})],
            }).action_post()
        self.env['crm.lead'].create([
            {'name': name, 'campaign_id': self.campaign.id, 'company_id': company, 'user_id': False, 'team_id': False}
            for name, company in (('Root', root.id), ('Branch', branch.id), ('Nobody', False))])
        plan = self.plan.with_env(self.env)
        (plan + own).invalidate_recordset()
        self.assertEqual((plan.revenue, own.revenue), (1020, 300))
        self.assertEqual((plan.lead_count, own.lead_count), (2, 1))
        (total, leads), = self.env['crm.campaign.result']._read_group(
            [('campaign_id', '=', self.campaign.id)], [], ['revenue:sum', 'lead_count:sum'])
        self.assertEqual((total, leads), (1320, 3), "as much as was invoiced, and no lead twice")
        for shown, count in ((plan, 2), (own, 1)):
            action = shown.action_open_invoices()
            self.assertEqual(self.env['account.move'].search_count(action['domain']), count)
