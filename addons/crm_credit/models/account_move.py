from odoo import fields, models


class AccountMove(models.Model):
    """Disputed invoices; refunds and payments that make room for held orders."""

    _inherit = 'account.move'

    credit_disputed = fields.Boolean(
        string='In Dispute',
        copy=False,
        tracking=True,
        help="The customer contests this invoice. It stays owed, but isn't called overdue and holds no orders.",
    )

    # Disputed invoices are few: statements about open items look them up here instead of joining every invoice.
    _credit_disputed_index = models.Index('(id) WHERE credit_disputed')

    def write(self, vals):
        result = super().write(vals)
        if 'state' in vals or 'credit_disputed' in vals:
            self.env['res.partner']._credit_figures_changed()
        if 'credit_disputed' in vals:
            self._credit_release_holds()
        return result

    def _post(self, soft=True):
        """A credit note or an unapplied payment lowers the exposure as soon as it is posted."""
        posted = super()._post(soft)
        posted._credit_release_holds()
        return posted

    def _credit_release_holds(self):
        partners = (
            self.filtered(lambda move: not move.is_purchase_document())
            .line_ids.filtered(
                lambda line: (
                    line.account_type == 'asset_receivable' and (line.balance < 0 or line.move_id.credit_disputed)
                )
            )
            .partner_id
        )
        if partners:
            self.env['credit.hold']._try_release(partners)
