from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = 'product.template'

    standing_promise_ids = fields.Many2many(
        'crm.standing.promise', string="Standing Promises", compute='_compute_standing_promise_ids',
        help="What every buyer of this product is promised today.",
    )

    def _compute_standing_promise_ids(self):
        Promise = self.env['crm.standing.promise']
        if not Promise.has_access('read'):
            self.standing_promise_ids = False
            return
        promises = Promise._of_products(self, fields.Date.context_today(self))
        for product in self:
            product.standing_promise_ids = promises[product]
