from odoo import api, fields, models
from odoo.fields import Domain


class ResPartner(models.Model):
    """Link from a customer to its figures in the current company."""

    _inherit = 'res.partner'

    metrics_id = fields.Many2one(
        'crm.customer.metrics', string="Figures", compute='_compute_metrics_id', search='_search_metrics_id',
        help="Figures of the customer, or of the contact's company, in the current company and its branches.")
    figures_sales_12m = fields.Monetary(
        related='metrics_id.sales_12m', string="Sales of 12 Months", currency_field='figures_currency_id')
    figures_currency_id = fields.Many2one(related='metrics_id.currency_id', string="Currency of Figures")
    movement_count = fields.Integer(compute='_compute_movement_count')

    @api.depends('commercial_partner_id')
    @api.depends_context('company', 'uid')
    def _compute_metrics_id(self):
        metrics = self.env['crm.customer.metrics']
        rows = (
            metrics.has_access('read')
            and metrics.search(
                [
                    ('company_id', '=', self.env.company.root_id.id),
                    ('partner_id', 'in', self.commercial_partner_id._origin.ids),
                ]
            )
            or metrics
        )
        by_partner = {row.partner_id.id: row for row in rows}
        for partner in self:
            partner.metrics_id = by_partner.get(partner.commercial_partner_id._origin.id, False)

    @api.model
    def _search_metrics_id(self, operator, value):
        if operator not in ('in', 'any', 'any!'):
            return NotImplemented
        rows = Domain('company_id', '=', self.env.company.root_id.id)
        found = Domain('id', 'in', [item for item in value if item]) if operator == 'in' else Domain(value)
        partners = self.env['crm.customer.metrics'].search(rows & found).partner_id
        domain = Domain('commercial_partner_id', 'in', partners.ids)
        if operator == 'in' and False in value:
            with_row = self.env['crm.customer.metrics'].search(rows).partner_id
            domain |= Domain('commercial_partner_id', 'not in', with_row.ids)
        return domain

    @api.depends_context('company', 'uid')
    def _compute_movement_count(self):
        movements = self.env['crm.customer.movement']
        counts = dict(movements._read_group(
            [('partner_id', 'in', self._origin.ids), ('company_id', '=', self.env.company.root_id.id)],
            ['partner_id'], ['__count']) if movements.has_access('read') else ())
        for partner in self:
            partner.movement_count = counts.get(partner._origin, 0)

    def action_open_movements(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_customer_movement_action')
        return {**action, 'domain': [('partner_id', '=', self.commercial_partner_id.id)], 'context': {}}

    def action_open_metrics(self):
        """The customer's row of figures, on its form."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env['crm.metrics.run']._title(self.env._("Figures"), self.env.company.root_id),
            'res_model': 'crm.customer.metrics',
            'view_mode': 'form',
            'res_id': self.metrics_id.id,
        }
