from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ..tools.listing import listed


class ReportRelationshipCard(models.AbstractModel):
    """Relationship cards of any number of customers as one HTML document with page breaks.

    One document, since wkhtmltopdf without patched Qt can't join several; nothing goes into headers and footers.
    """
    _name = 'report.crm_relationship.report_relationship_card'
    _description = 'Relationship Card'

    @api.model
    def _get_report_values(self, docids, data=None):
        data = data or {}
        docids = docids or data.get('card_ids') or self.env.context.get('active_ids') or []
        customers = self.env['res.partner'].browse(docids).exists().commercial_partner_id.filtered('is_customer')
        self._check_names(customers)
        return {
            'doc_ids': customers.ids,
            'doc_model': 'res.partner',
            'docs': customers,
            'cards': self._cards(customers, data.get('card_lang')),
        }

    @api.model
    def _check_names(self, customers):
        nameless = customers.filtered(lambda partner: not (partner.name or '').strip())
        if nameless:
            raise UserError(self.env._(
                "These customers have no name, and a card without a name is of no use: %(customers)s. "
                "Enter their names, or leave them out.",
                customers=listed((
                    f'{partner.ref or ""} {partner.email or partner.phone or ""} (ID {partner.id})'.strip()
                    for partner in nameless
                ), self.env.lang),
            ))

    @api.model
    def _check_print(self, customers):
        """Refuse cards to those who keep no customers, and more at once than the company allows."""
        user = self.env.user
        if not self.env.su and not user.has_group('crm_relationship.group_relationship_user'):
            raise AccessError(self.env._(
                "%(user)s may not print cards and lists of customers. An administrator can give access to Customers.",
                user=user.name,
            ))
        limit = self.env.company.card_print_limit
        if len(customers) > limit and not self._is_job_of(customers):
            raise UserError(self.env._(
                "%(count)s customers can't be printed at once, the limit is %(limit)s. Select them and choose Print → "
                "Print Cards: they are printed in the background.", count=len(customers), limit=limit,
            ))

    @api.model
    def _is_job_of(self, customers):
        """Whether these are printed by a job in the background, which a context alone can't claim."""
        job = self.env['crm.card.print.job'].sudo().browse(self.env.context.get('card_print_job')).exists()
        own = job.state in ('queued', 'running') and job.user_id.id == self.env.uid
        return own and customers <= job.partner_ids

    @api.model
    def _cards(self, customers, lang=None):
        """One dict a customer, in their order: in ``lang``, else in each customer's own language.

        Customers of one language are read together. Every way of printing comes along here, the plain address of the
        report too: rights and limit are checked, and the reading is logged.
        """
        self._check_print(customers)
        self.env['crm.card.reading']._log_reading(customers, 'print')
        cards = {}
        keys = customers._filter_key_customers()
        by_lang = customers.grouped(lambda partner: lang or partner.lang or self.env.lang or 'en_US')
        for code, group in by_lang.items():
            localized = group.with_context(lang=code)
            sections = localized._get_card_sections()
            for partner in localized:
                cards[partner.id] = self._card(partner, code, partner.id in keys.ids, sections[partner.id])
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


class ReportRelationshipCardSmall(models.AbstractModel):
    """The same cards on sheets of the size of an index card (A6 across), with what is needed at the door."""
    _name = 'report.crm_relationship.report_relationship_card_small'
    _inherit = 'report.crm_relationship.report_relationship_card'
    _description = 'Relationship Card, Card Size'
