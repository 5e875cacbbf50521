from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

PROPOSALS = 20


class CrmCrossSell(models.TransientModel):
    """What could be sold to a customer: what those buy who buy the same things."""

    _name = "crm.cross.sell"
    _description = "Product Proposals"

    partner_id = fields.Many2one("res.partner", string="Customer", required=True, readonly=True)
    touchpoint_id = fields.Many2one("crm.touchpoint", readonly=True)
    peer_count = fields.Integer(string="Customers Compared", readonly=True)
    line_ids = fields.One2many("crm.cross.sell.line", "wizard_id", readonly=True)

    def _propose(self):
        """Fill the lines with products that the customer hasn't ordered, those of most other buyers first.

        Compared are customers who ordered at least one product that this one ordered, too; for one that has ordered
        nothing, all customers. Only numbers of customers are shown, nobody's names.
        """
        self.ensure_one()
        self.line_ids.unlink()
        rows = self.env.execute_query(self._proposals_query())
        products = self.env["product.template"].browse([row[0] for row in rows])
        readable = set(
            products.filtered(lambda product: product.active and product.sale_ok)._filtered_access("read").ids
        )
        self.peer_count = rows[0][3] if rows else 0
        self.env["crm.cross.sell.line"].create(
            [
                {
                    "wizard_id": self.id,
                    "product_tmpl_id": product,
                    "buyer_count": buyers,
                    "share": 100 * buyers / peers,
                    "team_id": team,
                }
                for product, buyers, team, peers in rows
                if product in readable
            ][:PROPOSALS]
        )

    def _proposals_query(self):
        """Rows (product template, buyers, sales team that sells it most, customers compared)."""
        self.env["sale.order.line"].flush_model()
        self.env["sale.order"].flush_model()
        companies = tuple(self.env["res.company"].sudo().search([("id", "child_of", self.env.company.root_id.id)]).ids)
        return SQL(
            """WITH bought AS (
                   SELECT DISTINCT partner.commercial_partner_id AS customer, product.product_tmpl_id AS template,
                          sale.team_id AS team
                     FROM sale_order_line line
                     JOIN sale_order sale ON sale.id = line.order_id
                     JOIN res_partner partner ON partner.id = sale.partner_id
                     JOIN product_product product ON product.id = line.product_id
                    WHERE sale.state = 'sale' AND sale.company_id IN %(companies)s AND line.display_type IS NULL
               ), mine AS (
                   SELECT DISTINCT template FROM bought WHERE customer = %(customer)s
               ), peers AS (
                   SELECT DISTINCT customer FROM bought
                    WHERE customer != %(customer)s
                      AND (template IN (SELECT template FROM mine) OR NOT EXISTS (SELECT 1 FROM mine))
               )
               SELECT bought.template, count(DISTINCT bought.customer), mode() WITHIN GROUP (ORDER BY bought.team),
                      (SELECT count(*) FROM peers)
                 FROM bought JOIN peers USING (customer)
                WHERE bought.template NOT IN (SELECT template FROM mine)
                GROUP BY bought.template ORDER BY 2 DESC, 1 LIMIT %(limit)s""",
            companies=companies,
            customer=self.partner_id.id,
            limit=3 * PROPOSALS,
        )


class CrmCrossSellLine(models.TransientModel):
    _name = "crm.cross.sell.line"
    _description = "Product Proposal"

    wizard_id = fields.Many2one("crm.cross.sell", required=True, ondelete="cascade")
    product_tmpl_id = fields.Many2one("product.template", string="Product", required=True, readonly=True)
    categ_id = fields.Many2one(related="product_tmpl_id.categ_id")
    team_id = fields.Many2one("crm.team", string="Department", readonly=True, help="Sales team that sells it most.")
    buyer_count = fields.Integer(string="Buy It", readonly=True, help="How many of the customers compared.")
    share = fields.Float(string="Share (%)", readonly=True, help="Share of the customers compared that buy it.")

    def action_raise_opportunity(self):
        """Create an opportunity for this product, linked to the contact it came up at."""
        self.ensure_one()
        customer = self.wizard_id.partner_id
        if not customer.exists():
            raise UserError(self.env._("The customer has been deleted in the meantime."))
        touchpoint = self.wizard_id.touchpoint_id
        lead = self.env["crm.lead"].create(
            {
                "name": self.env._(
                    "%(customer)s: %(product)s",
                    customer=customer.name,
                    product=self.product_tmpl_id.display_name,
                ),
                "type": "opportunity",
                "partner_id": customer.id,
                "user_id": self.env.uid,
                "team_id": self.team_id.id,
                "touchpoint_id": touchpoint.id,
                "cross_sell_product_id": self.product_tmpl_id.id,
            }
        )
        return {"type": "ir.actions.act_window", "res_model": "crm.lead", "res_id": lead.id, "views": [(False, "form")]}

    @api.depends("product_tmpl_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.product_tmpl_id.display_name
