import io
from datetime import date

from freezegun import freeze_time
from lxml import html as lxml_html
from pypdf import PdfReader

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import RelationshipCase

REPORT = 'crm_relationship.report_crm_maintenance_scheme'


@tagged('post_install', '-at_install')
class TestMaintenanceScheme(RelationshipCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time('2026-11-23 09:00:00'))
        cls.customer = cls.make_customer('Deco Addict GmbH')
        cls.field, cls.marketing, cls.quality = cls.env['crm.scheme.department'].with_user(cls.sales_manager).create([
            {'name': "Field sales", 'head_id': cls.salesperson.id},
            {'name': "Marketing"},
            {'name': "Quality", 'head_id': cls.other_salesperson.id},
        ])

    def scheme(self, state='draft', **values):
        scheme = self.env['crm.maintenance.scheme'].with_user(self.sales_manager).create({
            'title': "Customers of the north", 'date_start': '2026-12-01',
            'executing_department_id': self.field.id, 'supervising_department_id': self.marketing.id,
            'examining_department_id': self.quality.id,
            'object_ids': [(0, 0, {'kind': 'existing', 'audience_domain': str([('id', '=', self.customer.id)])})],
            **values,
        })
        if state != 'draft':
            scheme.action_submit()
        if state in ('approved', 'force'):
            scheme.with_user(self.other_salesperson).action_approve()
        if state == 'force':
            scheme.action_put_in_force()
        return scheme

    def test_a_new_scheme_has_a_number_and_the_three_kinds_of_customers(self):
        with Form(self.env['crm.maintenance.scheme'].with_user(self.sales_manager)) as form:
            form.title = "Customers of the north"
        scheme = form.record
        self.assertRegex(scheme.name, r'^MS/\d{4}/\d{3}')
        self.assertEqual((scheme.revision, scheme.root_id, scheme.state), (1, scheme, 'draft'))
        self.assertEqual(scheme.object_ids.mapped('kind'), ['existing', 'future', 'potential'])
        self.customer.with_user(self.salesperson).action_mark_target()
        self.assertIn(self.customer, scheme.object_ids[1]._audience_partners())
        self.assertNotIn(self.customer, scheme.object_ids[0]._audience_partners())

    def test_from_draft_to_force_each_department_gets_its_activity(self):
        scheme = self.scheme(date_examination='2027-06-30')
        scheme.action_submit()
        self.assertEqual(scheme.activity_ids.user_id, self.other_salesperson, "the examining department approves")
        scheme.with_user(self.other_salesperson).action_approve()
        self.assertEqual(scheme.activity_ids, scheme.activity_ids.browse())
        self.assertEqual((scheme.submitted_by_id, scheme.approved_by_id), (self.sales_manager, self.other_salesperson))
        self.assertEqual((scheme.date_approved, scheme.object_ids.approved_count), (date(2026, 11, 23), 1))
        scheme.action_put_in_force()
        self.assertEqual(
            sorted(scheme.activity_ids.mapped(lambda item: (item.user_id.login, item.date_deadline))),
            [('rel_other_salesperson', date(2027, 6, 30)), ('rel_salesperson', date(2026, 11, 23))],
        )

    def test_an_incomplete_scheme_is_not_submitted(self):
        with self.assertRaisesRegex(UserError, "needs: Supervised By"):
            self.scheme(state='review', supervising_department_id=False)
        with self.assertRaisesRegex(UserError, "has no objects"):
            self.scheme(state='review', object_ids=[])
        with self.assertRaisesRegex(ValidationError, "before it starts"):
            self.scheme(date_end='2026-11-30')
        with self.assertRaisesRegex(ValidationError, "can't be read"):
            self.scheme(object_ids=[(0, 0, {'kind': 'future', 'audience_domain': "[('nothing', '=', 1)]"})])

    def test_the_status_changes_by_buttons_only(self):
        scheme = self.scheme()
        with self.assertRaisesRegex(UserError, "Use the buttons"):
            scheme.state = 'force'
        with self.assertRaisesRegex(UserError, "for this it has to be “Approved”"):
            scheme.action_put_in_force()

    def test_what_was_approved_changes_by_a_new_revision_only(self):
        scheme = self.scheme(state='force')
        for change in (
            lambda: scheme.write({'title': "Customers of the south"}),
            lambda: scheme.object_ids.write({'goal': "More"}),
            lambda: scheme.object_ids.unlink(),
            lambda: scheme.write({'object_ids': [(0, 0, {'kind': 'future'})]}),
        ):
            with self.assertRaisesRegex(UserError, "Make a new revision"):
                change()
        with self.assertRaisesRegex(UserError, "stays on file"):
            scheme.unlink()
        scheme.examination = "<p>Four of five bought again.</p>"

    def test_a_new_revision_takes_the_place_and_the_parts_of_the_old_one(self):
        scheme = self.scheme(state='force')
        plan = self.env['crm.visit.plan'].with_user(self.sales_manager).create({
            'name': "North", 'scheme_id': scheme.id, 'manager_id': self.sales_manager.id,
        })
        evaluation = self.env['crm.evaluation'].with_user(self.sales_manager).create({
            'partner_id': self.customer.id, 'scheme_id': scheme.id,
        })
        closed = self.env['crm.evaluation'].with_user(self.sales_manager).create({
            'partner_id': self.customer.id, 'scheme_id': scheme.id,
        })
        closed.sudo().state = 'closed'
        revision = self.env['crm.maintenance.scheme'].browse(scheme.action_new_revision()['res_id'])
        self.assertEqual(scheme.action_new_revision()['res_id'], revision.id, "twice opens the same one")
        self.assertEqual((revision.name, revision.revision, revision.state), (scheme.name, 2, 'draft'))
        self.assertEqual(revision.object_ids.audience_domain, scheme.object_ids.audience_domain)
        revision = revision.with_user(self.sales_manager)
        revision.title = "Customers of the north and the coast"
        revision.action_submit()
        revision.with_user(self.other_salesperson).action_approve()
        self.assertEqual(scheme.state, 'force', "until the new one comes into force")
        revision.action_put_in_force()
        self.assertEqual((scheme.state, scheme.date_superseded), ('superseded', date(2026, 11, 23)))
        self.assertEqual((plan.scheme_id, evaluation.scheme_id, closed.scheme_id), (revision, revision, scheme))
        self.assertEqual((revision.visit_plan_count, revision.evaluation_count, revision.revision_count), (1, 2, 2))
        self.assertEqual(scheme.evaluation_count, 2)

    def test_all_parts_are_counted_and_opened_from_the_scheme(self):
        scheme = self.scheme(state='force')
        self.env['crm.care.programme'].with_user(self.sales_manager).create({
            'name': "Thanksgiving", 'scheme_id': scheme.id, 'occasion_date': '2027-11-25',
            'kind_id': self.env['crm.care.kind'].search([], limit=1).id,
        })
        self.env['crm.contract'].with_user(self.salesperson).create({
            'partner_id': self.customer.id, 'subject': "Chairs", 'scheme_id': scheme.id,
        })
        self.env['utm.campaign'].with_user(self.sales_manager).create({'name': "Coast", 'scheme_id': scheme.id})
        self.assertEqual(
            (scheme.care_programme_count, scheme.contract_count, scheme.campaign_count, scheme.visit_plan_count),
            (1, 1, 1, 0),
        )
        for part in ('care_programme_count', 'contract_count', 'campaign_count'):
            action = scheme.with_context(scheme_part=part).action_view_parts()
            self.assertEqual(self.env[action['res_model']].search_count(action['domain']), 1)

    def test_only_the_head_of_the_examining_department_approves(self):
        scheme = self.scheme(state='review')
        for user in (self.sales_manager, self.salesperson):
            with self.assertRaisesRegex(AccessError, "only Oscar Other may"):
                scheme.with_user(user).action_approve()
        scheme.action_draft()
        scheme.examining_department_id = self.marketing
        scheme.action_submit()
        with self.assertRaisesRegex(AccessError, "Only managers"):
            scheme.with_user(self.salesperson).action_approve()
        scheme.action_approve()
        self.assertEqual(scheme.state, 'approved')

    def test_salespeople_read_schemes_and_managers_write_them(self):
        scheme = self.scheme(state='force')
        self.assertEqual(scheme.with_user(self.salesperson).title, "Customers of the north")
        with self.assertRaises(AccessError):
            scheme.with_user(self.salesperson).action_withdraw()
        with self.assertRaises(AccessError):
            self.env['crm.maintenance.scheme'].with_user(self.salesperson).create({'title': "Mine"})
        scheme.action_withdraw()
        self.assertEqual(scheme.state, 'superseded')

    def test_the_print_shows_status_departments_objects_and_parts(self):
        scheme = self.scheme(state='force')
        self.env['crm.contract'].with_user(self.salesperson).create({
            'partner_id': self.customer.id, 'subject': "Chairs", 'scheme_id': scheme.id,
        })
        report = self.env['ir.actions.report'].with_user(self.sales_manager)
        text = lxml_html.fromstring(report._render_qweb_html(REPORT, scheme.ids)[0].decode()).text_content()
        for expected in (
            scheme.name, "In force", "Field sales", "Marketing", "Quality", "Existing customers", "Chairs",
        ):
            self.assertIn(expected, text)

    @mute_logger('odoo.addons.base.models.ir_actions_report')
    def test_the_pdf_of_two_schemes_has_two_pages(self):
        schemes = self.scheme() | self.scheme()
        with self.allow_pdf_render():
            report = self.env['ir.actions.report'].with_context(force_report_rendering=True)
            content, kind = report._render_qweb_pdf(REPORT, schemes.ids)
        self.assertEqual((kind, len(PdfReader(io.BytesIO(content)).pages)), ('pdf', 2))

    def test_the_list_takes_as_many_queries_for_80_schemes_as_for_8(self):
        schemes = self.env['crm.maintenance.scheme'].concat(*(self.scheme() for _time in range(80)))
        spec = {'display_name': {}, 'state': {}, 'visit_plan_count': {}, 'contract_count': {}, 'revision_count': {}}

        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            records.web_read(spec)
            return self.cr.sql_log_count - before
        count(schemes[:2])
        self.assertEqual(count(schemes[:8]), count(schemes))
