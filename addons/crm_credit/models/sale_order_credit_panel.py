from odoo import api, fields, models

from ..tools.decision import Exposure
from .res_partner_credit import CREDIT_READERS
from .res_partner_exposure import FIGURE_READERS


class SaleOrder(models.Model):
    """The debtor's credit figures on the order, read together with those of the banner."""

    _inherit = 'sale.order'

    credit_panel = fields.Json(
        string='Credit Panel', compute='_compute_credit_message', compute_sudo=True, groups=CREDIT_READERS
    )
    credit_summary = fields.Json(
        string='Credit Summary', compute='_compute_credit_message', compute_sudo=True, groups=FIGURE_READERS
    )

    @api.depends_context('lang')
    def _compute_credit_message(self):
        return super()._compute_credit_message()

    def _credit_show(self, checks):
        result = super()._credit_show(checks)
        self.credit_panel = False
        self.credit_summary = False
        invoiced = self.filtered('partner_invoice_id')
        for root, orders in invoiced.grouped(lambda order: order.company_id.root_id).items():
            orders._credit_show_figures(root, checks)
        return result

    def _credit_show_figures(self, root, checks):
        """Fill panel and summary of one root company's orders; the banner's checks aren't read twice."""
        terms = {order._credit_debtor_id(): checks[order].terms for order in self if order in checks}
        exposures = {
            order._credit_debtor_id(): checks[order].exposure
            for order in self
            if order in checks and checks[order].exposure
        }
        debtors = self.partner_invoice_id.commercial_partner_id._origin
        if missing := debtors.filtered(lambda debtor: debtor.id not in terms):
            terms |= missing._credit_terms(root)
        if missing := debtors.filtered(lambda debtor: debtor.id not in exposures):
            exposures |= missing._credit_exposure(root)
        Partner, currency = self.env['res.partner'], root.currency_id
        for order in self:
            debtor = order._credit_debtor_id()
            if debtor not in terms:
                continue
            exposure = exposures.get(debtor) or Exposure()
            order.credit_panel = {
                **Partner._credit_panel(exposure, terms[debtor], currency),
                'partner_id': debtor,
                'company_id': root.id,
            }
            order.credit_summary = Partner._credit_summary(exposure, terms[debtor], currency)
