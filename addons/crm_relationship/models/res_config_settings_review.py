from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    card_review_size = fields.Integer(related='company_id.card_review_size', readonly=False)
    upkeep_weight = fields.Integer(related='company_id.upkeep_weight', readonly=False)
