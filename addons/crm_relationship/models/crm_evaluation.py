from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..tools.listing import listed

DECISIONS = [('improve', 'Improve'), ('maintain', 'Maintain'), ('terminate', 'Terminate')]


class CrmEvaluation(models.Model):
    """Relationship evaluation form: a scorecard that ends in a customer grade and a decision on the relationship."""

    _name = 'crm.evaluation'
    _description = 'Relationship Evaluation'
    _inherit = ['crm.scorecard.document.mixin', 'mail.thread', 'mail.activity.mixin']
    _order = 'date desc, id desc'

    _scorecard_frozen_states = ('closed',)

    name = fields.Char(string="Number", readonly=True, copy=False, default=lambda self: self.env._("New"))
    partner_id = fields.Many2one(
        'res.partner', string="Customer", required=True, index=True, ondelete='restrict', tracking=True,
        domain=[('is_customer', '=', True)])
    company_id = fields.Many2one(
        'res.company', required=True, ondelete='restrict', default=lambda self: self.env.company.root_id,
        domain=[('parent_id', '=', False)], help="Evaluations hold for the company and all its branches.")
    template_id = fields.Many2one(
        'crm.evaluation.template', required=True, ondelete='restrict', tracking=True,
        domain=[('purpose', '=', 'evaluation')],
        default=lambda self: self.env['crm.evaluation.template'].search([('purpose', '=', 'evaluation')], limit=1))
    user_id = fields.Many2one('res.users', string="Evaluated by", default=lambda self: self.env.user, tracking=True)
    date = fields.Date(required=True, default=fields.Date.context_today, copy=False)
    line_ids = fields.One2many('crm.evaluation.line', 'evaluation_id', string="Indicators", copy=False)
    suggested_grade_id = fields.Many2one('crm.grade', compute='_compute_suggestion', store=True)
    suggested_decision = fields.Selection(DECISIONS, compute='_compute_suggestion', store=True)
    grade_id = fields.Many2one(
        'crm.grade', string="Customer grade", copy=False, ondelete='restrict', tracking=True,
        help="The suggested grade, unless you choose another one and say why.")
    decision = fields.Selection(
        DECISIONS, copy=False, tracking=True, help="The suggested decision, unless you choose another one and say why."
    )
    deviation_reason = fields.Text(string="Why not as suggested", copy=False)
    conclusion = fields.Text(string="Conclusion and next steps", copy=False)
    state = fields.Selection(
        [('draft', 'Draft'), ('submitted', 'Submitted'), ('circulated', 'Circulated'), ('closed', 'Closed')],
        default='draft', required=True, readonly=True, copy=False, index=True, tracking=True, group_expand=True)
    circulate_user_ids = fields.Many2many(
        'res.users', string="Circulate to", copy=False, domain=[('share', '=', False)],
        help="Whose opinion is asked: marketing director, marketing manager, related departments.")
    opinion_ids = fields.One2many('crm.evaluation.opinion', 'evaluation_id', string="Opinions", copy=False)
    opinion_missing_count = fields.Integer(compute='_compute_opinion_missing_count')
    date_closed = fields.Datetime(string="Closed on", readonly=True, copy=False)
    closed_by_id = fields.Many2one('res.users', string="Closed by", readonly=True, copy=False)
    color = fields.Integer(related='grade_id.color')

    # ------------------------------------------------------------------ computes

    @api.depends('score', 'frozen_template', 'line_ids.basis', 'line_ids.missing', 'line_ids.score', 'line_ids.value')
    def _compute_suggestion(self):
        for evaluation in self:
            score = evaluation._scorecard_result().score
            limits = (evaluation.frozen_template or {}).get('decision')
            evaluation.suggested_grade_id = self.env['crm.grade']._by_code(evaluation._scorecard_grade_code(score))
            if score is None or not limits:
                evaluation.suggested_decision = False
            elif score >= limits['maintain_from']:
                evaluation.suggested_decision = 'maintain'
            else:
                evaluation.suggested_decision = 'terminate' if score < limits['terminate_below'] else 'improve'

    @api.depends('opinion_ids.date')
    def _compute_opinion_missing_count(self):
        for evaluation in self:
            evaluation.opinion_missing_count = len(evaluation.opinion_ids.filtered(lambda opinion: not opinion.date))

    @api.constrains('company_id')
    def _check_company_is_root(self):
        for evaluation in self:
            if evaluation.company_id.parent_id:
                raise ValidationError(self.env._(
                    "Evaluations belong to %(root)s and all its branches, not to %(branch)s alone.",
                    root=evaluation.company_id.root_id.name, branch=evaluation.company_id.name))

    # ------------------------------------------------------------------ CRUD

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get('state', 'draft') != 'draft' and not self.env.su:
                raise UserError(self.env._("An evaluation begins as a draft."))
            vals['name'] = self.env['ir.sequence'].sudo().next_by_code('crm.evaluation') or self.env._("New")
        evaluations = super().create(vals_list)
        evaluations._scorecard_prepare_lines()
        return evaluations

    def write(self, vals):
        if 'state' in vals and not self.env.su:
            raise UserError(self.env._("Use the buttons to submit, circulate or close an evaluation."))
        content = {'partner_id', 'company_id', 'template_id'} & set(vals)
        waiting = self.filtered(lambda evaluation: evaluation.state != 'draft') if content else self.browse()
        if waiting and not self.env.su:
            raise UserError(self.env._(
                "%(names)s is submitted. Set it back to draft to change customer or template.",
                names=listed(waiting.mapped('name'), self.env.lang)))
        result = super().write(vals)
        if 'template_id' in vals:
            self._scorecard_prepare_lines()
        if content:
            self.filtered(lambda evaluation: any(evaluation.line_ids.mapped('evidence')))._scorecard_fill()
        return result

    # ------------------------------------------------------------------ scorecard

    def _scorecard_indicator_records(self):
        return self.template_id.indicator_ids

    def _scorecard_scale(self):
        return self.env['crm.grade']._scale()

    def _scorecard_template_name(self):
        return self.template_id.name

    def _scorecard_frozen_extras(self):
        template = self.template_id
        return {'decision': {'maintain_from': template.maintain_from, 'terminate_below': template.terminate_below}}

    def _scorecard_fill_lines(self, metrics, values, as_of):
        """The evidence is the basis of a computed score: form and print have one column for both."""
        super()._scorecard_fill_lines(metrics, values, as_of)
        for line in self.sudo().line_ids.filtered(lambda line: line.code in metrics):
            line.basis = line.evidence

    def replay(self):
        """Score and grade code from the frozen template and inputs; the same on any later day."""
        return self._scorecard_replay()

    # ------------------------------------------------------------------ actions

    def action_fill(self):
        """Take the template as it is now and fill the computed indicators from the figures; entries by hand stay."""
        self._check_state('draft', self.env._("filled"))
        self._scorecard_prepare_lines()
        self._scorecard_fill()

    def action_submit(self):
        """Hand the form in: every score by hand has a basis, and inputs are kept."""
        self._check_state('draft', self.env._("submitted"))
        self.check_access('write')
        self._scorecard_check_basis()
        for evaluation in self:
            if evaluation._scorecard_result().score is None:
                raise UserError(self.env._("%(name)s has no score yet: fill it first.", name=evaluation.name))
            evaluation.sudo().write({
                'frozen_inputs': evaluation._scorecard_inputs(),
                'grade_id': evaluation.grade_id.id or evaluation.suggested_grade_id.id,
                'decision': evaluation.decision or evaluation.suggested_decision,
                'state': 'submitted',
            })

    def action_draft(self):
        """Take a submitted or circulated form back; opinions that were given stay."""
        self._check_manager(self.env._("set an evaluation back to draft"))
        if any(evaluation.state == 'closed' for evaluation in self):
            self._scorecard_check_frozen({'state'})
        self.sudo().write({'state': 'draft', 'frozen_inputs': False})

    def action_circulate(self):
        """Ask the chosen persons for their opinion; each gets an activity."""
        self._check_manager(self.env._("circulate evaluations"))
        self._check_state(('submitted', 'circulated'), self.env._("circulated"))
        for evaluation in self:
            asked = evaluation.circulate_user_ids - evaluation.opinion_ids.user_id
            if not asked and not evaluation.opinion_ids:
                raise UserError(self.env._("Choose first to whom %(name)s is to be circulated.", name=evaluation.name))
            self.env['crm.evaluation.opinion'].sudo().create(
                [{'evaluation_id': evaluation.id, 'user_id': user.id} for user in asked])
            for user in asked:
                evaluation.activity_schedule(
                    'mail.mail_activity_data_todo',
                    user_id=user.id,
                    automated=True,
                    summary=user._in_own_language(self).env._(
                        "Give your opinion on the evaluation of %(customer)s", customer=evaluation.partner_id.name
                    ),
                )
        self.sudo().write({'state': 'circulated'})

    def action_close(self):
        """Decide: the grade goes to the customer, for the company and its branches; nothing changes afterwards."""
        self._check_manager(self.env._("close evaluations"))
        self._check_state(('submitted', 'circulated'), self.env._("closed"))
        for evaluation in self:
            evaluation._check_decided()
            evaluation.sudo().write({
                'state': 'closed', 'date_closed': fields.Datetime.now(), 'closed_by_id': self.env.uid})
        self.flush_recordset()
        self._regrade(self.partner_id)
        for evaluation in self:
            evaluation.sudo().activity_ids.filtered('automated').unlink()

    def action_print(self):
        return self.env.ref('crm_relationship.crm_evaluation_report').report_action(self)

    @api.model
    def _regrade(self, partners):
        """Give customers the grade of their newest closed evaluation, per company; closing an old one late changes
        nothing.
        """
        closed = self.sudo().search([('partner_id', 'in', partners.ids), ('state', '=', 'closed')], order='date, id')
        newest = {
            (evaluation.partner_id.commercial_partner_id, evaluation.company_id): evaluation for evaluation in closed
        }
        for (customer, company), evaluation in newest.items():
            customer = customer.with_user(self.env.user).sudo().with_company(company)
            if customer.customer_grade_id != evaluation.grade_id:
                customer.with_context(customer_movement_note=evaluation.name).customer_grade_id = evaluation.grade_id

    def _check_decided(self):
        self.ensure_one()
        if not self.grade_id or not self.decision:
            raise UserError(self.env._("Choose grade and decision of %(name)s before closing.", name=self.name))
        deviates = self.grade_id != self.suggested_grade_id or self.decision != self.suggested_decision
        if deviates and not (self.deviation_reason or '').strip():
            raise UserError(self.env._(
                "Grade or decision of %(name)s differ from the suggestion: say why.", name=self.name))
        if self._scorecard_inputs() != self.frozen_inputs:
            raise UserError(self.env._("%(name)s has changed since it was submitted: submit it again.", name=self.name))

    def _check_state(self, states, done):
        states = (states,) if isinstance(states, str) else states
        labels = dict(self._fields['state']._description_selection(self.env))
        for evaluation in self:
            if evaluation.state not in states:
                raise UserError(self.env._(
                    "%(name)s can't be %(done)s: it is “%(state)s”, not “%(states)s”.", name=evaluation.name, done=done,
                    state=labels[evaluation.state], states=listed((labels[state] for state in states), self.env.lang)))

    def _check_manager(self, what):
        if not self.env.su and not self.env.user.has_group('crm_relationship.group_relationship_manager'):
            raise AccessError(self.env._("Only managers of the customer file may %(what)s.", what=what))
