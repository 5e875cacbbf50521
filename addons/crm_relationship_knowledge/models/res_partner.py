from odoo import models
from odoo.tools import SQL


class ResPartner(models.Model):
    _name = 'res.partner'
    _inherit = ['res.partner', 'crm.knowledge.mixin']

    def _knowledge_partner(self):
        return self.commercial_partner_id

    def _get_customer_traces(self):
        """Without a page about any product, what a customer bought isn't asked."""
        table = SQL.identifier(self.env['document.page']._fields['product_tmpl_ids'].relation)
        return {**super()._get_customer_traces(), 'document.page': (SQL("SELECT FROM %s", table), [])}

    def _knows_nothing_bought(self):
        """Whether it is known that there's nothing to look up for these customers."""
        return self._is_known_without('document.page') or self._is_known_without('sale.order')
