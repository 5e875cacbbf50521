from odoo import fields, models


class ResPartner(models.Model):
    _inherit = 'res.partner'

    card_reviewed_on = fields.Date(string="Card Reviewed On", readonly=True, copy=False)
    card_reviewed_by_id = fields.Many2one('res.users', string="Card Reviewed By", readonly=True, copy=False)
