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

    def _credit_apply_payment(self):
        """Reconcile the posted payment with the invoices that were made after it."""
        self.ensure_one()
        payment = self.payment_id
        lines = (payment.move_id.line_ids + self.invoice_ids.line_ids).filtered(
            lambda line: line.account_id == payment.destination_account_id and not line.reconciled
        )
        if payment and lines:
            lines.reconcile()

    @api.model
    def _credit_unposted_sql(self, scope, debtor_condition):
        """Return the SELECT of ('transactions', debtor id, [amount, transaction id, currency id]) of paid ones.

        Counted is what was authorised, and what was paid as long as its payment isn't in the ledger: a transaction or
        its payment, never both. What was captured from an authorisation has its own transaction.

        :param scope: CreditScope of models.res_partner_exposure
        :param debtor_condition: SQL over the alias ``partner``
        """
        self.flush_model(['state', 'amount', 'currency_id', 'partner_id', 'payment_id', 'operation', 'company_id'])
        self.env['account.payment'].flush_model(['state', 'move_id'])
        return SQL(
            """SELECT 'transactions', partner.commercial_partner_id, ARRAY[tx.amount - COALESCE((
                      SELECT SUM(child.amount) FROM payment_transaction child
                       WHERE child.source_transaction_id = tx.id AND child.operation IS DISTINCT FROM 'refund'
                         AND child.state IN ('pending', 'authorized', 'done', 'cancel')), 0),
                      tx.id, tx.currency_id]::float8[]
                 FROM payment_transaction tx
                 JOIN res_partner partner ON partner.id = tx.partner_id
            LEFT JOIN account_payment payment ON payment.id = tx.payment_id
            LEFT JOIN account_move entry ON entry.id = payment.move_id
                WHERE tx.state IN ('authorized', 'done') AND tx.operation IS DISTINCT FROM 'validation'
                  AND tx.company_id IN %(companies)s AND %(debtors)s
                  AND (tx.state = 'authorized' OR payment.id IS NULL OR entry.state = 'draft'
                       OR (entry.id IS NULL AND payment.state = 'in_process'))""",
            companies=scope.companies,
            debtors=debtor_condition,
        )

    @api.model
    def _credit_query_unposted(self, scope, debtor_condition):
        """Return rows (debtor id, amount in the root company's currency) of paid transactions."""
        rows = self.env.execute_query(self._credit_unposted_sql(scope, debtor_condition))
        return self._credit_unposted_sums(scope, [(debtor, *figures) for _part, debtor, figures in rows])

    @api.model
    def _credit_unposted_sums(self, scope, rows):
        """Return rows (debtor id, amount in the root company's currency).

        :param rows: (debtor id, amount, transaction id, currency id) as ``_credit_unposted_sql`` returns them
        """
        sums = {}
        foreign = [int(tx) for _debtor, _amount, tx, currency in rows if currency != scope.currency_id]
        rates = self._credit_rates(scope, foreign) if foreign else {}
        for debtor, amount, tx, _currency in rows:
            sums[debtor] = sums.get(debtor, 0.0) + amount * rates.get(int(tx), 1.0)
        return list(sums.items())

    @api.model
    def _credit_rates(self, scope, ids):
        """Return {transaction id: factor to company currency} of foreign ones: their order's own rate, or the day's."""
        root = self.env['res.company'].browse(scope.root_id)
        rates = {}
        for transaction in self.sudo().browse(ids):
            order = transaction.sale_order_ids.filtered(
                lambda order, tx=transaction: order.currency_id == tx.currency_id
            )[:1]
            rates[transaction.id] = (
                1 / order.currency_rate
                if order.currency_rate
                else transaction.currency_id._get_conversion_rate(
                    transaction.currency_id, root.currency_id, root, transaction.create_date.date()
                )
            )
        return rates
