from dateutil.relativedelta import relativedelta

from odoo import fields, models


class CrmStandingPromise(models.Model):
    """How well standing promises are kept, as far as customers tell."""

    _inherit = 'crm.standing.promise'

    complaint_count = fields.Integer(
        string="Complaints, 12 Months", compute='_compute_fulfilment', compute_sudo=True,
        help="Complaints of the last twelve months that name this promise and are not unjustified.",
    )
    order_count = fields.Integer(
        string="Orders, 12 Months", compute='_compute_fulfilment', compute_sudo=True,
        help="Confirmed orders of the last twelve months with products of the promise.",
    )
    fulfilment = fields.Float(
        string="Kept (%)", compute='_compute_fulfilment', compute_sudo=True,
        help="Share of the orders of the last twelve months with products of the promise about which nobody complained "
             "with reason. 0 without orders.",
    )

    def _compute_fulfilment(self):
        # A handful of promises exist: one count of orders each.
        since = fields.Datetime.now() - relativedelta(years=1)
        broken = dict(self.env['crm.complaint']._read_group(
            [
                ('standing_promise_id', 'in', self.ids), ('date_received', '>=', since),
                ('state', '!=', 'cancelled'), '|', ('verdict', '=', False), ('verdict', '!=', 'unjustified'),
            ],
            ['standing_promise_id'], ['__count'],
        ))
        for promise in self:
            promise.complaint_count = broken.get(promise, 0)
            domain = [('state', '=', 'sale'), ('date_order', '>=', since)]
            if promise.company_id:
                domain.append(('company_id', 'child_of', promise.company_id.id))
            products = ['|', ('product_template_id', 'in', promise.product_tmpl_ids.ids),
                        ('product_id.categ_id', 'child_of', promise.categ_ids.ids)]
            if promise.product_tmpl_ids or promise.categ_ids:
                domain.append(('order_line', 'any', products))
            orders = self.env['sale.order'].search_count(domain)
            promise.order_count = orders
            promise.fulfilment = 100 * max(0, orders - promise.complaint_count) / orders if orders else 0

    def action_view_complaints(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Complaints about %(promise)s", promise=self.name),
            'res_model': 'crm.complaint', 'view_mode': 'list,form', 'domain': [('standing_promise_id', '=', self.id)],
        }
