from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_amount

# Changes of these are noted in the history of a contract in force.
NOTED = ('product_id', 'specification', 'quantity', 'product_uom_id', 'price_unit')


class CrmContractLine(models.Model):
    """A product of a contract: how much at which price, and how much of it was called off."""

    _name = 'crm.contract.line'
    _description = "Contract Line"
    _order = 'contract_id, sequence, id'
    _rec_name = 'product_id'
    _check_company_auto = True

    contract_id = fields.Many2one('crm.contract', required=True, index=True, ondelete='cascade')
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(related='contract_id.company_id', store=True)
    partner_id = fields.Many2one(related='contract_id.partner_id', store=True, index=True)
    user_id = fields.Many2one(related='contract_id.user_id', store=True)
    state = fields.Selection(related='contract_id.state', store=True, string="Contract State")
    currency_id = fields.Many2one(related='contract_id.currency_id', store=True)
    product_id = fields.Many2one(
        'product.product', required=True, ondelete='restrict', check_company=True, domain=[('sale_ok', '=', True)],
    )
    specification = fields.Text(help="Model, quality, packing: what exactly is to be supplied.")
    quantity = fields.Float(
        digits='Product Unit', help="Agreed for the whole period. 0: only the price is agreed, the quantity is open.",
    )
    allowed_uom_ids = fields.Many2many('uom.uom', compute='_compute_allowed_uom_ids')
    product_uom_id = fields.Many2one(
        'uom.uom', string="Unit", required=True, ondelete='restrict', domain="[('id', 'in', allowed_uom_ids)]",
        compute='_compute_product_uom_id', store=True, readonly=False, precompute=True,
    )
    price_unit = fields.Float(
        string="Price", min_display_digits='Product Price', compute='_compute_price_unit', store=True, readonly=False,
        precompute=True, aggregator='avg',
        help="Agreed price of one unit, in the currency of the contract.",
    )
    price_subtotal = fields.Monetary(string="Agreed Value", compute='_compute_price_subtotal', store=True)
    standard_quantity = fields.Float(
        digits='Product Unit', help="Quantity of this product in a standard order: what “Repeat order” asks for.",
    )
    sale_line_ids = fields.One2many('sale.order.line', 'contract_line_id', string="Order Lines", copy=False)
    quantity_quoted = fields.Float(
        string="On Quotations", digits='Product Unit', compute='_compute_progress', store=True, copy=False,
    )
    quantity_ordered = fields.Float(
        string="Ordered", digits='Product Unit', compute='_compute_progress', store=True, copy=False,
        help="On confirmed orders; cancelled ones don't count.",
    )
    quantity_delivered = fields.Float(
        string="Delivered", digits='Product Unit', compute='_compute_progress', store=True, copy=False,
        help="Delivered less returned.",
    )
    quantity_invoiced = fields.Float(
        string="Invoiced", digits='Product Unit', compute='_compute_progress', store=True, copy=False,
    )
    quantity_remaining = fields.Float(
        string="Remaining", digits='Product Unit', compute='_compute_progress', store=True, copy=False,
        help="Agreed less ordered, never below zero.",
    )
    amount_ordered = fields.Monetary(string="Ordered Value", compute='_compute_progress', store=True, copy=False)
    amount_delivered = fields.Monetary(string="Delivered Value", compute='_compute_progress', store=True, copy=False)
    amount_invoiced = fields.Monetary(string="Invoiced Value", compute='_compute_progress', store=True, copy=False)
    ordered_rate = fields.Float(
        string="Ordered %", compute='_compute_progress', store=True, copy=False, aggregator='avg',
        help="Ordered quantity as a share of the agreed one.",
    )
    fulfilment_rate = fields.Float(
        string="Fulfilment", compute='_compute_progress', store=True, copy=False, aggregator='avg',
        help="Delivered quantity, less returns, as a share of the agreed one.",
    )
    is_over_called = fields.Boolean(
        string="More Ordered than Agreed", compute='_compute_progress', store=True, copy=False,
    )

    _check_numbers = models.Constraint(
        'CHECK (quantity >= 0 AND standard_quantity >= 0 AND price_unit >= 0)',
        "Quantities and prices of a contract can't be negative.",
    )

    @api.depends('product_id')
    def _compute_allowed_uom_ids(self):
        for line in self:
            line.allowed_uom_ids = line.product_id.uom_id | line.product_id.uom_ids

    @api.depends('product_id')
    def _compute_product_uom_id(self):
        for line in self:
            if not line.product_uom_id or not line.product_uom_id._has_common_reference(line.product_id.uom_id):
                line.product_uom_id = line.product_id.uom_id

    @api.depends('product_id')
    def _compute_price_unit(self):
        """Propose the price of the customer's price list; whatever is agreed replaces it."""
        for line in self:
            contract = line.contract_id
            if not line.product_id:
                continue
            pricelist = contract.partner_id.with_company(contract.company_id).property_product_pricelist
            line.price_unit = pricelist._get_product_price(
                line.product_id.with_company(contract.company_id), line.quantity or 1.0,
                currency=contract.currency_id or None, uom=line.product_uom_id, date=fields.Datetime.now(),
            )

    @api.depends('quantity', 'price_unit', 'product_id', 'currency_id', 'company_id')
    def _compute_price_subtotal(self):
        for line in self:
            line.price_subtotal = line._get_untaxed(line.quantity)

    def _get_untaxed(self, quantity):
        """Return the untaxed value of a quantity; the price may include taxes, as on orders."""
        taxes = self.product_id.taxes_id._filter_taxes_by_company(self.company_id).filtered('price_include')
        if not taxes:
            return quantity * self.price_unit
        return taxes.compute_all(
            self.price_unit, currency=self.currency_id, quantity=quantity, product=self.product_id,
            partner=self.partner_id,
        )['total_excluded']

    @api.depends(
        'quantity', 'product_uom_id', 'currency_id', 'sale_line_ids.state', 'sale_line_ids.product_uom_id',
        'sale_line_ids.product_uom_qty', 'sale_line_ids.qty_delivered', 'sale_line_ids.qty_invoiced',
        'sale_line_ids.price_subtotal', 'sale_line_ids.untaxed_amount_invoiced', 'sale_line_ids.order_id.currency_rate',
    )
    def _compute_progress(self):
        for line in self:
            ordered = line.sale_line_ids.filtered(lambda item: item.state == 'sale')
            quoted = line.sale_line_ids.filtered(lambda item: item.state in ('draft', 'sent'))
            line.quantity_quoted = sum(line._in_unit(item, item.product_uom_qty) for item in quoted)
            line.quantity_ordered = sum(line._in_unit(item, item.product_uom_qty) for item in ordered)
            line.quantity_delivered = sum(line._in_unit(item, item.qty_delivered) for item in ordered)
            line.quantity_invoiced = sum(line._in_unit(item, item.qty_invoiced) for item in ordered)
            line.amount_ordered = sum(line._in_currency(item, item.price_subtotal) for item in ordered)
            line.amount_delivered = sum(
                line._in_currency(item, item.price_reduce_taxexcl * item.qty_delivered) for item in ordered
            )
            line.amount_invoiced = sum(line._in_currency(item, item.untaxed_amount_invoiced) for item in ordered)
            agreed = line.quantity
            line.quantity_remaining = max(agreed - line.quantity_ordered, 0.0)
            line.ordered_rate = agreed and line.quantity_ordered / agreed
            line.fulfilment_rate = agreed and line.quantity_delivered / agreed
            line.is_over_called = bool(
                agreed and line.product_uom_id and line.product_uom_id.compare(line.quantity_ordered, agreed) > 0
            )

    def _in_unit(self, sale_line, quantity):
        """Return a quantity of an order line in the unit of the contract."""
        if sale_line.product_uom_id == self.product_uom_id:
            return quantity
        return sale_line.product_uom_id._compute_quantity(
            quantity, self.product_uom_id, rounding_method='HALF-UP', raise_if_failure=False,
        )

    def _in_currency(self, sale_line, amount):
        """Return an amount of an order line in the currency of the contract, at the rate of the order."""
        order = sale_line.order_id
        if not amount or order.currency_id == self.currency_id:
            return amount
        company = order.company_id
        company_amount = amount / (order.currency_rate or 1.0)
        if self.currency_id == company.currency_id:
            return company_amount
        return company.currency_id._convert(company_amount, self.currency_id, company, order.date_order, round=False)

    @api.constrains('product_id', 'product_uom_id')
    def _check_unit(self):
        for line in self:
            product, unit = line.product_id, line.product_uom_id
            if product and unit and not unit._has_common_reference(product.uom_id):
                raise ValidationError(self.env._(
                    "%(product)s can't be agreed in %(unit)s: it is counted in %(own)s.",
                    product=line.product_id.display_name, unit=line.product_uom_id.name,
                    own=line.product_id.uom_id.name,
                ))

    # ------------------------------------------------------------------ changes are controlled by the contract

    @api.model_create_multi
    def create(self, vals_list):
        self.env['crm.contract'].browse({vals.get('contract_id') for vals in vals_list} - {None}).exists()._check_open(
            self.env._("changed"),
        )
        lines = super().create(vals_list)
        lines._note(lambda line: self.env._("Added: %(line)s", line=line._describe()))
        return lines

    def write(self, vals):
        if not {*NOTED, 'standard_quantity', 'contract_id'}.intersection(vals):
            return super().write(vals)
        (self.contract_id | self.contract_id.browse(vals.get('contract_id')))._check_open(self.env._("changed"))
        before = {line: line._describe() for line in self}
        result = super().write(vals)
        if set(NOTED).intersection(vals):
            self._note(lambda line: before[line] != line._describe() and self.env._(
                "Changed: %(before)s → %(after)s", before=before[line], after=line._describe(),
            ))
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_uncalled(self):
        self.contract_id._check_open(self.env._("changed"))
        for line in self.sudo():
            if line.sale_line_ids:
                raise UserError(self.env._(
                    "%(product)s of %(contract)s has been ordered and can't be removed. Set its quantity to what was "
                    "ordered instead.",
                    product=line.product_id.display_name, contract=line.contract_id.name,
                ))
        self._note(lambda line: self.env._("Removed: %(line)s", line=line._describe()))

    def _describe(self):
        """Return the line in words for the history."""
        self.ensure_one()
        return self.env._(
            "%(product)s, %(quantity)s %(unit)s at %(price)s",
            product=' '.join(filter(None, (self.product_id.display_name, self.specification))),
            quantity=f'{self.quantity:g}', unit=self.product_uom_id.name,
            price=format_amount(self.env, self.price_unit, self.currency_id),
        )

    def _note(self, text_of):
        """Write a note into the history of contracts in force; ``text_of(line)`` may be empty."""
        for line in self.filtered(lambda item: item.contract_id.state == 'active'):
            text = text_of(line)
            if text:
                line.contract_id.message_post(body=text)

    # ------------------------------------------------------------------ call-off

    def _get_open_quantity(self):
        """Return what is neither ordered nor quoted yet; False where no quantity is agreed."""
        self.ensure_one()
        return max(self.quantity - self.quantity_ordered - self.quantity_quoted, 0.0) if self.quantity else False

    def _get_standard_quantity(self):
        """Return the quantity of the next standard order."""
        open_quantity = self._get_open_quantity()
        return self.standard_quantity if open_quantity is False else min(self.standard_quantity, open_quantity)

    def _get_next_quantity(self):
        """Return the quantity that a call-off proposes: a standard one, or all that is open."""
        return self._get_standard_quantity() if self.standard_quantity else self._get_open_quantity() or 0.0

    def _prepare_order_line_vals(self, quantity):
        self.ensure_one()
        return {
            'product_id': self.product_id.id,
            'product_uom_id': self.product_uom_id.id,
            'product_uom_qty': quantity,
            'contract_line_id': self.id,
        }
