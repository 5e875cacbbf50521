from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmComplaint(models.Model):
    _inherit = 'crm.complaint'

    picking_id = fields.Many2one(
        'stock.picking', string="Delivery", check_company=True, index='btree_not_null', tracking=True,
        domain="[('picking_type_code', '=', 'outgoing'), '|', ('sale_id', '=', sale_order_id),"
               " ('partner_id.commercial_partner_id', '=', commercial_partner_id)]")
    picking_done = fields.Boolean(compute='_compute_picking_done', compute_sudo=True)
    return_count = fields.Integer(string="Returns", compute='_compute_picking_done', compute_sudo=True)

    @api.depends('picking_id.state', 'picking_id.return_ids')
    def _compute_picking_done(self):
        for complaint in self:
            complaint.picking_done = complaint.picking_id.state == 'done'
            complaint.return_count = len(complaint.picking_id.return_ids)

    def action_create_return(self):
        """Open Odoo's own return of the delivery; the return is then noted on the complaint."""
        self.ensure_one()
        if not self.picking_done:
            raise UserError(self.env._("Only a delivery that is done can be returned."))
        action = self.env['ir.actions.act_window']._for_xml_id('stock.act_stock_return_picking')
        return {**action, 'context': {
            'active_id': self.picking_id.id, 'active_ids': self.picking_id.ids, 'active_model': 'stock.picking',
            'complaint_id': self.id}}

    def action_view_returns(self):
        """Open the returns of the delivery."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('stock.action_picking_tree_all')
        return {**action, 'domain': [('return_id', '=', self.picking_id.id)], 'context': {}}
