from odoo import api, models
from odoo.tools import SQL

# Fields of a line that change what the order is worth, or whether it is invoiced at all.
WORTH = ('product_uom_qty', 'price_unit', 'discount', 'tax_ids', 'product_uom_id', 'product_id', 'order_id')

# Worked out by Odoo from the above and from invoices: by them an order would look smaller, or invoiced.
COMPUTED_WORTH = (
    'price_total',
    'price_subtotal',
    'price_tax',
    'qty_invoiced',
    'qty_to_invoice',
    'untaxed_amount_invoiced',
    'untaxed_amount_to_invoice',
    'state',
    'invoice_lines',
)

# What tells how much of an order line isn't invoiced: flushed before that is read, and logged for the metrics.
OPEN_LINE_COLUMNS = (
    'order_id',
    'state',
    'display_type',
    'product_uom_id',
    'product_uom_qty',
    'price_unit',
    'discount',
    'price_total',
    'price_subtotal',
    'qty_invoiced',
    'qty_to_invoice',
    'untaxed_amount_invoiced',
    'is_downpayment',
)
OPEN_ORDER_COLUMNS = ('currency_rate', 'locked', 'invoice_status')
INVOICED_LINE_COLUMNS = ('quantity', 'price_total', 'move_id', 'product_uom_id')


