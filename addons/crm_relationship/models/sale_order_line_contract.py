from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column


class SaleOrderLine(models.Model):
    """Lines of call-offs: which contract line they draw on, and its price."""

    _inherit = 'sale.order.line'

    contract_line_id = fields.Many2one(
        'crm.contract.line', string="Contract Line", index='btree_not_null', ondelete='restrict', copy=False,
        compute='_compute_contract_line_id', store=True, readonly=False, precompute=True,
        domain="[('product_id', '=', product_id)]",
        help="The line of the contract that this quantity is called off from.",
    )

    def _auto_init(self):
        """Create the column empty: no line there is can belong to a contract."""
        if not column_exists(self.env.cr, self._table, 'contract_line_id'):
            create_column(self.env.cr, self._table, 'contract_line_id', 'int4')
        return super()._auto_init()

    @api.depends('order_id.contract_id', 'product_id')
    def _compute_contract_line_id(self):
        for line in self:
            contract = line.order_id.contract_id
            if not contract or line.display_type or line.is_downpayment:
                line.contract_line_id = False
                continue
            fitting = contract.line_ids.filtered(lambda item, line=line: item.product_id == line.product_id)
            if line.contract_line_id not in fitting:
                line.contract_line_id = fitting[:1]

    @api.depends('contract_line_id')
    def _compute_price_unit(self):
        super()._compute_price_unit()

    def _get_display_price(self):
        """The price of a contract goes before every price list."""
        agreed = self.contract_line_id.sudo()
        if not agreed:
            return super()._get_display_price()
        price = agreed.product_uom_id._compute_price(agreed.price_unit, self.product_uom_id or agreed.product_uom_id)
        currency = self.currency_id or self.order_id.currency_id or agreed.currency_id
        if currency == agreed.currency_id:
            return price
        return agreed.currency_id._convert(
            price, currency, self.company_id or self.env.company, self._get_order_date() or fields.Date.today(),
            round=False,
        )

    @api.depends('contract_line_id')
    def _compute_discount(self):
        """No discount of a price list comes on top of an agreed price."""
        called_off = self.filtered('contract_line_id')
        super(SaleOrderLine, self - called_off)._compute_discount()
        called_off.discount = 0.0
