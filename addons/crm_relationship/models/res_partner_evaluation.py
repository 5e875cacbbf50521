from odoo import api, fields, models
from odoo.exceptions import UserError


class ResPartner(models.Model):
    """Relationship evaluations of a customer."""

    _inherit = 'res.partner'

    evaluation_ids = fields.One2many('crm.evaluation', 'partner_id', string="Evaluations")
    evaluation_count = fields.Integer(compute='_compute_evaluation_count')

    @api.depends_context('company', 'uid')
    def _compute_evaluation_count(self):
        evaluations = self.env['crm.evaluation']
        counts = dict(evaluations._read_group([('partner_id', 'in', self._origin.ids)], ['partner_id'], ['__count'])
                      if evaluations.has_access('read') else ())
        for partner in self:
            partner.evaluation_count = counts.get(partner._origin, 0)

    def action_open_evaluations(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_evaluation_action')
        return {**action, 'domain': [('partner_id', '=', self.id)], 'context': {'default_partner_id': self.id}}

    def action_evaluate(self):
        """Make and fill an evaluation for each customer that has none open, and show the open ones."""
        customers = self.commercial_partner_id.filtered('is_customer')
        if not customers:
            raise UserError(self.env._("Choose customers to evaluate."))
        evaluations = self.env['crm.evaluation']
        company = self.env.company.root_id
        still_open = evaluations.search([
            ('partner_id', 'in', customers.ids), ('company_id', '=', company.id), ('state', '!=', 'closed')])
        made = evaluations.create([
            {'partner_id': customer.id, 'company_id': company.id} for customer in customers - still_open.partner_id])
        made.action_fill()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_evaluation_action')
        shown = still_open | made
        if len(shown) == 1:
            return {**action, 'views': [(False, 'form')], 'res_id': shown.id, 'context': {}}
        return {**action, 'domain': [('id', 'in', shown.ids)], 'context': {}}
