from odoo import api, fields, models
from odoo.fields import Domain

from ..tools import card_check
from ..tools.listing import listed

# Thousands of customers may share an address such as info@…: naming a few says enough.
DUPLICATES_SHOWN = 5


class ResPartner(models.Model):
    """What can't be true on a card: contact data that nobody can be reached by, duplicates, contradictions."""

    _inherit = 'res.partner'

    has_invalid_contact_data = fields.Boolean(
        string='Contact Data to Check', compute='_compute_has_invalid_contact_data', store=True, compute_sudo=True,
        copy=False, help="The phone number isn't one of its country, or the e-mail address isn't one.",
    )
    card_flags = fields.Text(
        string='To Check', compute='_compute_card_flags',
        help="Contact data that can't be right, customers that may be the same, and facts that contradict each other.",
    )

    # Duplicates are looked up by what Odoo has put into one form already.
    _email_normalized_known = models.Index('(email_normalized) WHERE email_normalized IS NOT NULL')
    _phone_sanitized_known = models.Index('(phone_sanitized) WHERE phone_sanitized IS NOT NULL')

    @api.depends('phone', 'email', 'country_id')
    def _compute_has_invalid_contact_data(self):
        for partner in self:
            partner.has_invalid_contact_data = bool(partner._invalid_contact_data())

    def _invalid_contact_data(self):
        """``['phone', 'email']``, or whichever of the two nobody can be reached by."""
        country = self.country_id or self.env.company.country_id
        return [
            *(['phone'] if self.phone and not card_check.is_phone_valid(self.phone, country.code) else []),
            *(['email'] if self.email and not card_check.is_email_valid(self.email) else []),
        ]

    @api.depends(
        'phone', 'email', 'country_id', 'vat', 'name', 'preferred_contact', 'founding_year', 'user_id', 'custodian_id',
        'child_ids.phone', 'child_ids.email',
    )
    @api.depends_context('company', 'uid', 'lang')
    def _compute_card_flags(self):
        flags = self._get_card_flags()
        for partner in self:
            partner.card_flags = '\n'.join(flags.get(partner._origin.id, ()))

    def _get_card_flags(self):
        """``{partner_id: [text, …]}``: what on the cards of these customers should be put right, in few queries."""
        customers = self.filtered('is_customer')
        duplicates = customers._card_duplicates()
        return {
            partner._origin.id: [
                *partner._card_flags_invalid(),
                *(
                    self.env._("may be the same customer as %(others)s", others=listed(names, self.env.lang))
                    for names in filter(None, [duplicates.get(partner._origin.id)])
                ),
                *partner._card_flags_contradictions(),
            ]
            for partner in customers
        }

    def _card_flags_invalid(self):
        texts = {
            'phone': self.env._("%(who)s: %(value)s is no valid phone number"),
            'email': self.env._("%(who)s: %(value)s is no e-mail address"),
        }
        return [
            texts[kind] % {'who': who.name or who.display_name, 'value': who[kind]}
            for who in (*self, *self.child_ids) if who.has_invalid_contact_data  # each keeps its prefetch
            for kind in who._invalid_contact_data()
        ]

    def _card_duplicates(self):
        """``{partner_id: [name, …]}`` of other customers with the same e-mail address, phone, tax ID or name."""
        keys = {name: {partner[name] for partner in self if partner[name]} for name in self._duplicate_keys()}
        same = Domain.OR(Domain(name, 'in', list(values)) for name, values in keys.items() if values)
        if not any(keys.values()):
            return {}
        found = self.env['res.partner'].search_fetch(
            same & Domain('customer_rank', '>', 0) & Domain('parent_id', '=', False), ['display_name', *keys],
            limit=DUPLICATES_SHOWN * (len(self) + 20),
        )
        owners = {}
        for other in found:
            for name in keys:
                owners.setdefault((name, other[name]), []).append(other)
        result = {}
        for partner in self:
            others = {
                other.id: other for name in keys if partner[name]
                for other in owners.get((name, partner[name]), ()) if other != partner._origin
            }
            result[partner._origin.id] = [
                ' '.join(filter(None, (other.name, other.ref and f'({other.ref})')))
                for other in list(others.values())[:DUPLICATES_SHOWN]
            ]
        return result

    @api.model
    def _duplicate_keys(self):
        return ['email_normalized', 'phone_sanitized', 'vat', 'name']

    def _card_flags_contradictions(self):
        metrics = self.metrics_id
        texts = {
            'preferred_phone': self.env._("prefers the phone, but has no number"),
            'preferred_email': self.env._("prefers e-mail, but has no address"),
            'phone_country': self.env._("the phone number is from another country than the address"),
            'vat_country': self.env._("the tax ID is from another country than the address"),
            'founded_after_order': self.env._("founded after its first order"),
        }
        found = card_check.contradictions(card_check.CardFacts(
            phone=self.phone or '', email=self.email or '', country=self.country_id.code or '', vat=self.vat or '',
            preferred=self.preferred_contact or '', founding_year=self.founding_year,
            first_order_year=metrics.first_order_date.year if metrics.first_order_date else 0,
        ))
        return [texts[code] for code in found] + [
            self.env._("%(user)s, named as %(role)s, no longer works here", user=user.name, role=role)
            for user, role in (
                (self.user_id.sudo(), self._fields['user_id']._description_string(self.env)),
                (self.custodian_id.sudo(), self._fields['custodian_id']._description_string(self.env)),
            )
            if user and not user.active
        ]
