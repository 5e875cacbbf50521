from odoo import api, models
from odoo.tools import SQL


class SaleOrderLine(models.Model):
    """What stock knows about the rest of an order: whether it will still be delivered."""

    _inherit = 'sale.order.line'

    @api.model
    def _credit_flush_uninvoiced(self):
        super()._credit_flush_uninvoiced()
        self.env['stock.move'].flush_model(['sale_line_id', 'state'])

    @api.model
    def _credit_delivery_pending_sql(self):
        return SQL(
            """EXISTS (SELECT 1 FROM stock_move waiting
                        WHERE waiting.sale_line_id = sol.id AND waiting.state NOT IN ('done', 'cancel'))""")

    @api.model
    def _credit_delivery_over_sql(self):
        return SQL(
            """(NOT %s AND EXISTS (SELECT 1 FROM stock_move moved WHERE moved.sale_line_id = sol.id AND moved.state = 'done'))""",
            self._credit_delivery_pending_sql())