class SaleOrderLine(models.Model):
    """What of an order isn't invoiced yet, and the check of lines that grow after the order was confirmed."""

    _inherit = 'sale.order.line'

    # Lines of confirmed orders that a posted invoice may not cover in full. A draft invoice fills qty_invoiced, but not
    # untaxed_amount_invoiced. The condition must stay word for word that of _credit_uninvoiced_sql.
    _credit_open_index = models.Index(
        "(order_id) WHERE state = 'sale' AND display_type IS NULL AND (qty_invoiced IS DISTINCT FROM product_uom_qty"
        " OR untaxed_amount_invoiced IS DISTINCT FROM price_subtotal OR qty_to_invoice > 0)"
    )

    @api.constrains(*WORTH)
    def _check_credit_worth(self):
        """Refuse what raises a confirmed order over the limit.

        As a constraint it runs inside the write, before stock and others procure for the line.
        """
        lines = self.filtered(
            lambda line: (
                line.state == 'sale'
                and not line.display_type
                and not line._credit_is_downpayment()
                and not line._credit_is_reinvoiced()
            )
        )
        if lines:
            lines.order_id._credit_check_increase()

    def _credit_is_downpayment(self):
        """Odoo's own down payments have no quantity; what has one is goods, whatever it is called."""
        return self.is_downpayment and not self.product_uom_qty

    def _credit_is_reinvoiced(self):
        """Costs that posting a vendor bill or an expense adds to the order, just now: they have been spent."""
        return self.is_expense and bool(self.env['sale.order']._credit_marked_ids('reinvoicing'))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self.env['sale.order']._credit_refuse_computed(self, vals, COMPUTED_WORTH)
            self.env['sale.order']._credit_refuse_closing(self, vals)
        lines = super().create(vals_list)
        if any(vals.get('qty_delivered') for vals in vals_list):
            orders = lines.filtered(lambda line: line.state == 'sale' and line.qty_delivered).order_id
            orders._credit_accept_delivered(dict.fromkeys(orders.ids, 0.0))
        return lines

    def write(self, vals):
        Order = self.env['sale.order']
        Order._credit_refuse_computed(self, vals, COMPUTED_WORTH)
        Order._credit_refuse_closing(self, vals)
        confirmed = self.filtered(lambda line: line.state == 'sale').order_id
        delivered = confirmed if 'qty_delivered' in vals else Order
        left = confirmed if 'order_id' in vals else Order
        before = delivered._credit_open_amounts()
        result = super().write(vals)
        delivered._credit_accept_delivered(before)
        left._credit_check_increase()
        return result

    def unlink(self):
        """What is taken out needs a decision when it is put in again; a discount taken out raises the order."""
        orders = self.filtered(lambda line: line.state == 'sale').order_id
        result = super().unlink()
        orders._credit_check_increase()
        return result

    # ------------------------------------------------------------------ not invoiced yet

    @api.model
    def _credit_uninvoiced_sql(self, scope, debtor_condition):
        """Return the SELECT of ('uninvoiced', debtor id, [company amount]) of what no posted invoice covers.

        Per line: the quantity that will be invoiced less the posted one, at the line's price with tax; per order: less
        down payments posted and not yet deducted, never below zero; at the order's own rate.

        :param scope: CreditScope of models.res_partner_exposure
        :param debtor_condition: SQL over the alias ``partner``
        """
        self._credit_flush_uninvoiced()
        return SQL(
            """SELECT 'uninvoiced', debtor, ARRAY[SUM(GREATEST(amount, 0))]::float8[]
                 FROM (%s) open_order GROUP BY debtor HAVING SUM(GREATEST(amount, 0)) <> 0""",
            self._credit_open_orders_sql(scope.companies, debtor_condition),
        )

    @api.model
    def _credit_open_order_ids(self, companies, debtor_condition):
        """Return the ids of the orders behind the amounts of ``_credit_uninvoiced_sql``."""
        self._credit_flush_uninvoiced()
        return [order for order, in self.env.execute_query(SQL(
            "SELECT order_id FROM (%s) open_order WHERE amount > 0",
            self._credit_open_orders_sql(companies, debtor_condition)))]

    @api.model
    def _credit_open_order_amounts(self, order_ids, companies):
        """Return {order id: what of it isn't invoiced yet, in company currency} of those of these orders that count."""
        self._credit_flush_uninvoiced()
        return dict(self.env.execute_query(SQL(
            "SELECT order_id, amount::float8 FROM (%s) open_order WHERE amount > 0",
            self._credit_open_orders_sql(companies, SQL('o.id IN %s', tuple(order_ids))))))

    @api.model
    def _credit_flush_uninvoiced(self):
        self.flush_model([*OPEN_LINE_COLUMNS, 'invoice_lines'])
        self.env['sale.order'].flush_model(['state', 'company_id', 'partner_invoice_id', *OPEN_ORDER_COLUMNS])
        self.env['account.move.line'].flush_model(INVOICED_LINE_COLUMNS)
        self.env['account.move'].flush_model(['state', 'move_type', 'payment_state', 'invoice_currency_rate'])

    @api.model
    def _credit_open_orders_sql(self, companies, debtor_condition):
        """Return the SELECT of (debtor, order_id, amount) of orders with lines that a posted invoice may not cover."""
        return SQL(
            """SELECT partner.commercial_partner_id AS debtor, o.id AS order_id,
                      SUM(CASE WHEN sol.is_downpayment AND sol.product_uom_qty = 0 THEN -COALESCE(posted.amount, 0)
                               ELSE %(remaining)s * %(unit_price)s / COALESCE(NULLIF(o.currency_rate, 0), 1)
                               END) AS amount
                 FROM sale_order o
                 JOIN res_partner partner ON partner.id = o.partner_invoice_id
                 JOIN sale_order_line sol ON sol.order_id = o.id
            LEFT JOIN LATERAL (%(posted)s) posted ON TRUE
       CROSS JOIN LATERAL (%(delivery)s) delivery
                WHERE o.state = 'sale' AND o.company_id IN %(companies)s AND %(debtors)s
                  AND sol.state = 'sale' AND sol.display_type IS NULL
                  AND (sol.qty_invoiced IS DISTINCT FROM sol.product_uom_qty
                       OR sol.untaxed_amount_invoiced IS DISTINCT FROM sol.price_subtotal OR sol.qty_to_invoice > 0)
                GROUP BY partner.commercial_partner_id, o.id""",
            remaining=self._credit_remaining_sql(),
            unit_price=self._credit_unit_price_sql(),
            posted=self._credit_posted_sql(),
            delivery=self._credit_delivery_sql(),
            companies=companies,
            debtors=debtor_condition,
        )

    @api.model
    def _credit_posted_sql(self):
        """Return the SELECT of what posted invoices hold of line ``sol``: quantity in its unit, company amount."""
        return SQL(
            """SELECT SUM(CASE WHEN move.move_type = 'out_refund' THEN -1 ELSE 1 END * line.quantity
                          * CASE WHEN line.product_uom_id = sol.product_uom_id THEN 1 ELSE COALESCE(
                                (SELECT line_uom.factor / NULLIF(sol_uom.factor, 0)
                                   FROM uom_uom line_uom, uom_uom sol_uom
                                  WHERE line_uom.id = line.product_uom_id AND sol_uom.id = sol.product_uom_id), 1) END
                          ) AS quantity,
                      SUM(CASE WHEN move.move_type = 'out_refund' THEN -1 ELSE 1 END * line.price_total
                          / COALESCE(NULLIF(move.invoice_currency_rate, 0), 1)) AS amount
                 FROM sale_order_line_invoice_rel rel
                 JOIN account_move_line line ON line.id = rel.invoice_line_id
                 JOIN account_move move ON move.id = line.move_id
                WHERE rel.order_line_id = sol.id
                  AND (move.state = 'posted' OR move.payment_state = 'invoicing_legacy')"""
        )

    @api.model
    def _credit_remaining_sql(self):
        """Return the quantity of line ``sol`` that is still to be invoiced; the sign is that of the ordered quantity.

        Where an order is closed, only what drafts hold remains; where its delivery is over,
        what was delivered. Where more was delivered than ordered, that counts.
        """
        expected = SQL(
            """CASE WHEN %s THEN LEAST(sol.product_uom_qty, sol.qty_invoiced)
                    WHEN delivery.moved AND NOT delivery.pending
                    THEN COALESCE(sol.qty_invoiced, 0) + COALESCE(sol.qty_to_invoice, 0)
                    ELSE GREATEST(sol.product_uom_qty, COALESCE(sol.qty_invoiced, 0) + COALESCE(sol.qty_to_invoice, 0))
                END""",
            self._credit_closed_sql(),
        )
        return SQL(
            """CASE WHEN sol.product_uom_qty < 0 THEN LEAST(sol.product_uom_qty - COALESCE(posted.quantity, 0), 0)
                    ELSE GREATEST((%s) - COALESCE(posted.quantity, 0), 0) END""",
            expected,
        )

    @api.model
    def _credit_unit_price_sql(self):
        return SQL(
            """CASE WHEN sol.product_uom_qty <> 0 THEN sol.price_total / sol.product_uom_qty
                    ELSE sol.price_unit * (1 - COALESCE(sol.discount, 0) / 100) END"""
        )

    @api.model
    def _credit_closed_sql(self):
        """Return the condition under which nothing more of line ``sol`` will be delivered and invoiced.

        Either somebody set the order to fully invoiced although it isn't (the usual way to close one by hand), or the
        order is locked, was invoiced, and nothing is to be invoiced or delivered. Where orders lock themselves at
        confirmation, being locked says nothing.
        """
        by_hand = SQL("(o.invoice_status = 'invoiced' AND sol.qty_invoiced < sol.product_uom_qty)")
        if self.env['res.groups']._is_feature_enabled('sale.group_auto_done_setting'):
            return by_hand
        return SQL(
            """(%s OR (o.locked AND o.invoice_status <> 'to invoice' AND NOT delivery.pending AND EXISTS (
                   SELECT 1 FROM sale_order_line other
                    WHERE other.order_id = o.id AND other.untaxed_amount_invoiced <> 0)))""",
            by_hand,
        )

    @api.model
    def _credit_delivery_sql(self):
        """Return the SELECT of one row about line ``sol``: ``pending``, something is still to be delivered; ``moved``,
        something was. When it was and nothing is, what Odoo calls invoiceable is all that will be invoiced.

        Stock answers it; without, neither is known.
        """
        return SQL('SELECT FALSE AS pending, FALSE AS moved')
