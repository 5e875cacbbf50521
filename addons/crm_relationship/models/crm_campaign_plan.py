from odoo import api, fields, models
from odoo.exceptions import UserError

FIGURES = ('lead_count', 'order_count', 'order_amount', 'revenue', 'cost')


class CrmCampaignPlan(models.Model):
    """A campaign: for whom, when, at what cost, with which result expected, and what came of it."""

    _name = 'crm.campaign.plan'
    _description = "Campaign Plan"
    _inherit = ['crm.audience.mixin', 'crm.period.mixin', 'mail.thread', 'mail.activity.mixin']
    _order = 'date_start desc, id desc'

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    campaign_id = fields.Many2one(
        'utm.campaign', string="Campaign", index=True, ondelete='restrict', copy=False,
        help="Leads, orders and invoices of this campaign are its result. Empty: a campaign of this name is made.",
    )
    state = fields.Selection(
        [('planned', "Planned"), ('running', "Running"), ('closed', "Closed"), ('cancelled', "Cancelled")],
        required=True, readonly=True, default='planned', index=True, copy=False, tracking=True, group_expand=True,
    )
    user_id = fields.Many2one(
        'res.users', string="Responsible", default=lambda self: self.env.user, index=True, ondelete='set null',
        tracking=True, domain=[('share', '=', False)],
    )
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one('res.currency', related='company_id.currency_id')
    date_start = fields.Date(string="From", required=True, tracking=True)
    date_end = fields.Date(string="Until", required=True, tracking=True)
    goal = fields.Text(string="Goal and Measures", help="What the campaign wants to reach, and how.")
    budget = fields.Monetary(tracking=True)
    cost_ids = fields.One2many('crm.campaign.cost', 'plan_id', string="Costs", copy=True)
    allotted = fields.Monetary(compute='_compute_allotted', help="Planned amounts of the cost lines together.")
    care_programme_ids = fields.One2many('crm.care.programme', 'campaign_plan_id', string="Care Programmes")
    care_programme_count = fields.Integer(compute='_compute_care')
    care_reached_count = fields.Integer(
        string="Reached", compute='_compute_care', help="Recipients whom the care programmes of the plan have reached.")
    care_response_count = fields.Integer(
        string="Responded", compute='_compute_care', help="Of those reached: who replied, came, or got in touch.")
    care_response_rate = fields.Float(string="Response Rate", compute='_compute_care')

    expected_leads = fields.Integer(string="Leads Expected")
    expected_orders = fields.Integer(string="Orders Expected")
    expected_revenue = fields.Monetary(string="Revenue Expected", help="Invoiced sales without tax.")
    lead_count = fields.Integer(
        string="Leads", compute='_compute_figures', compute_sudo=True,
        help="Leads and opportunities of the campaign, lost ones too.",
    )
    order_count = fields.Integer(
        string="Orders", compute='_compute_figures', compute_sudo=True, help="Confirmed orders of the campaign.")
    order_amount = fields.Monetary(
        string="Ordered", compute='_compute_figures', compute_sudo=True,
        help="Confirmed orders without tax, in company currency at their own rate.",
    )
    revenue = fields.Monetary(
        compute='_compute_figures', compute_sudo=True,
        help="Posted customer invoices less credit notes, without tax, in company currency. Of the company and of its "
             "branches without a plan of their own for the campaign.",
    )
    cost = fields.Monetary(
        compute='_compute_figures', compute_sudo=True,
        help="Cost lines, and what the care programmes of the plan have cost, in company currency.",
    )
    budget_left = fields.Monetary(compute='_compute_ratios')
    budget_used = fields.Float(compute='_compute_ratios', help="Cost by budget.")
    return_rate = fields.Float(string="Return", compute='_compute_ratios', help="(Revenue less cost) by cost.")
    conclusion = fields.Text(help="What the campaign brought, why, and what to do next time. Needed to close it.")

    _check_budget = models.Constraint('CHECK (budget >= 0)', "The budget can't be negative.")
    _check_expected = models.Constraint(
        'CHECK (expected_leads >= 0 AND expected_orders >= 0 AND expected_revenue >= 0)',
        "Expected figures can't be negative.",
    )
    _campaign_uniq = models.Constraint(
        'UNIQUE (campaign_id, company_id)', "There is a plan of this company for the campaign already.",
    )

    @api.depends('cost_ids.planned')
    def _compute_allotted(self):
        sums = dict(self.env['crm.campaign.cost']._read_group(
            [('plan_id', 'in', self.ids)], ['plan_id'], ['planned:sum']))
        for plan in self:
            plan.allotted = sums.get(plan._origin, 0)

    @api.depends('care_programme_ids')
    def _compute_care(self):
        counts = dict(self.env['crm.care.programme']._read_group(
            [('campaign_plan_id', 'in', self.ids)], ['campaign_plan_id'], ['__count']))
        reached, responded = {}, {}
        for programme, state, count, responses in self.env['crm.care.recipient']._read_group(
            [('programme_id.campaign_plan_id', 'in', self.ids)], ['programme_id', 'state'],
            ['__count', 'response_count:sum'],
        ):
            plan = programme.campaign_plan_id
            reached[plan] = reached.get(plan, 0) + (count if state == 'sent' else 0)
            responded[plan] = responded.get(plan, 0) + responses
        for plan in self:
            origin = plan._origin
            plan.care_programme_count = counts.get(origin, 0)
            plan.care_reached_count = reached.get(origin, 0)
            plan.care_response_count = responded.get(origin, 0)
            plan.care_response_rate = plan.care_reached_count and plan.care_response_count / plan.care_reached_count

    @api.depends('campaign_id', 'company_id', 'cost_ids.company_amount')
    def _compute_figures(self):
        results = self.env['crm.campaign.result'].with_context(active_test=False)
        rows = {
            plan: figures for plan, *figures in results._read_group(
                [('plan_id', 'in', self.ids)], ['plan_id'], [f'{fname}:sum' for fname in FIGURES])
        }
        for plan in self:
            figures = rows.get(plan._origin) or [0] * len(FIGURES)
            plan.update(dict(zip(FIGURES, figures, strict=True)))

    @api.depends('cost', 'budget', 'revenue')
    def _compute_ratios(self):
        for plan in self:
            plan.budget_left = plan.budget - plan.cost
            plan.budget_used = plan.budget and plan.cost / plan.budget
            plan.return_rate = plan.cost and (plan.revenue - plan.cost) / plan.cost

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get('state', 'planned') != 'planned' and not self.env.su:
                raise UserError(self.env._(
                    "“%(plan)s” starts as planned; its buttons do the rest.", plan=vals.get('name') or '',
                ))
            if not vals.get('campaign_id') and vals.get('name'):
                vals['campaign_id'] = self.env['utm.campaign'].sudo().create({
                    'title': vals['name'], 'user_id': vals.get('user_id') or self.env.uid}).id
        return super().create(vals_list)

    def write(self, vals):
        if 'state' in vals and not self.env.su:
            raise UserError(self.env._(
                "“%(plan)s” is started, closed, cancelled and reopened with its buttons; its status can't be written.",
                plan=self[:1].name,
            ))
        return super().write(vals)

    def _set_state(self, state):
        self.check_access('write')
        self.sudo().state = state

    def copy_data(self, default=None):
        return [
            {**vals, 'name': self.env._("%(name)s (copy)", name=plan.name)}
            for plan, vals in zip(self, super().copy_data(default), strict=True)
        ]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed(self):
        closed = self.filtered(lambda plan: plan.state == 'closed')
        if closed:
            raise UserError(self.env._(
                "“%(plan)s” is closed and stays on record. Archive it instead of deleting it.", plan=closed[0].name,
            ))

    # ------------------------------------------------------------------ states

    def action_start(self):
        self._expect(('planned',), self.env._("started"))
        for plan in self:
            if plan._audience_matches_all() and not plan.goal:
                raise UserError(self.env._(
                    "Say for whom “%(plan)s” is: choose a segment or a filter, or write under goal and measures why it "
                    "is for everybody.", plan=plan.name,
                ))
        self._set_state('running')

    def action_close(self):
        """Close with a conclusion; the figures of the day are noted in the history."""
        self._expect(('planned', 'running'), self.env._("closed"))
        for plan in self:
            if not plan.conclusion:
                raise UserError(self.env._(
                    "Write the conclusion of “%(plan)s” first: what it brought, why, and what to do next time.",
                    plan=plan.name,
                ))
        self._set_state('closed')
        for plan in self:
            plan.message_post(body=plan._get_closing_note())

    def _get_closing_note(self):
        money = self.currency_id.format
        return self.env._(
            "Closed with %(leads)s leads (%(expected_leads)s expected), %(orders)s orders (%(expected_orders)s), "
            "revenue %(revenue)s (%(expected_revenue)s) and cost %(cost)s (budget %(budget)s).",
            leads=self.lead_count, expected_leads=self.expected_leads, orders=self.order_count,
            expected_orders=self.expected_orders, revenue=money(self.revenue),
            expected_revenue=money(self.expected_revenue), cost=money(self.cost), budget=money(self.budget),
        )

    def action_cancel(self):
        self._expect(('planned', 'running'), self.env._("cancelled"))
        self._set_state('cancelled')

    def action_reopen(self):
        self._expect(('closed', 'cancelled'), self.env._("reopened"))
        self._set_state('planned')

    def _expect(self, states, done):
        labels = dict(self._fields['state']._description_selection(self.env))
        for plan in self:
            if plan.state not in states:
                raise UserError(self.env._(
                    "“%(plan)s” is “%(state)s” and can't be %(done)s.",
                    plan=plan.name, state=labels[plan.state], done=done,
                ))

    # ------------------------------------------------------------------ screens

    def _result_companies(self):
        """Return the companies whose documents count here: not the branches with a plan of their own."""
        self.ensure_one()
        companies = self.env['res.company'].sudo().search([('id', 'child_of', self.company_id.id)])
        others = self.sudo().with_context(active_test=False).search([
            ('campaign_id', '=', self.campaign_id.id), ('company_id', 'in', (companies - self.company_id).ids)])
        return companies - self.env['res.company'].sudo().search([('id', 'child_of', others.company_id.ids)])

    def _open(self, model, name, domain, **context):
        return {
            'type': 'ir.actions.act_window', 'name': name, 'res_model': model, 'view_mode': 'list,form',
            'views': [(False, 'list'), (False, 'form')], 'domain': domain, 'context': context,
        }

    def action_open_leads(self):
        self.ensure_one()
        return self._open(
            'crm.lead', self.env._("Leads of %(plan)s", plan=self.name),
            [('campaign_id', '=', self.campaign_id.id), ('company_id', 'in', [False, *self._result_companies().ids])],
            active_test=False, default_campaign_id=self.campaign_id.id,
        )

    def action_open_orders(self):
        self.ensure_one()
        return self._open(
            'sale.order', self.env._("Orders of %(plan)s", plan=self.name),
            [('campaign_id', '=', self.campaign_id.id), ('state', '=', 'sale'),
             ('company_id', 'in', self._result_companies().ids)],
        )

    def action_open_invoices(self):
        self.ensure_one()
        return self._open(
            'account.move', self.env._("Invoices of %(plan)s", plan=self.name),
            ['|', ('campaign_id', '=', self.campaign_id.id),
             '&', ('campaign_id', '=', False), ('reversed_entry_id.campaign_id', '=', self.campaign_id.id),
             ('state', '=', 'posted'), ('company_id', 'in', self._result_companies().ids),
             ('move_type', 'in', ('out_invoice', 'out_refund', 'out_receipt'))],
        )

    def action_open_care(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_care_programme_action')
        action['domain'] = [('campaign_plan_id', '=', self.id)]
        action['context'] = self._care_context()
        return action

    def action_open_responders(self):
        """Whom the care programmes of the plan have reached, those who responded first."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_care_recipient_action')
        action['domain'] = [('programme_id.campaign_plan_id', '=', self.id), ('state', '=', 'sent')]
        action['context'] = {'search_default_replied': 1} if self.care_response_count else {}
        return action

    def action_new_care(self):
        """A care programme for the audience of the campaign; its cost counts for the plan."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'res_model': 'crm.care.programme', 'views': [(False, 'form')],
            'context': self._care_context(),
        }

    def _care_context(self):
        return {
            'default_campaign_plan_id': self.id, 'default_name': self.name, 'default_company_id': self.company_id.id,
            'default_segment_id': self.segment_id.id, 'default_audience_domain': self.audience_domain,
            'default_occasion_date': self.date_start,
        }
