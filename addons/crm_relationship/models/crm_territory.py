from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.territory import Territory, split_words


class CrmTerritory(models.Model):
    """An area in which intermediaries sell."""

    _name = 'crm.territory'
    _description = "Territory"
    _order = 'name, id'

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one('res.company', help="Empty: for all companies.")
    country_id = fields.Many2one('res.country')
    state_ids = fields.Many2many(
        'res.country.state', string="States", domain="[('country_id', '=?', country_id)]",
        help="Empty: the whole country.",
    )
    cities = fields.Char(help="Names separated by commas. Empty: all cities.")
    zips = fields.Char(
        string="Postcodes", help="Postcodes or how they begin, separated by commas: “20, 214”. Empty: all.",
    )
    link_ids = fields.One2many('crm.distribution.link', 'territory_id', string="Intermediaries")
    customer_count = fields.Integer(compute='_compute_customer_count', help="Customers whose address lies in it.")

    @api.depends('country_id', 'state_ids', 'cities', 'zips')
    def _compute_customer_count(self):
        for territory in self:
            territory.customer_count = len(territory._search_customers())

    @api.constrains('name', 'country_id', 'state_ids', 'cities', 'zips')
    def _check_limits(self):
        for territory in self:
            if not (territory.country_id or territory.state_ids or territory.cities or territory.zips):
                raise ValidationError(self.env._(
                    "Say where %(territory)s is: by country, states, cities or postcodes.", territory=territory.name,
                ))

    def _area(self):
        """Return the territory as a plain value."""
        self.ensure_one()
        return Territory(
            country=self.country_id.id or None, states=frozenset(self.state_ids.ids),
            cities=split_words(self.cities), zips=split_words(self.zips),
        )

    def _search_customers(self):
        """Return the customers whose address lies in the territory."""
        self.ensure_one()
        area = self._area()
        domain = [('is_customer', '=', True)]
        if area.country:
            domain.append(('country_id', '=', area.country))
        if area.states:
            domain.append(('state_id', 'in', list(area.states)))
        partners = self.env['res.partner'].search_fetch(domain, ['country_id', 'state_id', 'city', 'zip'])
        return partners.filtered(lambda partner: area.covers(
            partner.country_id.id, partner.state_id.id, partner.city, partner.zip,
        ))

    def action_view_customers(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.res_partner_action_customers')
        action.update(
            display_name=self.name, domain=[('id', 'in', self._search_customers().ids)],
            context={'res_partner_search_mode': 'customer'},
        )
        return action
