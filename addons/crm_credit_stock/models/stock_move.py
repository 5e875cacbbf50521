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
                move.sale_line_id
                and move.location_dest_id.usage == 'customer'
                and move.state not in ('done', 'cancel')
                and move.quantity > 0
            )
        )

    def _credit_leaving_amounts(self):
        """Return {order: worth of what leaves} in company currency, tax included."""
        amounts = {}
        for move in self.sudo()._credit_leaving():
            line = move.sale_line_id
            quantity = move.product_uom._compute_quantity(move.quantity, line.product_uom_id, round=False)
            unit_price = line.price_total / line.product_uom_qty if line.product_uom_qty else line.price_unit
            amount = quantity * unit_price / (line.order_id.currency_rate or 1.0)
            amounts[line.order_id] = amounts.get(line.order_id, 0.0) + max(amount, 0.0)
        return amounts

    def _credit_checks(self):
        """Return {order: CreditCheck} of what leaves."""
        amounts = self._credit_leaving_amounts()
        orders = self.env['sale.order'].sudo().browse([order.id for order in amounts])
        return orders._credit_check_delivery(amounts) if orders else {}

    def _credit_check_leaving(self):
        """:raise UserError: with figures, and whom to ask"""
        for order, check in self._credit_checks().items():
            if not check.passes:
                raise UserError(
                    self.env._(
                        "The delivery of %(order)s to %(customer)s waits for a credit release.\n"
                        "%(reasons)s\nAsk: %(whom)s.",
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
