from odoo import api, fields, models
from odoo.tools import format_date


class ResPartner(models.Model):
    """A card is read before a visit; that it was opened is logged."""

    _inherit = 'res.partner'

    card_reading_ids = fields.One2many('crm.card.reading', 'partner_id', string='Card Readings')
    card_questions = fields.Text(
        string='Ask Next Time', compute='_compute_card_questions',
        help="What the card lacks and what nobody has verified in time.",
    )

    @api.depends('card_completeness', 'card_verified_on', 'card_verification_ids')
    @api.depends_context('lang', 'company')
    def _compute_card_questions(self):
        sections = self._origin._card_questions()
        for partner in self:
            section = sections.get(partner._origin.id)
            partner.card_questions = section and '\n'.join(f'• {note}' for note in section.notes)

    def action_read_card(self):
        """Open the card alone, to be read and filled on the way; that it was opened is logged."""
        self.ensure_one()
        customer = self.commercial_partner_id
        self.env['crm.card.reading']._log_reading(customer, 'screen')
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Relationship Card"), 'res_model': 'res.partner',
            'res_id': customer.id, 'target': 'current',
            'views': [(self.env.ref('crm_relationship.res_partner_view_form_card_only').id, 'form')],
        }

    def _get_attention_items(self):
        """Add the user's own visits whose card is still to be read."""
        items = super()._get_attention_items()
        Reading = self.env['crm.card.reading']
        if not self._origin.ids or self._is_known_without('crm.card.reading') or not Reading.has_access('read'):
            return items
        pending = Reading.search_fetch(
            [
                ('user_id', '=', self.env.uid), ('partner_id', 'in', self._origin.ids), ('read_on', '=', False),
                ('visit_date', '>=', fields.Date.context_today(self)),
            ],
            ['partner_id', 'visit_date'],
        )
        for row in pending:
            text = self.env._("read the card before the visit on %(day)s", day=format_date(self.env, row.visit_date))
            items.setdefault(row.partner_id.id, []).append((60, 'info', text))
        return items
