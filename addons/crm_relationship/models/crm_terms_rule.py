from collections import namedtuple
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.terms import NOTHING, judge
from .res_partner import RELATIONSHIP_STAGES, VALUE_CLASSES

# kind of term → (field of res.partner, its model, field of the rule)
TERMS = {
    'pricelist': ('specific_property_product_pricelist', 'product.pricelist', 'pricelist_id'),
    'payment_term': ('property_payment_term_id', 'account.payment.term', 'payment_term_id'),
}
# Stands for the rule of customers whose own rule can't be read now: nothing changes for them.
HELD = object()
PlannedTerm = namedtuple('PlannedTerm', 'partner_id kind rule_id outcome current value base wanted')
CONDITIONS = (
    'relationship_stage', 'value_class', 'customer_grade_id', 'customer_type', 'seniority', 'commitment', 'months',
)


class CrmTermsRule(models.Model):
    """Customers of a kind get a price list, a payment term, or both; for each term the first rule that fits decides.

    What a rule set is kept in ``crm.terms.application``. A value chosen by hand is never overwritten.
    """

    _name = 'crm.terms.rule'
    _description = 'Rule of Preferential Terms'
    _inherit = ['crm.audience.mixin', 'crm.run.error.mixin', 'mail.thread']
    _order = 'sequence, id'
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(
        default=True, tracking=True,
        help="Customers lose what an archived rule gave them, with the rule's notice, unless another rule fits.")
    sequence = fields.Integer(default=10, help="The first rule that fits a customer decides; one for each term.")
    company_id = fields.Many2one(
        'res.company', required=True, default=lambda self: self.env.company.root_id, domain=[('parent_id', '=', False)],
        help="Terms hold for the company and all its branches.")

    relationship_stage = fields.Selection(RELATIONSHIP_STAGES, string="Stage", tracking=True)
    value_class = fields.Selection(
        VALUE_CLASSES, string="Value Class", tracking=True, help="Customers of this class or a better one.")
    customer_grade_id = fields.Many2one(
        'crm.grade', string="Customer Grade", ondelete='restrict', tracking=True,
        help="Customers of this grade or a better one.")
    customer_type = fields.Selection(
        lambda self: self.env['res.partner']._fields['customer_type']._description_selection(self.env), tracking=True)
    seniority = fields.Selection(
        [('new', 'New customers'), ('old', 'Old customers')], string="New or Old", tracking=True,
        help="Old: the first purchase is longer ago than the months beside. New: all others, also those that never "
             "bought.")
    months = fields.Integer(
        string="New for (Months)", default=12, help="Months after the first purchase in which a customer is new.")
    commitment = fields.Selection(
        [('long_term', 'Long-term customers'), ('temporary', 'Temporary customers')],
        string="Long-Term or Temporary", tracking=True,
        help="Long-term: with a customer contract in force today. Temporary: without one.")

    pricelist_id = fields.Many2one(
        'product.pricelist', string="Price List", ondelete='restrict', check_company=True, tracking=True)
    payment_term_id = fields.Many2one(
        'account.payment.term', string="Payment Term", ondelete='restrict', check_company=True, tracking=True)
    mode = fields.Selection(
        [('propose', 'Propose'), ('automatic', 'Apply by itself')], required=True, default='propose', tracking=True,
        help="Every night customers are compared with the rules. Propose: a manager decides about each change. "
             "Apply by itself: changes are announced and take effect after the notice.")
    notice_days = fields.Integer(
        string="Notice (Days)", default=14, tracking=True,
        help="Days between the announcement to the salesperson and the day on which terms change.")
    note = fields.Text(string="Reason", help="Why these customers get these terms.")
    in_force_count = fields.Integer(string="In Force", compute='_compute_application_counts')
    open_count = fields.Integer(string="Proposed or Announced", compute='_compute_application_counts')

    _months_positive = models.Constraint('CHECK (months > 0)', "A customer is new for at least one month.")
    _notice_not_negative = models.Constraint('CHECK (notice_days >= 0)', "The notice can't be negative.")

    @api.depends(*CONDITIONS, 'company_id')
    def _compute_audience_count(self):
        super()._compute_audience_count()

    def _compute_application_counts(self):
        counts = {
            (rule.id, state): count
            for rule, state, count in self.env['crm.terms.application']._read_group(
                [('rule_id', 'in', self.ids)], ['rule_id', 'state'], ['__count'])
        }
        for rule in self:
            rule.in_force_count = counts.get((rule.id, 'applied'), 0)
            rule.open_count = counts.get((rule.id, 'proposed'), 0) + counts.get((rule.id, 'announced'), 0)

    @api.constrains('pricelist_id', 'payment_term_id')
    def _check_sets_something(self):
        for rule in self:
            if not rule.pricelist_id and not rule.payment_term_id:
                raise ValidationError(self.env._(
                    "%(rule)s gives customers nothing. Choose a price list, a payment term, or both.", rule=rule.name))

    @api.constrains('company_id')
    def _check_company_is_root(self):
        for rule in self:
            if rule.company_id.parent_id:
                raise ValidationError(self.env._(
                    "Terms hold for %(root)s and all its branches, not for %(branch)s alone.",
                    root=rule.company_id.root_id.name, branch=rule.company_id.name))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.env['crm.terms.application'].sudo().search([('rule_id', 'in', self.ids)], limit=1).rule_id
        if used:
            raise UserError(self.env._(
                "%(rule)s has set terms of customers and stays on file. Archive it: its customers then lose these "
                "terms with notice.", rule=used.name))

    # ------------------------------------------------------------------ buttons

    def action_preview(self):
        """Whom the rule would touch, old and new terms; nothing changes before *Apply*."""
        self.ensure_one()
        return self.env['crm.terms.preview']._open(self.company_id, self)

    @api.model
    def action_preview_all(self):
        """The same for all rules of the company together."""
        return self.env['crm.terms.preview']._open(self.env.company.root_id, self.browse())

    def action_open_applications(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_terms_application_action')
        return {**action, 'domain': [('rule_id', '=', self.id)], 'context': {}}

    # ------------------------------------------------------------------ whom a rule fits

    def _audience_filter(self, company=None):
        """Segment and filter, and the conditions of the rule."""
        self.ensure_one()
        return super()._audience_filter(company) & self._conditions(company or self.company_id)

    def _conditions(self, company):
        domain = Domain.TRUE
        if self.relationship_stage:
            domain &= Domain('relationship_stage', '=', self.relationship_stage)
        if self.value_class:
            order = [key for key, _label in VALUE_CLASSES]
            domain &= Domain('value_class', 'in', order[:order.index(self.value_class) + 1])
        if self.customer_grade_id:
            better = self.env['crm.grade'].with_context(active_test=False).search(
                [('min_score', '>=', self.customer_grade_id.min_score)])
            domain &= Domain('customer_grade_id', 'in', better.ids)
        if self.customer_type:
            domain &= Domain('customer_type', '=', self.customer_type)
        if self.seniority:
            old = Domain('id', 'in', self._old_query(company.root_id))
            domain &= old if self.seniority == 'old' else ~old
        if self.commitment:
            bound = Domain('id', 'in', self._contract_query(company.root_id))
            domain &= bound if self.commitment == 'long_term' else ~bound
        return domain

    def _old_query(self, root):
        """Customers whose first purchase is longer ago than the months of the rule."""
        self.env['crm.customer.metrics'].flush_model(['first_order_date', 'partner_id', 'company_id'])
        limit = fields.Date.context_today(self) - relativedelta(months=self.months)
        return SQL(
            "(SELECT partner_id FROM crm_customer_metrics WHERE company_id = %s AND first_order_date < %s)",
            root.id, limit)

    def _contract_query(self, root):
        """Customers with a contract in force today, in the company or a branch."""
        Contract = self.env['crm.contract'].sudo()
        today = fields.Date.context_today(self)
        return Contract._search([
            ('company_id', 'child_of', root.id), ('state', '=', 'active'), ('date_start', '<=', today),
            '|', ('date_end', '=', False), ('date_end', '>=', today),
        ]).subselect(SQL.identifier('crm_contract', 'partner_id'))

    # ------------------------------------------------------------------ plan

    @api.model
    def _plan(self, root, partner_ids=None, errors=None):
        """Compare customers with the active rules of a root company.

        In a number of queries that depends on the rules, not on the customers. Returns a list of ``PlannedTerm`` of
        all customers that a rule fits or fitted; ``partner_ids`` restricts them.

        :param dict errors: takes ``{rule: error}`` of rules that can't be followed. Their customers are left out,
            the other rules go on; without it the error is raised
        """
        rules = self.sudo().search([('company_id', '=', root.id)])
        wanted = rules._wanted(root, errors)
        standing = self.env['crm.terms.application'].sudo()._standing(root)
        concerned = {partner_id for partner_id, _kind in (*wanted, *standing)}
        if partner_ids is not None:
            concerned &= set(partner_ids)
        current = self._current_terms(root, concerned)
        plan = []
        for key in sorted(wanted.keys() | standing.keys()):
            partner_id, kind = key
            if partner_id not in current or wanted.get(key) is HELD:
                continue  # archived, not asked for, or waiting for a rule to be mended
            rule_id, value = wanted.get(key, (None, None))
            past = standing.get(key, {})
            now = current[partner_id][kind]
            base = past.get('base') if past.get('applied', NOTHING) is not NOTHING else now
            outcome, target = judge(
                now, value, applied=past.get('applied', NOTHING), base=base,
                kept=past.get('kept', NOTHING), refused=past.get('refused', NOTHING))
            plan.append(PlannedTerm(
                partner_id, kind, rule_id or past.get('rule_id'), outcome, now, target, base, value))
        return plan

    def _wanted(self, root, errors=None):
        """Return ``{(partner id, kind): (rule id, value)}`` of the first rule that fits, in the order of the rules.

        What a rule has set or announced that can't be read now is ``HELD``, unless a rule before it decides.
        """
        wanted = {}
        for rule in self:
            values = {kind: rule[name].id for kind, (_field, _model, name) in TERMS.items() if rule[name]}
            partner_ids = rule._audience_ids(root, errors)
            if partner_ids is None:
                for key in self.env['crm.terms.application'].sudo()._keys_of(rule):
                    wanted.setdefault(key, HELD)
                continue
            for partner_id in partner_ids:
                for kind, value in values.items():
                    wanted.setdefault((partner_id, kind), (rule.id, value))
        return wanted

    def _audience_ids(self, root, errors):
        """Return the ids of the customers that the rule fits; None when that fails and ``errors`` takes the reason."""
        if errors is None:
            return self._audience_partners(root).ids
        found = []
        error = self._run_safely(self, lambda: found.extend(self._audience_partners(root).ids))
        if error:
            errors[self] = error if isinstance(error, UserError) else self._audience_unreadable(error)
            return None
        return found

    def _run_error_summary(self):
        return self.env._("The rule “%(rule)s” could not be followed", rule=self.name)

    @api.model
    def _current_terms(self, root, partner_ids):
        """Return ``{partner id: {kind: id or None}}`` of active customers, as stored for the root company."""
        if not partner_ids:
            return {}
        names = [name for name, _model, _rule_field in TERMS.values()]
        self.env['res.partner'].flush_model([*names, 'active'])
        rows = self.env.execute_query(SQL(
            "SELECT id, %s FROM res_partner WHERE id = ANY(%s) AND active",
            SQL(", ").join(SQL("(%s ->> %s)::int", SQL.identifier(name), str(root.id)) for name in names),
            list(partner_ids),
        ))
        return {partner_id: dict(zip(TERMS, values, strict=True)) for partner_id, *values in rows}

    def _date_effective(self):
        """Day on which a change announced today takes effect."""
        return fields.Date.context_today(self) + timedelta(days=self.notice_days)

    # ------------------------------------------------------------------ scheduled action

    @api.model
    def _cron_apply(self):
        """Every night: propose, announce, and apply what is due, for every root company."""
        roots = self.env['res.company'].search([('parent_id', '=', False)])
        for root in roots:
            if not self.env['crm.terms.application']._follow_rules(root):
                break
