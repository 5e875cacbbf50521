from odoo import models

from odoo.addons.crm_credit.tools.decision import Document


class SaleOrder(models.Model):
    """The credit decision about goods that are about to leave."""

    _inherit = 'sale.order'

    def _credit_check_delivery(self, amounts):
        """Decide about deliveries, where the policy wants that.

        :param amounts: {order: worth of what leaves, tax included, in company currency}
        :return: {order: CreditCheck} of the orders that are checked
        """
        asked = self.filtered(lambda order: self.env['credit.policy']._get_active(order.company_id).check_delivery)
        documents = {}
        for order, document in asked._credit_documents().items():
            if document.amount > 0 and amounts[order] > 0:
                documents[order] = Document(amount=min(amounts[order], document.amount), total=document.total)
        orders = self.browse([order.id for order in documents])
        checks = orders._credit_decide(documents, counted=True) if orders else {}
        for order, check in checks.items():
            if not check.passes:
                check.permission = order._credit_permission(check, 'delivery') or order._credit_release_in_force(check)
        return checks

    def _credit_release_in_force(self, check):
        """Who released the order released its delivery, for as long as the release is good."""
        self.ensure_one()
        return (
            self.credit_hold_ids.filtered(
                lambda hold: (
                    hold.kind == 'order'
                    and hold.state == 'released'
                    and not hold.automatic
                    and hold._is_valid()
                    and hold.amount >= check.document.amount
                )
            )[:1]
            or None
        )
