from odoo import api, fields, models
from odoo.tools import SQL


class CrmLeadOriginReport(models.Model):
    """Where opportunities come from and what was ordered on them: one row an opportunity."""

    _name = "crm.lead.origin.report"
    _description = "Yield of Opportunity Sources"
    _auto = False
    _order = "date desc"
    _rec_name = "lead_id"

    lead_id = fields.Many2one("crm.lead", string="Opportunity", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    date = fields.Datetime(string="Created On", readonly=True)
    source_id = fields.Many2one("utm.source", string="Found By", readonly=True)
    origin = fields.Selection(
        selection="_selection_origin", readonly=True, help="What the opportunity was raised from."
    )
    touchpoint_mode = fields.Selection(
        selection=lambda self: self.env["crm.touchpoint"]._fields["mode"]._description_selection(self.env),
        string="Way of Contact",
        readonly=True,
    )
    product_tmpl_id = fields.Many2one("product.template", string="Proposed Product", readonly=True)
    lead_count = fields.Integer(string="Opportunities", readonly=True)
    won_count = fields.Integer(string="Won", readonly=True)
    ordered = fields.Monetary(
        readonly=True,
        help="Untaxed total of the confirmed orders of the company and its branches, in the company's currency at the "
        "rate of the order.",
    )
    invoiced = fields.Monetary(
        readonly=True,
        help="Untaxed posted invoices of these orders' lines, less credit notes, in company currency.",
    )

    @api.model
    def _selection_origin(self):
        return [
            ("contact", self.env._("Contact")),
            ("proposal", self.env._("Proposal")),
            ("other", self.env._("Other")),
        ]

    @api.model
    def _origin_cases(self):
        """SQL conditions on ``lead`` by origin, the first that holds counts. Extensions put theirs in front."""
        return [
            (SQL("lead.touchpoint_id IS NOT NULL"), "contact"),
            (SQL("lead.cross_sell_product_id IS NOT NULL"), "proposal"),
        ]

    @property
    def _table_query(self):
        for model in (
            "crm.lead",
            "sale.order",
            "sale.order.line",
            "account.move.line",
            "account.move",
            "crm.touchpoint",
        ):
            self.env[model].flush_model()
        cases = SQL(" ").join(SQL("WHEN %s THEN %s", condition, origin) for condition, origin in self._origin_cases())
        return SQL(
            """SELECT lead.id, lead.id AS lead_id, lead.partner_id, lead.user_id, lead.team_id,
                      COALESCE(lead.company_id, %(company)s) AS company_id, company.currency_id,
                      lead.create_date AS date, lead.source_id,
                      CASE %(cases)s ELSE 'other' END AS origin,
                      touchpoint.mode AS touchpoint_mode, lead.cross_sell_product_id AS product_tmpl_id,
                      1 AS lead_count, CASE WHEN lead.won_status = 'won' THEN 1 ELSE 0 END AS won_count,
                      orders.ordered, invoices.invoiced
                 FROM crm_lead lead
                 JOIN res_company company ON company.id = COALESCE(lead.company_id, %(company)s)
            LEFT JOIN crm_touchpoint touchpoint ON touchpoint.id = lead.touchpoint_id
            LEFT JOIN LATERAL (
                   SELECT sum(sale.amount_untaxed / COALESCE(NULLIF(sale.currency_rate, 0), 1)) AS ordered
                     FROM sale_order sale
                     JOIN res_company branch ON branch.id = sale.company_id
                    WHERE sale.opportunity_id = lead.id AND sale.state = 'sale'
                      AND branch.parent_path LIKE company.parent_path || '%%'
                 ) orders ON TRUE
            LEFT JOIN LATERAL (
                   SELECT -sum(item.balance) AS invoiced
                     FROM (
                       SELECT DISTINCT rel.invoice_line_id
                         FROM sale_order sale
                         JOIN res_company branch ON branch.id = sale.company_id
                         JOIN sale_order_line line ON line.order_id = sale.id
                         JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = line.id
                        WHERE sale.opportunity_id = lead.id AND sale.state = 'sale'
                          AND branch.parent_path LIKE company.parent_path || '%%'
                     ) known
                     JOIN account_move_line item ON item.id = known.invoice_line_id AND item.parent_state = 'posted'
                 ) invoices ON TRUE
                WHERE lead.type = 'opportunity'""",
            company=self.env.company.id,
            cases=cases,
        )
