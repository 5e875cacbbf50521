from odoo import fields, models


class CrmLead(models.Model):
    _inherit = 'crm.lead'

    touchpoint_id = fields.Many2one(
        'crm.touchpoint', string="Raised by Contact", index='btree_not_null', ondelete='set null', copy=False,
        help="The contact with the customer that this opportunity came from.",
    )

    def _merge_get_fields(self):
        return super()._merge_get_fields() + ['touchpoint_id']

    def _merge_dependences(self, opportunities):
        """Contacts and promises of merged opportunities go on with the one that stays."""
        result = super()._merge_dependences(opportunities)
        self.env['crm.touchpoint'].sudo().search([('lead_id', 'in', opportunities.ids)]).write({'lead_id': self.id})
        for model in ('crm.touchpoint', 'crm.promise'):
            self.env[model].sudo().search([
                ('res_model', '=', self._name), ('res_id', 'in', opportunities.ids),
            ]).write({'res_id': self.id})
        return result

    def action_log_call(self):
        self.ensure_one()
        return self.env['crm.touchpoint']._action_log(self, 'phone')

    def action_new_promise(self):
        self.ensure_one()
        return self.env['crm.promise']._action_new(self)
