from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import RelationshipCase


class EvaluationCase(RelationshipCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.template = cls.env.ref('crm_relationship.evaluation_template_standard')
        # Indicators of other addons have no place in these sums.
        own = cls.env['ir.model.data'].search([
            ('model', '=', 'crm.evaluation.indicator'), ('module', '=', 'crm_relationship')]).mapped('res_id')
        (cls.template.indicator_ids - cls.template.indicator_ids.browse(own)).active = False
        cls.customer = cls.make_customer()
        cls.Metrics = cls.env['crm.customer.metrics']
        cls.Metrics.refresh(cls.customer.ids)
        cls.metrics = cls.Metrics.search([('partner_id', '=', cls.customer.id), ('company_id', '=', cls.company.id)])
        cls.metrics.write({'rfm_monetary': 5, 'sales_12m': 12300, 'rfm_recency': 4, 'repurchase_rate': 0.5})

    def evaluation(self, user=None, scores=70, **values):
        user = user or self.sales_manager
        evaluation = self.env['crm.evaluation'].with_user(user).create({'partner_id': self.customer.id, **values})
        evaluation.action_fill()
        if scores is not None:
            for line in evaluation.line_ids.filtered(lambda line: line.source == 'manual'):
                line.write({'score': scores, 'basis': 'Visit of 12 May'})
        return evaluation

    def line(self, evaluation, code):
        return evaluation.line_ids.filtered(lambda line: line.code == code)


@tagged('post_install', '-at_install')
class TestEvaluation(EvaluationCase):

    def test_computed_indicators_are_filled_with_evidence(self):
        evaluation = self.evaluation(scores=None)
        sales = self.line(evaluation, 'sales')
        self.assertEqual((sales.value, sales.score, sales.missing), (5, 100, False))
        self.assertIn('12,300.00', sales.evidence)
        repurchase = self.line(evaluation, 'repurchase')
        self.assertEqual(repurchase.score, 65)

    def test_total_is_weighted_and_suggests_grade_and_decision(self):
        evaluation = self.evaluation(scores=50)
        # 60 of 100 weights at 50, sales 20 × 100, recency 10 × 80, repurchase 10 × 65
        self.assertEqual(evaluation.score, 64.5)
        self.assertAlmostEqual(sum(evaluation.line_ids.mapped('contribution')), 64.5)
        self.assertEqual(evaluation.suggested_grade_id.code, 'B')
        self.assertEqual(evaluation.suggested_decision, 'maintain')

    def test_customer_without_figures_is_scored_on_the_rest(self):
        self.metrics.unlink()
        evaluation = self.evaluation(scores=45)
        self.assertEqual(evaluation.score, 45)
        self.assertTrue(self.line(evaluation, 'sales').missing)
        self.assertIn('no data', self.line(evaluation, 'sales').evidence)
        self.assertEqual(evaluation.suggested_decision, 'improve')

    def test_score_by_hand_needs_a_basis_before_submitting(self):
        evaluation = self.evaluation()
        self.line(evaluation, 'reputation').basis = ' '
        with self.assertRaisesRegex(UserError, 'Reputation'):
            evaluation.action_submit()

    def test_score_outside_the_scale_is_refused(self):
        evaluation = self.evaluation()
        with self.assertRaisesRegex(ValidationError, 'Reputation.*150'):
            self.line(evaluation, 'reputation').score = 150

    def test_figures_cannot_be_typed_over(self):
        evaluation = self.evaluation(self.salesperson)
        for values in ({'score': 1}, {'value': 1}, {'weight': 90}, {'evidence': 'I say so'}, {'missing': True}):
            with self.subTest(values), self.assertRaises(UserError):
                self.line(evaluation, 'sales').write(values)

    def test_closing_gives_the_grade_to_root_and_branches_with_history(self):
        branch = self.env['res.company'].create({'name': 'Branch', 'parent_id': self.company.id})
        other = self.env['res.company'].create({'name': 'Other'})
        evaluation = self.evaluation()
        evaluation.action_submit()
        evaluation.action_close()
        self.assertEqual(self.customer.with_company(self.company).customer_grade_id.code, 'B')
        self.assertEqual(self.customer.sudo().with_company(branch).customer_grade_id.code, 'B')
        self.assertFalse(self.customer.sudo().with_company(other).customer_grade_id)
        movement = self.env['crm.customer.movement'].search(
            [('partner_id', '=', self.customer.id), ('kind', '=', 'customer_grade_id')]
        )
        self.assertEqual((movement.from_value, movement.to_value, movement.note), (False, 'B', evaluation.name))
        self.assertEqual(movement.user_id, self.sales_manager)

    def test_replay_gives_the_same_after_the_template_has_changed(self):
        evaluation = self.evaluation(scores=33.3)
        evaluation.action_submit()
        evaluation.action_close()
        before = (evaluation.score, evaluation.suggested_grade_id.code)
        self.template.indicator_ids.write({'weight': 1, 'curve_kind': 'manual'})
        self.env.ref('crm_relationship.crm_grade_a').min_score = 10
        self.env.invalidate_all()
        self.assertEqual(evaluation.replay(), before)
        self.assertEqual(evaluation.score, before[0])

    def test_nothing_changes_after_closing_for_anyone(self):
        evaluation = self.evaluation()
        evaluation.circulate_user_ids = self.other_salesperson
        evaluation.action_submit()
        evaluation.action_circulate()
        evaluation.action_close()
        closed = evaluation.sudo()
        changes = (
            lambda: closed.write({'grade_id': False}),
            lambda: closed.write({'conclusion': 'x'}),
            lambda: closed.write({'state': 'draft'}),
            lambda: closed.write({'line_ids': [(2, closed.line_ids[0].id)]}),
            lambda: closed.line_ids[0].write({'score': 1}),
            lambda: closed.line_ids.unlink(),
            lambda: closed.line_ids.create({'evaluation_id': closed.id, 'name': 'x', 'code': 'x'}),
            lambda: closed.opinion_ids.with_user(self.other_salesperson).write({'opinion': 'late'}),
            lambda: closed.opinion_ids.unlink(),
            lambda: closed.action_draft(),
            lambda: closed.action_fill(),
            closed.unlink,
        )
        for change in changes:
            with self.subTest(change), self.assertRaises(UserError), self.cr.savepoint():
                change()
        closed.message_post(body="A note is no change")

    def test_salesperson_submits_but_cannot_close_or_grade(self):
        evaluation = self.evaluation(self.salesperson)
        evaluation.action_submit()
        self.assertEqual(evaluation.state, 'submitted')
        for action in (evaluation.action_close, evaluation.action_circulate, evaluation.action_draft):
            with self.assertRaises(AccessError):
                action()
        with self.assertRaises(UserError):
            evaluation.write({'state': 'closed'})
        with self.assertRaises(AccessError):
            self.customer.with_user(self.salesperson).customer_grade_id = self.env.ref('crm_relationship.crm_grade_a')
        with self.assertRaisesRegex(UserError, 'Set it back to draft'):
            evaluation.line_ids[0].score = 99

    def test_salesperson_does_not_see_the_evaluations_of_others(self):
        evaluation = self.evaluation()
        with self.assertRaises(AccessError):
            evaluation.with_user(self.other_salesperson).read(['score'])
        self.assertTrue(evaluation.with_user(self.salesperson).read(['score']))

    def test_deviation_from_the_suggestion_needs_a_reason(self):
        evaluation = self.evaluation()
        evaluation.action_submit()
        evaluation.decision = 'terminate'
        with self.assertRaisesRegex(UserError, 'say why'):
            evaluation.action_close()
        evaluation.deviation_reason = 'Moves abroad'
        evaluation.action_close()
        self.assertEqual(evaluation.state, 'closed')

    def test_opinions_are_asked_given_once_and_dated(self):
        expert = new_test_user(self.env, login='rel_expert', groups='base.group_user')
        evaluation = self.evaluation()
        evaluation.action_submit()
        with self.assertRaisesRegex(UserError, 'Choose first'):
            evaluation.action_circulate()
        evaluation.circulate_user_ids = expert | self.other_salesperson
        evaluation.action_circulate()
        self.assertEqual(evaluation.state, 'circulated')
        self.assertEqual(evaluation.activity_ids.user_id, expert | self.other_salesperson)
        opinion = evaluation.opinion_ids.filtered(lambda opinion: opinion.user_id == expert).with_user(expert)
        self.assertTrue(evaluation.with_user(expert).read(['score', 'conclusion']))
        opinion.write({'verdict': 'agree', 'opinion': 'Fine with me'})
        self.assertTrue(opinion.date)
        self.assertEqual(evaluation.opinion_missing_count, 1)
        self.assertEqual(evaluation.activity_ids.user_id, self.other_salesperson)
        with self.assertRaises(AccessError):
            opinion.with_user(self.other_salesperson).opinion = 'Not so'
        with self.assertRaises(UserError):
            opinion.date = '2020-01-01'

    def test_newest_evaluation_decides_the_grade(self):
        old = self.evaluation(scores=10, date='2026-01-01')
        new = self.evaluation(scores=100, date='2026-02-01')
        for evaluation in new, old:
            evaluation.action_submit()
            evaluation.action_close()
        self.assertEqual(self.customer.customer_grade_id, new.grade_id)
        self.assertNotEqual(old.grade_id, new.grade_id)

    def test_change_of_the_customer_takes_its_figures(self):
        evaluation = self.evaluation(scores=None)
        evaluation.partner_id = self.make_customer('Newcomer')
        self.assertTrue(self.line(evaluation, 'sales').missing)

    def test_total_follows_while_the_form_is_filled(self):
        evaluation = self.evaluation(scores=None)
        with Form(evaluation) as form:
            for index in range(len(evaluation.line_ids)):
                with form.line_ids.edit(index) as line:
                    if line.source == 'manual':
                        line.score = 50
                        line.basis = 'Seen'
            self.assertEqual(form.score, 64.5)
            self.assertEqual(form.suggested_grade_id.code, 'B')

    def test_selected_customers_are_evaluated_at_once_and_only_once(self):
        customers = self.customer | self.make_customer('Second') | self.make_customer('Third')
        customers.with_user(self.sales_manager).action_evaluate()
        customers.with_user(self.sales_manager).action_evaluate()
        self.assertEqual(self.env['crm.evaluation'].search_count([('partner_id', 'in', customers.ids)]), 3)

    def test_number_of_queries_to_fill_does_not_grow_with_unrelated_customers(self):
        evaluations = self.env['crm.evaluation'].create([{'partner_id': self.customer.id} for _n in range(6)])
        counts = []
        for chosen in evaluations[:1], evaluations[1:6]:
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            chosen._scorecard_fill()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 4)

    def test_merged_customer_keeps_its_evaluations_and_grade(self):
        double = self.make_customer('Deco Addict')
        evaluation = self.evaluation()
        evaluation.partner_id = double
        evaluation.action_fill()
        evaluation.action_submit()
        evaluation.action_close()
        self.env['base.partner.merge.automatic.wizard'].create({})._merge([double.id, self.customer.id], self.customer)
        self.assertEqual(evaluation.partner_id, self.customer)
        self.assertEqual(evaluation.state, 'closed')
        self.assertEqual(self.customer.customer_grade_id, evaluation.grade_id)
        self.assertTrue(
            self.metrics.search([('partner_id', '=', self.customer.id), ('company_id', '=', self.company.id)])
        )

    def test_the_score_is_not_typed(self):
        evaluation = self.evaluation()
        for values in ({'score': 99}, {'frozen_template': {'x': 1}}, {'frozen_inputs': {'x': 1}}):
            with self.assertRaisesRegex(AccessError, "can't be entered by hand"), self.cr.savepoint():
                evaluation.with_user(self.salesperson).write(values)

    def test_customer_with_an_evaluation_is_archived_not_deleted(self):
        self.evaluation()
        with self.assertRaises(IntegrityError), mute_logger('odoo.sql_db'), self.cr.savepoint():
            self.customer.sudo().unlink()

    def test_report_prints_several_in_one_document(self):
        evaluations = self.evaluation() | self.evaluation(scores=20)
        html = (
            self.env['ir.actions.report']
            ._render_qweb_html('crm_relationship.report_crm_evaluation', evaluations.ids)[0]
            .decode()
        )
        self.assertEqual(html.count('class="article"'), 1)
        for evaluation in evaluations:
            self.assertIn(evaluation.name, html)
        self.assertIn('page-break-before', html)

    def test_indicator_that_cannot_be_scored_is_refused_with_the_reason(self):
        indicator = self.template.indicator_ids[0]
        for values, message in (
            ({'curve_kind': 'linear', 'curve': '0=100; 10'}, 'value=score'),
            ({'curve_kind': 'bands', 'curve': '5=100; 3=0'}, 'must rise'),
            ({'weight': -1}, 'negative'),
            ({'source': 'metric', 'metric_field_id': False}, 'customer figure'),
            ({'knock_out_operator': '>', 'knock_out_cap': 200}, 'between 0 and 100'),
        ):
            with self.subTest(values), self.assertRaisesRegex(ValidationError, message), self.cr.savepoint():
                indicator.write(values)

    def test_knock_out_caps_the_total_and_says_so(self):
        self.template.indicator_ids.filtered(lambda item: item.code == 'sales').write(
            {'knock_out_operator': '<=', 'knock_out_threshold': 1, 'knock_out_cap': 35})
        self.metrics.rfm_monetary = 1
        evaluation = self.evaluation(scores=100)
        self.assertEqual(evaluation.score, 35)
        self.assertIn('Sales', evaluation.knock_out_note)

    @freeze_time('2026-06-15')
    def test_grades_can_be_searched_and_grouped_on_customers(self):
        self.customer.with_user(self.sales_manager).customer_grade_id = self.env.ref('crm_relationship.crm_grade_a')
        found = self.env['res.partner'].search([('customer_grade_id.code', '=', 'A'), ('id', '=', self.customer.id)])
        self.assertEqual(found, self.customer)
        groups = self.env['res.partner']._read_group(
            [('id', '=', self.customer.id)], ['customer_grade_id'], ['__count']
        )
        self.assertEqual(groups, [(self.env.ref('crm_relationship.crm_grade_a'), 1)])
