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
