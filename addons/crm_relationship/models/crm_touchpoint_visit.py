from odoo import api, models


class CrmTouchpoint(models.Model):
    _inherit = 'crm.touchpoint'

    @api.model_create_multi
    def create(self, vals_list):
        touchpoints = super().create(vals_list)
        self.env['crm.visit.plan.line']._refresh_customers(touchpoints.partner_id.ids)
        return touchpoints

    def write(self, vals):
        customers = self.partner_id
        result = super().write(vals)
        if {'date', 'mode', 'partner_id', 'company_id'} & set(vals):
            self.env['crm.visit.plan.line']._refresh_customers((customers | self.partner_id).ids)
        return result

    def unlink(self):
        customers = self.partner_id
        result = super().unlink()
        self.env['crm.visit.plan.line']._refresh_customers(customers.ids)
        return result
