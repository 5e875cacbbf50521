from datetime import date

from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import RelationshipCase


@tagged('post_install', '-at_install')
@freeze_time('2026-11-23 09:00:00')
class TestCustomerDossier(RelationshipCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.make_customer('Quixotic Zebra')
        cls.contact = cls.make_customer('Anna', is_company=False, parent_id=cls.customer.id)
        own = cls.env.company.currency_id
        cls.foreign = cls.env['res.currency'].create({'name': 'ZBR', 'symbol': 'Z', 'rounding': 0.01})
        cls.env['res.currency.rate'].create([
            {'currency_id': cls.foreign.id, 'name': '2026-01-01', 'company_rate': 2, 'company_id': cls.env.company.id},
            {'currency_id': cls.foreign.id, 'name': '2026-06-01', 'company_rate': 4, 'company_id': cls.env.company.id},
        ])
        assert own != cls.foreign

    def as_salesperson(self, model):
        return self.env[model].with_user(self.salesperson)

    def test_a_finding_on_a_contact_is_one_of_the_company_dated_with_author_and_source(self):
        finding = self.as_salesperson('crm.customer.statistic').create({
            'partner_id': self.contact.id, 'kind': 'friction', 'name': 'Third late delivery', 'source': 'survey',
            'level': '2',
        })
        self.assertRecordValues(finding, [{
            'partner_id': self.customer.id, 'contact_id': self.contact.id, 'date': date(2026, 11, 23),
            'user_id': self.salesperson.id, 'source': 'survey',
        }])
        self.assertEqual(self.customer.statistic_ids, finding)

    def test_others_read_a_finding_and_only_its_author_or_a_manager_changes_it(self):
        finding = self.as_salesperson('crm.customer.statistic').create({
            'partner_id': self.customer.id, 'name': 'Likes us'})
        self.assertEqual(finding.with_user(self.other_salesperson).name, 'Likes us')
        with self.assertRaises(AccessError):
            finding.with_user(self.other_salesperson).name = 'Hates us'
        finding.with_user(self.sales_manager).name = 'Loves us'

    def test_the_price_of_research_is_converted_at_the_rate_of_its_day(self):
        early, late = self.as_salesperson('crm.customer.statistic').create([
            {
                'partner_id': self.customer.id, 'kind': 'research', 'name': 'Study', 'source': 'agency', 'cost': 400,
                'currency_id': self.foreign.id, 'date': day,
            }
            for day in ('2026-02-01', '2026-07-01')
        ])
        self.assertEqual((early.company_cost, late.company_cost), (200, 100))

    def test_a_cost_in_a_currency_without_a_rate_is_refused_and_says_what_to_do(self):
        self.foreign.rate_ids.unlink()
        with self.assertRaisesRegex(ValidationError, 'Quixotic Zebra: Study.*no exchange rate for ZBR.*Enter a rate'):
            self.as_salesperson('crm.customer.statistic').create({
                'partner_id': self.customer.id, 'name': 'Study', 'cost': 400, 'currency_id': self.foreign.id,
            })

    def test_an_import_names_the_line_with_the_unknown_currency_and_keeps_nothing(self):
        result = self.as_salesperson('crm.customer.statistic').load(
            ['partner_id/.id', 'name', 'cost', 'currency_id'],
            [[str(self.customer.id), 'Good', '1', self.env.company.currency_id.name],
             [str(self.customer.id), 'Bad', '1', 'QQQ']],
        )
        self.assertFalse(result['ids'])
        self.assertEqual(len(result['messages']), 1)
        self.assertEqual(result['messages'][0]['record'], 1)
        self.assertRegex(result['messages'][0]['message'], "'QQQ'.*Currency")
        self.assertFalse(self.customer.statistic_ids)

    def test_a_finding_of_tomorrow_and_a_negative_cost_are_refused(self):
        values = {'partner_id': self.customer.id, 'name': 'Good'}
        with self.assertRaisesRegex(ValidationError, 'Good.*2026-11-24 lies in the future'):
            self.as_salesperson('crm.customer.statistic').create({**values, 'date': '2026-11-24'})
        with mute_logger('odoo.sql_db'), self.assertRaises(CheckViolation), self.cr.savepoint():
            self.as_salesperson('crm.customer.investment').create({**values, 'cost': -1})
            self.env.flush_all()

    def test_what_was_invested_and_what_came_back_stand_in_the_figures(self):
        touchpoint = self.as_salesperson('crm.touchpoint').create({
            'partner_id': self.customer.id, 'summary': 'Fair', 'mode': 'exhibition', 'cost': 60,
            'date': '2026-11-20 10:00:00',
        })
        Investment = self.as_salesperson('crm.customer.investment')
        Investment.create([
            {'partner_id': self.customer.id, 'kind': kind, 'name': kind, 'cost': cost, 'date': day,
             'touchpoint_id': touchpoint.id}
            for kind, cost, day in (
                ('gift', 15, '2026-11-20'), ('joint_advertising', 25, '2026-03-01'), ('voucher', 999, '2025-11-01'))
        ])
        invoice = self.env['account.move'].create({
            'move_type': 'out_invoice', 'partner_id': self.customer.id, 'invoice_date': '2026-11-01',
            'invoice_line_ids': [(0, 0, {'name': 'Desk', 'price_unit': 500, 'tax_ids': False})],
        })
        invoice.action_post()
        self.env['crm.customer.metrics'].refresh([self.customer.id])
        self.customer.invalidate_recordset()
        self.assertRecordValues(self.customer.with_user(self.salesperson), [{
            'figures_contact_cost_12m': 60, 'figures_investment_12m': 40, 'figures_investment_return': 5,
        }])
        self.assertEqual(touchpoint.investment_ids, Investment.search([('touchpoint_id', '=', touchpoint.id)]))

    def test_the_cost_of_a_customer_by_kind_counts_contacts_and_investments_once(self):
        self.as_salesperson('crm.touchpoint').create({
            'partner_id': self.customer.id, 'summary': 'Visit', 'mode': 'visit', 'cost': 60,
            'date': '2026-11-20 10:00:00',
        })
        self.as_salesperson('crm.customer.investment').create({
            'partner_id': self.customer.id, 'kind': 'gift', 'name': 'Pen', 'cost': 8, 'currency_id': self.foreign.id,
        })
        self.env.flush_all()
        Report = self.as_salesperson('crm.investment.report')
        rows = Report._read_group([('partner_id', '=', self.customer.id)], ['kind'], ['amount:sum'])
        self.assertEqual(dict(rows), {'contact': 60, 'gift': 2})
        row = Report.search([('partner_id', '=', self.customer.id), ('kind', '=', 'gift')])
        self.assertEqual(row.action_open_entry()['res_model'], 'crm.customer.investment')

    def test_sources_are_compared_by_cost_and_average_quality_of_what_was_rated(self):
        fair = self.env.ref('crm_relationship.information_source_fair')
        bank = self.env.ref('crm_relationship.information_source_bank')
        self.as_salesperson('crm.customer.source').create([
            {'partner_id': self.customer.id, 'source_id': source.id, 'quality': quality, 'cost': cost}
            for source, quality, cost in ((fair, '5', 10), (fair, '2', 20), (fair, False, 30), (bank, False, 5))
        ])
        self.env.flush_all()
        rows = self.as_salesperson('crm.information.report')._read_group(
            [('partner_id', '=', self.customer.id)], ['kind', 'source_id'], ['cost:sum', 'quality:avg', '__count'])
        self.assertEqual(
            [(kind, source.id, cost, quality or 0, count) for kind, source, cost, quality, count in rows],
            [('direct', fair.id, 60, 3.5, 3), ('indirect', bank.id, 5, 0, 1)],
        )

    def test_only_managers_name_sources(self):
        with self.assertRaises(AccessError):
            self.as_salesperson('crm.information.source').create({'name': 'Radio', 'channel': 'media'})
        radio = self.env['crm.information.source'].with_user(self.sales_manager).create(
            {'name': 'Radio', 'channel': 'media'})
        self.assertEqual(radio.kind, 'indirect')

    def test_merged_customers_keep_findings_investments_and_information(self):
        twin = self.make_customer('Quixotic Zebra Ltd')
        fair = self.env.ref('crm_relationship.information_source_fair')
        for customer in (self.customer, twin):
            self.env['crm.customer.statistic'].create({'partner_id': customer.id, 'name': 'Good'})
            self.env['crm.customer.investment'].create({'partner_id': customer.id, 'name': 'Pen'})
            self.env['crm.customer.source'].create({'partner_id': customer.id, 'source_id': fair.id})
        wizard = self.env['base.partner.merge.automatic.wizard'].create({})
        wizard._merge((self.customer + twin).ids, self.customer, extra_checks=False)
        self.customer.invalidate_recordset()
        self.assertEqual(
            [len(self.customer[name]) for name in ('statistic_ids', 'investment_ids', 'information_ids')], [2, 2, 2])

    def test_the_card_of_a_key_customer_shows_findings_and_return(self):
        self.customer.sudo().value_class = 'vip'
        self.as_salesperson('crm.customer.statistic').create({
            'partner_id': self.customer.id, 'name': 'Wants 40 rooms', 'kind': 'demand', 'source': 'bank',
        })
        sections = {section.code: section for section in self.customer._get_card_sections()[self.customer.id]}
        self.assertIn('Wants 40 rooms', sections['findings'].lines[0])
        self.assertIn('Bank', sections['findings'].lines[0])
