from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# Written by the daily follow-up only, by SQL.
LATER_FIELDS = ('later_invoiced', 'later_unpaid', 'later_overdue', 'later_lost', 'later_days_late')


class CreditHold(models.Model):
    """What became of the orders that a person let pass: the override ledger.

    Follow-up of decided holds; reasons and figures of the decision stay as they were. Amounts are the order's share of
    its posted invoices dated on or after the release, in company currency.
    """

    _inherit = 'credit.hold'

    later_invoiced = fields.Monetary(
        string='Invoiced since',
        readonly=True,
        copy=False,
        help='Posted invoices of the order since the release, tax included.',
    )
    later_unpaid = fields.Monetary(
        string='Unpaid now',
        readonly=True,
        copy=False,
        help='What is still open of the invoices since the release. An order that was released twice, say for '
        'confirmation and for delivery, shows it with both.',
    )
    later_overdue = fields.Monetary(
        string='Overdue now',
        readonly=True,
        copy=False,
        help='What of it is past its due date and not in dispute.',
    )
    later_lost = fields.Monetary(
        string='Written off',
        readonly=True,
        copy=False,
        help='What was settled by expense instead of money: bad debt entries, and differences that a payment '
        'wrote off.',
    )
    later_days_late = fields.Integer(
        string='Days late',
        readonly=True,
        copy=False,
        aggregator='max',
        help='Days from due date to payment, or until today, of the latest paid invoice since the release. '
        'Credit notes and disputes are left out.',
    )

    @api.model
    def _override_domain(self):
        """Releases that a person decided."""
        return Domain('state', '=', 'released') & Domain('automatic', '=', False)

    @api.model
    def _cron_follow_up(self):
        """Bring the cost of all releases by a person up to date: one statement, which writes what has changed only."""
        self._follow_up()

    @api.model
    def _follow_up(self):
        """Compare what became of the released orders with what is on file, and write the difference.

        :return: number of holds written
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """WITH fresh AS (%(costs)s)
                   UPDATE credit_hold hold
                      SET %(assignments)s, write_uid = %(uid)s, write_date = now() AT TIME ZONE 'UTC'
                     FROM fresh
                    WHERE fresh.hold_id = hold.id AND (%(old)s) IS DISTINCT FROM (%(new)s)""",
                costs=self._later_costs_sql(),
                assignments=SQL(', ').join(
                    SQL('%s = %s', SQL.identifier(name), SQL.identifier('fresh', name)) for name in LATER_FIELDS
                ),
                uid=self.env.uid,
                old=SQL(', ').join(SQL.identifier('hold', name) for name in LATER_FIELDS),
                new=SQL(', ').join(SQL.identifier('fresh', name) for name in LATER_FIELDS),
            )
        )
        written = self.env.cr.rowcount
        self.invalidate_model([*LATER_FIELDS, 'write_uid', 'write_date'], flush=False)
        return written

    @api.model
    def _later_costs_sql(self):
        """SELECT of (hold_id, LATER_FIELDS) of all releases by a person.

        An invoice of several orders counts by the order's share of it. The day before the release is included: dates
        are the company's, the release's time is UTC.
        """
        return SQL(
            """SELECT hold.id AS hold_id,
                      round(COALESCE(sum(item.amount), 0), 2) AS later_invoiced,
                      round(COALESCE(sum(item.open), 0), 2) AS later_unpaid,
                      round(COALESCE(sum(item.open) FILTER (WHERE item.days > 0 AND NOT item.disputed), 0), 2)
                          AS later_overdue,
                      round(COALESCE(sum(item.lost), 0), 2) AS later_lost,
                      COALESCE(max(greatest(item.paid_days, CASE WHEN item.open > 0 THEN item.days ELSE 0 END, 0))
                               FILTER (WHERE NOT item.disputed), 0) AS later_days_late
                 FROM credit_hold hold
            LEFT JOIN LATERAL (%(items)s) item ON TRUE
                WHERE hold.state = 'released' AND hold.automatic IS NOT TRUE
                GROUP BY hold.id""",
            items=self._later_items_sql(),
        )

    @api.model
    def _later_items_sql(self):
        """SELECT of the receivable lines of a hold's invoices: amount, what is open and what was written off by the
        order's share, days past due today, days from due date to the last payment, whether disputed.

        Written off: what settled the line, by the expenses' share in the debits of its entry. Exchange differences are
        none.
        """
        return SQL(
            """SELECT line.balance * invoice.share AS amount,
                      greatest(line.amount_residual, 0) * invoice.share AS open,
                      %(today)s - COALESCE(line.date_maturity, line.date) AS days,
                      invoice.disputed,
                      (SELECT max(part.max_date)
                         FROM account_partial_reconcile part
                         JOIN account_move_line payment ON payment.id = part.credit_move_id
                         JOIN account_move paid_by ON paid_by.id = payment.move_id
                        WHERE part.debit_move_id = line.id AND part.amount > 0 AND paid_by.move_type <> 'out_refund')
                          - COALESCE(line.date_maturity, line.date) AS paid_days,
                      (SELECT COALESCE(sum(part.amount * loss.share), 0)
                         FROM account_partial_reconcile part
                         JOIN account_move_line settled ON settled.id = part.credit_move_id
                         JOIN account_move entry ON entry.id = settled.move_id
                   CROSS JOIN LATERAL (
                             SELECT COALESCE(sum(other.debit) FILTER (WHERE charged.account_type LIKE 'expense%%'), 0)
                                    / NULLIF(sum(other.debit), 0) AS share
                               FROM account_move_line other
                               JOIN account_account charged ON charged.id = other.account_id
                              WHERE other.move_id = entry.id) loss
                        WHERE part.debit_move_id = line.id AND entry.move_type = 'entry'
                          AND entry.journal_id NOT IN (SELECT currency_exchange_journal_id FROM res_company
                                                        WHERE currency_exchange_journal_id IS NOT NULL)
                      ) * invoice.share AS lost
                 FROM (SELECT move.id, COALESCE(move.credit_disputed, FALSE) AS disputed,
                              COALESCE(least(greatest(sum(sold.price_total) / NULLIF(move.amount_total, 0), 0), 1), 0)
                                  AS share
                         FROM sale_order_line ordered
                         JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = ordered.id
                         JOIN account_move_line sold ON sold.id = rel.invoice_line_id
                         JOIN account_move move ON move.id = sold.move_id
                        WHERE ordered.order_id = hold.sale_order_id
                          AND move.move_type = 'out_invoice' AND move.state = 'posted'
                          AND COALESCE(move.invoice_date, move.date) >= hold.decided_at::date - 1
                        GROUP BY move.id) invoice
                 JOIN account_move_line line ON line.move_id = invoice.id
                 JOIN account_account account ON account.id = line.account_id
                WHERE account.account_type = 'asset_receivable'""",
            today=fields.Date.context_today(self),
        )
