from odoo import models


class CrmLead(models.Model):
    _name = 'crm.lead'
    _inherit = ['crm.lead', 'crm.knowledge.mixin']

    def _knowledge_products(self):
        """What is being offered counts beside what the customer has bought."""
        result = super()._knowledge_products()
        for lead in self:
            offered = lead.order_ids.order_line.product_id.product_tmpl_id
            result[lead.id] = result.get(lead.id, set()) | set(offered.ids)
        return result
