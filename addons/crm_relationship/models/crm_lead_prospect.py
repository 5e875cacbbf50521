from odoo import api, fields, models


class CrmLead(models.Model):
    _inherit = 'crm.lead'

    prospect_check_ids = fields.One2many('crm.prospect.check', 'lead_id', string="Prospect Checklists")
    prospect_score = fields.Float(
        compute='_compute_prospect_score', help="Score of the newest checklist of the lead or its customer.",
    )
    prospect_matching = fields.Float(
        string="Likeness to Loyal Customers", compute='_compute_prospect_score',
        help="Matching score of the newest checklist.",
    )

    @api.depends('prospect_check_ids.score', 'partner_id')
    def _compute_prospect_score(self):
        checks = self.env['crm.prospect.check'].search(
            ['|', ('lead_id', 'in', self.ids), ('partner_id', 'in', self.partner_id.ids)], order='date, id',
        ) if self.env['crm.prospect.check'].has_access('read') else self.env['crm.prospect.check']
        by_lead = {check.lead_id.id: check for check in checks if check.lead_id}
        by_partner = {check.partner_id.id: check for check in checks if check.partner_id}
        for lead in self:
            check = by_lead.get(lead._origin.id) or by_partner.get(lead.partner_id.id)
            lead.prospect_score = check.score if check else 0
            lead.prospect_matching = check.matching_score if check else 0

    cross_sell_product_id = fields.Many2one(
        'product.template', string="Proposed Product", index='btree_not_null', ondelete='set null', copy=False,
        help="The product that was proposed to the customer and led to this opportunity.",
    )

    def action_prospect_check(self):
        self.ensure_one()
        return self.env['crm.prospect.check']._action_check(self)

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        checks = self.env['crm.prospect.check'].sudo().search([('lead_id', 'in', opportunities.ids)])
        checks.write({'lead_id': self.id})
        return result
