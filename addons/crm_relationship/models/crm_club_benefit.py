from odoo import fields, models


class CrmClubBenefit(models.Model):
    """What members of a club get."""

    _name = 'crm.club.benefit'
    _description = "Club Benefit"
    _inherit = ['crm.kept.part.mixin', 'crm.period.mixin']
    _order = 'club_id, sequence, id'

    club_id = fields.Many2one('crm.club', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='club_id.company_id', store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Benefit", required=True, translate=True)
    level_id = fields.Many2one(
        'crm.club.level', string="From Level", domain="[('club_id', '=', club_id)]", ondelete='restrict',
        help="Members of this level and higher ones get it. Empty: all members.",
    )
    pricelist_id = fields.Many2one(
        'product.pricelist', ondelete='set null',
        domain="['|', ('company_id', '=', False), ('company_id', '=', company_id)]",
        help="The price list that members are offered.",
    )
    currency_id = fields.Many2one('res.currency', related='company_id.currency_id')
    cost = fields.Monetary(string="Cost per Member and Year", help="What the benefit costs us for one member.")
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="Until")
    note = fields.Char()

    _period = ('date_from', 'date_to')
    _check_cost = models.Constraint('CHECK (cost >= 0)', "The cost of a benefit can't be negative.")
