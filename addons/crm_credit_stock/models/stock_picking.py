from odoo import api, fields, models

from odoo.addons.crm_credit.gates import disclose, enclose
from odoo.addons.crm_relationship.tools.listing import listed


class StockPicking(models.Model):
    """Transfers that wait for a credit release: the warehouse sees why and whom to ask."""

    _inherit = 'stock.picking'

    credit_hold_ids = fields.One2many('credit.hold', 'picking_id', string='Credit Holds', readonly=True)
    credit_open_hold_id = fields.Many2one('credit.hold', compute='_compute_credit_open_hold_id', compute_sudo=True)
    credit_hold_message = fields.Html(compute='_compute_credit_open_hold_id', compute_sudo=True, sanitize=False)
    credit_can_decide = fields.Boolean(compute='_compute_credit_can_decide')

    @api.depends('state', 'credit_hold_ids.state')
    def _compute_credit_open_hold_id(self):
        for picking in self:
            hold = picking.credit_hold_ids.filtered(lambda hold: hold.state == 'open')[:1]
            if picking.state in ('done', 'cancel'):
                hold = hold.browse()
            picking.credit_open_hold_id = hold
            picking.credit_hold_message = bool(hold) and hold._kept_message_html(
                self.env._(
                    "This delivery waits for a credit release. Ask: %s.", hold._approver_names(picking.company_id)
                )
            )

    @api.depends('credit_open_hold_id')
    @api.depends_context('uid')
    def _compute_credit_can_decide(self):
        for picking in self:
            hold = picking.credit_open_hold_id.sudo()
            picking.credit_can_decide = bool(hold) and not hold.with_env(self.env)._authority_error()

    def _register_hook(self):
        """Where delivery costs are installed: what carriers charge is known after the goods have left."""
        super()._register_hook()
        cls = self.env.registry[self._name]
        enclose(cls, '_add_delivery_cost_to_so', cls._credit_add_freight)

    def _unregister_hook(self):
        super()._unregister_hook()
        disclose(self.env.registry[self._name], '_add_delivery_cost_to_so')

    def _credit_add_freight(self, add, *args, **kwargs):
        """Let freight of goods that have left be charged: refusing it would undo a delivery that the carrier has."""
        orders = self.sudo().sale_id
        with orders._credit_marked('editing'):
            result = add(self, *args, **kwargs)
        orders._credit_accept_spent(
            lambda amount: self.env._("Delivery costs of %s were added after the goods had left.", amount)
        )
        return result

    def button_validate(self):
        """Hold what may not leave, visibly, and go on with the others."""
        held = self._credit_hold_deliveries()
        if not held:
            return super().button_validate()
        if self - held:
            super(StockPicking, self - held).button_validate()
        return held._credit_held_notification()

    def _credit_hold_deliveries(self):
        """Make holds for the transfers that the credit check stops, and return these."""
        held = self.browse()
        Hold = self.env['credit.hold'].sudo()
        for picking in self.filtered(lambda picking: picking.state not in ('done', 'cancel')):
            for order, check in picking.move_ids._credit_checks().items():
                if check.passes:
                    picking.sudo().credit_open_hold_id._cause_gone()
                    continue
                hold = Hold._hold(order, check, self.env.user, self.env.context, kind='delivery')
                if hold.picking_id != picking:
                    hold.picking_id = picking
                held |= picking
        return held

    def _credit_held_notification(self):
        holds = self.sudo().credit_open_hold_id
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'warning',
                'sticky': True,
                'title': self.env._("Credit hold"),
                'message': '\n'.join(
                    [
                        self.env._(
                            "%s may not leave before a credit release.", listed(self.mapped('name'), self.env.lang)),
                        *(hold.reasons_text or '' for hold in holds),
                        self.env._("Ask: %s", holds[:1]._approver_names(self.company_id[:1])),
                    ]
                ),
                'next': {'type': 'ir.actions.act_window_close'},
            },
        }

    def action_credit_release(self):
        """Ask for the reason of a release, on the transfer."""
        return self.sudo().credit_open_hold_id.with_env(self.env).action_open_release()
