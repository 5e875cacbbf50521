import logging

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL
from odoo.tools.misc import format_date, formatLang

from odoo.addons.crm_relationship.tools.listing import listed

from ..tools.limit import is_credible

_logger = logging.getLogger(__name__)

# What may still change after the decision: who replaced it.
FOLLOW_UP_FIELDS = frozenset({'superseded_by_id'})
# What may change between submission and decision.
DECISION_FIELDS = frozenset({'approved_limit', 'payment_term_id', 'decision_note', 'user_id'})
TRANSITIONS = {
    'draft': {'submitted'},
    'submitted': {'draft', 'approved', 'rejected'},
    'approved': {'superseded'},
    'rejected': set(),
    'superseded': set(),
}
# Figures of the ledger, taken when the form is filled.
FIGURES = (
    'date_filled',
    'sales_12m',
    'sales_growth',
    'payment_index',
    'payment_index_count',
    'average_days_late',
    'thin_file',
    'receivable',
    'overdue',
    'max_days_overdue',
    'exposure',
    'guarantee',
    'current_limit',
    'statement_id',
    'equity',
)
# Who did what and when: noted with each change of state, however it is made.
STAMPS = ('submitter_id', 'date_submitted', 'approver_id', 'date_decided', 'date_review', 'superseded_by_id')
METRIC_FIGURES = ('sales_12m', 'payment_index', 'payment_index_count', 'average_days_late')


