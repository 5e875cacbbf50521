from odoo import SUPERUSER_ID, api, fields, models

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

    @api.depends_context('lang', 'uid')
    def _compute_credit_message(self):
        return super()._compute_credit_message()

    def _credit_show(self, checks):
        """Show the figures behind a decision that is still to be made.

        Once it was made, the order's state and its hold say what came out: opening the form then reads no figures, and
        the page “Credit” asks for them when it is opened (``get_credit_panel``, ``get_credit_summary``).
        """
        result = super()._credit_show(checks)
        self.credit_panel = False
        self.credit_summary = False
        asked = self.filtered(lambda order: order in checks)
        for root, orders in asked.grouped(lambda order: order.company_id.root_id).items():
            orders._credit_show_figures(root, checks)
        return result

    def _credit_show_figures(self, root, checks):
        """Fill panel and summary of one root company's quotations; the banner's checks aren't read twice."""
        with_panel = self._credit_shows_panel()
        exposures = {order._credit_debtor_id(): checks[order].exposure for order in self if checks[order].exposure}
        missing = self.filtered(
            lambda order: (
                (with_panel or checks[order].terms.checks_anything) and order._credit_debtor_id() not in exposures
            )
        )
        if missing:
            exposures |= missing.partner_invoice_id.commercial_partner_id._origin._credit_exposure(root)
        Partner, currency = self.env['res.partner'], root.currency_id
        for order in self:
            debtor, terms = order._credit_debtor_id(), checks[order].terms
            exposure = exposures.get(debtor) or Exposure()
            order.credit_summary = Partner._credit_summary(exposure, terms, currency)
            if with_panel:
                order.credit_panel = order._credit_panel_value(exposure, terms)

    @api.model
    def _credit_shows_panel(self):
        """Whether the user may see the panel: the two dozen formatted amounts are made for nobody else."""
        return self.env.uid == SUPERUSER_ID or self.env.user.has_groups(CREDIT_READERS)

    def _credit_panel_value(self, exposure, terms):
        root = self.company_id.root_id
        return {
            **self.env['res.partner']._credit_panel(exposure, terms, root.currency_id),
            'partner_id': self._credit_debtor_id(),
            'company_id': root.id,
        }

    @api.readonly
    def get_credit_panel(self):
        """Return the panel with the debtor's figures of now, whatever the order's state.

        :raise AccessError: for those who may not see the order or the panel
        """
        order = self._credit_asked('credit_panel')
        exposure, terms = order._credit_figures_now()
        return terms and order._credit_panel_value(exposure, terms)

    @api.readonly
    def get_credit_summary(self):
        """Return light, available credit and utilisation of now, whatever the order's state: a salesperson's share.

        :raise AccessError: for those who may not see the order or the figures
        """
        order = self._credit_asked('credit_summary')
        exposure, terms = order._credit_figures_now()
        currency = order.company_id.root_id.currency_id
        return terms and self.env['res.partner']._credit_summary(exposure, terms, currency)

    def _credit_asked(self, name):
        """Return the order as superuser, for whoever may read it and the field that the figures belong to."""
        self.ensure_one()
        self.check_access('read')
        self._check_field_access(self._fields[name], 'read')
        return self.sudo()

    def _credit_figures_now(self):
        """Return (Exposure, Terms) of the debtor; without one both are False."""
        root, debtor = self.company_id.root_id, self.partner_invoice_id.commercial_partner_id
        if not debtor:
            return False, False
        return debtor._credit_exposure(root)[debtor.id], debtor._credit_terms(root)[debtor.id]
