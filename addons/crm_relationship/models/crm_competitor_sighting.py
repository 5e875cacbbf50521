from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmCompetitorSighting(models.Model):
    """A competitor met at a customer: who, with what, at which price, and how much of the business they have."""

    _name = 'crm.competitor.sighting'
    _description = "Competitor at a Customer"
    _inherit = ['crm.dossier.mixin']
    _rec_name = 'competitor_id'

    competitor_id = fields.Many2one(
        'res.partner', string="Competitor", required=True, index=True, ondelete='restrict', tracking=True,
        context={'default_is_company': True},
    )
    product = fields.Char(string="Their Product", tracking=True)
    product_tmpl_id = fields.Many2one(
        'product.template', string="Our Product", index='btree_not_null', help="What of ours they compete with.",
    )
    price = fields.Monetary(string="Their Price", tracking=True, aggregator='avg')
    our_price = fields.Float(
        related='product_tmpl_id.list_price', string="Our List Price",
        help="Sales price of our product, before discounts.",
    )
    share = fields.Float(
        string="Their Share (%)", aggregator='avg', tracking=True,
        help="Their share of what the customer buys of this kind, in per cent.",
    )
    attitude = fields.Selection(
        [('1', "Rejects them"), ('2', "Cool"), ('3', "Neutral"), ('4', "Content"), ('5', "Loyal to them")],
        string="Customer's Attitude", tracking=True,
    )
    note = fields.Text(string="Details")

    _check_price = models.Constraint('CHECK (price >= 0)', "A competitor's price can't be negative.")

    @api.constrains('share')
    def _check_share(self):
        for sighting in self:
            if not 0 <= sighting.share <= 100:
                raise ValidationError(self.env._(
                    "%(competitor)s at %(customer)s: a share of %(share)s %% is impossible. Enter 0 to 100.",
                    competitor=sighting.competitor_id.display_name, customer=sighting.partner_id.display_name,
                    share=sighting.share,
                ))

    @api.constrains('partner_id', 'competitor_id')
    def _check_competitor(self):
        for sighting in self:
            if sighting.competitor_id.commercial_partner_id == sighting.partner_id.commercial_partner_id:
                raise ValidationError(self.env._(
                    "%(customer)s can't be its own competitor. Choose who else supplies it.",
                    customer=sighting.partner_id.display_name,
                ))
