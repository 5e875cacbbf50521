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
    def _credit_delivery_sql(self):
        return SQL(
            """SELECT COALESCE(bool_or(move.state NOT IN ('done', 'cancel')), FALSE) AS pending,
                      COALESCE(bool_or(move.state = 'done'), FALSE) AS moved
                 FROM stock_move move WHERE move.sale_line_id = sol.id"""
        )
