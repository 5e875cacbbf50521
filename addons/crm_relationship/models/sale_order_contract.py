from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SaleOrder(models.Model):
    """Orders that call off from a contract."""

    _inherit = 'sale.order'

    contract_id = fields.Many2one(
        'crm.contract', string="Contract", index='btree_not_null', ondelete='restrict', check_company=True, copy=True,
        tracking=True, domain="[('state', '=', 'active'), ('partner_id', 'parent_of', partner_id)]",
        help="The contract that this order calls off from. Its products get the agreed prices.",
    )
    contract_warning = fields.Char(
        compute='_compute_contract_warning', help="What this order calls off beyond the contract.",
    )

    @api.depends(
        'state', 'contract_id.state', 'order_line.contract_line_id', 'order_line.product_uom_qty',
        'order_line.product_uom_id',
    )
    @api.depends_context('lang')
    def _compute_contract_warning(self):
        for order in self:
            order.contract_warning = ' · '.join(order._get_contract_excess()) if order.state != 'cancel' else False

    def _get_contract_excess(self):
        """Return texts: which products this order takes beyond what its contract agrees."""
        self.ensure_one()
        texts = []
        contract = self.contract_id.sudo()
        if contract and contract.state != 'active' and self.state != 'sale':
            texts.append(self.env._("%(contract)s is not in force", contract=contract.name))
        for contract_line, lines in self.order_line.grouped('contract_line_id').items():
            agreed = contract_line.sudo()
            if not agreed.quantity:
                continue
            ordered = agreed.quantity_ordered
            if self.state != 'sale':
                ordered += sum(agreed._in_unit(line, line.product_uom_qty) for line in lines)
            unit = agreed.product_uom_id
            if unit.compare(ordered, agreed.quantity) > 0:
                texts.append(self.env._(
                    "%(product)s: %(excess)s %(unit)s more than the %(agreed)s of %(contract)s",
                    product=agreed.product_id.display_name, excess=f'{ordered - agreed.quantity:g}', unit=unit.name,
                    agreed=f'{agreed.quantity:g}', contract=agreed.contract_id.name,
                ))
        return texts

    def copy_data(self, default=None):
        """A copy calls off from the same contract only while that is in force."""
        data = super().copy_data(default)
        for order, vals in zip(self, data, strict=True):
            if order.contract_id.sudo().state != 'active':
                vals['contract_id'] = False
        return data

    @api.onchange('partner_id')
    def _onchange_partner_contract(self):
        if self.contract_id and self.contract_id.sudo().partner_id != self.partner_id.commercial_partner_id:
            self.contract_id = False

    @api.onchange('contract_id')
    def _onchange_contract_id(self):
        if term := self.contract_id.sudo().payment_term_id:
            self.payment_term_id = term.with_env(self.env)

    @api.constrains('contract_id', 'partner_id', 'partner_invoice_id')
    def _check_contract(self):
        for order in self.filtered('contract_id').sudo():
            customers = (order.partner_id | order.partner_invoice_id).commercial_partner_id
            if order.contract_id.partner_id not in customers:
                raise ValidationError(self.env._(
                    "%(contract)s is a contract with %(customer)s and not for %(order)s: choose another contract, or "
                    "none.",
                    contract=order.contract_id.display_name, customer=order.contract_id.partner_id.display_name,
                    order=order.name,
                ))

    def _add_contract_specifications(self):
        """Say on the lines of a call-off what exactly is to be supplied."""
        for line in self.order_line:
            specification = line.contract_line_id.specification
            if specification and specification not in (line.name or ''):
                line.name = '\n'.join(filter(None, (line.name, specification)))

    def action_view_contract(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'res_model': 'crm.contract', 'res_id': self.contract_id.id,
            'views': [(False, 'form')],
        }

    def action_make_contract(self):
        """Write a draft contract with the products and prices of this order, and open it."""
        self.ensure_one()
        contract = self.env['crm.contract'].create({
            'partner_id': self.partner_id.commercial_partner_id.id,
            'company_id': self.company_id.id,
            'currency_id': self.currency_id.id,
            'user_id': self.user_id.id,
            'subject': self.env._("Supply as in %(order)s", order=self.name),
            'payment_term_id': self.payment_term_id.id,
            'res_model': self._name,
            'res_id': self.id,
            'line_ids': [
                fields.Command.create({
                    'product_id': line.product_id.id, 'product_uom_id': line.product_uom_id.id,
                    'quantity': line.product_uom_qty, 'standard_quantity': line.product_uom_qty,
                    'price_unit': line.price_unit * (1 - line.discount / 100),
                })
                for line in self.order_line
                if line.product_id and not line.display_type and not line.is_downpayment and line.product_uom_qty > 0
            ],
        })
        return {
            'type': 'ir.actions.act_window', 'res_model': 'crm.contract', 'res_id': contract.id,
            'views': [(False, 'form')],
        }
