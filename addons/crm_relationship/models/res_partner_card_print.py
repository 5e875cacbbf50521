from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_amount, format_date, html2plaintext

from ..tools.listing import in_one_line, listed
from .card_section import CardSection

RECENT_ORDERS = 5


class ResPartner(models.Model):
    _inherit = 'res.partner'

    def action_print_card(self):
        """Ask how the cards of these customers (of their companies, for contacts) are to be printed."""
        customers = self.commercial_partner_id.filtered('is_customer')
        if not customers:
            raise UserError(self.env._(
                "Only customers have a relationship card. Make a quotation or an opportunity first.",
            ))
        self.env['report.crm_relationship.report_relationship_card']._check_names(customers)
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_card_print_action')
        return {**action, 'context': {'active_ids': customers.ids, 'default_partner_ids': customers.ids}}

    @api.model
    def action_print_todays_cards(self):
        """The cards of the customers whom the user visits today."""
        customers = self.env['crm.card.reading']._visited(self.env.user, fields.Date.context_today(self))
        if not customers:
            raise UserError(self.env._(
                "You have no visit today. Plan one as an activity of type Visit on the customer, or as a meeting.",
            ))
        return customers.action_print_card()

    def _get_card_sections(self):
        """What is printed on the cards of these customers, ``{partner_id: [CardSection, …]}``.

        ``self`` comes in the language of the cards. Extensions call ``super()`` and append sections, in a number of
        queries that doesn't depend on the number of customers.
        """
        sections = {partner.id: partner._card_fact_sections() for partner in self}
        getters = (
            self._card_contacts, self._card_recent_orders, self._card_flags_section, self._card_questions,
            self._card_personal_facts,
        )
        for get in getters:
            for partner_id, section in get().items():
                sections[partner_id].append(section)
        return sections

    # Facts

    def _card_fact_sections(self):
        """Sections that are fields of the customer."""
        self.ensure_one()
        person = self.customer_type == 'individual'
        features = ['function', 'company_name', 'consumption_note', 'development_potential'] if person else [
            'service_area', 'sales_capacity', 'development_potential', 'business_policy', 'management_style',
        ]
        business = [] if person else [
            'main_business', 'industry_id', 'business_scale', 'founding_year', 'market_position',
            'business_situation', 'competitor_relations', 'cooperation_attitude',
        ]
        trading = [
            'annual_demand', 'decision_note', 'trading_habits', 'trading_problems', 'reputation_note',
            'property_payment_term_id', 'preferential_terms', 'commission_code',
        ]
        return [
            CardSection('basic', self.env._("Basic facts"), 10, rows=self._card_rows(
                ['customer_type'],
            ) + self._card_address_rows() + self._card_rows(
                ['phone', 'email', 'website', 'vat', 'preferred_contact'],
            ) + self._card_bank_rows() + self._card_rows(['user_id', 'custodian_id', 'papers_location'])),
            CardSection('features', self.env._("Features"), 20, rows=self._card_rows(features)),
            CardSection('business', self.env._("Business"), 30, rows=self._card_rows(business)),
            CardSection('trading', self.env._("Trading"), 40, rows=self._card_rows(trading)),
            CardSection('notes', self.env._("Notes"), 90, key_only=True, notes=list(filter(None, [
                html2plaintext(self.comment or '').strip(),
            ]))),
        ]

    def _card_rows(self, names):
        """``[(label, value), …]`` of those fields that are filled in."""
        return [
            (self._fields[name]._description_string(self.env), self._card_value(name)) for name in names if self[name]
        ]

    def _card_value(self, name):
        field, value = self._fields[name], self[name]
        if field.type == 'selection':
            return dict(field._description_selection(self.env))[value]
        if field.type == 'many2one':
            return value.sudo().display_name
        if field.type == 'monetary':
            return format_amount(self.env, value, self[field.get_currency_field(self)] or self.env.company.currency_id)
        if field.type == 'date':
            return format_date(self.env, value)
        return str(value)

    def _card_address_rows(self):
        lines = self._display_address(without_company=True).splitlines()
        address = in_one_line((line.strip() for line in lines), self.env.lang)
        return [(self.env._("Address"), address)] if address else []

    def _card_bank_rows(self):
        banks = self.bank_ids
        return [(self.env._("Bank account"), listed(banks.mapped('acc_number'), self.env.lang))] if banks else []

    # Tables

    def _card_contacts(self):
        labels = [self.env._("Name"), self.env._("Position"), self.env._("Phone"), self.env._("E-mail")]
        return {
            partner.id: CardSection('contacts', self.env._("Contacts and addresses"), 15, columns=labels, lines=[
                [child._card_child_name(), child._card_child_position(), child.phone or '', child.email or '']
                for child in partner.child_ids
            ])
            for partner in self
        }

    def _card_child_name(self):
        """Name of a contact; for an address what it is for and where."""
        if self.type == 'contact':
            return self.name or ''
        kind = dict(self._fields['type']._description_selection(self.env))[self.type]
        if self.name:
            kind = self.env._("%(kind)s: %(name)s", kind=kind, name=self.name)
        if not self.contact_address_inline:
            return kind
        return self.env._("%(address_for)s, %(address)s", address_for=kind, address=self.contact_address_inline)

    def _card_child_position(self):
        return ' · '.join(filter(None, (self.function, self.contact_role and self._card_value('contact_role'))))

    def _card_recent_orders(self):
        """The last orders of key customers, as far as the user may see them."""
        Order = self.env['sale.order']
        customers = self._filter_key_customers()
        if not customers or not Order.has_access('read'):
            return {}
        visible = Order._search([
            ('partner_id.commercial_partner_id', 'in', customers.ids), ('state', '=', 'sale'),
            ('company_id', 'in', self.env.companies.ids),
        ])
        rows = self.env.execute_query(SQL(
            """SELECT customer_id, id
                 FROM (SELECT p.commercial_partner_id AS customer_id, o.id, o.date_order,
                              row_number() OVER (
                                  PARTITION BY p.commercial_partner_id ORDER BY o.date_order DESC, o.id DESC) AS nr
                         FROM sale_order o JOIN res_partner p ON p.id = o.partner_id
                        WHERE o.id IN %s) recent
                WHERE nr <= %s
             ORDER BY date_order DESC, id DESC""",
            visible.subselect(), RECENT_ORDERS,
        ))
        orders = {order.id: order for order in Order.browse([order_id for _customer_id, order_id in rows])}
        columns = [self.env._("Order"), self.env._("Date"), self.env._("Total")]
        sections = {}
        for customer_id, order_id in rows:
            order = orders[order_id]
            sections.setdefault(customer_id, CardSection(
                'orders', self.env._("Last orders"), 45, key_only=True, columns=columns,
            )).lines.append([
                order.name, format_date(self.env, order.date_order),
                format_amount(self.env, order.amount_total, order.currency_id),
            ])
        return sections

    def _card_questions(self):
        """What the card lacks, and sections that nobody has verified in time."""
        stale, labels = self._stale_card_sections(), self._card_section_labels()
        return {
            partner.id: CardSection('questions', self.env._("Ask next time"), 95, notes=[
                *(item.question for item in partner.card_missing_item_ids if item.question),
                *(
                    self.env._("Is this still true: %(section)s?", section=labels[section])
                    for section in stale.get(partner.id, ()) if partner.card_verified_on
                ),
            ])
            for partner in self
        }

    def _card_flags_section(self):
        flags = self._get_card_flags()
        return {
            partner.id: CardSection('flags', self.env._("To check"), 94, notes=flags.get(partner.id, []))
            for partner in self
        }

    def _card_personal_facts(self):
        if not self.env['crm.personal.fact'].has_access('read'):
            return {}
        facts = self.env['crm.personal.fact'].search([('partner_id', 'in', self.ids)])
        topics = dict(facts._fields['topic']._description_selection(self.env))
        return {
            partner.id: CardSection('personal', self.env._("Personal facts"), 25, rows=[
                (topics[fact.topic], fact.value) for fact in own
            ])
            for partner, own in facts.grouped('partner_id').items()
        }
