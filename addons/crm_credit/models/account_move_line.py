from odoo import models


class AccountMoveLine(models.Model):
    """Reconciling receivables may take away what an order waits for."""

    _inherit = 'account.move.line'

    # Open items with all that exposure and searches read of them: no need to look at the lines themselves. Small, since
    # what is paid leaves it. The condition must stay that of res.partner._credit_open_condition.
    _credit_open_index = models.Index(
        '(account_id, partner_id) INCLUDE (company_id, amount_residual, date_maturity, date, move_id)'
        " WHERE reconciled IS NOT TRUE AND parent_state = 'posted' AND amount_residual <> 0"
    )

    def _reconcile_plan(self, reconciliation_plan):
        result = super()._reconcile_plan(reconciliation_plan)
        Partner = self.env['res.partner']
        Partner._credit_figures_changed()
        lines = self.browse(self._credit_plan_ids(reconciliation_plan)).filtered(
            lambda line: line.account_type == 'asset_receivable'
        )
        if lines.partner_id:
            self.env['credit.hold']._try_release(lines.partner_id)
        return result

    def _credit_plan_ids(self, plan):
        """Return the ids of the lines in a reconciliation plan: nested lists of recordsets."""
        if isinstance(plan, models.BaseModel):
            return plan.ids
        return [line_id for part in plan for line_id in self._credit_plan_ids(part)]

    def _sale_create_reinvoice_sale_line(self):
        """Costs that a posted bill adds to a confirmed order have been spent: counted and noted, never refused."""
        Order = self.env['sale.order'].sudo()
        with Order._credit_reinvoicing():
            created = super()._sale_create_reinvoice_sale_line()
        lines = self.env['sale.order.line'].concat(*created.values()) if created else self.env['sale.order.line']
        lines.sudo().order_id._credit_accept_spent(
            lambda amount: self.env._("Costs of %s were added by a posted bill.", amount)
        )
        return created
