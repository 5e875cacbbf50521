from odoo import api, fields, models

# Facts of the card whose changes are kept, and the section they belong to.
HISTORY_FIELDS = {
    **dict.fromkeys((
        'name', 'active', 'street', 'street2', 'zip', 'city', 'state_id', 'country_id', 'phone', 'email', 'website',
        'vat', 'company_name', 'parent_id', 'function', 'contact_role', 'customer_type', 'preferred_contact', 'user_id',
        'custodian_id', 'papers_location', 'commission_code',
    ), 'basic'),
    **dict.fromkeys((
        'consumption_note', 'service_area', 'sales_capacity', 'development_potential', 'business_policy',
        'management_style',
    ), 'features'),
    **dict.fromkeys((
        'main_business', 'industry_id', 'business_scale', 'founding_year', 'market_position', 'business_situation',
        'competitor_relations', 'cooperation_attitude',
    ), 'business'),
    **dict.fromkeys((
        'annual_demand', 'decision_note', 'trading_habits', 'trading_problems', 'reputation_note', 'preferential_terms',
        'property_payment_term_id', 'property_product_pricelist',
    ), 'trading'),
    'birthdate': 'personal',
}


class ResPartner(models.Model):
    """The history of the card's facts: who changed what, when, from what to what."""

    _inherit = 'res.partner'

    card_change_ids = fields.One2many('crm.card.change', 'partner_id', string='Changed Facts', readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        contacts = partners.sudo().filtered(lambda partner: partner.parent_id.customer_rank > 0)
        contacts._log_card_changes([
            (contact, 'child_ids', 'basic', False, contact.display_name) for contact in contacts
        ])
        return partners

    def write(self, vals):
        names = vals.keys() & HISTORY_FIELDS.keys()
        watched = names and self.sudo().filtered(
            lambda partner: partner.customer_rank > 0 or partner.commercial_partner_id.customer_rank > 0,
        )
        if not watched:
            return super().write(vals)
        before = {partner: {name: partner[name] for name in names} for partner in watched}
        texts = {partner: partner._card_history_texts(names) for partner in watched}
        result = super().write(vals)
        changes = []
        for partner in watched.exists():
            changed = [
                name for name in names
                if partner[name] != before[partner][name] and not partner._is_fact_of_company(name)
            ]
            after = partner._card_history_texts(changed)
            changes += [
                (partner, name, HISTORY_FIELDS[name], texts[partner][name], after[name]) for name in changed
                if texts[partner][name] != after[name]
            ]
        self._log_card_changes(changes)
        return result

    def _is_fact_of_company(self, name):
        """Whether a contact only repeats what its company says, and the card tells it there."""
        self.ensure_one()
        if self.commercial_partner_id == self:
            return False
        if name in self._commercial_fields():
            return True
        return name in self._address_fields() and self.type == 'contact' and self[name] == self.parent_id[name]

    def _card_history_texts(self, names):
        self.ensure_one()
        return {name: self._card_history_text(name) for name in names}

    def _card_history_text(self, name):
        if self._fields[name].type == 'boolean':
            return self.env._("yes") if self[name] else self.env._("no")
        return self._card_value(name) if self[name] else False

    @api.model
    def _log_card_changes(self, changes):
        """Keep ``(partner, field name, section, text before, text after)``; a contact's go to its company's card."""
        self.env['crm.card.change'].sudo().create([
            {
                'partner_id': partner.commercial_partner_id.id,
                'contact_id': partner.id if partner.commercial_partner_id != partner else False,
                'field_name': name, 'section': section, 'old_value': old, 'new_value': new,
                'user_id': self.env.uid,
            }
            for partner, name, section, old, new in changes
        ])
