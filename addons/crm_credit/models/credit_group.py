from dataclasses import dataclass, replace

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import ormcache

from odoo.addons.crm_relationship.tools.listing import listed

from ..tools.decision import add_to
from ..tools.limit import is_credible

# What a group lets its members owe, and where.
BINDING = {'credit_limit', 'member_ids', 'company_id', 'company_ids', 'active'}


@dataclass(frozen=True)
class GroupData:
    """A group in plain values; ``limit`` is in the group's currency, ``companies`` are root companies."""

    group_id: int
    name: str
    limit: float
    currency_id: int
    company_id: int
    companies: tuple
    members: tuple

    @property
    def places(self):
        """Pairs (root company id, member id) whose exposures the limit is for."""
        return [(company, member) for company in self.companies for member in self.members]


class CreditGroup(models.Model):
    """Customers that share one credit limit, such as a parent company and its subsidiaries; also in several companies.

    An order has to fit in the group's limit and in the customer's own one in the order's company, the sub-limit.
    Amounts of other companies count at today's rate. Whoever may read a group sees its limit and what it owes in all:
    without these a hold can't be explained. Single customers' figures are shown for the reader's own companies only.
    """

    _name = 'credit.group'
    _description = 'Credit Group'
    _inherit = ['mail.thread']
    _order = 'name, id'

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        'res.company',
        required=True,
        index=True,
        default=lambda self: self.env.company.root_id,
        domain="[('parent_id', '=', False)]",
        help='The company that gives the limit: its currency, rates and authority count.',
    )
    company_ids = fields.Many2many(
        'res.company',
        'credit_group_company_rel',
        'group_id',
        'company_id',
        string='Companies',
        default=lambda self: self.env.company.root_id,
        domain="[('parent_id', '=', False)]",
        help='What the members owe to these companies and their branches counts against the shared limit. '
        "A member's own limit in each of them is its sub-limit there.",
    )
    spans_companies = fields.Boolean(compute='_compute_spans_companies', compute_sudo=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    credit_limit = fields.Monetary(
        string='Shared limit', required=True, tracking=True, help='What all members together may owe. Zero: no credit.'
    )
    member_ids = fields.Many2many(
        'res.partner',
        'credit_group_member_rel',
        'group_id',
        'partner_id',
        string='Members',
        domain="[('parent_id', '=', False)]",
        help="A member's own credit limit is its sub-limit.",
    )
    exposure = fields.Monetary(
        compute='_compute_exposure',
        compute_sudo=True,
        help='What the members owe and will owe, now, in all companies of the group.',
    )
    exposure_here = fields.Monetary(
        string='Exposure in my companies',
        compute='_compute_exposure',
        compute_sudo=True,
        help='The part of it that is owed to the companies you are working in.',
    )
    available = fields.Monetary(compute='_compute_exposure', compute_sudo=True)
    note = fields.Text()
    change_reason = fields.Char(
        string='Reason of the change',
        store=False,
        help='Why the limit or the members change. It is kept in the credit archive of the members.',
    )
    reason_needed = fields.Boolean(store=False)
    change_ids = fields.One2many('credit.group.change', 'group_id', string='History', readonly=True)

    @api.depends('company_ids')
    def _compute_spans_companies(self):
        for group in self:
            group.spans_companies = len(group.company_ids) > 1

    @api.depends('member_ids', 'credit_limit', 'company_ids', 'company_id')
    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_exposure(self):
        owed = self._owed_by_company()
        mine = self.env.companies.sudo().root_id
        for group in self:
            amounts = owed[group]
            group.exposure = sum(amounts.values())
            group.exposure_here = sum(amount for root, amount in amounts.items() if root in mine)
            group.available = group.credit_limit - group.exposure

    def _owed_by_company(self):
        """Return {group: {root company: exposure of the members there, in the group's currency}}."""
        owed = {group: {} for group in self}
        Partner = self.env['res.partner']
        for root in self.company_ids._origin:
            groups = self.filtered(lambda group, root=root: root in group.company_ids._origin)
            debtors = groups.member_ids.commercial_partner_id._origin.ids
            exposures = Partner._credit_exposure_query(root, debtors) if debtors else {}
            for group in groups:
                ids = group.member_ids.commercial_partner_id._origin.ids
                amount = sum(exposures[member].exposure for member in ids if member in exposures)
                owed[group][root] = self._converted(
                    amount, root.currency_id.id, group.currency_id.id, group.company_id.id
                )
        return owed

    # ------------------------------------------------------------------ checks

    @api.constrains('credit_limit')
    def _check_credit_limit(self):
        for group in self:
            if group.credit_limit < 0:
                raise ValidationError(
                    self.env._(
                        "The shared limit of group %(group)s can't be negative (%(limit)s). Zero means no credit.",
                        group=group.name,
                        limit=group.credit_limit,
                    )
                )
            if not is_credible(group.credit_limit):
                raise ValidationError(
                    self.env._(
                        'A shared limit of %(limit)s for group %(group)s must be a mistake. Enter what its members may '
                        'owe together.',
                        group=group.name,
                        limit=group.credit_limit,
                    )
                )

    @api.constrains('company_id', 'company_ids')
    def _check_companies(self):
        for group in self:
            for branch in (group.company_id | group.company_ids).filtered('parent_id'):
                raise ValidationError(
                    self.env._(
                        "Group %(group)s can't belong to the branch %(branch)s. Branches share the limits of %(root)s.",
                        group=group.name,
                        branch=branch.name,
                        root=branch.root_id.name,
                    )
                )
            if group.company_id not in group.company_ids:
                raise ValidationError(
                    self.env._(
                        'Group %(group)s gets its limit from %(company)s, which must be one of its companies. '
                        'Add %(company)s or choose another company.',
                        group=group.name,
                        company=group.company_id.name,
                    )
                )

    @api.constrains('member_ids', 'company_ids', 'active')
    def _check_members(self):
        for group in self.filtered('active'):
            for member in group.member_ids:
                if member != member.commercial_partner_id:
                    raise ValidationError(
                        self.env._(
                            "%(contact)s can't be a member of group %(group)s: %(customer)s owes for it. "
                            'Make %(customer)s a member.',
                            contact=member.display_name,
                            group=group.name,
                            customer=member.commercial_partner_id.display_name,
                        )
                    )
            group._check_one_group()

    def _check_one_group(self):
        self.ensure_one()
        others = self._overlapping()[:1]
        if others:
            raise ValidationError(
                self.env._(
                    '%(customers)s belong to group %(other)s of %(company)s already. A customer is in one group: '
                    'take them out of %(other)s first.',
                    customers=listed((self.member_ids & others.member_ids).mapped('display_name'), self.env.lang),
                    other=others.name,
                    company=listed((self.company_ids & others.company_ids).mapped('name'), self.env.lang),
                )
            )

    def _overlapping(self):
        """Return other groups that limit a member of this one in the same company."""
        return self.sudo().search(
            [
                ('company_ids', 'in', self.company_ids.ids),
                ('id', 'not in', self.ids),
                ('member_ids', 'in', self.member_ids.ids),
            ]
        )

    # ------------------------------------------------------------------ CRUD

    @api.model_create_multi
    def create(self, vals_list):
        reasons = [vals.get('change_reason') or vals.get('note') for vals in vals_list]
        vals_list = [self._without_reason(vals) for vals in vals_list]
        for vals in vals_list:
            if vals.get('company_id') and 'company_ids' not in vals:
                vals['company_ids'] = [Command.set([vals['company_id']])]
        groups = super().create(vals_list)
        groups._check_authority()
        groups._members_changed(groups.member_ids)
        for group, reason in zip(groups, reasons, strict=True):
            self.env['credit.group.change']._note({}, group._limits(), reason)
        return groups

    def write(self, vals):
        self.check_access('write')
        reason, vals = vals.get('change_reason'), self._without_reason(vals)
        limits = self._limits()
        before = {group.id: (group.credit_limit, group.company_id) for group in self}
        members, companies = self.member_ids, self.company_ids
        if vals.keys() & BINDING:
            self._check_my_companies(companies)
        if not (reason or '').strip():
            self._check_reason(vals)
            reason = self._reason_of_archiving(vals)
        result = super().write(vals)
        if vals.keys() & {'company_id', 'company_ids'}:
            self._check_my_companies(self.sudo().company_ids)
        self.filtered(
            lambda group: group.credit_limit > before[group.id][0] or group.company_id != before[group.id][1]
        )._check_authority()
        self._members_changed(members | self.member_ids, companies | self.company_ids)
        self.env['credit.group.change']._note(limits, self._limits(), reason)
        return result

    def unlink(self):
        members, companies = self.member_ids, self.company_ids
        self._check_my_companies(companies)
        self.env['credit.group.change']._note(self._limits(), {}, self.env._('The group was deleted'))
        result = super().unlink()
        self._members_changed(members, companies)
        return result

    @api.onchange('credit_limit', 'member_ids', 'company_id', 'company_ids')
    def _onchange_binding(self):
        """Whoever changes a shared limit says why; with a new group the note does."""
        origin = self._origin
        self.reason_needed = bool(origin) and (
            origin.credit_limit != self.credit_limit
            or origin.member_ids != self.member_ids._origin
            or origin.company_ids != self.company_ids._origin
            or origin.company_id != self.company_id._origin
        )

    def _check_reason(self, vals):
        """Whoever changes what a group may owe says why, also by import or RPC; superuser code may be silent.

        :raise UserError: naming group, what changes and where the reason goes
        """
        binding = sorted(BINDING & vals.keys() - {'active'})  # archiving says enough
        if self.env.su or not binding:
            return
        for group in self:
            after = group.new({name: vals[name] for name in binding}, origin=group)
            changed = [
                name
                for name in binding
                if (after[name]._origin if isinstance(after[name], models.BaseModel) else after[name]) != group[name]
            ]
            if changed:
                raise UserError(
                    self.env._(
                        'Say why %(fields)s of group %(group)s change: fill in “%(reason)s”. It is kept in the credit '
                        'archive of the members.',
                        fields=listed(
                            (self._fields[name]._description_string(self.env) for name in changed), self.env.lang
                        ),
                        group=group.name,
                        reason=self._fields['change_reason']._description_string(self.env),
                    )
                )

    @api.model
    def _reason_of_archiving(self, vals):
        if 'active' not in vals:
            return False
        if vals['active']:
            return self.env._('The group is in force again')
        return self.env._('The group was archived')

    @api.model
    def _without_reason(self, vals):
        return {name: value for name, value in vals.items() if name not in ('change_reason', 'reason_needed')}

    def _limits(self):
        """Return {(group, company, member): limit} of the groups in force."""
        return {
            (group, company, member): group.credit_limit
            for group in self.sudo().filtered('active')
            for company in group.company_ids
            for member in group.member_ids
        }

    def _check_authority(self):
        """:raise AccessError: for limits beyond what the user may approve; names who may"""
        self._check_my_companies(self.sudo().company_ids)
        for group in self:
            policy = self.env['credit.policy']._get_active(group.company_id).with_env(self.env)
            policy._check_authority(group.credit_limit, self.env._('Shared limit of group %s', group.name))

    def _check_my_companies(self, companies):
        """:raise AccessError: where the limit binds companies that the user doesn't work for"""
        foreign = companies.sudo() - self.env.user.sudo().company_ids.root_id
        if foreign and not self.env.su:
            raise AccessError(
                self.env._(
                    "Group %(groups)s shares its limit with %(companies)s, which you don't work for. Ask a credit "
                    'manager who works for all companies of the group.',
                    groups=listed(self.mapped('name'), self.env.lang),
                    companies=listed(foreign.mapped('name'), self.env.lang),
                )
            )

    def _members_changed(self, members, companies=None):
        """Forget what decisions know of the groups, and look at the waiting orders of the members again."""
        self.env.registry.clear_cache()
        for company in self.company_ids if companies is None else companies:
            members.sudo().with_company(company)._credit_recheck()

    @api.model
    def _note_merged(self, partner):
        """Say on the groups that a merged customer is in more than one of them: only a person can decide."""
        groups = self.search([('member_ids', 'in', partner.ids)])
        for group in groups:
            if others := groups & group._overlapping():
                group.message_post(
                    body=self.env._(
                        '%(customer)s was merged and belongs to %(others)s as well. The lowest limit counts: take it '
                        'out of all groups but one.',
                        customer=partner.display_name,
                        others=listed(others.mapped('name'), self.env.lang),
                    )
                )

    # ------------------------------------------------------------------ what decisions ask

    @api.model
    @ormcache('root_id')
    def _memberships(self, root_id):
        """Return {commercial partner id: GroupData} of a root company: read at every decision, seldom changed.

        Merged customers may be in two groups until somebody decides: the lower limit counts.
        """
        groups = (
            self.sudo()
            .with_context(active_test=False)
            .search([('company_ids', 'in', root_id), ('active', '=', True)], order='id')
        )
        known = [
            GroupData(
                group.id,
                group.name,
                group.credit_limit,
                group.currency_id.id,
                group.company_id.id,
                tuple(sorted(group.company_ids.ids)),
                tuple(group.member_ids.commercial_partner_id.ids),
            )
            for group in groups
        ]
        found = {}
        for group in sorted(known, key=lambda group: self._limit_in(root_id, group)):
            for member in group.members:
                found.setdefault(member, group)
        return found

    @api.model
    def _converted(self, amount, from_id, to_id, company_id):
        """Return an amount of one currency in another one at today's rate of a company; all by id."""
        if from_id == to_id or not amount:
            return amount
        Currency = self.env['res.currency'].sudo()
        return Currency.browse(from_id)._convert(
            amount,
            Currency.browse(to_id),
            self.env['res.company'].sudo().browse(company_id),
            fields.Date.context_today(self),
            round=False,
        )

    @api.model
    def _currency_of(self, root_id):
        return self.env['res.company'].sudo().browse(root_id).currency_id.id

    @api.model
    def _limit_in(self, root_id, group):
        """Return the limit of a GroupData in the currency of a root company."""
        return self._converted(group.limit, group.currency_id, self._currency_of(root_id), group.company_id)

    @api.model
    def _with_fellow_members(self, partner_ids, root=None):
        """Return the ids of these customers and of all that share a limit with them.

        :param root: root company; all of them when empty
        """
        roots = root or self.env['res.company'].sudo().search([('parent_id', '=', False)])
        ids = set(partner_ids)
        for company in roots:
            groups = self._memberships(company.id)
            for partner_id in partner_ids if groups else ():
                if partner_id in groups:
                    ids.update(groups[partner_id].members)
        return list(ids)

    @api.model
    def _places(self, root, partner_ids):
        """Return pairs (root company id, customer id) of all exposures that a decision about these customers reads."""
        places = {(root.id, partner_id) for partner_id in partner_ids}
        groups = self._memberships(root.id)
        for partner_id in partner_ids if groups else ():
            if partner_id in groups:
                places.update(groups[partner_id].places)
        return places

    @api.model
    def _sharing(self, root, partner_id):
        """Return a key that customers with a shared limit have in common."""
        group = self._memberships(root.id).get(partner_id)
        return ('group', group.group_id) if group else (root.id, partner_id)

    @api.model
    def _add_fellow_members(self, root, exposures, found):
        """Return ``exposures`` with what the other members of each customer's group owe, here and in other companies.

        :param found: {debtor id: Exposure} of all members that owe anything to this company
        """
        groups = self._memberships(root.id)
        shared = {debtor: groups[debtor] for debtor in exposures if debtor in groups}
        elsewhere = self._owed_elsewhere(root, {group.group_id: group for group in shared.values()}.values())
        for debtor, group in shared.items():
            others = sum(found[member].exposure for member in group.members if member != debtor and member in found)
            exposures[debtor] = replace(exposures[debtor], group_others=others + elsewhere[group.group_id])
        return exposures

    @api.model
    def _owed_elsewhere(self, root, groups):
        """Return {group id: exposure of the members in its other companies, in this one's currency}.

        One statement for each other company; none where groups stay in one company.
        """
        owed = {group.group_id: 0.0 for group in groups}
        for other in sorted({company for group in groups for company in group.companies} - {root.id}):
            here = [group for group in groups if other in group.companies]
            company = self.env['res.company'].sudo().browse(other)
            members = sorted({member for group in here for member in group.members})
            found = self.env['res.partner']._credit_exposure_query(company, members) if members else {}
            for group in here:
                amount = sum(found[member].exposure for member in group.members if member in found)
                owed[group.group_id] += self._converted(
                    amount, self._currency_of(other), self._currency_of(root.id), group.company_id
                )
        return owed

    @api.model
    def _over_limit(self, root, found):
        """Return the ids of the members of groups that owe more than their limit.

        :param found: {debtor id: Exposure} of all customers that owe anything to this company
        """
        groups = {group.group_id: group for group in self._memberships(root.id).values()}.values()
        if not groups:
            return set()
        half = self.env['res.currency'].sudo().browse(self._currency_of(root.id)).rounding / 2
        elsewhere = self._owed_elsewhere(root, groups)
        over = set()
        for group in groups:
            owed = sum(found[member].exposure for member in group.members if member in found)
            if owed + elsewhere[group.group_id] > self._limit_in(root.id, group) + half:
                over.update(group.members)
        return over

    @api.model
    def _take(self, exposures, root, debtor, amount):
        """Note that an amount was ordered: what the next order of the customer, or of a fellow member, sees.

        :param exposures: {root company: {debtor id: Exposure}}
        :param amount: in the currency of ``root``
        """
        exposures[root][debtor] = add_to(exposures[root][debtor], amount)
        group = self._memberships(root.id).get(debtor)
        for company, found in exposures.items() if group else ():
            if company.id not in group.companies:
                continue
            share = self._converted(amount, self._currency_of(root.id), self._currency_of(company.id), group.company_id)
            for member in group.members:
                if member in found and (company, member) != (root, debtor):
                    found[member] = replace(found[member], group_others=found[member].group_others + share)
