from dataclasses import dataclass, replace

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from ..tools.decision import add_to


@dataclass(frozen=True)
class GroupData:
    """A group in plain values; ``limit`` is in company currency."""

    group_id: int
    name: str
    limit: float
    members: tuple


class CreditGroup(models.Model):
    """Customers that share one credit limit, such as a parent company and its subsidiaries.

    An order has to fit in the group's limit and in the customer's own one, the sub-limit.
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
        help='The limit holds for this company and all its branches.',
    )
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
        compute='_compute_exposure', compute_sudo=True, help='What the members owe and will owe, now.'
    )
    available = fields.Monetary(compute='_compute_exposure', compute_sudo=True)
    note = fields.Text()

    @api.depends('member_ids', 'credit_limit')
    def _compute_exposure(self):
        for company, groups in self.grouped('company_id').items():
            members = groups.member_ids.commercial_partner_id._origin
            exposures = members._credit_exposure(company) if company else {}
            for group in groups:
                ids = group.member_ids.commercial_partner_id._origin.ids
                group.exposure = sum(exposures[member].exposure for member in ids if member in exposures)
                group.available = group.credit_limit - group.exposure

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

    @api.constrains('company_id')
    def _check_root_company(self):
        for group in self.filtered('company_id.parent_id'):
            raise ValidationError(
                self.env._(
                    "Group %(group)s can't belong to the branch %(branch)s. Branches share the limits of %(root)s.",
                    group=group.name,
                    branch=group.company_id.name,
                    root=group.company_id.root_id.name,
                )
            )

    @api.constrains('member_ids', 'company_id', 'active')
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
        others = self.sudo().search(
            [
                ('company_id', '=', self.company_id.id),
                ('id', '!=', self.id),
                ('member_ids', 'in', self.member_ids.ids),
            ],
            limit=1,
        )
        if others:
            raise ValidationError(
                self.env._(
                    '%(customers)s belong to group %(other)s of %(company)s already. A customer is in one group: '
                    'take them out of %(other)s first.',
                    customers=', '.join((self.member_ids & others.member_ids).mapped('display_name')),
                    other=others.name,
                    company=self.company_id.name,
                )
            )

    # ------------------------------------------------------------------ CRUD

    @api.model_create_multi
    def create(self, vals_list):
        groups = super().create(vals_list)
        groups._check_authority()
        groups._members_changed(groups.member_ids)
        return groups

    def write(self, vals):
        before = {group.id: group.credit_limit for group in self}
        members = self.member_ids
        result = super().write(vals)
        self.filtered(lambda group: group.credit_limit > before[group.id])._check_authority()
        self._members_changed(members | self.member_ids)
        return result

    def unlink(self):
        members, companies = self.member_ids, self.company_id
        result = super().unlink()
        self._members_changed(members, companies)
        return result

    def _check_authority(self):
        """:raise AccessError: for limits beyond what the user may approve; names who may"""
        for group in self:
            policy = self.env['credit.policy']._get_active(group.company_id).with_env(self.env)
            policy._check_authority(group.credit_limit, self.env._('Shared limit of group %s', group.name))

    def _members_changed(self, members, companies=None):
        """Forget what decisions know of the groups, and look at the waiting orders of the members again."""
        self.env.registry.clear_cache()
        for company in self.company_id if companies is None else companies:
            members.sudo().with_company(company)._credit_recheck()

    # ------------------------------------------------------------------ what decisions ask

    @api.model
    @ormcache('root_id')
    def _memberships(self, root_id):
        """Return {commercial partner id: GroupData} of a root company: read at every decision, seldom changed.

        Merged customers may be in two groups until somebody decides: the lower limit counts.
        """
        found = {}
        groups = (
            self.sudo()
            .with_context(active_test=False)
            .search([('company_id', '=', root_id), ('active', '=', True)], order='credit_limit, id')
        )
        for group in groups:
            members = tuple(group.member_ids.commercial_partner_id.ids)
            data = GroupData(group.id, group.name, group.credit_limit, members)
            for member in members:
                found.setdefault(member, data)
        return found

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
    def _sharing(self, root, partner_id):
        """Return a key that customers with a shared limit have in common."""
        group = self._memberships(root.id).get(partner_id)
        return (root.id, 'group', group.group_id) if group else (root.id, 'partner', partner_id)

    @api.model
    def _add_fellow_members(self, root, exposures, found):
        """Return ``exposures`` with what the other members of each customer's group owe.

        :param found: {debtor id: Exposure} of all members that owe anything
        """
        groups = self._memberships(root.id)
        for debtor, exposure in exposures.items():
            if debtor in groups:
                others = sum(
                    found[member].exposure for member in groups[debtor].members if member != debtor and member in found
                )
                exposures[debtor] = replace(exposure, group_others=others)
        return exposures

    @api.model
    def _take(self, root, exposures, debtor, amount):
        """Note that an amount was ordered: what the next order of the customer, or of a fellow member, sees."""
        exposures[debtor] = add_to(exposures[debtor], amount)
        group = self._memberships(root.id).get(debtor)
        for member in group.members if group else ():
            if member != debtor and member in exposures:
                exposure = exposures[member]
                exposures[member] = replace(exposure, group_others=exposure.group_others + amount)
