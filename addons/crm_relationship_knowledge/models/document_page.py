from odoo import api, fields, models
from odoo.fields import Domain

TOPICS = [
    ('product', 'Product'),
    ('price', 'Price and terms'),
    ('competitor', 'Competitor'),
    ('market', 'Market'),
    ('service', 'Service'),
]


class DocumentPage(models.Model):
    """A page says what it is about, so that it is found where it is needed."""

    _inherit = 'document.page'

    # Pages are read by every salesperson: what an editor pastes must not run in their browsers.
    content = fields.Html(sanitize=True, sanitize_form=True)
    topic = fields.Selection(
        TOPICS, index='btree_not_null',
        help="What kind of question the page answers. Pages without one aren't part of the marketing encyclopaedia.",
    )
    product_tmpl_ids = fields.Many2many(
        'product.template', 'document_page_product_rel', 'page_id', 'product_tmpl_id', string="Products",
        help="The page is offered on customers, contacts and opportunities that have to do with these products.",
    )
    competitor_ids = fields.Many2many(
        'res.partner', 'document_page_competitor_rel', 'page_id', 'partner_id', string="Competitors",
        help="Competitors that the page is about.",
    )

    @api.depends('name')
    @api.depends_context('lang')
    def _compute_display_name(self):
        """Our own categories are named in the language of the reader, as long as nobody has renamed them."""
        super()._compute_display_name()
        titles = self._category_titles()
        for page in self:
            page.display_name = titles.get((page.id, page.name), page.display_name)

    @api.model
    def _search_display_name(self, operator, value):
        domain = Domain(super()._search_display_name(operator, value))
        if operator in ('ilike', '=') and isinstance(value, str) and value:
            found = [
                page_id for (page_id, _name), title in self._category_titles().items()
                if (value.lower() in title.lower() if operator == 'ilike' else value == title)
            ]
            domain |= Domain('id', 'in', found)
        return domain

    @api.model
    def _category_titles(self):
        """Return ``{(id, name as installed): title in the language of the reader}`` of our categories.

        The title of a page is plain text of the addon that it comes from. Only categories follow the reader: what
        people write is in the language they write in.
        """
        titles = {
            'root': ("Marketing encyclopaedia", self.env._("Marketing encyclopaedia")),
            'products': ("Products", self.env._("Products")),
            'prices': ("Prices and terms", self.env._("Prices and terms")),
            'competitors': ("Competitors", self.env._("Competitors")),
            'market': ("Market", self.env._("Market")),
        }
        ids = {
            key: self.env['ir.model.data']._xmlid_to_res_id(f'crm_relationship_knowledge.document_page_category_{key}')
            for key in titles
        }
        return {(ids[key], name): title for key, (name, title) in titles.items() if ids[key]}

    @api.model
    def _open_knowledge(self, name, pages):
        """Return the action that shows ``pages``, or the whole encyclopaedia when there is none of them."""
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship_knowledge.document_page_action')
        domain = Domain('type', '=', 'content')
        domain &= Domain('id', 'in', pages.ids) if pages else Domain('topic', '!=', False)
        if pages:
            action['name'] = name
        if len(pages) == 1:
            return {
                **action, 'res_id': pages.id, 'view_mode': 'form',
                'views': [view for view in action['views'] if view[1] == 'form'],
            }
        return {**action, 'domain': list(domain)}
