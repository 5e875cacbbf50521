from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ..tools.listing import listed


class CrmSellThrough(models.Model):
    """What an intermediary says it has sold on from its own stock."""

    _name = 'crm.sell.through'
    _description = "Reported Sell-Through"
    _inherit = ['crm.import.mixin', 'crm.guarded.mixin', 'crm.period.mixin']
    _order = 'date_end desc, intermediary_id, id desc'
    _rec_name = 'reference'
    _check_company_auto = True

    intermediary_id = fields.Many2one(
        'res.partner', string="Intermediary", required=True, index=True, ondelete='restrict', check_company=True,
        domain=[('is_customer', '=', True), ('customer_type', '=', 'intermediary')],
    )
    partner_id = fields.Many2one(
        'res.partner', string="End Customer", index='btree_not_null', ondelete='restrict', check_company=True,
        help="Empty: the intermediary doesn't name its customers.",
    )
    date_start = fields.Date(string="Period From", required=True)
    date_end = fields.Date(string="Period Until", required=True, index=True)
    product_id = fields.Many2one('product.product', required=True, ondelete='restrict', check_company=True)
    quantity = fields.Float(digits='Product Unit', required=True, help="Returned goods are negative.")
    product_uom_id = fields.Many2one(
        'uom.uom', string="Unit", required=True, ondelete='restrict',
        compute='_compute_product_uom_id', store=True, readonly=False, precompute=True,
    )
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(
        'res.currency', required=True, default=lambda self: self.env.company.currency_id,
    )
    amount = fields.Monetary(help="What the end customers paid, untaxed.")
    company_currency_id = fields.Many2one('res.currency', related='company_id.currency_id', string="Company Currency")
    company_amount = fields.Monetary(
        string="Amount (Company Currency)", compute='_compute_company_amount', store=True,
        currency_field='company_currency_id', help="At the rate of the last day of the period.",
    )
    base_quantity = fields.Float(
        string="Quantity in Product Unit", digits='Product Unit', compute='_compute_base_quantity', store=True,
    )
    reported_by_id = fields.Many2one(
        'res.partner', string="Reported By", ondelete='set null',
        domain="[('id', 'child_of', intermediary_id)]", help="Who at the intermediary sent the figures.",
    )
    reference = fields.Char(help="Number of the report or file.")
    excluded = fields.Boolean(
        string="Not Counted", help="Tick when these goods are in invoices of ours already, so that they aren't counted "
                                   "twice.",
    )
    double_message = fields.Char(
        string="Possibly Twice", compute='_compute_double_message',
        help="Invoices of ours that may be about the same sale.",
    )

    @api.depends('product_id')
    def _compute_product_uom_id(self):
        for entry in self:
            if not entry.product_uom_id or not entry.product_uom_id._has_common_reference(entry.product_id.uom_id):
                entry.product_uom_id = entry.product_id.uom_id

    @api.depends('quantity', 'product_uom_id', 'product_id')
    def _compute_base_quantity(self):
        for entry in self:
            entry.base_quantity = entry.product_uom_id._compute_quantity(
                entry.quantity, entry.product_id.uom_id, rounding_method='HALF-UP', raise_if_failure=False,
            )

    @api.depends('amount', 'currency_id', 'company_id', 'date_end')
    def _compute_company_amount(self):
        for entry in self:
            company, currency = entry.company_id, entry.currency_id
            if not entry.amount or not currency or currency == company.currency_id or not entry.date_end:
                entry.company_amount = entry.amount
            else:
                entry.company_amount = currency._convert(entry.amount, company.currency_id, company, entry.date_end)

    @api.depends('intermediary_id', 'partner_id', 'product_id', 'date_start', 'date_end', 'company_id', 'excluded')
    @api.depends_context('lang')
    def _compute_double_message(self):
        """Point at invoices of ours that name the intermediary for the same customer, product and time."""
        named = self.filtered(lambda entry: entry.partner_id and entry.date_start and entry.date_end)
        lines = self.env['account.move.line'].sudo().search_fetch([
            ('move_id.intermediary_id', 'in', named.intermediary_id.ids),
            ('move_id.move_type', '=', 'out_invoice'), ('parent_state', '=', 'posted'),
            ('move_id.commercial_partner_id', 'in', named.partner_id.ids),
            ('product_id', 'in', named.product_id.ids), ('company_id', 'in', named.company_id.ids),
            ('date', '>=', min(named.mapped('date_start'), default=False)),
            ('date', '<=', max(named.mapped('date_end'), default=False)),
        ], ['move_id', 'product_id', 'company_id', 'date']) if named else self.env['account.move.line']
        for entry in self:
            moves = lines.filtered(lambda line, entry=entry: (
                line.product_id == entry.product_id and line.company_id == entry.company_id
                and line.move_id.intermediary_id == entry.intermediary_id
                and line.move_id.commercial_partner_id == entry.partner_id
                and entry.date_start <= line.date <= entry.date_end
            )).move_id if entry in named and not entry.excluded else self.env['account.move']
            numbers = moves.mapped('name')
            entry.double_message = bool(numbers) and self.env._(
                "Our invoices %(numbers)s name this intermediary, customer and product in the period.",
                numbers=listed(numbers, self.env.lang),
            )

    def _period_name(self):
        return self.env._(
            "%(intermediary)s: %(product)s", intermediary=self.intermediary_id.display_name,
            product=self.product_id.display_name)

    @api.constrains('amount', 'currency_id', 'company_id')
    def _check_currency(self):
        for entry in self:
            entry.currency_id._check_rate_known(entry.company_id, entry.amount, entry._period_name())

    @api.constrains('date_start')
    def _check_begun(self):
        today = fields.Date.context_today(self)
        for entry in self:
            if entry.date_start and entry.date_start > today:
                raise ValidationError(self.env._(
                    "%(record)s: the period begins on %(start)s, in the future. Enter what has been sold.",
                    record=entry._period_name(), start=format_date(self.env, entry.date_start),
                ))

    @api.constrains('intermediary_id', 'partner_id')
    def _check_entry(self):
        for entry in self:
            entry.intermediary_id._check_is_intermediary()
            if entry.partner_id == entry.intermediary_id:
                raise ValidationError(self.env._(
                    "What %(intermediary)s bought itself isn't sold on yet: enter its customer, or leave it empty.",
                    intermediary=entry.intermediary_id.display_name,
                ))

    @api.constrains('intermediary_id', 'partner_id', 'product_id', 'date_start', 'date_end', 'reference', 'company_id')
    def _check_reported_once(self):
        """The same line of a report can't be entered or imported twice."""
        groups = self._read_group(
            [('intermediary_id', 'in', self.intermediary_id.ids), ('product_id', 'in', self.product_id.ids),
             ('company_id', 'in', self.company_id.ids)],
            [
                'intermediary_id', 'partner_id', 'product_id', 'company_id', 'date_start:day', 'date_end:day',
                'reference',
            ],
            ['__count', 'id:recordset'], [('__count', '>', 1)],
        )
        for intermediary, customer, product, *_key, entries in groups:
            if entries & self:
                raise ValidationError(self.env._(
                    "%(intermediary)s has reported %(product)s for %(customer)s in this period already, with the same "
                    "reference. Change that entry, or give another reference.",
                    intermediary=intermediary.display_name, product=product.display_name,
                    customer=customer.display_name or self.env._("unnamed customers"),
                ))

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self.env['crm.distribution.link']._customer_vals(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self.env['crm.distribution.link']._customer_vals(vals))
