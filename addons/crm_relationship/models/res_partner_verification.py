from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..tools.listing import listed
from .crm_card_section import SECTIONS

VERIFIED_FIELDS = [f'card_{section}_verified' for section, _label in SECTIONS]


class ResPartner(models.Model):
    """Freshness: the whole card is verified at once, or each of its sections by itself."""

    _inherit = 'res.partner'

    is_card_stale = fields.Boolean(
        string='Card Stale', compute='_compute_is_card_stale', search='_search_is_card_stale',
        help="Nobody has verified some section of the card within the time that the settings allow.",
    )
    card_verification_ids = fields.One2many('crm.card.verification', 'partner_id', string='Verified Sections')
    card_basic_verified = fields.Char(string='Basic Facts Verified', compute='_compute_card_sections_verified')
    card_features_verified = fields.Char(string='Features Verified', compute='_compute_card_sections_verified')
    card_business_verified = fields.Char(string='Business Verified', compute='_compute_card_sections_verified')
    card_trading_verified = fields.Char(string='Trading Verified', compute='_compute_card_sections_verified')
    card_stale_sections = fields.Char(
        string='To Verify', compute='_compute_card_sections_verified',
        help="Sections of the card that nobody has verified in time.",
    )

    @api.depends('card_verified_on', 'card_verification_ids')
    @api.depends_context('company')
    def _compute_is_card_stale(self):
        stale = self._stale_card_sections()
        for partner in self:
            partner.is_card_stale = bool(stale.get(partner._origin.id))

    def _search_is_card_stale(self, operator, value):
        if operator != 'in':
            return NotImplemented
        stale_section = Domain.OR(
            (Domain('customer_type', '!=', 'individual') if section == 'business' else Domain.TRUE)
            & (Domain('card_verified_on', '=', False) | Domain('card_verified_on', '<', limit))
            & Domain('card_verification_ids', 'not any!', [('section', '=', section), ('date', '>=', limit)])
            for section, limit in self._card_section_limits().items()
        )
        stale = Domain('is_customer', '=', True) & stale_section
        return Domain.OR([stale if wanted else ~stale for wanted in {bool(item) for item in value}])

    @api.depends('card_verified_on', 'card_verified_by_id', 'card_verification_ids')
    @api.depends_context('company', 'lang')
    def _compute_card_sections_verified(self):
        verified = self._card_sections_verified()
        stale = self._stale_card_sections(verified)
        labels = self._card_section_labels()
        names = dict(self.env['res.users'].sudo().browse(
            {user_id for dates in verified.values() for _day, user_id in dates.values() if user_id},
        ).mapped(lambda user: (user.id, user.name)))
        for partner in self:
            dates = verified.get(partner._origin.id, {})
            for section, name in zip(labels, VERIFIED_FIELDS, strict=True):
                day, user_id = dates.get(section, (False, False))
                partner[name] = day and ' · '.join(filter(None, (format_date(self.env, day), names.get(user_id))))
            partner.card_stale_sections = listed(
                (labels[code] for code in stale.get(partner._origin.id, ())), self.env.lang
            )

    @api.model
    def _card_section_labels(self):
        return dict(self.env['crm.card.section']._fields['code']._description_selection(self.env))

    @api.model
    def _card_section_limits(self):
        """``{section: first day on which a verification still counts}``."""
        today = fields.Date.context_today(self)
        whole = self.env.company.card_stale_days
        return {
            section: today - timedelta(days=days or whole) for section, days in self.env['crm.card.section']._days()
        }

    def _card_sections_verified(self):
        """``{partner_id: {section: (day, user_id)}}`` of what was verified last, by itself or with the whole card."""
        result = {
            partner._origin.id: dict.fromkeys(
                partner._card_sections_asked(), (partner.card_verified_on, partner.card_verified_by_id.id),
            )
            for partner in self if partner.card_verified_on
        }
        if not self._origin.ids or self._is_known_without('crm.card.verification'):
            return result
        self.env['crm.card.verification'].flush_model()
        for partner_id, section, day, user_id in self.env.execute_query(SQL(
            """SELECT DISTINCT ON (partner_id, section) partner_id, section, date, user_id
                 FROM crm_card_verification WHERE partner_id = ANY(%s)
             ORDER BY partner_id, section, date DESC, id DESC""", self._origin.ids,
        )):
            dates = result.setdefault(partner_id, {})
            if not dates.get(section) or dates[section][0] <= day:
                dates[section] = (day, user_id)
        return result

    def _card_sections_asked(self):
        """Sections that the card of this customer has: persons have no business of their own."""
        return [
            section for section, _label in SECTIONS if section != 'business' or self.customer_type != 'individual'
        ]

    def _stale_card_sections(self, verified=None):
        """``{partner_id: [section, …]}`` that nobody has verified in time.

        :param verified: what ``_card_sections_verified`` says, where it is known already
        """
        verified = self._card_sections_verified() if verified is None else verified
        limits = self._card_section_limits()
        return {
            partner._origin.id: [
                section for section in partner._card_sections_asked()
                if not (day := verified.get(partner._origin.id, {}).get(section, (False,))[0]) or day < limits[section]
            ]
            for partner in self if partner.is_customer
        }

    def action_verify_card(self):
        """The user has gone through the card with the customer: it is true as of today."""
        self.check_access('write')
        self.sudo().write({'card_verified_on': fields.Date.context_today(self), 'card_verified_by_id': self.env.uid})

    def action_verify_card_section(self):
        """The user has checked one section, that of ``card_section`` in the context."""
        section = self.env.context['card_section']
        self.check_access('write')
        self.env['crm.card.verification'].sudo().create([
            {'partner_id': partner.id, 'section': section, 'user_id': self.env.uid} for partner in self
        ])
        for partner in self:
            partner._raise_card_verified()

    def _raise_card_verified(self):
        """When each section has been verified since the whole card was, the whole is as true as its oldest section."""
        dates = self._card_sections_verified().get(self.id, {})
        asked = [dates.get(section, (False, False)) for section in self._card_sections_asked()]
        oldest = all(day for day, _user_id in asked) and min(asked, key=lambda pair: pair[0])
        if oldest and (not self.card_verified_on or oldest[0] > self.card_verified_on):
            self.sudo().write({'card_verified_on': oldest[0], 'card_verified_by_id': oldest[1]})

    def _get_attention_items(self):
        items = super()._get_attention_items()
        stale, labels = self._stale_card_sections(), self._card_section_labels()
        for partner in self.filtered('is_customer'):
            sections = stale[partner._origin.id]
            if not sections:
                continue
            if len(sections) < len(partner._card_sections_asked()):
                names = listed((labels[section] for section in sections), self.env.lang)
                text = self.env._("card to verify: %(sections)s", sections=names)
            elif not partner.card_verified_on:
                text = self.env._("card never verified")
            else:
                text = self.env._("card not verified since %s", fields.Date.to_string(partner.card_verified_on))
            items.setdefault(partner.id, []).append((80, 'info', text))
        return items
