from odoo import api, models
from odoo.tools import SQL


class PaymentTransaction(models.Model):
    """Paid transactions take exposure off until their payment is posted; held orders aren't confirmed by paying."""

    _inherit = 'payment.transaction'

    _credit_paid_index = models.Index("(partner_id) WHERE state IN ('authorized', 'done')")

    def _check_amount_and_confirm_order(self):
        """Return only the orders that really were confirmed: callers write to the customers of the others."""
        orders = super()._check_amount_and_confirm_order()
        return orders.filtered(lambda order: order.state == 'sale')

    @api.model
    def _credit_query_unposted(self, root, companies, debtor_condition):
        """Return rows (debtor id, amount in the root company's currency).

        Counted is what was authorised, and what was paid as long as its payment isn't in the ledger: a transaction or
        its payment, never both. What was captured from an authorisation has its own transaction.

        :param debtor_condition: SQL over the alias ``partner``
        """
        self.flush_model(['state', 'amount', 'currency_id', 'partner_id', 'payment_id', 'operation', 'company_id'])
        self.env['account.payment'].flush_model(['state', 'move_id'])
        return [(debtor, float(amount)) for debtor, amount in self.env.execute_query(SQL(
            """SELECT partner.commercial_partner_id, SUM((tx.amount - COALESCE(captured.amount, 0)) * %(rate)s)
                 FROM payment_transaction tx
                 JOIN res_partner partner ON partner.id = tx.partner_id
            LEFT JOIN account_payment payment ON payment.id = tx.payment_id
            LEFT JOIN account_move entry ON entry.id = payment.move_id
            LEFT JOIN LATERAL (
                      SELECT SUM(child.amount) AS amount FROM payment_transaction child
                       WHERE child.source_transaction_id = tx.id AND child.operation IS DISTINCT FROM 'refund'
                         AND child.state IN ('pending', 'authorized', 'done', 'cancel')) captured ON TRUE
                WHERE tx.state IN ('authorized', 'done') AND tx.operation IS DISTINCT FROM 'validation'
                  AND tx.company_id IN %(companies)s AND %(debtors)s
                  AND (tx.state = 'authorized' OR payment.id IS NULL OR entry.state = 'draft'
                       OR (entry.id IS NULL AND payment.state = 'in_process'))
                GROUP BY partner.commercial_partner_id""",
            rate=self._credit_rate_sql(root), companies=companies, debtors=debtor_condition))]

    @api.model
    def _credit_rate_sql(self, root):
        """Return the factor from the transaction's currency to the company's: the order's own rate where there is one."""
        return SQL(
            """CASE WHEN tx.currency_id = %(currency)s THEN 1 ELSE COALESCE(
                   (SELECT 1 / NULLIF(o.currency_rate, 0) FROM sale_order_transaction_rel rel
                      JOIN sale_order o ON o.id = rel.sale_order_id
                     WHERE rel.transaction_id = tx.id AND o.currency_id = tx.currency_id LIMIT 1),
                   %(own)s / NULLIF(%(foreign)s, 0)) END""",
            currency=root.currency_id.id,
            own=self._credit_day_rate_sql(root, SQL('%s', root.currency_id.id)),
            foreign=self._credit_day_rate_sql(root, SQL('tx.currency_id')))

    @api.model
    def _credit_day_rate_sql(self, root, currency):
        return SQL(
            """COALESCE((SELECT r.rate FROM res_currency_rate r
                          WHERE r.currency_id = %(currency)s AND r.name <= tx.create_date::date
                            AND (r.company_id IS NULL OR r.company_id = %(root)s)
                          ORDER BY r.company_id, r.name DESC LIMIT 1), 1)""", currency=currency, root=root.id)
