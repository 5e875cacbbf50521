from odoo import models


class ResPartner(models.Model):
    _name = 'res.partner'
    _inherit = ['res.partner', 'crm.knowledge.mixin']

    def _knowledge_partner(self):
        return self.commercial_partner_id
