from odoo import api, fields, models

from .res_partner_credit import CREDIT_READERS


class AccountMove(models.Model):
    """The debtor's credit figures on customer invoices and credit notes."""

    _inherit = 'account.move'

    credit_panel = fields.Json(
        string='Credit Panel', compute='_compute_credit_panel', compute_sudo=True, groups=CREDIT_READERS
    )

    @api.depends('move_type', 'state', 'company_id', 'commercial_partner_id', 'amount_residual', 'credit_disputed')
    @api.depends_context('lang')
    def _compute_credit_panel(self):
        self.credit_panel = False
        moves = self.filtered(
            lambda move: move.move_type in ('out_invoice', 'out_refund', 'out_receipt') and move.commercial_partner_id
        )
        for root, documents in moves.grouped(lambda move: move.company_id.root_id).items():
            debtors = documents.commercial_partner_id._origin
            exposures, terms = debtors._credit_exposure(root), debtors._credit_terms(root)
            for move in documents:
                debtor = move.commercial_partner_id._origin.id
                if debtor in terms:
                    move.credit_panel = {
                        **debtors._credit_panel(exposures[debtor], terms[debtor], root.currency_id),
                        'partner_id': debtor,
                        'company_id': root.id,
                    }
