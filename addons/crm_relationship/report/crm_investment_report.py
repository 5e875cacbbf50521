from odoo import fields, models
from odoo.tools import SQL


class CrmInvestmentReport(models.Model):
    """What was spent on customers: the cost of contacts and what was given beside them, one row each."""

    _name = 'crm.investment.report'
    _description = "Investment in Customers"
    _auto = False
    _order = 'date desc, id desc'

    name = fields.Char(string="What", readonly=True)
    date = fields.Date(readonly=True)
    partner_id = fields.Many2one('res.partner', string="Customer", readonly=True)
    customer_type = fields.Selection(related='partner_id.customer_type')
    user_id = fields.Many2one('res.users', string="By", readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    kind = fields.Selection(
        [
            ('contact', "Logged contact"), ('gift', "Gift"), ('voucher', "Voucher"), ('concession', "Concession"),
            ('service', "Service"), ('support', "Support"), ('joint_development', "Joint development"),
            ('joint_advertising', "Joint advertising"), ('other', "Other"),
        ],
        readonly=True,
    )
    amount = fields.Monetary(
        string="Cost", readonly=True, help="In company currency, at the rate of the day of the contact or gift.",
    )
    touchpoint_id = fields.Many2one('crm.touchpoint', string="Logged contact", readonly=True)
    investment_id = fields.Many2one('crm.customer.investment', string="Investment", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """SELECT 2 * t.id AS id, t.summary AS name, (t.date AT TIME ZONE 'UTC')::date AS date, t.partner_id,
                      t.user_id, t.company_id, 'contact' AS kind, t.company_cost AS amount,
                      t.id AS touchpoint_id, NULL::int AS investment_id
                 FROM crm_touchpoint t WHERE t.company_cost > 0
                UNION ALL
               SELECT 2 * i.id + 1, i.name, i.date, i.partner_id, i.user_id, i.company_id, i.kind, i.company_cost,
                      i.touchpoint_id, i.id
                 FROM crm_customer_investment i""",
        )

    def action_open_entry(self):
        """Open the contact or the investment behind the row."""
        self.ensure_one()
        entry = self.investment_id or self.touchpoint_id
        return {
            'type': 'ir.actions.act_window', 'res_model': entry._name, 'res_id': entry.id, 'views': [(False, 'form')],
        }
