from dataclasses import dataclass
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import ormcache

from odoo.addons.crm_relationship.tools.listing import listed

from ..tools.limit import is_credible

# What a policy says. Everything else (name, end, notes, state) may change while it is in force.
CONTENT_FIELDS = {
    'company_id',
    'date_from',
    'default_control',
    'default_limit',
    'default_on_breach',
    'thin_file_count',
    'version',
    'previous_id',
}


@dataclass(frozen=True)
class PolicyData:
    """A policy in plain values. ``rules`` are pairs of a decision rule and the grade codes that it is limited to."""

    policy_id: int
    default_control: str
    default_limit: float
    default_on_breach: str
    on_breach: dict
    rules: tuple

    def rules_for(self, code):
        """Return the rules for customers of a grade (None: ungraded). The kind “grade” needs its grade named."""
        return tuple(rule for rule, codes in self.rules if code in codes or (not codes and rule.kind != 'grade'))

    def breach_for(self, code):
        """Return what going over the limit leads to: none, warn or hold. Nothing without a policy in force."""
        if not self.policy_id:
            return 'none'
        return self.on_breach.get(code, self.default_on_breach)


class CreditPolicy(models.Model):
    """The company's rules for giving credit, in versions with validity dates.

    A fresh database has one draft and no active policy: no customer is limited and no order is held.
    """

    _name = 'credit.policy'
    _description = 'Credit Policy'
    _inherit = ['credit.schedule.mixin', 'mail.thread', 'mail.activity.mixin']
    _order = 'company_id, state, version desc, id desc'
    _schedule_errors = ('version_error', 'comparison_error')

    name = fields.Char(required=True, translate=True, tracking=True)
    company_id = fields.Many2one(
        'res.company',
        required=True,
        index=True,
        default=lambda self: self.env.company.root_id,
        domain="[('parent_id', '=', False)]",
        help='A policy holds for a company and all its branches.',
    )
    currency_id = fields.Many2one(related='company_id.currency_id')
    version = fields.Integer(default=1, required=True, copy=False, readonly=True)
    previous_id = fields.Many2one('credit.policy', string='Follows', copy=False, readonly=True, ondelete='set null')
    state = fields.Selection(
        [('draft', 'Draft'), ('active', 'In force'), ('archived', 'Archived')],
        required=True,
        default='draft',
        copy=False,
        index=True,
        tracking=True,
    )
    date_from = fields.Date(
        string='Valid from',
        required=True,
        copy=False,
        tracking=True,
        default=lambda self: self.env.company._credit_today(),
    )
    date_to = fields.Date(
        string='Valid until', copy=False, tracking=True, help='Last day. Empty: until another version takes over.'
    )
    default_control = fields.Selection(
        [('unlimited', 'Unlimited'), ('limited', 'Limited')],
        required=True,
        default='unlimited',
        string='Customers without own terms',
        help='Holds for every customer whose own credit control is empty. '
        'Unlimited: nothing is checked against a limit. Limited: the limit below.',
    )
    default_limit = fields.Monetary(
        string='Their credit limit',
        help='Limit of customers without own terms, when they are limited. Zero means no credit.',
    )
    default_on_breach = fields.Selection(
        [('none', 'Do nothing'), ('warn', 'Warn'), ('hold', 'Hold')],
        required=True,
        default='hold',
        string='When they go over it',
    )
    grade_ids = fields.One2many('credit.grade', 'policy_id', string='Grades', copy=True)
    rule_ids = fields.One2many('credit.rule', 'policy_id', string='Rules', copy=True)
    factor_ids = fields.One2many('credit.policy.factor', 'policy_id', string='Assessment factors', copy=True)
    thin_file_count = fields.Integer(
        string='Settled invoices needed',
        default=3,
        help="With fewer settled invoices the payment behaviour of a customer isn't judged but scored neutral.",
    )
    authority_ids = fields.One2many('credit.authority', 'policy_id', string='Authority', copy=True)
    note = fields.Html()
    version_error = fields.Char(
        readonly=True, copy=False, help='Why the scheduled action could not end this version or put it in force.'
    )
    comparison_error = fields.Char(
        readonly=True, copy=False, help="Why customers' figures could not be compared with this policy."
    )

    # ------------------------------------------------------------------ computes and checks

    @api.depends('name', 'version')
    def _compute_display_name(self):
        for policy in self:
            policy.display_name = self.env._('%(name)s, version %(version)s', name=policy.name, version=policy.version)

    @api.constrains('company_id')
    def _check_root_company(self):
        for policy in self:
            if policy.company_id.parent_id:
                raise ValidationError(
                    self.env._(
                        "Policy %(policy)s can't belong to the branch %(branch)s. "
                        'Branches share the policy of %(root)s.',
                        policy=policy.name,
                        branch=policy.company_id.name,
                        root=policy.company_id.root_id.name,
                    )
                )

    @api.constrains('default_limit')
    def _check_default_limit(self):
        for policy in self:
            if policy.default_limit < 0:
                raise ValidationError(
                    self.env._(
                        'Policy %(policy)s: the credit limit of customers without own '
                        "terms can't be negative (%(limit)s).",
                        policy=policy.display_name,
                        limit=policy.default_limit,
                    )
                )
            if not is_credible(policy.default_limit):
                raise ValidationError(
                    self.env._(
                        'Policy %(policy)s: a credit limit of %(limit)s for customers without own terms must be a '
                        'mistake. To limit nobody choose “Unlimited”.',
                        policy=policy.display_name,
                        limit=policy.default_limit,
                    )
                )

    @api.constrains('date_from', 'date_to')
    def _check_dates(self):
        for policy in self:
            if policy.date_from and policy.date_to and policy.date_to < policy.date_from:
                raise ValidationError(
                    self.env._(
                        'Policy %(policy)s would end on %(end)s, before it begins on %(start)s.',
                        policy=policy.display_name,
                        end=policy.date_to,
                        start=policy.date_from,
                    )
                )

    @api.constrains('state', 'date_from', 'date_to', 'company_id')
    def _check_overlap(self):
        for policy in self.filtered(lambda policy: policy.state == 'active'):
            other = self.sudo().search(policy._overlap_domain(), limit=1)
            if other:
                raise ValidationError(
                    self.env._(
                        'Policy %(policy)s overlaps %(other)s, which is active from %(start)s until %(end)s. '
                        'End that one earlier, or let this one begin later.',
                        policy=policy.display_name,
                        other=other.display_name,
                        start=other.date_from,
                        end=other.date_to or self.env._('further notice'),
                    )
                )

    @api.constrains('state')
    def _check_complete(self):
        for policy in self.filtered(lambda policy: policy.state == 'active'):
            if not policy.grade_ids:
                raise ValidationError(
                    self.env._('Policy %s has no grades. Add them before activating it.', policy.display_name)
                )
            lowest = min(policy.grade_ids.mapped('min_score'))
            if lowest > 0:
                raise ValidationError(
                    self.env._(
                        'Policy %(policy)s has no grade for a score below %(score)s. Give '
                        'the lowest grade the minimum score 0.',
                        policy=policy.display_name,
                        score=lowest,
                    )
                )
            policy._check_terms_give_days()
            if not policy.authority_ids:
                raise ValidationError(
                    self.env._(
                        "Policy %s doesn't say who may approve. Add at least one line of authority.",
                        policy.display_name,
                    )
                )

    def _check_terms_give_days(self):
        """Whoever gets a limit gets days to pay as well: a term that is due at once contradicts its grade."""
        for grade in self.grade_ids.filtered(lambda grade: grade.max_limit > 0 and grade.payment_term_id):
            if not grade.payment_term_id._credit_gives_days():
                raise ValidationError(
                    self.env._(
                        'Policy %(policy)s: grade %(grade)s gives credit up to %(limit)s, but its payment term '
                        '“%(term)s” has no days. Choose a term with days, or set the ceiling to zero.',
                        policy=self.display_name,
                        grade=grade.code,
                        limit=self.currency_id.format(grade.max_limit),
                        term=grade.payment_term_id.display_name,
                    )
                )

    def _overlap_domain(self):
        self.ensure_one()
        domain = (
            Domain('company_id', '=', self.company_id.id) & Domain('state', '=', 'active') & Domain('id', '!=', self.id)
        )
        domain &= Domain('date_to', '=', False) | Domain('date_to', '>=', self.date_from)
        if self.date_to:
            domain &= Domain('date_from', '<=', self.date_to)
        return domain

    # ------------------------------------------------------------------ CRUD

    def write(self, vals):
        changed = CONTENT_FIELDS & vals.keys()
        fixed = self.filtered(lambda policy: policy.state != 'draft')
        if changed and fixed:
            raise UserError(
                self.env._(
                    "Policy %(policy)s isn't a draft: %(fields)s can't be changed any more. "
                    'Use “New version”, change the draft and activate it.',
                    policy=fixed[0].display_name,
                    fields=listed(
                        (self._fields[name]._description_string(self.env) for name in sorted(changed)), self.env.lang
                    ),
                )
            )
        if vals.get('state') == 'draft' and fixed:
            raise UserError(
                self.env._(
                    "Policy %s was in force and can't become a draft again. Use “New version”.", fixed[0].display_name
                )
            )
        self.env.registry.clear_cache()
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for policy in self.filtered(lambda policy: policy.state != 'draft'):
            raise UserError(
                self.env._('Policy %s was in force and stays on file. Archive it instead.', policy.display_name)
            )

    def copy(self, default=None):
        copies = super().copy(default)
        for policy, new in zip(self, copies, strict=True):
            grades = {grade.code: grade.id for grade in new.grade_ids}
            for rule, new_rule in zip(policy.rule_ids, new.rule_ids, strict=True):
                new_rule.grade_ids = [grades[code] for code in rule.grade_ids.mapped('code')]
        return copies

    # ------------------------------------------------------------------ actions

    def action_activate(self):
        """Put the draft in force from its first day; the version it follows ends the day before."""
        for policy in self:
            if policy.state != 'draft':
                raise UserError(self.env._("Policy %s isn't a draft.", policy.display_name))
            policy._end_previous()
            policy.state = 'active'
            if policy.date_from <= policy.company_id._credit_today():
                policy._take_over_customers()

    def action_archive_policy(self):
        """End an active policy today, or put a draft aside."""
        for policy in self:
            today = policy.company_id._credit_today()
            vals = {'state': 'archived'}
            if (
                policy.state == 'active'
                and policy.date_from <= today
                and not (policy.date_to and policy.date_to <= today)
            ):
                vals['date_to'] = today
            policy.write(vals)

    def action_new_version(self):
        """Copy to a draft that follows this policy, and open it.

        :return: window action on the draft
        """
        self.ensure_one()
        today = self.company_id._credit_today()
        last = max(self.search([('company_id', '=', self.company_id.id), ('name', '=', self.name)]).mapped('version'))
        draft = self.copy({'company_id': self.company_id.id, 'date_from': max(today, self.date_from)})
        draft.write({'version': last + 1, 'previous_id': self.id})
        return {
            'type': 'ir.actions.act_window',
            'res_model': self._name,
            'res_id': draft.id,
            'view_mode': 'form',
            'views': [(False, 'form')],
        }

    def _end_previous(self):
        """End the version that this draft follows on the day before this one begins."""
        self.ensure_one()
        previous = self.previous_id
        if not previous or previous.state != 'active':
            return
        last_day = self.date_from - timedelta(days=1)
        if last_day < previous.date_from:
            previous.state = 'archived'
        else:
            previous.date_to = last_day if not previous.date_to else min(previous.date_to, last_day)

    def _take_over_customers(self):
        """Point graded customers of the company to this policy's grade of the same code.

        Nothing but the grade record changes: limit, term and review date stay what was approved.
        """
        self.ensure_one()
        companies = self.env['res.company'].sudo().search([('id', 'child_of', self.company_id.id)])
        for grade in self.grade_ids:
            earlier = (
                self.env['credit.grade']
                .sudo()
                .search([('company_id', '=', self.company_id.id), ('code', '=', grade.code), ('id', '!=', grade.id)])
            )
            for company in companies if earlier else ():
                Partner = self.env['res.partner'].sudo().with_context(active_test=False).with_company(company)
                Partner._credit_replace_grade(earlier, grade)

    @api.model
    def _cron_versions(self):
        """Archive policies whose last day is over, and let those that begin today take over their customers."""
        active = Domain('state', '=', 'active')
        over = begun = Domain.FALSE
        for root in self.env['res.company'].search([('parent_id', '=', False)]):
            today, theirs = root._credit_today(), active & Domain('company_id', '=', root.id)
            over |= theirs & Domain('date_to', '<', today)
            not_over = Domain('date_to', '=', False) | Domain('date_to', '>=', today)
            begun |= theirs & Domain('date_from', '<=', today) & not_over
        self._schedule_run(over, self._archive_by_itself)
        self._schedule_run(begun, lambda policy: policy._take_over_customers())
        self._schedule_forget(active)

    @api.model
    def _archive_by_itself(self, policy):
        policy.state = 'archived'

    # ------------------------------------------------------------------ what others ask

    @api.model
    def _get_active(self, company, date=None):
        """Return the policy in force (superuser record, maybe empty).

        :param company: res.company, branch or root
        :param date: day asked for, today when empty
        """
        date = date or company._credit_today()
        return self.sudo().search(
            Domain('company_id', '=', company.root_id.id)
            & Domain('state', '=', 'active')
            & Domain('date_from', '<=', date)
            & (Domain('date_to', '=', False) | Domain('date_to', '>=', date)),
            limit=1,
        )

    def _get_authority(self, user=None):
        """Return the highest amount, in company currency, that a user may approve or release under this policy.

        ``float('inf')`` without bound; 0.0 for nobody's groups. Without any policy credit managers aren't bound.
        """
        user = user or self.env.user
        if not self:
            return float('inf') if user.has_group('crm_credit.group_credit_manager') else 0.0
        lines = self.sudo().authority_ids.filtered(lambda line: line.group_id in user.all_group_ids)
        if any(lines.mapped('unlimited')):
            return float('inf')
        return max(lines.mapped('max_amount'), default=0.0)

    def _choose_approver(self, amount, company, busy):
        """Return the credit manager with the least authority that suffices for an amount (maybe empty).

        :param busy: res.users who prepared it and can't decide about it themselves
        """
        managers = self.env['credit.hold']._credit_managers(company.root_id) - busy
        authority = {user: self._get_authority(user) for user in managers.filtered(lambda user: not user.share)}
        able = [user for user, bound in authority.items() if bound >= amount]
        return min(able, key=lambda user: (authority[user], user.id), default=self.env['res.users'])

    @api.model
    def _check_manager(self):
        """:raise AccessError: unless the user is a credit manager (or superuser code)"""
        if not self.env.su and not self.env.user.has_group('crm_credit.group_credit_manager'):
            raise AccessError(
                self.env._(
                    'Only members of “%s” may do this.',
                    self.env.ref('crm_credit.group_credit_manager').sudo().full_name,
                )
            )

    def _check_authority(self, amount, subject):
        """Check that the user may approve or release an amount in company currency; superuser code may.

        Call it on the policy in the user's own environment: ``_get_active()`` returns a superuser record.

        :param subject: what is approved, for the message
        :raise AccessError: when the user isn't a credit manager, or the amount is beyond the authority; names who may
        """
        self._check_manager()
        if self.env.su or amount <= self._get_authority():
            return
        policy = self.sudo()
        able = policy.authority_ids.filtered(lambda line: line.unlimited or line.max_amount >= amount)
        currency = policy.company_id.currency_id
        raise AccessError(
            self.env._(
                '%(subject)s: %(amount)s is beyond your authority of %(authority)s. Who may: %(groups)s.',
                subject=subject,
                amount=currency.format(amount),
                authority=currency.format(self._get_authority()),
                groups=listed(
                    able.group_id.mapped('full_name'), self.env.lang
                ) or self.env._('nobody under this policy'),
            )
        )

    def _get_grade(self, code):
        """Return this policy's grade of that code (maybe empty)."""
        return self.grade_ids.filtered(lambda grade: grade.code == code)[:1]

    @api.model
    @ormcache('root_id', 'date')
    def _decision_data(self, root_id, date):
        """Return what the policy in force says, as plain values: read at every decision, changed a few times a year.

        :return: PolicyData; without a policy in force nobody is limited and no rule applies
        """
        policy = self._get_active(self.env['res.company'].browse(root_id), date)
        return PolicyData(
            policy_id=policy.id or 0,
            default_control=policy.default_control or 'unlimited',
            default_limit=policy.default_limit or 0.0,
            default_on_breach=policy.default_on_breach or 'none',
            on_breach={grade.code: grade.on_breach for grade in policy.grade_ids},
            rules=tuple((rule._to_decision(), frozenset(rule.grade_ids.mapped('code'))) for rule in policy.rule_ids),
        )
