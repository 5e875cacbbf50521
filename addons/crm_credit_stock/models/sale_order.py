from odoo import models

from odoo.addons.crm_credit.tools.decision import Document


class SaleOrder(models.Model):
    """The credit decision about goods that are about to leave."""

    _inherit = 'sale.order'

    def _credit_check_delivery(self, ordered, more):
        """Decide about deliveries, where the policy wants that; always about goods that were never ordered: they are a
        change of the order.

        :param ordered: {order: worth of what leaves as ordered, tax included, in company currency}
        :param more: {order: worth of what leaves beyond the order}; the exposure doesn't count it yet
        :return: {order: CreditCheck} of the orders that are checked
        """
        documents, counted = {}, {}
        for order, document in self._credit_documents().items():
            beyond = 0.0 if order._credit_is_cash() else order.company_id.currency_id.round(more.get(order, 0.0))
            within = 0.0
            if self.env['credit.policy']._get_active(order.company_id).check_delivery:
                within = max(min(ordered.get(order, 0.0), document.amount), 0.0)
            if within + beyond > 0:
                documents[order] = Document(amount=within + beyond, total=document.total + beyond)
                counted[order] = within
        orders = self.browse([order.id for order in documents])
        checks = orders._credit_decide(documents, counted=counted) if orders else {}
        for order, check in checks.items():
            if not check.passes:
                check.permission = order._credit_permission(check, 'delivery') or order._credit_release_in_force(check)
        return checks

    def _credit_release_in_force(self, check):
        """Who released the order, or its growth, released its delivery, for as long as the release is good.

        :return: one of these holds when together they are worth what leaves
        """
        self.ensure_one()
        released = self.credit_hold_ids.filtered(
            lambda hold: (
                hold.kind in ('order', 'edit')
                and hold.state == 'released'
                and not hold.automatic
                and (hold.kind == 'order' or hold.used_at)
                and hold._is_valid()
            )
        )
        precision = self.company_id.currency_id.rounding
        enough = sum(released.mapped('amount')) >= check.document.amount - precision / 2
        return released[:1] if enough and released else None
