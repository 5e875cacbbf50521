from odoo import api, models
from odoo.tools import format_date


class ReportRelationshipCard(models.AbstractModel):
    """Relationship cards of any number of customers as one HTML document with page breaks.

    One document, since wkhtmltopdf without patched Qt can't join several; nothing goes into headers and footers.
    """
    _name = 'report.crm_relationship.report_relationship_card'
    _description = 'Relationship Card'

    @api.model
    def _get_report_values(self, docids, data=None):
        customers = self.env['res.partner'].browse(docids).exists().commercial_partner_id.filtered('is_customer')
        return {
            'doc_ids': customers.ids,
            'doc_model': 'res.partner',
            'docs': customers,
            'cards': self._cards(customers),
        }

    @api.model
    def _cards(self, customers):
        """One dict a customer, in their order; customers of one language are read together."""
        cards = {}
        keys = customers._filter_key_customers()
        for lang, group in customers.grouped(lambda partner: partner.lang or self.env.lang or 'en_US').items():
            localized = group.with_context(lang=lang)
            sections = localized._get_card_sections()
            for partner in localized:
                cards[partner.id] = self._card(partner, lang, partner.id in keys.ids, sections[partner.id])
        return [cards[partner.id] for partner in customers]

    @api.model
    def _card(self, partner, lang, is_key, sections):
        def label(name):
            return partner[name] and dict(partner._fields[name]._description_selection(partner.env))[partner[name]]
        return {
            'partner': partner,
            'lang': lang,
            'is_key': is_key,
            'stage': label('relationship_stage'),
            'value_class': label('value_class'),
            'verified_on': partner.card_verified_on and format_date(partner.env, partner.card_verified_on),
            'sections': sorted(
                (section for section in sections if section and (is_key or not section.key_only)),
                key=lambda section: section.sequence,
            ),
        }
