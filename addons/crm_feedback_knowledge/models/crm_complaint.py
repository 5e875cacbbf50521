from odoo import models


class CrmComplaint(models.Model):
    _name = 'crm.complaint'
    _inherit = ['crm.complaint', 'crm.knowledge.mixin']

    def _knowledge_products(self):
        """The product complained about, or else those of the order concerned."""
        return {
            complaint.id: set(
                (
                    complaint.product_id.product_tmpl_id
                    or complaint.sudo().sale_order_id.order_line.product_id.product_tmpl_id
                ).ids
            )
            for complaint in self
        }
