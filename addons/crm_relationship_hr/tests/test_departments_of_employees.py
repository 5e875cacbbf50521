from datetime import date

from freezegun import freeze_time

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from odoo.addons.crm_relationship.tests.common import RelationshipCase

from ..hooks import uninstall_hook


@tagged('post_install', '-at_install')
class TestDepartmentsOfEmployees(RelationshipCase):
    """Sales has North below it; ``salesperson`` works in North, ``other_salesperson`` manages Sales."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hr_sales = cls.env['hr.department'].create({'name': "Sales"})
        cls.hr_north, cls.hr_service = cls.env['hr.department'].create([
            {'name': "North", 'parent_id': cls.hr_sales.id}, {'name': "Service"},
        ])
        cls.seller, cls.boss = cls.env['hr.employee'].create([
            {'name': "Sally Seller", 'user_id': cls.salesperson.id, 'department_id': cls.hr_north.id},
            {'name': "Oscar Other", 'user_id': cls.other_salesperson.id, 'department_id': cls.hr_sales.id},
        ])
        cls.hr_sales.manager_id = cls.boss
        cls.departments = cls.env['crm.scheme.department'].with_user(cls.sales_manager)

    def link(self, hr_department, **values):
        return self.departments.create({'hr_department_id': hr_department.id, **values})

    def test_a_manager_picks_the_department_and_types_nothing(self):
        with Form(self.departments) as form:
            form.hr_department_id = self.hr_sales
        sales = form.record
        self.assertEqual((sales.name, sales.head_id), ("Sales", self.other_salesperson))
        self.assertEqual(sales.user_ids, self.salesperson + self.other_salesperson)
        self.hr_sales.name = "Sales worldwide"
        self.assertEqual(sales.name, "Sales worldwide")

    def test_when_an_employee_moves_the_board_follows(self):
        sales, service = self.link(self.hr_sales), self.link(self.hr_service)
        activity = self.env['mail.activity'].with_user(self.salesperson).create({
            'summary': "Call", 'res_model_id': self.env['ir.model']._get_id('res.partner'),
            'res_id': self.make_customer().id, 'date_deadline': '2026-11-23', 'user_id': self.salesperson.id,
        })
        board = self.env['mail.activity'].with_user(self.sales_manager)

        def department_of_the_card():
            groups = board.web_read_group([('id', '=', activity.id)], ['board_department_id'], ['__count'])['groups']
            return groups[0]['board_department_id'] and groups[0]['board_department_id'][0]

        self.assertEqual(department_of_the_card(), sales.id)
        self.seller.department_id = self.hr_service
        self.assertEqual(department_of_the_card(), service.id)
        self.seller.active = False
        self.assertFalse(department_of_the_card())

    @freeze_time('2026-11-23')
    def test_a_move_planned_in_a_later_version_of_the_employee_counts_from_its_day(self):
        sales, service = self.link(self.hr_sales), self.link(self.hr_service)
        self.seller.create_version({'date_version': date(2026, 12, 1), 'department_id': self.hr_service.id})
        self.assertEqual(self.salesperson.relationship_department_id, sales)
        with freeze_time('2026-12-01'):
            self.env['hr.employee']._cron_update_current_version_id()
            self.assertEqual(self.salesperson.relationship_department_id, service)

    def test_the_nearest_department_above_that_is_known_counts(self):
        sales = self.link(self.hr_sales)
        self.assertEqual(self.salesperson.relationship_department_id, sales)
        north = self.link(self.hr_north)
        self.assertEqual(self.salesperson.relationship_department_id, north)
        self.assertEqual(self.other_salesperson.relationship_department_id, sales)
        north.active = False
        self.assertEqual(self.salesperson.relationship_department_id, sales)
        self.hr_north.parent_id = self.hr_service
        self.assertFalse(self.salesperson.relationship_department_id)

    def test_another_manager_is_another_head(self):
        sales = self.link(self.hr_sales)
        self.hr_sales.manager_id = self.seller
        self.assertEqual(sales.head_id, self.salesperson)

    def test_what_comes_from_employees_is_not_typed_over(self):
        sales, office = self.link(self.hr_sales), self.departments.create({'name': "Back office"})
        office.member_ids = self.sales_manager
        self.assertEqual(self.sales_manager.relationship_department_id, office, "no employee: typed in")
        with self.assertRaisesRegex(ValidationError, "come from the Employees app"):
            sales.head_id = self.sales_manager
        with self.assertRaisesRegex(ValidationError, "come from the Employees app"):
            sales.member_ids = self.sales_manager
        with self.assertRaisesRegex(ValidationError, "Sally Seller belongs to Sales"):
            office.member_ids = self.salesperson
        with self.assertRaisesRegex(ValidationError, "is Sales here already"):
            self.link(self.hr_sales)

    def test_somebody_employed_by_two_companies_counts_where_they_mainly_work(self):
        company = self.env['res.company'].create({'name': "Elsewhere"})
        self.salesperson.company_ids += company
        elsewhere = self.env['hr.department'].create({'name': "Elsewhere sales", 'company_id': company.id})
        self.env['hr.employee'].with_company(company).create({
            'name': "Sally Seller", 'user_id': self.salesperson.id, 'company_id': company.id,
            'department_id': elsewhere.id,
        })
        there = self.env['crm.scheme.department'].create({'hr_department_id': elsewhere.id})
        self.assertEqual(self.salesperson.relationship_department_id, there, "the only one known here")
        self.assertEqual(self.link(self.hr_sales), self.salesperson.relationship_department_id)

    def test_without_this_addon_the_departments_keep_their_people(self):
        sales = self.link(self.hr_sales)
        people = sales.user_ids
        uninstall_hook(self.env)
        self.assertEqual((sales.name, sales.head_id, sales.member_ids), ("Sales", self.other_salesperson, people))
