from odoo import api, fields, models
from odoo.tools import format_amount, format_date

from .card_section import CardSection

SHOWN = 5


class ResPartner(models.Model):
    """Needs of a customer and the competitors met there: what to know before a visit."""

    _inherit = 'res.partner'

    need_ids = fields.One2many('crm.customer.need', 'partner_id', string="Needs")
    open_need_ids = fields.One2many(
        'crm.customer.need', 'partner_id', string="Open Needs", domain=[('state', '=', 'open')],
    )
    sighting_ids = fields.One2many('crm.competitor.sighting', 'partner_id', string="Competitors Met")
    is_competitor = fields.Boolean(compute='_compute_is_competitor')

    @api.depends_context('uid')
    def _compute_is_competitor(self):
        sightings = self.env['crm.competitor.sighting']
        met = {
            competitor.id for (competitor,) in sightings._read_group(
                [('competitor_id', 'in', self.ids)], ['competitor_id'],
            )
        } if sightings.has_access('read') else set()
        for partner in self:
            partner.is_competitor = partner._origin.id in met

    def action_view_needs(self):
        return self._action_of_customer('crm_relationship.crm_customer_need_action')

    def action_view_sightings(self):
        """Where this competitor was met."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_competitor_sighting_action')
        return {**action, 'domain': [('competitor_id', '=', self.id)], 'context': {'default_competitor_id': self.id}}

    def _get_card_sections(self):
        sections = super()._get_card_sections()
        for get in (self._card_needs, self._card_competitors):
            for partner_id, section in get().items():
                sections[partner_id].append(section)
        return sections

    def _card_needs(self):
        Need = self.env['crm.customer.need']
        if not Need.has_access('read'):
            return {}
        level = dict(Need._fields['level']._description_selection(self.env))
        needs = Need.search([('partner_id', 'in', self.ids), ('state', '=', 'open')])
        return {
            partner.id: CardSection('needs', self.env._("Needs"), 47, rows=[
                (level[need.level], need.name) for need in own[:SHOWN]
            ])
            for partner, own in needs.grouped('partner_id').items()
        }

    def _card_competitors(self):
        Sighting = self.env['crm.competitor.sighting']
        if not Sighting.has_access('read'):
            return {}
        sightings = Sighting.search([('partner_id', 'in', self.ids)])
        columns = [
            self.env._("Date"), self.env._("Competitor"), self.env._("Their Product"), self.env._("Their Price"),
            self.env._("Their Share (%)"),
        ]
        return {
            partner.id: CardSection('competitors', self.env._("Competitors met"), 48, columns=columns, lines=[
                [
                    format_date(self.env, sighting.date), sighting.competitor_id.name or '', sighting.product or '',
                    format_amount(self.env, sighting.price, sighting.currency_id) if sighting.price else '',
                    f'{sighting.share:.0f}' if sighting.share else '',
                ]
                for sighting in own[:SHOWN]
            ])
            for partner, own in sightings.grouped('partner_id').items()
        }
