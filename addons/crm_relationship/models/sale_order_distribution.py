from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column


class SaleOrder(models.Model):
    """Orders of end customers that an intermediary brought."""

    _inherit = 'sale.order'

    intermediary_id = fields.Many2one(
        'res.partner', string="Through", index='btree_not_null', ondelete='restrict', check_company=True,
        compute='_compute_intermediary_id', store=True, readonly=False, precompute=True, tracking=True,
        domain=[('is_customer', '=', True), ('customer_type', '=', 'intermediary')],
        help="The intermediary that brought this order. It counts as sales through it.",
    )

    def _auto_init(self):
        """Create the column empty: nobody was linked when the orders there are were made."""
        if not column_exists(self.env.cr, self._table, 'intermediary_id'):
            create_column(self.env.cr, self._table, 'intermediary_id', 'int4')
        return super()._auto_init()

    @api.depends('partner_id', 'company_id', 'contract_id')
    def _compute_intermediary_id(self):
        links = self.env['crm.distribution.link']
        today = fields.Date.context_today(self)
        for company, orders in self.grouped('company_id').items():
            served = links._get_intermediaries(orders.partner_id.commercial_partner_id, company, today)
            for order in orders:
                customer = order.partner_id.commercial_partner_id._origin
                intermediary = order.contract_id.sudo().intermediary_id or served.get(customer.id)
                order.intermediary_id = intermediary if intermediary != customer else False

    def _prepare_invoice(self):
        return {**super()._prepare_invoice(), 'intermediary_id': self.intermediary_id.id}

    def _get_invoice_grouping_keys(self):
        """Orders through different intermediaries don't share an invoice."""
        return [*super()._get_invoice_grouping_keys(), 'intermediary_id']
