from odoo import fields, models
from odoo.tools import SQL


class CrmSellThroughReport(models.Model):
    """Sales through intermediaries, each sale once.

    Posted invoices less credit notes; of confirmed orders what isn't invoiced yet; and what intermediaries reported of
    their own sales. What an intermediary buys itself isn't sold through it yet.
    """

    _name = 'crm.sell.through.report'
    _description = "Sales Through Intermediaries"
    _auto = False
    _order = 'date desc, id desc'
    _rec_name = 'product_id'

    date = fields.Date(readonly=True)
    intermediary_id = fields.Many2one('res.partner', string="Intermediary", readonly=True)
    partner_id = fields.Many2one('res.partner', string="End Customer", readonly=True)
    product_id = fields.Many2one('product.product', readonly=True)
    categ_id = fields.Many2one('product.category', string="Product Category", readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    currency_id = fields.Many2one('res.currency', related='company_id.currency_id')
    source = fields.Selection(
        [('invoice', "Our invoices"), ('order', "Our orders, not invoiced"), ('reported', "Reported")], readonly=True,
    )
    quantity = fields.Float(readonly=True, digits='Product Unit', help="In the unit of the product.")
    amount = fields.Monetary(readonly=True, help="Untaxed, in company currency.")

    @property
    def _table_query(self):
        self.env['account.move.line'].flush_model()
        self.env['account.move'].flush_model()
        self.env['sale.order'].flush_model()
        self.env['sale.order.line'].flush_model()
        self.env['crm.sell.through'].flush_model()
        return SQL("""
            SELECT source.*, t.categ_id
              FROM (%s UNION ALL %s UNION ALL %s) source
              LEFT JOIN product_product p ON p.id = source.product_id
              LEFT JOIN product_template t ON t.id = p.product_tmpl_id
        """, self._select_invoices(), self._select_orders(), self._select_reported())

    # Ids of the three parts never meet: threefold plus 0, 1 and 2.

    def _select_invoices(self):
        return SQL("""
            SELECT 3::bigint * l.id AS id, m.invoice_date AS date, m.intermediary_id,
                   m.commercial_partner_id AS partner_id, l.product_id, m.company_id, 'invoice' AS source,
                   CASE WHEN m.move_type = 'out_refund' THEN -1 ELSE 1 END
                       * l.quantity * COALESCE(u.factor, 1) / NULLIF(COALESCE(pu.factor, u.factor, 1), 0) AS quantity,
                   -l.balance AS amount
              FROM account_move m
              JOIN account_move_line l ON l.move_id = m.id AND l.display_type = 'product'
              LEFT JOIN uom_uom u ON u.id = l.product_uom_id
              LEFT JOIN product_product pp ON pp.id = l.product_id
              LEFT JOIN product_template pt ON pt.id = pp.product_tmpl_id
              LEFT JOIN uom_uom pu ON pu.id = pt.uom_id
             WHERE m.intermediary_id IS NOT NULL AND m.state = 'posted' AND m.move_type IN ('out_invoice', 'out_refund')
               AND m.commercial_partner_id <> m.intermediary_id
        """)

    def _select_orders(self):
        """Order lines less what posted invoices cover, until the order is invoiced for good.

        Down payments count against the order that they belong to.
        """
        return SQL("""
            SELECT 3::bigint * l.id + 1 AS id, o.date_order::date AS date, o.intermediary_id,
                   c.commercial_partner_id AS partner_id, l.product_id, o.company_id, 'order' AS source,
                   CASE WHEN l.is_downpayment OR l.price_subtotal = 0 THEN 0
                        ELSE l.product_uom_qty * (1 - COALESCE(l.untaxed_amount_invoiced, 0) / l.price_subtotal)
                        END * COALESCE(u.factor, 1) / NULLIF(COALESCE(pu.factor, u.factor, 1), 0) AS quantity,
                   (CASE WHEN l.is_downpayment THEN 0 ELSE l.price_subtotal END
                       - COALESCE(l.untaxed_amount_invoiced, 0)) / COALESCE(NULLIF(o.currency_rate, 0), 1) AS amount
              FROM sale_order o
              JOIN sale_order_line l ON l.order_id = o.id AND l.display_type IS NULL
              JOIN res_partner c ON c.id = o.partner_id
              LEFT JOIN uom_uom u ON u.id = l.product_uom_id
              LEFT JOIN product_product pp ON pp.id = l.product_id
              LEFT JOIN product_template pt ON pt.id = pp.product_tmpl_id
              LEFT JOIN uom_uom pu ON pu.id = pt.uom_id
             WHERE o.intermediary_id IS NOT NULL AND o.state = 'sale'
               AND (o.invoice_status <> 'invoiced' OR EXISTS (
                       SELECT FROM sale_order_line_invoice_rel r JOIN account_move_line il ON il.id = r.invoice_line_id
                        WHERE r.order_line_id = l.id AND il.parent_state = 'draft'))
               AND c.commercial_partner_id <> o.intermediary_id
               AND (CASE WHEN l.is_downpayment THEN 0 ELSE l.price_subtotal END)
                   <> COALESCE(l.untaxed_amount_invoiced, 0)
        """)

    def _select_reported(self):
        return SQL("""
            SELECT 3::bigint * s.id + 2 AS id, s.date_end AS date, s.intermediary_id, s.partner_id,
                   s.product_id, s.company_id, 'reported' AS source, s.base_quantity AS quantity,
                   s.company_amount AS amount
              FROM crm_sell_through s
             WHERE s.excluded IS NOT TRUE
        """)
