from odoo import fields, models
from odoo.tools import SQL


class CrmCampaignResult(models.Model):
    """Expected and actual figures of each campaign plan, for its form, pivot and graph."""

    _name = 'crm.campaign.result'
    _description = "Result of a Campaign"
    _auto = False
    _rec_name = 'plan_id'
    _order = 'date_start desc, id desc'
    _depends = {
        'crm.campaign.plan': [
            'active', 'campaign_id', 'company_id', 'user_id', 'segment_id', 'state', 'date_start', 'date_end', 'budget',
            'expected_leads', 'expected_orders', 'expected_revenue',
        ],
        'crm.campaign.cost': ['plan_id', 'company_amount'],
        'crm.care.programme': ['campaign_plan_id'],
        'crm.care.recipient': ['programme_id', 'company_cost'],
        'crm.lead': ['campaign_id', 'company_id', 'user_id'],
        'res.users': ['company_id'],
        'sale.order': ['campaign_id', 'company_id', 'state', 'amount_untaxed', 'currency_rate'],
        'account.move': [
            'campaign_id', 'company_id', 'state', 'move_type', 'amount_untaxed_signed', 'reversed_entry_id',
        ],
        'res.company': ['parent_path', 'currency_id'],
    }

    plan_id = fields.Many2one('crm.campaign.plan', string="Campaign Plan", readonly=True)
    campaign_id = fields.Many2one('utm.campaign', string="Campaign", readonly=True)
    user_id = fields.Many2one('res.users', string="Responsible", readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    segment_id = fields.Many2one('crm.segment', string="Segment", readonly=True)
    state = fields.Selection(
        [('planned', "Planned"), ('running', "Running"), ('closed', "Closed"), ('cancelled', "Cancelled")],
        readonly=True,
    )
    active = fields.Boolean(readonly=True)
    date_start = fields.Date(string="From", readonly=True)
    date_end = fields.Date(string="Until", readonly=True)
    budget = fields.Monetary(readonly=True)
    cost = fields.Monetary(readonly=True)
    expected_leads = fields.Integer(string="Leads Expected", readonly=True)
    lead_count = fields.Integer(string="Leads", readonly=True)
    expected_orders = fields.Integer(string="Orders Expected", readonly=True)
    order_count = fields.Integer(string="Orders", readonly=True)
    order_amount = fields.Monetary(string="Ordered", readonly=True)
    expected_revenue = fields.Monetary(string="Revenue Expected", readonly=True)
    revenue = fields.Monetary(readonly=True)

    @property
    def _table_query(self):
        """Documents of the plan's company and its branches; foreign amounts at the rate of their document.

        No document counts for two plans: a branch with a plan of its own for the same campaign keeps its documents, and
        a lead without company counts where its salesperson works, else for the first plan of the campaign.
        """
        return SQL("""
            WITH scope AS (
                SELECT DISTINCT ON (plan.campaign_id, branch.id)
                       plan.id AS plan_id, plan.campaign_id, branch.id AS company_id
                  FROM crm_campaign_plan plan
                  JOIN res_company company ON company.id = plan.company_id
                  JOIN res_company branch ON branch.parent_path LIKE company.parent_path || '%%'
                 ORDER BY plan.campaign_id, branch.id, length(company.parent_path) DESC
            ), leads AS (
                SELECT COALESCE(scope.plan_id, first_plan.plan_id) AS plan_id, count(*) AS lead_count
                  FROM crm_lead lead
                  LEFT JOIN res_users seller ON seller.id = lead.user_id
                  LEFT JOIN scope ON scope.campaign_id = lead.campaign_id
                       AND scope.company_id = COALESCE(lead.company_id, seller.company_id)
                  LEFT JOIN (
                       SELECT campaign_id, min(id) AS plan_id FROM crm_campaign_plan GROUP BY campaign_id
                       ) first_plan ON first_plan.campaign_id = lead.campaign_id AND lead.company_id IS NULL
                 WHERE lead.campaign_id IS NOT NULL
                 GROUP BY COALESCE(scope.plan_id, first_plan.plan_id)
            ), orders AS (
                SELECT scope.plan_id, count(*) AS order_count,
                       sum(sale.amount_untaxed / COALESCE(NULLIF(sale.currency_rate, 0), 1)) AS order_amount
                  FROM scope
                  JOIN sale_order sale ON sale.campaign_id = scope.campaign_id AND sale.company_id = scope.company_id
                 WHERE sale.state = 'sale'
                 GROUP BY scope.plan_id
            ), invoices AS (
                SELECT plan_id, sum(amount) AS revenue
                  FROM (
                       SELECT scope.plan_id, move.amount_untaxed_signed AS amount
                         FROM account_move move
                         JOIN scope ON scope.campaign_id = move.campaign_id AND scope.company_id = move.company_id
                        WHERE move.state = 'posted' AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
                       UNION ALL
                       SELECT scope.plan_id, refund.amount_untaxed_signed
                         FROM account_move refund
                         JOIN account_move origin ON origin.id = refund.reversed_entry_id
                         JOIN scope ON scope.campaign_id = origin.campaign_id AND scope.company_id = refund.company_id
                        WHERE refund.state = 'posted' AND refund.move_type = 'out_refund'
                          AND refund.campaign_id IS NULL
                       ) invoiced
                 GROUP BY plan_id
            ), costs AS (
                SELECT plan_id, sum(amount) AS cost
                  FROM (
                       SELECT plan_id, company_amount AS amount FROM crm_campaign_cost
                       UNION ALL
                       SELECT programme.campaign_plan_id, recipient.company_cost
                         FROM crm_care_recipient recipient
                         JOIN crm_care_programme programme ON programme.id = recipient.programme_id
                        WHERE programme.campaign_plan_id IS NOT NULL
                       ) spent
                 GROUP BY plan_id
            )
            SELECT plan.id, plan.id AS plan_id, plan.campaign_id, plan.user_id, plan.company_id, company.currency_id,
                   plan.segment_id, plan.state, plan.date_start, plan.date_end, plan.budget,
                   plan.active, plan.expected_leads, plan.expected_orders, plan.expected_revenue,
                   COALESCE(costs.cost, 0) AS cost, COALESCE(leads.lead_count, 0) AS lead_count,
                   COALESCE(orders.order_count, 0) AS order_count,
                   COALESCE(orders.order_amount, 0) AS order_amount,
                   COALESCE(invoices.revenue, 0) AS revenue
              FROM crm_campaign_plan plan
              JOIN res_company company ON company.id = plan.company_id
              LEFT JOIN leads ON leads.plan_id = plan.id
              LEFT JOIN orders ON orders.plan_id = plan.id
              LEFT JOIN invoices ON invoices.plan_id = plan.id
              LEFT JOIN costs ON costs.plan_id = plan.id
        """)
