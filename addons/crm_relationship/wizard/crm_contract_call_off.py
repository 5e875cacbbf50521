from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmContractCallOff(models.TransientModel):
    """Choose what is ordered now of what a contract still offers."""

    _name = 'crm.contract.call.off'
    _description = "Call-off from a Contract"

    contract_id = fields.Many2one('crm.contract', required=True, readonly=True, ondelete='cascade')
    currency_id = fields.Many2one(related='contract_id.currency_id')
    line_ids = fields.One2many('crm.contract.call.off.line', 'call_off_id', string="Products")
    amount = fields.Monetary(string="Amount", compute='_compute_amount')
    has_excess = fields.Boolean(compute='_compute_amount')

    @api.depends('line_ids.quantity', 'line_ids.excess')
    def _compute_amount(self):
        for call_off in self:
            call_off.amount = sum(line.quantity * line.contract_line_id.price_unit for line in call_off.line_ids)
            call_off.has_excess = any(line.excess > 0 for line in call_off.line_ids)

    def action_create_order(self):
        """Make a quotation of the chosen quantities and open it."""
        self.ensure_one()
        contract = self.contract_id
        contract._check_callable()
        order = contract._make_order({
            line.contract_line_id: line.quantity for line in self.line_ids if line.quantity > 0
        })
        if not order:
            raise UserError(self.env._("Enter the quantity of at least one product."))
        return contract._open_order(order)


class CrmContractCallOffLine(models.TransientModel):
    _name = 'crm.contract.call.off.line'
    _description = "Product of a Call-off"

    call_off_id = fields.Many2one('crm.contract.call.off', required=True, ondelete='cascade')
    contract_line_id = fields.Many2one('crm.contract.line', required=True, readonly=True, ondelete='cascade')
    product_id = fields.Many2one(related='contract_line_id.product_id')
    specification = fields.Text(related='contract_line_id.specification')
    product_uom_id = fields.Many2one(related='contract_line_id.product_uom_id')
    agreed = fields.Float(related='contract_line_id.quantity', string="Agreed")
    remaining = fields.Float(related='contract_line_id.quantity_remaining')
    quoted = fields.Float(related='contract_line_id.quantity_quoted')
    quantity = fields.Float(string="Order Now", digits='Product Unit')
    excess = fields.Float(compute='_compute_excess', digits='Product Unit', string="Beyond the Contract")

    _check_quantity = models.Constraint('CHECK (quantity >= 0)', "A quantity that is called off can't be negative.")

    @api.depends('quantity', 'contract_line_id')
    def _compute_excess(self):
        for line in self:
            line.excess = max(line.quantity - line.remaining, 0.0) if line.agreed else 0.0
