from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .common import RelationshipCase

MONDAY = date(2026, 11, 23)


@tagged('post_install', '-at_install')
class TestDepartmentBoard(RelationshipCase):
    """``salesperson`` is a member of Field sales, which ``other_salesperson`` heads; both see own documents only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.departments = cls.env['crm.scheme.department'].with_user(cls.sales_manager)
        cls.field, cls.office = cls.departments.create([
            {
                'name': "Field sales", 'head_id': cls.other_salesperson.id, 'member_ids': [(6, 0, cls.salesperson.ids)],
            },
            {'name': "Back office", 'head_id': cls.other_salesperson.id},
        ])
        cls.customer = cls.make_customer()

    def plan(self, record=None, **values):
        record = record or self.customer
        return self.env['mail.activity'].with_user(self.salesperson).create({
            'summary': "Call about the autumn range", 'res_model_id': self.env['ir.model']._get_id(record._name),
            'res_id': record.id, 'date_deadline': MONDAY, 'user_id': self.salesperson.id, **values,
        })

    def board(self, user):
        return self.env['mail.activity'].with_user(user)

    def my_department(self, user):
        arch = self.env.ref('crm_relationship.mail_activity_view_search_board')
        node = arch._get_combined_arch().find('.//filter[@name="my_department"]')
        return self.board(user).search(safe_eval(node.get("domain"), {"uid": user.id}))

    def test_everyone_belongs_to_one_department_a_head_to_his_first(self):
        self.assertEqual(self.salesperson.relationship_department_id, self.field)
        self.assertEqual(self.other_salesperson.relationship_department_id, self.field)
        self.assertEqual(self.field.user_ids, self.salesperson + self.other_salesperson)
        with self.assertRaisesRegex(ValidationError, "Sally Seller belongs to Field sales"):
            self.office.member_ids = self.salesperson
        self.field.member_ids = False
        self.office.member_ids = self.salesperson + self.other_salesperson
        self.assertEqual(self.other_salesperson.relationship_department_id, self.office)
        self.office.active = False
        self.assertEqual(self.other_salesperson.relationship_department_id, self.field)
        self.assertFalse(self.salesperson.relationship_department_id)

    @freeze_time('2026-11-23 09:00:00')
    def test_the_board_is_grouped_searched_and_picked_by_department(self):
        activity = self.plan()
        board = self.board(self.sales_manager)
        groups = board.web_read_group([('id', '=', activity.id)], ['board_department_id'], ['__count'])['groups']
        self.assertEqual(groups[0]['board_department_id'], (self.field.id, "Field sales"))
        self.assertIn(activity, board.search([('board_department_id', 'ilike', "field")]))
        self.assertIn(activity, board.search([('board_department_id', '=', self.field.id)]))
        panel = board.search_panel_select_range('board_department_id', expand=True)['values']
        self.assertLessEqual({'Field sales', 'Back office'}, {value['display_name'] for value in panel})

    @freeze_time('2026-11-23 09:00:00')
    def test_the_head_opens_the_board_at_his_department_and_sees_what_he_may_read(self):
        activity = self.plan()
        lead = self.env['crm.lead'].with_user(self.salesperson).create({
            'name': "Own lead", 'partner_id': self.customer.id, 'user_id': self.salesperson.id,
        })
        closed_to_him = self.plan(record=lead)
        key_task = self.env['mail.activity'].with_user(self.salesperson).create({
            'summary': "Prepare the fair", 'key_task': True, 'date_deadline': MONDAY, 'user_id': self.salesperson.id,
        })
        action = self.board(self.other_salesperson).action_department_board()
        self.assertEqual(action['context']['searchpanel_default_board_department_id'], self.field.id)
        seen = self.my_department(self.other_salesperson)
        self.assertIn(activity, seen)
        self.assertIn(key_task, seen, "key tasks hang on the month's arrangement, which the head may read")
        self.assertNotIn(closed_to_him, seen)
        self.assertEqual(self.my_department(self.salesperson), activity + closed_to_him + key_task)
        self.assertFalse(self.my_department(self.sales_manager))
        all_of_it = self.board(self.sales_manager).search([('board_department_id', '=', self.field.id)])
        self.assertLessEqual(activity + closed_to_him + key_task, all_of_it)

    @freeze_time('2026-11-23 09:00:00')
    def test_the_months_arrangement_of_a_department_stands_above_its_board(self):
        Arrangement = self.env['crm.month.arrangement']
        whole = Arrangement.with_user(self.other_salesperson).create({
            'user_id': False, 'department_id': self.field.id, 'body': "Visit everyone in the north",
        })
        own = Arrangement.with_user(self.salesperson).create({'body': "Autumn fair"})
        overview = self.board(self.salesperson).get_board_overview([], 'board_month')
        self.assertIn("Visit everyone in the north", [item['body'] for item in overview['arrangements']])
        self.assertEqual(own.with_user(self.other_salesperson).body, "Autumn fair", "the head reads it")
        with self.assertRaises(AccessError):
            own.with_user(self.other_salesperson).body = "Something else"
        with self.assertRaises(AccessError):
            whole.with_user(self.salesperson).body = "Stay at home"
        self.field.member_ids = False
        with self.assertRaises(AccessError):
            whole.with_user(self.salesperson).read(['body'])
        with self.assertRaisesRegex(ValidationError, "leave the others empty"):
            own.with_user(self.sales_manager).department_id = self.field

    def test_a_salesperson_puts_nobody_into_a_department(self):
        with self.assertRaises(AccessError):
            self.office.with_user(self.salesperson).member_ids = self.salesperson
        with self.assertRaises(AccessError):
            self.salesperson.with_user(self.salesperson).relationship_department_ids = self.office
        with self.assertRaises(AccessError):
            self.salesperson.with_user(self.salesperson).relationship_department_id = self.office
