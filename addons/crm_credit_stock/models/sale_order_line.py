from odoo import api, models
from odoo.tools import SQL

from odoo.addons.crm_credit.tools.decision import Document


class SaleOrderLine(models.Model):
    """What stock knows about the rest of an order: whether it will still be delivered."""

    _inherit = 'sale.order.line'

    @api.model
    def _credit_flush_uninvoiced(self):
        super()._credit_flush_uninvoiced()
        self.env['stock.move'].flush_model(['sale_line_id', 'state'])

    @api.model
    def _credit_delivery_sql(self):
        return SQL(
            """SELECT COALESCE(bool_or(move.state NOT IN ('done', 'cancel')), FALSE) AS pending,
                      COALESCE(bool_or(move.state = 'done'), FALSE) AS moved
                 FROM stock_move move WHERE move.sale_line_id = sol.id"""
        )

    def _credit_unit_worth(self):
        """Return what one unit of the line comes to, tax included, in company currency."""
        self.ensure_one()
        price = self.price_total / self.product_uom_qty if self.product_uom_qty else self.price_unit
        return price / (self.order_id.currency_rate or 1.0)

    # ------------------------------------------------------------------ deliveries that begin again

    def _action_launch_stock_rule(self, *, previous_product_uom_qty=False):
        """A delivery that was over, and whose rest nobody expected any more, begins again when the line is raised: with
        the whole rest. Decide about that before anything is procured."""
        if previous_product_uom_qty and not self.env.context.get('skip_procurement'):
            self.sudo()._credit_check_revived(previous_product_uom_qty)
        return super()._action_launch_stock_rule(previous_product_uom_qty=previous_product_uom_qty)

    def _credit_check_revived(self, previous):
        """:raise CreditRefused: when the rest of closed deliveries goes over the limit

        :param previous: {line id: ordered quantity before the change}
        """
        documents = {}
        for line in self:
            states = set(line.move_ids.mapped('state'))
            raised = line.product_uom_qty - previous.get(line.id, line.product_uom_qty)
            if raised <= 0 or 'done' not in states or states - {'done', 'cancel'} or line.order_id._credit_is_cash():
                continue
            quantity = line.product_uom_qty - line._get_qty_procurement(previous)
            if quantity > raised:
                documents[line.order_id] = documents.get(line.order_id, 0.0) + quantity * line._credit_unit_worth()
        if not documents or not self.env.registry.ready:
            return
        orders = self.order_id.filtered(lambda order: order in documents)
        documents = {
            order: Document(amount=order.company_id.currency_id.round(documents[order]), total=order._credit_worth())
            for order in orders
        }
        for order, check in orders._credit_decide(documents).items():
            if check.passes:
                continue
            permission = order._credit_permission(check, 'edit')
            if not permission:
                order._credit_refuse(check)
            permission._use()
