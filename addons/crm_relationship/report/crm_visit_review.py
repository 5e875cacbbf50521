from odoo import fields, models
from odoo.tools import SQL

from ..models.res_partner import VALUE_CLASSES


class CrmVisitReview(models.Model):
    """Visits and what they cost beside what the customers bought, by customer and month.

    A customer counts for one plan, the first of its running ones by their sequence: nothing is counted twice.
    """

    _name = 'crm.visit.review'
    _description = "Review of Visits"
    _auto = False
    _order = 'month desc, sales desc, id'
    _rec_name = 'partner_id'

    month = fields.Date(readonly=True)
    partner_id = fields.Many2one('res.partner', string="Customer", readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    user_id = fields.Many2one('res.users', string="Salesperson", readonly=True)
    plan_id = fields.Many2one('crm.visit.plan', string="Visit Plan", readonly=True)
    value_class = fields.Selection(VALUE_CLASSES, string="Value Class", readonly=True)
    city = fields.Char(readonly=True)
    visits = fields.Integer(readonly=True, help="Visits and meetings of the contact log.")
    contacts = fields.Integer(readonly=True, help="All entries of the contact log.")
    hours = fields.Float(readonly=True)
    cost = fields.Monetary(readonly=True, help="Cost noted in the contact log, in company currency.")
    invoiced = fields.Monetary(readonly=True, help="Untaxed posted customer invoices, in company currency.")
    credited = fields.Monetary(
        string="Credit Notes", readonly=True,
        help="Untaxed posted credit notes, by their own date: a credit note for an invoice of an earlier month lowers "
             "the sales of its own month.",
    )
    sales = fields.Monetary(
        readonly=True, help="Untaxed posted customer invoices less credit notes, in company currency.",
    )

    @property
    def _table_query(self):
        return SQL("""
            SELECT row_number() OVER (ORDER BY f.company_id, f.partner_id, f.month)::int AS id, f.*, c.currency_id,
                   p.user_id, p.city, p.value_class ->> f.company_id::text AS value_class, plan.plan_id
              FROM (
                SELECT company_id, partner_id, month, sum(visits)::int AS visits, sum(contacts)::int AS contacts,
                       sum(hours) AS hours, sum(cost) AS cost,
                       sum(invoiced) AS invoiced, sum(credited) AS credited,
                       sum(invoiced) - sum(credited) AS sales
                  FROM (
                    SELECT t.company_id, t.partner_id, date_trunc('month', t.date)::date AS month,
                           (t.mode IN ('visit', 'meeting'))::int AS visits, 1 AS contacts, t.duration AS hours,
                           t.company_cost AS cost, 0 AS invoiced, 0 AS credited
                      FROM crm_touchpoint t
                     UNION ALL
                    SELECT m.company_id, m.commercial_partner_id, date_trunc('month', m.invoice_date)::date,
                           0, 0, 0, 0,
                           CASE m.move_type WHEN 'out_invoice' THEN m.amount_untaxed_signed ELSE 0 END,
                           CASE m.move_type WHEN 'out_refund' THEN -m.amount_untaxed_signed ELSE 0 END
                      FROM account_move m
                     WHERE m.state = 'posted' AND m.move_type IN ('out_invoice', 'out_refund')
                       AND m.commercial_partner_id IS NOT NULL AND m.invoice_date IS NOT NULL
                  ) entries
                 GROUP BY company_id, partner_id, month
              ) f
              JOIN res_partner p ON p.id = f.partner_id
              JOIN res_company c ON c.id = f.company_id
              LEFT JOIN (
                SELECT DISTINCT ON (l.partner_id, l.company_id) l.partner_id, l.company_id, l.plan_id
                  FROM crm_visit_plan_line l JOIN crm_visit_plan v ON v.id = l.plan_id
                 WHERE v.state = 'running' AND v.active
                 ORDER BY l.partner_id, l.company_id, v.sequence, v.id
              ) plan ON plan.partner_id = f.partner_id AND plan.company_id = f.company_id
        """)
