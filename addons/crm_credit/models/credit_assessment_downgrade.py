from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import format_date, formatLang

from odoo.addons.crm_relationship.tools import scorecard

from .res_partner_credit_review import REVIEW_ACTIVITY

# After a rejected assessment nothing is proposed for so many days.
REJECTED_DAYS = 30
# What is judged by settled invoices; too few of them don't count.
PAYMENT_FIGURES = ('payment_index', 'average_days_late')


class CreditAssessment(models.Model):
    """Proposals to lower a grade: what today's figures say under the policy in force. Nothing is lowered by itself."""

    _inherit = 'credit.assessment'

    # Customers whose figures are compared at a time.
    _downgrade_batch = 1000

    proposal_reason = fields.Text(
        string='Why it is proposed',
        readonly=True,
        copy=False,
        help='Filled when the scheduled action proposes a lower grade: which figures got worse.',
    )

    # ------------------------------------------------------------------ scheduled action

    @api.model
    def _cron_propose_downgrades(self):
        """Prepare an assessment for each customer whose figures would now give a lower grade.

        At most one is open for a customer, so that the action may run twice and may be cut off.
        """
        waiting, compared = set(), True
        for root in self.env['res.company'].search([('parent_id', '=', False)]):
            policy = self.env['credit.policy']._get_active(root)
            if policy:
                waiting |= self.with_company(root)._propose_downgrades(root)
                compared = compared and not policy.comparison_error
        if compared:
            self.env['res.partner']._schedule_forget([('id', 'in', list(waiting))], 'credit_grade_error')

    @api.model
    def _propose_downgrades(self, root):
        """Return the ids of the customers of whom a lower grade is to be proposed. A policy that can't be applied keeps
        its error, and the other companies go on."""
        found, policy = {}, self.env['credit.policy']._get_active(root)
        policy._schedule_step(policy, lambda _policy: found.update(self._find_downgrades(root)), 'comparison_error')
        if found:
            self.env['res.partner'].with_company(root)._schedule_run(
                Domain('id', 'in', list(found)),
                lambda partner: self._propose_downgrade(root, partner),
                'credit_grade_error',
            )
        return set(found)

    @api.model
    def _find_downgrades(self, root):
        """Compare the customers' figures of the last refresh with their grades, in batches.

        :return: {partner id: code of the lower grade} of customers of whom no assessment is open or was rejected lately
        """
        policy = self.env['credit.policy']._get_active(root)
        Metrics = self.env['crm.customer.metrics'].sudo()
        graded = (
            Domain('company_id', '=', root.id)
            & Domain('credit_grade_id', '!=', False)
            & (
                Domain('credit_compared_on', '=', False)
                | Domain('credit_compared_on', '<', fields.Date.context_today(self))
            )
        )
        found, last_id = {}, 0
        while rows := Metrics.search(graded & Domain('id', '>', last_id), order='id', limit=self._downgrade_batch):
            last_id = rows[-1].id
            codes = {row.partner_id.id: row.credit_grade_id.code for row in rows}
            for partner_id in self._not_to_propose(root, list(codes)):
                codes.pop(partner_id, None)
            found.update(self._find_lower_grades(policy, root, codes))
            Metrics.invalidate_model()
        return found

    @api.model
    def _not_to_propose(self, root, partner_ids):
        """Return the ids of those whose assessment is under way, or was rejected a short while ago."""
        since = fields.Datetime.now() - timedelta(days=REJECTED_DAYS)
        busy = Domain('state', 'in', ('draft', 'submitted')) | (
            Domain('state', '=', 'rejected') & Domain('date_decided', '>=', since)
        )
        rows = self.sudo()._read_group(
            busy & Domain('company_id', '=', root.id) & Domain('partner_id', 'in', partner_ids), ['partner_id']
        )
        return [partner.id for [partner] in rows]

    @api.model
    def _find_lower_grades(self, policy, root, codes):
        """Return {partner id: code} of those whom the policy in force would give a lower grade than ``codes`` says.

        Judged are today's customer figures and, for the rest, the inputs of the last approved assessment; without one
        the knock-outs only.
        """
        indicators = [factor._scorecard_indicator() for factor in policy.factor_ids]
        metrics = {
            factor.code: factor.metric_field_id.name for factor in policy.factor_ids if factor.source == 'metric'
        }
        scale = [(grade.min_score, grade.code) for grade in policy.grade_ids]
        minimum = {code: score for score, code in scale}
        figures, _as_of = (
            self.env['crm.customer.metrics']
            .sudo()
            ._read_figures(root, list(codes), {*metrics.values(), 'payment_index_count'})
        )
        inputs = self._last_inputs(root, list(codes))
        found = {}
        for partner_id, current in codes.items():
            values = self._current_inputs(metrics, figures.get(partner_id, {}), policy.thin_file_count)
            score = self._score_now(indicators, inputs.get(partner_id), values)
            code = scorecard.grade_for(score, scale)
            if code and current in minimum and minimum[code] < minimum[current]:
                found[partner_id] = code
        return found

    @api.model
    def _last_inputs(self, root, partner_ids):
        """Return {partner id: inputs by factor code} of the assessments in force, in one query."""
        approved = self.sudo().search_fetch(
            Domain('company_id', '=', root.id)
            & Domain('state', '=', 'approved')
            & Domain('partner_id', 'in', partner_ids),
            ['partner_id', 'frozen_inputs'],
        )
        return {assessment.partner_id.id: assessment.frozen_inputs or {} for assessment in approved}

    @api.model
    def _current_inputs(self, metrics, values, thin_file_count):
        """Return {factor code: figure or None} of the factors that customer figures fill."""
        thin = (values.get('payment_index_count') or 0) < thin_file_count
        return {code: None if thin and name in PAYMENT_FIGURES else values.get(name) for code, name in metrics.items()}

    @api.model
    def _score_now(self, indicators, last, values):
        """Return the score of the last inputs with today's figures; without an assessment the lowest cap, or None."""
        if last is not None:
            return scorecard.evaluate(indicators, {**last, **values}).score
        result = scorecard.evaluate(indicators, values)
        caps = {indicator.code: indicator.knock_out.cap for indicator in indicators if indicator.knock_out}
        return min((caps[code] for code in result.knock_outs), default=None)

    # ------------------------------------------------------------------ one proposal

    @api.model
    def _propose_downgrade(self, root, partner):
        """Prepare the assessment and ask the analyst to look at it.

        Nothing is left behind when the customer's grade has changed or the credit file makes up for the figures.
        """
        reviewer = partner._credit_reviewer()
        Assessment = self.with_context(lang=reviewer.lang or self.env.lang)
        last = Assessment.search(
            [('partner_id', '=', partner.id), ('company_id', '=', root.id), ('state', '=', 'approved')], limit=1
        )
        draft = Assessment.create(
            {
                'partner_id': partner.id,
                'company_id': root.id,
                'policy_id': self.env['credit.policy']._get_active(root).id,
                'user_id': reviewer.id,
            }
        )
        draft._fill_from_figures()
        draft._take_over_judgement(last)
        current = partner.credit_grade_id
        lower = draft.grade_id.min_score < draft.policy_id._get_grade(current.code).min_score
        if not draft.grade_id or not lower:
            draft.unlink()
            self._note_compared(root, partner)
            return
        draft.proposal_reason = draft._downgrade_text(current, last)
        draft._ask_analyst(reviewer, current)

    @api.model
    def _note_compared(self, root, partner):
        """Don't prepare the same assessment again today: a run that is cut off has to get to the others."""
        self.env['crm.customer.metrics'].sudo().search(
            [('company_id', '=', root.id), ('partner_id', '=', partner.id)]
        ).credit_compared_on = fields.Date.context_today(self)

    def _take_over_judgement(self, last):
        """Copy the scores by hand of the assessment in force, with their basis."""
        self.ensure_one()
        before = {line.code: line for line in last.line_ids if line.source == 'manual'}
        for line in self.sudo().line_ids:
            known = before.get(line.code)
            if known and line.source == 'manual':
                basis = known.basis and self.env._(
                    '%(basis)s (taken over from %(date)s)', basis=known.basis, date=format_date(self.env, last.date)
                )
                line.write(
                    {'value': known.value, 'score': known.score, 'missing': known.missing, 'basis': basis or False}
                )

    def _downgrade_text(self, current, last):
        """Say which grade the figures give, and which factors got worse."""
        self.ensure_one()
        lines = [
            self.env._(
                'Today’s figures give grade %(lower)s instead of %(current)s, score %(score)s.',
                lower=self.grade_id.code,
                current=current.code,
                score=formatLang(self.env, self.score, digits=1),
            )
        ]
        if self.knock_out_note:
            lines.append(self.knock_out_note)
        before = {line.code: line for line in last.line_ids if not line.missing}
        for line in self.line_ids:
            known = before.get(line.code)
            if known and not line.missing and line.score < known.score:
                lines.append(
                    self.env._(
                        '%(factor)s: score %(now)s, was %(before)s. %(evidence)s',
                        factor=line.name,
                        now=round(line.score),
                        before=round(known.score),
                        evidence=line.evidence or '',
                    )
                )
        return '\n'.join(lines)

    def _ask_analyst(self, reviewer, current):
        """Put the proposal on the list of whoever assessed the customer last, or of a credit manager."""
        self.ensure_one()
        if reviewer:
            self.activity_schedule(
                REVIEW_ACTIVITY,
                user_id=reviewer.id,
                summary=self.env._(
                    'Lower grade proposed for %(customer)s: %(lower)s instead of %(current)s',
                    customer=self.partner_id.display_name,
                    lower=self.grade_id.code,
                    current=current.code,
                ),
                note=self.env['credit.hold']._text_html('', self.proposal_reason, ''),
            )
