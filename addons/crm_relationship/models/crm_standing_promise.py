from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmStandingPromise(models.Model):
    """What we promise to every buyer of a product or service, and which risk that takes from them."""

    _name = "crm.standing.promise"
    _description = "Standing Promise"
    _inherit = ["mail.thread"]
    _order = "sequence, id"

    name = fields.Char(string="Promise", required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    risk = fields.Selection(
        [
            ("economic", "Economic"),
            ("function", "Function and quality"),
            ("social", "Social"),
            ("psychological", "Psychological"),
        ],
        string="Risk Taken",
        required=True,
        default="function",
        tracking=True,
        help="Economic: losing money. Function and quality: it doesn't do what it should. Social: what others think. "
        "Psychological: regretting the choice.",
    )
    product_tmpl_ids = fields.Many2many("product.template", string="Products")
    categ_ids = fields.Many2many("product.category", string="Product Categories")
    date_start = fields.Date(string="From", required=True, default=fields.Date.context_today, tracking=True)
    date_end = fields.Date(string="To", tracking=True)
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    terms = fields.Text(help="What exactly is promised, and what the customer gets when it isn't kept.", translate=True)

    @api.constrains("date_start", "date_end")
    def _check_dates(self):
        for promise in self:
            if promise.date_end and promise.date_end < promise.date_start:
                raise ValidationError(
                    self.env._(
                        "The promise “%(promise)s” can't end on %(end)s, before it starts on %(start)s.",
                        promise=promise.name,
                        end=promise.date_end,
                        start=promise.date_start,
                    )
                )

    @api.model
    def _of_products(self, products, day):
        """Return ``{product template: standing promises that hold on ``day``}``; without products: for all."""
        promises = self.search(
            [
                ("date_start", "<=", day),
                "|",
                ("date_end", "=", False),
                ("date_end", ">=", day),
            ]
        )
        return {product: promises.filtered(lambda promise, p=product: promise._holds_for(p)) for product in products}

    def _holds_for(self, product):
        self.ensure_one()
        if not self.product_tmpl_ids and not self.categ_ids:
            return True
        return product in self.product_tmpl_ids or any(
            (product.categ_id.parent_path or "").startswith(category.parent_path) for category in self.categ_ids
        )
