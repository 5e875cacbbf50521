from odoo import fields, models

from .crm_card_section import SECTIONS


class CrmCardVerification(models.Model):
    """Somebody found one section of a customer's card to be true, on a day."""

    _name = 'crm.card.verification'
    _description = 'Verified Card Section'
    _order = 'date desc, id desc'
    _rec_name = 'section'

    partner_id = fields.Many2one('res.partner', string='Customer', required=True, ondelete='cascade', index=True)
    section = fields.Selection(SECTIONS, required=True)
    date = fields.Date(string='Verified On', required=True, default=fields.Date.context_today)
    user_id = fields.Many2one(
        'res.users', string='Verified By', default=lambda self: self.env.user, ondelete='set null',
    )
