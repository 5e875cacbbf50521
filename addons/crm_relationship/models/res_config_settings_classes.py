from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    relationship_root_id = fields.Many2one('res.company', compute='_compute_relationship_root_id')
    stage_dormant_days = fields.Integer(related='relationship_root_id.stage_dormant_days', readonly=False)
    stage_lost_days = fields.Integer(related='relationship_root_id.stage_lost_days', readonly=False)
    stage_loyal_purchases = fields.Integer(related='relationship_root_id.stage_loyal_purchases', readonly=False)
    class_vip_share = fields.Float(related='relationship_root_id.class_vip_share', readonly=False)
    class_major_share = fields.Float(related='relationship_root_id.class_major_share', readonly=False)
    class_regular_share = fields.Float(related='relationship_root_id.class_regular_share', readonly=False)
    class_margin = fields.Float(related='relationship_root_id.class_margin', readonly=False)
    class_last_cut = fields.Date(related='relationship_root_id.class_last_cut')

    @api.depends('company_id')
    def _compute_relationship_root_id(self):
        for settings in self:
            settings.relationship_root_id = (settings.company_id or self.env.company).root_id