class CreditAssessment(models.Model):
    """The 6C assessment of a customer: score, grade, proposed limit and term, and the decision about them."""

    _name = 'credit.assessment'
    _description = 'Credit Assessment'
    _inherit = ['credit.customer.mixin', 'crm.scorecard.document.mixin', 'mail.thread', 'mail.activity.mixin']
    _order = 'date desc, id desc'
    _check_company_auto = True

    _scorecard_frozen_states = ('approved', 'rejected', 'superseded')
    _scorecard_follow_up_fields = FOLLOW_UP_FIELDS
    _guarded_by_odoo = ('frozen_template', 'frozen_inputs', *FIGURES, *STAMPS)

    partner_id = fields.Many2one(tracking=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    policy_id = fields.Many2one(
        'credit.policy',
        string='Policy',
        required=True,
        index=True,
        ondelete='restrict',
        check_company=True,
        default=lambda self: self._default_policy(),
    )
    date = fields.Date(required=True, default=lambda self: self.env.company._credit_today(), copy=False)
    user_id = fields.Many2one('res.users', string='Prepared by', default=lambda self: self.env.user, copy=False)
    line_ids = fields.One2many('credit.assessment.line', 'assessment_id', string='Factors', copy=False)
    state = fields.Selection(
        [
            ('draft', 'Draft'),
            ('submitted', 'Submitted'),
            ('approved', 'Approved'),
            ('rejected', 'Rejected'),
            ('superseded', 'Superseded'),
        ],
        group_expand=True,
        required=True,
        default='draft',
        copy=False,
        index=True,
        tracking=True,
    )

    # Figures of the day on which the form was filled
    date_filled = fields.Datetime(string='Figures of', readonly=True, copy=False)
    sales_12m = fields.Monetary(string='Sales, 12 months', readonly=True, copy=False)
    sales_growth = fields.Float(string='Growth (%)', readonly=True, copy=False, digits=(16, 1), aggregator=None)
    payment_index = fields.Float(readonly=True, copy=False, digits=(5, 1), aggregator='avg')
    payment_index_count = fields.Integer(string='Settled invoices', readonly=True, copy=False)
    average_days_late = fields.Float(readonly=True, copy=False, digits=(16, 1), aggregator='avg')
    thin_file = fields.Boolean(
        readonly=True, copy=False, help='Too few settled invoices to judge by: payment behaviour is scored neutral.'
    )
    receivable = fields.Monetary(readonly=True, copy=False)
    overdue = fields.Monetary(readonly=True, copy=False)
    max_days_overdue = fields.Integer(string='Oldest overdue (days)', readonly=True, copy=False, aggregator='max')
    exposure = fields.Monetary(readonly=True, copy=False)
    guarantee = fields.Monetary(string='Guarantees', readonly=True, copy=False)
    current_limit = fields.Monetary(string='Limit so far', readonly=True, copy=False)
    statement_id = fields.Many2one(
        'credit.statement', string='Financial statement', readonly=True, copy=False, ondelete='restrict'
    )
    equity = fields.Monetary(readonly=True, copy=False, help='Of the financial statement, in company currency.')

    # Proposal and decision
    grade_id = fields.Many2one(
        'credit.grade', string='Grade', compute='_compute_grade_id', store=True, ondelete='restrict', tracking=True
    )
    proposed_limit = fields.Monetary(compute='_compute_proposed_limit', store=True)
    approved_limit = fields.Monetary(
        string='Limit', compute='_compute_approved_limit', store=True, readonly=False, copy=False, tracking=True
    )
    payment_term_id = fields.Many2one(
        'account.payment.term',
        string='Payment term',
        compute='_compute_payment_term_id',
        store=True,
        readonly=False,
        copy=False,
        check_company=True,
        ondelete='restrict',
        tracking=True,
    )
    outside_grade = fields.Boolean(
        string='Outside the grade',
        compute='_compute_outside_grade',
        store=True,
        help='Limit or payment term differ from what the grade gives. Listed for audit.',
    )
    date_submitted = fields.Datetime(readonly=True, copy=False)
    submitter_id = fields.Many2one('res.users', string='Submitted by', readonly=True, copy=False)
    date_decided = fields.Datetime(readonly=True, copy=False)
    approver_id = fields.Many2one('res.users', string='Decided by', readonly=True, copy=False, tracking=True)
    decision_note = fields.Text(string='Reason of the decision', copy=False, tracking=True)
    date_review = fields.Date(string='Next review', readonly=True, copy=False)
    superseded_by_id = fields.Many2one('credit.assessment', readonly=True, copy=False, ondelete='set null')

    # ------------------------------------------------------------------ defaults and computes

    @api.model
    def _default_policy(self):
        """The policy in force, or the draft that is being prepared while none is."""
        root = self.env.company.root_id
        return self.env['credit.policy']._get_active(root).sudo(False) or self.env['credit.policy'].search(
            [('company_id', '=', root.id), ('state', '=', 'draft')], limit=1
        )

    @api.depends('partner_id', 'date')
    def _compute_display_name(self):
        for assessment in self:
            assessment.display_name = self.env._(
                '%(customer)s, %(date)s',
                customer=assessment.partner_id.display_name or '',
                date=format_date(self.env, assessment.date) if assessment.date else '',
            )

    @api.depends('score', 'frozen_template')
    def _compute_grade_id(self):
        for assessment in self:
            code = assessment.frozen_template and assessment._scorecard_grade_code(assessment.score)
            assessment.grade_id = assessment.policy_id._get_grade(code) if code else False

    @api.depends('grade_id', 'sales_12m', 'equity', 'statement_id')
    def _compute_proposed_limit(self):
        for assessment in self:
            assessment.proposed_limit = assessment.grade_id and assessment.grade_id._propose_limit(
                assessment.sales_12m / 12, equity=assessment.equity if assessment.statement_id else None
            )

    @api.depends('proposed_limit')
    def _compute_approved_limit(self):
        for assessment in self:
            assessment.approved_limit = assessment.proposed_limit

    @api.depends('grade_id')
    def _compute_payment_term_id(self):
        for assessment in self:
            assessment.payment_term_id = assessment.grade_id.payment_term_id

    @api.depends('approved_limit', 'proposed_limit', 'payment_term_id', 'grade_id')
    def _compute_outside_grade(self):
        for assessment in self:
            assessment.outside_grade = bool(assessment.grade_id) and (
                assessment.approved_limit > assessment.proposed_limit
                or assessment.payment_term_id != assessment.grade_id.payment_term_id
            )

    @api.constrains('approved_limit')
    def _check_approved_limit(self):
        for assessment in self:
            if assessment.approved_limit < 0:
                raise ValidationError(
                    self.env._(
                        "The credit limit of %(customer)s can't be negative (%(limit)s). Zero means no credit.",
                        customer=assessment.partner_id.display_name,
                        limit=assessment.approved_limit,
                    )
                )
            if not is_credible(assessment.approved_limit):
                raise ValidationError(
                    self.env._(
                        'A credit limit of %(limit)s for %(customer)s must be a mistake. Enter what you propose.',
                        customer=assessment.partner_id.display_name,
                        limit=assessment.approved_limit,
                    )
                )

    @api.constrains('policy_id', 'company_id')
    def _check_policy_company(self):
        for assessment in self:
            if assessment.company_id.parent_id or assessment.policy_id.company_id != assessment.company_id:
                raise ValidationError(
                    self.env._(
                        'The assessment of %(customer)s is for %(company)s, its policy is of '
                        '%(other)s. Choose a policy of %(company)s.',
                        customer=assessment.partner_id.display_name,
                        company=assessment.company_id.name,
                        other=assessment.policy_id.company_id.name,
                    )
                )

    # ------------------------------------------------------------------ CRUD

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get('state', 'draft') != 'draft':
                raise UserError(
                    self.env._('A credit assessment starts as a draft. Submit and approve it with its buttons.')
                )
            if not self.env.su:
                self._refuse_guarded({name for name in self._guarded_by_odoo if vals.get(name)})
        return super().create(vals_list)

    def write(self, vals):
        state = vals.get('state')
        if state and len(self) > 1:
            for assessment in self:
                assessment.write(vals)
            return True
        if state in ('submitted', 'approved', 'rejected') and len(vals) > 1:
            # What is decided about is what will stand there: the other values first, then the decision on them.
            self.write({name: value for name, value in vals.items() if name != 'state'})
            return self.write({'state': state})
        moving = self.filtered(lambda assessment: state and assessment.state != state)
        moving._check_transition(state)
        if moving and state == 'rejected' and not (vals.get('decision_note', moving.decision_note) or '').strip():
            raise UserError(self.env._('Say why the assessment of %s is rejected.', moving.display_name))
        moving._note_transition(state)
        result = super().write(vals)
        if state == 'approved':
            moving._apply_terms()
        if state in ('approved', 'rejected'):
            for assessment in moving:
                assessment._tell_preparer()
        return result

    def _note_transition(self, state):
        """Keep who changes the state and when; with the submission, what the grade rests on."""
        now = fields.Datetime.now()
        for assessment in self:
            today = assessment.company_id._credit_today()
            if state == 'submitted':
                assessment._scorecard_freeze()
                assessment.sudo().write({'submitter_id': self.env.uid, 'date_submitted': now})
            elif state in ('approved', 'rejected'):
                review = state == 'approved' and today + relativedelta(months=assessment.grade_id.review_months or 12)
                assessment.sudo().write({'approver_id': self.env.uid, 'date_decided': now, 'date_review': review})

    def _check_transition(self, state):
        """Refuse a state that can't follow, or that the user may not set, however it is written."""
        for assessment in self:
            if state not in TRANSITIONS[assessment.state]:
                states = dict(self._fields['state']._description_selection(self.env))
                raise UserError(
                    self.env._(
                        "The assessment of %(name)s is “%(state)s” and can't become “%(target)s”.",
                        name=assessment.display_name,
                        state=states[assessment.state],
                        target=states.get(state, state),
                    )
                )
            if state == 'submitted':
                assessment._check_complete()
            elif state == 'approved':
                assessment._check_approval()
            elif state == 'rejected':
                self.env['credit.policy']._check_manager()
            elif state == 'superseded' and not self.env.su:
                raise UserError(
                    self.env._(
                        'The assessment of %s is superseded by approving a new one.',
                        assessment.display_name,
                    )
                )

    def _scorecard_check_frozen(self, names):
        names = set(names)
        if names <= {'state', 'superseded_by_id'}:
            return  # superseding: the transition itself is checked
        super()._scorecard_check_frozen(names)
        fixed = names & {'line_ids', 'partner_id', 'company_id', 'policy_id', 'date', *self._figure_fields()}
        for assessment in self:
            if fixed and assessment.state == 'submitted':
                raise UserError(
                    self.env._(
                        "The assessment of %s is submitted: what the grade rests on can't "
                        'change. Take it back to draft first.',
                        assessment.display_name,
                    )
                )

    @api.model
    def _figure_fields(self):
        return {*FIGURES, 'frozen_template'}

    # ------------------------------------------------------------------ scorecard

    def _scorecard_indicator_records(self):
        return self.policy_id.factor_ids

    def _scorecard_scale(self):
        return [(grade.min_score, grade.code) for grade in self.policy_id.grade_ids]

    def _scorecard_template_name(self):
        return self.policy_id.display_name

    # ------------------------------------------------------------------ actions

    def action_fill(self):
        """Take over the policy's factors and fill those that the ledger and the credit file know."""
        self.check_access('write')
        for assessment in self:
            if assessment.state != 'draft':
                raise UserError(self.env._("The assessment of %s isn't a draft any more.", assessment.display_name))
            if not assessment.policy_id.factor_ids or not assessment.policy_id.grade_ids:
                raise UserError(
                    self.env._(
                        'Policy %s has no factors or no grades. Add them, or choose another policy.',
                        assessment.policy_id.display_name,
                    )
                )
        self._refresh_metrics()
        self._fill_from_figures()
        return True

    def action_submit(self):
        self.check_access('write')
        for assessment in self:
            if assessment.state == 'draft' and not assessment.line_ids:
                assessment.action_fill()
            assessment._check_transition('submitted')
            assessment.write({'state': 'submitted'})
            assessment._ask_approver()
        return True

    def action_draft(self):
        """Take a submitted assessment back."""
        self.write({'state': 'draft'})
        self.activity_unlink(['crm_credit.mail_activity_type_credit_approval'])
        return True

    def action_approve(self):
        for assessment in self:
            assessment._check_transition('approved')
            assessment.write({'state': 'approved'})
        return True

    def action_reject(self, reason=None):
        """Refuse the proposal.

        :param reason: why; may also stand in ``decision_note`` already
        :raise UserError: when there is no reason
        """
        for assessment in self:
            note = (reason or assessment.decision_note or '').strip()
            if not note:
                raise UserError(self.env._('Say why the assessment of %s is rejected.', assessment.display_name))
            assessment._check_transition('rejected')
            assessment.write({'state': 'rejected', 'decision_note': note})
            assessment.activity_unlink(['crm_credit.mail_activity_type_credit_approval'])
        return True

    def replay(self):
        """Evaluate the frozen inputs again.

        :return: (score, grade code or None), whatever happened to policy and ledger since
        """
        return self._scorecard_replay()

    def action_open_customer(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'res.partner',
            'res_id': self.partner_id.id,
            'views': [(False, 'form')],
        }

    def action_open_receivables(self):
        return self.partner_id.action_open_receivables()

    # ------------------------------------------------------------------ filling

    def _fill_from_figures(self):
        """Give drafts the policy's factors, with the customer figures of the last refresh and the credit file."""
        self._scorecard_prepare_lines()
        self._scorecard_fill()
        for company, assessments in self.grouped('company_id').items():
            assessments._fill_figures(company)
        self._fill_credit_lines()

    def _refresh_metrics(self):
        """Bring the customers' figures up to date; while somebody refreshes all of them, the last ones have to do."""
        for company, assessments in self.grouped('company_id').items():
            metrics = self.env['crm.customer.metrics'].sudo().with_context(allowed_company_ids=company.ids)
            try:
                with self.env.cr.savepoint():
                    metrics.refresh(assessments.partner_id.ids)
            except UserError as error:
                _logger.info('Assessment filled from earlier figures: %s', error)

    @api.model
    def _sales_growth(self, company, partners):
        """Return {partner id: growth in %} of untaxed sales, twelve months against the twelve before."""
        today = company._credit_today()
        year_ago, before = today - relativedelta(years=1), today - relativedelta(years=2)
        self.env['account.move'].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT commercial_partner_id,
                      sum(amount_untaxed_signed) FILTER (WHERE invoice_date > %(year_ago)s),
                      sum(amount_untaxed_signed) FILTER (WHERE invoice_date <= %(year_ago)s)
                 FROM account_move
                WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund')
                  AND invoice_date > %(before)s AND invoice_date <= %(today)s
                  AND company_id IN %(companies)s AND commercial_partner_id IN %(partners)s
                GROUP BY commercial_partner_id""",
                year_ago=year_ago,
                before=before,
                today=today,
                partners=tuple(partners.ids or (0,)),
                companies=tuple(self.env['res.partner']._credit_companies(company.root_id).ids),
            )
        )
        return {
            partner_id: 100 * (float(now or 0) - float(then)) / float(then)
            for partner_id, now, then in rows
            if then and then > 0
        }

    def _fill_figures(self, company):
        """Take the figures of the panel: one reading for all assessments of a root company."""
        partners = self.partner_id
        figures, _as_of = self.env['crm.customer.metrics'].sudo()._read_figures(company, partners.ids, METRIC_FIGURES)
        exposures = partners.sudo()._credit_exposure(company)
        terms = partners._credit_terms(company)
        statements = self.env['credit.statement'].sudo()._latest(company, partners)
        growth = self._sales_growth(company, partners)
        for assessment in self.sudo():
            partner_id = assessment.partner_id.id
            values, exposure, term = figures.get(partner_id, {}), exposures[partner_id], terms[partner_id]
            statement = statements.get(partner_id)
            count = values.get('payment_index_count') or 0
            assessment.write(
                {
                    'date_filled': fields.Datetime.now(),
                    'sales_12m': values.get('sales_12m') or 0.0,
                    'sales_growth': growth.get(partner_id) or 0.0,
                    'payment_index': values.get('payment_index') or 0.0,
                    'payment_index_count': count,
                    'average_days_late': values.get('average_days_late') or 0.0,
                    'thin_file': count < assessment.policy_id.thin_file_count,
                    'receivable': exposure.receivable,
                    'overdue': exposure.overdue,
                    'max_days_overdue': exposure.max_days_overdue,
                    'exposure': exposure.exposure,
                    'guarantee': term.guarantee,
                    'current_limit': term.limit if term.control == 'limited' else 0.0,
                    'statement_id': statement and statement.id,
                    'equity': statement
                    and statement.currency_id._convert(
                        statement.equity, company.currency_id, company, statement.date_end
                    )
                    or 0.0,
                }
            )

    def _fill_credit_lines(self):
        """Fill the factors that the credit file knows, and mark payment behaviour of thin files."""
        for assessment in self.sudo():
            figures = assessment._credit_figures()
            factors = {factor.code: factor for factor in assessment.policy_id.factor_ids}
            for line in assessment.line_ids:
                factor = factors.get(line.code)
                if line.source == 'credit':
                    line.write(assessment._credit_line_values(factor.credit_figure, *figures[factor.credit_figure]))
                elif line.source == 'metric' and factor.metric_field_id.name in ('payment_index', 'average_days_late'):
                    line.write(assessment._payment_line_values(line))

    def _credit_figures(self):
        """Return {figure: (value or None, what it is of)} of the credit file."""
        statement, monthly = self.statement_id, self.sales_12m / 12
        of_statement = statement and format_date(self.env, statement.date_end) or ''
        growth = self._sales_growth(self.company_id, self.partner_id).get(self.partner_id.id)
        return {
            'z_score': (statement.z_score if statement.z_zone else None, of_statement),
            'equity_ratio': (statement.equity_ratio if statement else None, of_statement),
            'current_ratio': (statement.current_ratio if statement.current_liabilities else None, of_statement),
            'guarantee_cover': (
                100 * self.guarantee / monthly if monthly else (100.0 if self.guarantee else None),
                formatLang(self.env, self.guarantee, currency_obj=self.currency_id),
            ),
            'sales_growth': (growth, formatLang(self.env, self.sales_12m, currency_obj=self.currency_id)),
        }

    def _credit_line_values(self, figure, value, origin):
        label = dict(self.env['credit.policy.factor']._fields['credit_figure']._description_selection(self.env))[figure]
        if value is None:
            return {'value': 0, 'missing': True, 'evidence': self.env._('%s: no data', label)}
        return {
            'value': value,
            'missing': False,
            'evidence': self.env._(
                '%(figure)s: %(value)s (%(origin)s)',
                figure=label,
                value=formatLang(self.env, value, digits=2 if figure in ('z_score', 'current_ratio') else 1),
                origin=origin,
            ),
        }

    def _payment_line_values(self, line):
        evidence = self.env._(
            '%(evidence)s, from %(count)s settled invoices', evidence=line.evidence, count=self.payment_index_count
        )
        if self.thin_file:
            evidence = self.env._('%s: thin file, scored neutral', evidence)
        return {'missing': line.missing or self.thin_file, 'evidence': evidence}

    # ------------------------------------------------------------------ submitting and deciding

    def _check_complete(self):
        """:raise UserError: naming the factors by hand that have no basis, or a score that no grade takes"""
        self.ensure_one()
        if bare := self.line_ids.filtered(
            lambda line: line.source == 'manual' and not line.missing and not (line.basis or '').strip()
        ):
            raise UserError(
                self.env._(
                    'Say what the score of these factors rests on (basis), or mark them as not applicable: %s.',
                    listed(bare.mapped('name'), self.env.lang),
                )
            )
        if not self.line_ids or not self.grade_id:
            raise UserError(
                self.env._(
                    'Policy %(policy)s has no grade for the score %(score)s of %(name)s.',
                    policy=self.policy_id.display_name,
                    score=self.score,
                    name=self.partner_id.display_name,
                )
            )

    def _check_approval(self):
        """:raise AccessError: for the submitter, outsiders and amounts beyond the authority"""
        self.ensure_one()
        policy = self.env['credit.policy']
        policy._check_manager()
        if not self.env.su and self.env.user in (self.submitter_id, self.user_id):
            raise AccessError(
                self.env._(
                    'Four eyes: %(user)s prepared or submitted the assessment of %(name)s. '
                    'Another member of “%(group)s” has to decide.',
                    user=self.env.user.name,
                    name=self.partner_id.display_name,
                    group=self.env.ref('crm_credit.group_credit_manager').sudo().full_name,
                )
            )
        policy._get_active(self.company_id).with_env(self.env)._check_authority(
            self.approved_limit, self.env._('Limit of %s', self.partner_id.display_name)
        )

    def _ask_approver(self):
        """Put the assessment on the list of a credit manager whose authority covers it."""
        self.ensure_one()
        policy = self.env['credit.policy']._get_active(self.company_id)
        approver = policy._choose_approver(self.approved_limit, self.company_id, self.submitter_id | self.user_id)
        if approver:
            self.sudo().activity_schedule(
                'crm_credit.mail_activity_type_credit_approval',
                user_id=approver.id,
                summary=approver._in_own_language(self).env._(
                    'Decide on %(limit)s for %(name)s',
                    limit=self.currency_id.format(self.approved_limit),
                    name=self.partner_id.display_name,
                ),
            )
        else:
            self.sudo().message_post(
                body=self.env._(
                    'Nobody but who prepared it may approve %(limit)s: nobody was asked. Propose less, or have the '
                    'authority of policy %(policy)s extended.',
                    limit=self.currency_id.format(self.approved_limit),
                    policy=policy.display_name or '–',
                )
            )

    def _tell_preparer(self):
        """Tell who submitted it what came of it, in their language."""
        self.ensure_one()
        who = self.submitter_id.filtered(lambda user: user.active and user != self.env.user)
        if not who:
            return
        env = self.with_context(lang=who.lang).env
        values = {
            'customer': self.partner_id.display_name,
            'limit': self.currency_id.format(self.approved_limit),
            'user': self.env.user.name,
            'reason': (self.decision_note or '').strip() or '–',
        }
        if self.state == 'approved':
            body = env._('%(user)s approved %(limit)s for %(customer)s. Reason: %(reason)s', **values)
        else:
            body = env._('%(user)s rejected the assessment of %(customer)s. Reason: %(reason)s', **values)
        self.sudo().message_post(body=body, partner_ids=who.partner_id.ids)

    def _apply_terms(self):
        """Put grade, limit, term and review date on the customer, and supersede the assessment before."""
        for assessment in self:
            earlier = self.sudo().search(
                [
                    ('partner_id', '=', assessment.partner_id.id),
                    ('company_id', '=', assessment.company_id.id),
                    ('state', '=', 'approved'),
                    ('id', '!=', assessment.id),
                ]
            )
            earlier.write({'state': 'superseded', 'superseded_by_id': assessment.id})
            assessment.partner_id.with_company(assessment.company_id)._credit_note_reason(
                self.env._('Assessment of %s', format_date(self.env, assessment.date))
            )
            assessment.partner_id._set_credit_terms(
                assessment.company_id,
                {
                    'credit_grade_id': assessment.grade_id.id,
                    'credit_control': 'limited',
                    'credit_limit': assessment.approved_limit,
                    'property_payment_term_id': assessment.payment_term_id.id,
                    'credit_review_date': assessment.date_review,
                },
            )
            assessment.activity_feedback(['crm_credit.mail_activity_type_credit_approval'])
