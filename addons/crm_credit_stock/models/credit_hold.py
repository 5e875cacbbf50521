from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.crm_credit.models.res_partner_exposure import FIGURE_READERS


class CreditHold(models.Model):
    """Deliveries that wait for a credit release."""

    _inherit = 'credit.hold'

    kind = fields.Selection(
        selection_add=[('delivery', 'Delivery')], ondelete={'delivery': lambda holds: holds._forget_delivery_kind()}
    )
    picking_id = fields.Many2one(
        'stock.picking', string='Transfer', readonly=True, index='btree_not_null', ondelete='set null'
    )
    # The warehouse reads holds of deliveries: why they wait, in words, and whom to ask. The figures aren't for it.
    exposure = fields.Monetary(groups=FIGURE_READERS)
    agreed = fields.Monetary(groups=FIGURE_READERS)
    available = fields.Monetary(groups=FIGURE_READERS)
    overdue = fields.Monetary(groups=FIGURE_READERS)
    max_days_overdue = fields.Integer(groups=FIGURE_READERS)
    grade = fields.Char(groups=FIGURE_READERS)

    @api.model
    def _try_release(self, partners):
        """Take holds off deliveries that may leave now; the warehouse then validates as usual."""
        result = super()._try_release(partners)
        debtors = self.env['credit.group']._with_fellow_members(partners.sudo().commercial_partner_id.ids)
        holds = self.sudo().search(
            [
                ('state', '=', 'open'),
                ('kind', '=', 'delivery'),
                ('partner_id', 'in', debtors),
            ]
        )
        for hold in holds:
            self._schedule_step(hold, lambda hold: hold._let_deliver())
        return result

    def _let_deliver(self):
        """Take the hold off its delivery when nothing speaks against it any more."""
        if all(check.passes for check in self.picking_id.move_ids._credit_checks().values()):
            self._cause_gone()

    def _forget_delivery_kind(self):
        """On uninstall: decided holds can't be written, and must not block it."""
        if self.ids:
            self.env.cr.execute(SQL("UPDATE credit_hold SET kind = 'edit' WHERE id IN %s", tuple(self.ids)))
            self.invalidate_recordset(['kind'])
