from odoo import fields, models


class AccountPaymentTerm(models.Model):
    """Terms under which nothing is given on credit."""

    _inherit = 'account.payment.term'

    credit_cash = fields.Boolean(
        string='Cash Terms',
        help="Paid before or at delivery: orders of customers who have this payment term need no credit. "
        "It doesn't count when it was chosen for one order only.",
    )

    def _credit_gives_days(self):
        """Return whether anything of an invoice falls due later than on its date."""
        self.ensure_one()
        return any(line.nb_days > 0 or line.delay_type != 'days_after' for line in self.sudo().line_ids)
