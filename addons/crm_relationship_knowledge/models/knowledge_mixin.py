from odoo import api, fields, models


class KnowledgeMixin(models.AbstractModel):
    """A document on which the pages about its products are at hand."""

    _name = 'crm.knowledge.mixin'
    _description = "Document with Knowledge"

    knowledge_count = fields.Integer(
        string="Knowledge Pages", compute='_compute_knowledge_count',
        help="Pages of the marketing encyclopaedia about the products concerned.",
    )

    @api.depends_context('uid', 'company')
    def _compute_knowledge_count(self):
        pages = self._knowledge_pages()
        for record in self:
            record.knowledge_count = len(pages.get(record.id, ()))

    def action_open_knowledge(self):
        """The pages about the products concerned, or all pages when there are none about them."""
        self.ensure_one()
        pages = self._knowledge_pages()[self.id]
        return self.env['document.page']._open_knowledge(
            self.env._("Knowledge for %(record)s", record=self.display_name), pages
        )

    def _knowledge_pages(self):
        """Return ``{record id: document.page}``, in a number of queries that doesn't grow with the records."""
        pages = self.env['document.page']
        products = self._knowledge_products() if pages.has_access('read') else {}
        wanted = set().union(*products.values())
        if wanted:
            pages = pages.search([('type', '=', 'content'), ('product_tmpl_ids', 'in', list(wanted))])
        about = {page: set(page.product_tmpl_ids.ids) for page in pages}
        return {
            record.id: pages.filtered(lambda page, own=own: not own.isdisjoint(about[page]))
            for record in self
            for own in [products.get(record.id, set())]
        }

    def _knowledge_products(self):
        """Return ``{record id: {product template id, …}}``: by default what the customer has ordered."""
        partners = {record: record._knowledge_partner() for record in self}
        bought = self._bought_products(self.env['res.partner'].union(*partners.values()))
        return {record.id: bought.get(partner.id, set()) for record, partner in partners.items()}

    def _knowledge_partner(self):
        """Return the customer (commercial partner) whose purchases tell what is of interest."""
        return self.partner_id.commercial_partner_id

    @api.model
    def _bought_products(self, customers):
        """Return ``{commercial partner id: {product template id, …}}`` from the orders that the user may see."""
        lines = self.env['sale.order.line']
        if not customers or customers._knows_nothing_bought() or not lines.has_access('read'):
            return {}
        groups = lines._read_group(
            [
                ('order_partner_id.commercial_partner_id', 'in', customers.ids),
                ('state', '=', 'sale'),
                ('product_id', '!=', False),
            ],
            ['order_partner_id', 'product_id'],
        )
        result = {}
        for partner, product in groups:
            result.setdefault(partner.commercial_partner_id.id, set()).add(product.product_tmpl_id.id)
        return result
