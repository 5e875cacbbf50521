from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.sale_order import CreditCheck
from ..tools.decision import Document, decide


class CreditHoldRequest(models.TransientModel):
    """Asks for credit beyond a confirmed order, before the order is changed."""

    _name = 'credit.hold.request'
    _description = 'Request a Credit Release'

    sale_order_id = fields.Many2one('sale.order', required=True)
    currency_id = fields.Many2one(related='sale_order_id.company_id.currency_id')
    amount = fields.Monetary(string='Additional Amount', required=True, help="Tax included, in company currency.")
    note = fields.Text(string='Why', required=True)

    @api.constrains('amount')
    def _check_amount(self):
        for request in self:
            if request.currency_id.compare_amounts(request.amount, 0.0) <= 0:
                raise UserError(
                    self.env._(
                        "Order %(order)s can't grow by %(amount)s: enter an amount above zero.",
                        order=request.sale_order_id.name,
                        amount=request.currency_id.format(request.amount),
                    )
                )

    @api.constrains('note')
    def _check_note(self):
        for request in self:
            if not (request.note or '').strip():
                raise UserError(
                    self.env._("Say in “Why” what order %s needs more credit for.", request.sale_order_id.name)
                )

    def action_request(self):
        """Make a hold that a credit manager decides about; the order stays as it is."""
        self.ensure_one()
        order = self.sale_order_id
        order.check_access('write')
        if order.state != 'sale':
            raise UserError(self.env._("Order %s isn't confirmed: confirm it, that asks for the release.", order.name))
        hold = (
            self.env['credit.hold']
            .sudo()
            ._hold(order.sudo(), self._check(), self.env.user, self.env.context, kind='edit', note=self.note)
        )
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'success',
                'title': self.env._("Release requested"),
                'message': self.env._("%s: you will be told when it is decided.", hold.name),
                'next': {'type': 'ir.actions.act_window_close'},
            },
        }

    def _check(self):
        order = self.sale_order_id.sudo()
        root = order.company_id.root_id
        debtor = order.partner_invoice_id.commercial_partner_id
        terms, exposure = debtor._credit_terms(root)[debtor.id], debtor._credit_exposure(root)[debtor.id]
        document = Document(amount=self.amount, total=order._credit_worth() + self.amount)
        items = debtor._credit_open_items(root)[debtor.id]
        return CreditCheck(
            terms, document, exposure, decide(exposure, terms, document, items, root.currency_id.rounding)
        )
