from odoo import api, fields, models

from .res_partner import CARD

LEVELS = [('high', 'High'), ('medium', 'Medium'), ('low', 'Low')]
CONTACT_ROLES = [
    ('owner', 'Owner'), ('legal', 'Legal representative'), ('manager', 'Manager'), ('decision', 'Decision maker'),
    ('influencer', 'Influencer'), ('buyer', 'Buyer'), ('user', 'User'), ('finance', 'Finance'),
    ('technical', 'Technical'),
]


class ResPartner(models.Model):
    """The original records of a customer on one form: what Odoo has elsewhere is shown, what it lacks is added."""

    _inherit = 'res.partner'

    # Companies: features
    service_area = fields.Char(
        prefetch=CARD, help="Where the customer sells or serves: regions, branches, customers of its own.",
    )
    sales_capacity = fields.Char(help="How much the customer can sell or make: people, outlets, output.", prefetch=CARD)
    development_potential = fields.Selection(LEVELS, help="How much further the customer may grow.", prefetch=CARD)
    business_policy = fields.Text(help="Philosophy, direction and policy of the customer.", prefetch=CARD)
    management_style = fields.Char(help="How the customer is run, and what its managers set store by.", prefetch=CARD)
    # Companies: business situation
    business_situation = fields.Text(help="Results, quality of the management and of the staff.", prefetch=CARD)
    competitor_relations = fields.Text(help="How the customer deals with our competitors.", prefetch=CARD)
    cooperation_attitude = fields.Selection(
        [('cooperative', 'Cooperative'), ('neutral', 'Neutral'), ('difficult', 'Difficult')],
        help="How the customer stands to working with us.", prefetch=CARD,
    )
    # Everyone: trading situation
    trading_problems = fields.Text(
        prefetch=CARD, string='Open Issues', help="What goes wrong in trade with this customer, and why.",
    )
    reputation_note = fields.Text(
        prefetch=CARD, string='Image and Reputation', help="What others in the trade say of the customer.",
    )
    preferential_terms = fields.Text(
        prefetch=CARD, help="What the customer was granted beyond price list and payment terms.",
    )
    # Contacts
    contact_role = fields.Selection(
        CONTACT_ROLES, help="Part that this person has in the customer's decisions.",
    )
    manager_ids = fields.One2many(
        'res.partner', 'parent_id', string='Managers',
        domain=[('active', '=', True), ('contact_role', 'in', ('owner', 'legal', 'manager', 'decision'))],
        help="Owners, representatives, managers and others who decide at the customer.",
    )
    # Where Odoo keeps it elsewhere
    pricelist_currency_id = fields.Many2one(
        'res.currency', string='Trading Currency', compute='_compute_pricelist_currency_id',
        help="Currency of the customer's price list: quotations are made in it.",
    )
    delivery_address_id = fields.Many2one(
        'res.partner', string='Delivery Address', compute='_compute_trading_addresses',
        help="The contact of type delivery address, else the customer itself.",
    )
    invoice_address_id = fields.Many2one(
        'res.partner', string='Invoice Address', compute='_compute_trading_addresses',
        help="The contact of type invoice address, else the customer itself.",
    )
    quotation_count = fields.Integer(
        compute='_compute_quotation_count', groups='sales_team.group_sale_salesman',
        help="All quotations and orders that were ever made for the customer, cancelled ones included.",
    )

    @api.depends('country_id', 'specific_property_product_pricelist')
    @api.depends_context('company')
    def _compute_pricelist_currency_id(self):
        for partner in self:
            partner.pricelist_currency_id = partner.property_product_pricelist.currency_id

    @api.depends('child_ids.type', 'child_ids.active')
    def _compute_trading_addresses(self):
        kinds = {'delivery': 'delivery_address_id', 'invoice': 'invoice_address_id'}
        for partner in self:
            addresses = partner._origin.child_ids.sorted('id')  # the form shows them, so they are read but once
            for kind, name in kinds.items():
                partner[name] = addresses.filtered(lambda child, kind=kind: child.type == kind)[:1] or partner._origin

    @api.depends_context('company', 'uid')
    def _compute_quotation_count(self):
        counts = {}
        for partner, count in self.env['sale.order']._read_group(
            [('partner_id.commercial_partner_id', 'in', self.commercial_partner_id._origin.ids)],
            ['partner_id'], ['__count'],
        ):
            customer = partner.sudo().commercial_partner_id.id
            counts[customer] = counts.get(customer, 0) + count
        for partner in self:
            partner.quotation_count = counts.get(partner.commercial_partner_id._origin.id, 0)

    def action_view_quotations(self):
        """All quotations and orders of the customer, newest first."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('sale.action_quotations_with_onboarding')
        action.update(
            domain=[('partner_id', 'child_of', self.commercial_partner_id.id)],
            context={'default_partner_id': self.id}, display_name=self.env._("Quotation History"),
        )
        return action
