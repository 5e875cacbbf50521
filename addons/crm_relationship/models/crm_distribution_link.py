from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..tools.listing import listed


class CrmDistributionLink(models.Model):
    """An intermediary serves a customer, or a territory, for a time."""

    _name = 'crm.distribution.link'
    _description = "Customer Served by an Intermediary"
    _inherit = ['crm.import.mixin', 'crm.period.mixin', 'mail.thread']
    _order = 'intermediary_id, partner_id, date_start desc, id'
    _check_company_auto = True

    intermediary_id = fields.Many2one(
        'res.partner', string="Intermediary", required=True, index=True, ondelete='restrict', tracking=True,
        check_company=True, domain=[('is_customer', '=', True), ('customer_type', '=', 'intermediary')],
        help="Who sells our goods on.",
    )
    partner_id = fields.Many2one(
        'res.partner', string="End Customer", index='btree_not_null', ondelete='restrict', tracking=True,
        check_company=True, domain=[('is_customer', '=', True)],
        help="The customer that the intermediary serves. Empty: the intermediary looks after the territory, and its "
             "customers are linked one by one.",
    )
    territory_id = fields.Many2one(
        'crm.territory', index='btree_not_null', ondelete='restrict', check_company=True, tracking=True,
    )
    categ_id = fields.Many2one(
        'product.category', string="Product Category", ondelete='restrict', tracking=True, help="Empty: all products.",
    )
    date_start = fields.Date(string="From", required=True, default=fields.Date.context_today, tracking=True)
    date_end = fields.Date(string="Until", tracking=True, help="Last day. Empty: until further notice.")
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company)
    user_id = fields.Many2one(
        'res.users', string="Salesperson", related='intermediary_id.user_id', help="Who looks after the intermediary.",
    )
    note = fields.Text(help="What was agreed: exclusivity, support, targets.")
    is_current = fields.Boolean(compute='_compute_is_current', search='_search_is_current')
    overlap_message = fields.Char(
        string="Overlap", compute='_compute_overlap_message',
        help="Other intermediaries for the same customer or territory.",
    )

    @api.depends('intermediary_id', 'partner_id', 'territory_id')
    def _compute_display_name(self):
        for link in self:
            link.display_name = ' → '.join(filter(None, (
                link.intermediary_id.display_name, (link.partner_id or link.territory_id).display_name,
            )))

    @api.depends('date_start', 'date_end')
    def _compute_is_current(self):
        today = fields.Date.context_today(self)
        for link in self:
            link.is_current = bool(
                link.date_start and link.date_start <= today and (not link.date_end or link.date_end >= today)
            )

    def _search_is_current(self, operator, value):
        if operator != 'in':
            return NotImplemented
        current = self._current_domain(fields.Date.context_today(self))
        return Domain.OR(current if wanted else ~current for wanted in {bool(item) for item in value})

    @api.model
    def _current_domain(self, day):
        return Domain('date_start', '<=', day) & (Domain('date_end', '=', False) | Domain('date_end', '>=', day))

    @api.depends(
        'intermediary_id', 'partner_id', 'territory_id', 'categ_id', 'date_start', 'date_end', 'company_id',
    )
    @api.depends_context('lang')
    def _compute_overlap_message(self):
        """Name the intermediaries whose customers or territories overlap, for the same products and time."""
        others = self.sudo().search_fetch([
            ('company_id', 'in', self.company_id.ids),
            '|', ('partner_id', 'in', self.partner_id.ids), '&', ('partner_id', '=', False),
            ('territory_id', '!=', False),
        ], ['intermediary_id', 'partner_id', 'territory_id', 'categ_id', 'date_start', 'date_end', 'company_id'])
        areas = {territory: territory._area() for territory in (others.territory_id | self.territory_id).sudo()}
        for link in self:
            overlapping = others.filtered(lambda other, link=link: link._overlaps(other, areas))
            names = sorted(set(overlapping.intermediary_id.mapped('name')))
            link.overlap_message = bool(names) and self.env._(
                "also served by %(names)s", names=listed(names, self.env.lang))

    def _overlaps(self, other, areas):
        """Whether another intermediary has the same customer, or an overlapping territory, at the same time."""
        self.ensure_one()
        if (
            other == self._origin or other.intermediary_id == self.intermediary_id
            or other.company_id != self.company_id or not self.date_start
        ):
            return False
        ends_before = self.date_end and self.date_end < other.date_start
        if ends_before or (other.date_end and other.date_end < self.date_start):
            return False
        mine, theirs = self.categ_id, other.categ_id
        if mine and theirs and not (
            (mine.parent_path or '').startswith(theirs.parent_path) or theirs.parent_path.startswith(mine.parent_path)
        ):
            return False
        if self.partner_id:
            return other.partner_id == self.partner_id
        if not self.territory_id or other.partner_id:
            return False
        return areas[self.territory_id.sudo()].overlaps(areas[other.territory_id])

    # ------------------------------------------------------------------ checks
    # Not by SQL: merging partners drops all rows of a table where such a check fails.

    @api.constrains('intermediary_id', 'partner_id', 'territory_id')
    def _check_link(self):
        for link in self:
            if not link.partner_id and not link.territory_id:
                raise ValidationError(self.env._(
                    "Say whom %(intermediary)s serves: a customer or a territory.",
                    intermediary=link.intermediary_id.display_name,
                ))
            link.intermediary_id._check_is_intermediary()
            if link.partner_id == link.intermediary_id:
                raise ValidationError(self.env._(
                    "%(intermediary)s can't be its own customer.", intermediary=link.intermediary_id.display_name,
                ))

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._customer_vals(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._customer_vals(vals))

    @api.model
    def _customer_vals(self, vals):
        """Return ``vals`` with contacts replaced by their companies."""
        partners = self.env['res.partner'].sudo()
        return {
            **vals,
            **{
                fname: partners.browse(vals[fname]).commercial_partner_id.id
                for fname in ('intermediary_id', 'partner_id') if vals.get(fname)
            },
        }

    def action_link_customers(self):
        """Link the customers of the territory that nobody serves yet to this intermediary, and show them."""
        self.ensure_one()
        if not self.territory_id:
            raise UserError(self.env._("Choose the territory whose customers are to be linked."))
        customers = self.territory_id._search_customers() - self.intermediary_id
        customers = customers.filtered(lambda partner: partner.customer_type != 'intermediary')
        served = self.sudo().search([
            ('partner_id', 'in', customers.ids), ('company_id', '=', self.company_id.id), ('is_current', '=', True),
        ]).partner_id
        todo = customers.filtered(lambda partner: partner.id not in served.ids)
        if not todo:
            raise UserError(self.env._(
                "Every customer in %(territory)s is served already, or none lies in it.",
                territory=self.territory_id.name,
            ))
        links = self.create([
            {
                'intermediary_id': self.intermediary_id.id, 'partner_id': customer.id,
                'territory_id': self.territory_id.id, 'categ_id': self.categ_id.id, 'date_start': self.date_start,
                'date_end': self.date_end, 'company_id': self.company_id.id,
            }
            for customer in todo
        ])
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_distribution_link_action')
        return {**action, 'domain': [('id', 'in', links.ids)], 'context': {}}

    # ------------------------------------------------------------------ used by orders

    @api.model
    def _get_intermediaries(self, partners, company, day):
        """Return ``{customer id: intermediary}`` of the customers that one intermediary alone serves on that day.

        A link for all products goes before links for some of them.
        """
        links = self.sudo().search([
            ('partner_id', 'in', partners.ids), ('company_id', 'parent_of', company.ids),
            *self._current_domain(day),
        ])
        found = {}
        for customer, group in links.grouped('partner_id').items():
            for candidates in (group.filtered(lambda link: not link.categ_id), group):
                if len(candidates.intermediary_id) == 1:
                    found[customer.id] = candidates.intermediary_id
                    break
                if candidates:
                    break
        return found
