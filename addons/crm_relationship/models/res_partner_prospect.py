from odoo import fields, models


class ResPartner(models.Model):
    _inherit = 'res.partner'

    prospect_check_ids = fields.One2many('crm.prospect.check', 'partner_id', string="Prospect Checklists")

    def action_prospect_check(self):
        self.ensure_one()
        return self.env['crm.prospect.check']._action_check(self.commercial_partner_id)

    def action_propose_products(self):
        """Products that similar customers buy and this one doesn't, yet."""
        self.ensure_one()
        wizard = self.env['crm.cross.sell'].create({'partner_id': self.commercial_partner_id.id})
        wizard._propose()
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Propose Products"), 'res_model': wizard._name,
            'res_id': wizard.id, 'views': [(False, 'form')], 'target': 'new',
        }
