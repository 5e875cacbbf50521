from odoo import models
from odoo.exceptions import UserError


class StockMove(models.Model):
    """The last gate: nothing leaves for a customer whom we wouldn't supply on credit now."""

    _inherit = 'stock.move'

    def _action_done(self, cancel_backorder=False):
        self._credit_check_leaving()
        return super()._action_done(cancel_backorder=cancel_backorder)

    def _credit_leaving(self):
        """Return the moves of sold goods that leave for a customer now. Returns and all others never wait."""
        return self.filtered(
            lambda move: (
                (move.sale_line_id or move.picking_id.sale_id)
                and move.location_dest_id.usage == 'customer'
                and move.state not in ('done', 'cancel')
                and move.quantity > 0
            )
        )

    def _credit_leaving_amounts(self):
        """Return two of {order: worth} in company currency, tax included: what leaves as it was ordered, and what was
        never ordered but will be invoiced.

        The latter is more than a line asks for, or products that the warehouse added to the transfer. Components of
        kits aren't compared: their line counts kits.
        """
        ordered, more = {}, {}

        def add(amounts, order, amount):
            amounts[order] = amounts.get(order, 0.0) + max(amount, 0.0)

        leaving = self.sudo()._credit_leaving()
        for line, moves in leaving.filtered('sale_line_id').grouped('sale_line_id').items():
            quantity, comparable = 0.0, 0.0
            for move in moves:
                moved = move.product_uom._compute_quantity(move.quantity, line.product_uom_id, round=False)
                quantity += moved
                comparable += moved if move.product_id == line.product_id else 0.0
            excess = 0.0
            if line.product_id.invoice_policy == 'delivery':
                after = max(line.qty_delivered, 0.0) + comparable
                excess = max(min(comparable, after - line.product_uom_qty), 0.0)
            add(ordered, line.order_id, (quantity - excess) * line._credit_unit_worth())
            if excess:
                add(more, line.order_id, excess * line._credit_unit_worth())
        for move in leaving.filtered(
            lambda move: not move.sale_line_id and move.product_id.invoice_policy == 'delivery'
        ):
            order = move.picking_id.sale_id
            price = order.pricelist_id._get_product_price(
                move.product_id, move.quantity, currency=order.currency_id, uom=move.product_uom
            )
            add(more, order, price * move.quantity / (order.currency_rate or 1.0))
        return ordered, more

    def _credit_checks(self):
        """Return {order: CreditCheck} of what leaves."""
        ordered, more = self._credit_leaving_amounts()
        orders = self.env['sale.order'].sudo().browse([order.id for order in ordered | more])
        return orders._credit_check_delivery(ordered, more) if orders else {}

    def _credit_check_leaving(self):
        """:raise UserError: with figures, and whom to ask"""
        for order, check in self._credit_checks().items():
            if not check.passes:
                raise UserError(
                    self.env._(
                        'The delivery of %(order)s to %(customer)s waits for a credit release.\n'
                        '%(reasons)s\nAsk: %(whom)s.',
                        order=order.name,
                        customer=order.partner_id.display_name,
                        reasons=self.env['credit.hold']._message_text(
                            check.decision, order.company_id.root_id.currency_id
                        ),
                        whom=order.credit_hold_ids._approver_names(order.company_id),
                    )
                )
            if check.permission and check.permission.kind == 'delivery':
                check.permission._use()
