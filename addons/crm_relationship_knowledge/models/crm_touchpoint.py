from odoo import models


class CrmTouchpoint(models.Model):
    _name = 'crm.touchpoint'
    _inherit = ['crm.touchpoint', 'crm.knowledge.mixin']
