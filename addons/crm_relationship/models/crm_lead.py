from odoo import api, models


class CrmLead(models.Model):
    _inherit = 'crm.lead'

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        leads._make_customers()
        return leads

    def write(self, vals):
        result = super().write(vals)
        if vals.get('partner_id') or vals.get('type') == 'opportunity':
            self._make_customers()
        return result

    def _make_customers(self):
        """Whoever we have an opportunity with is a customer, if only a potential one; a mere lead isn't."""
        self.filtered(lambda lead: lead.type == 'opportunity').partner_id._make_customer()
