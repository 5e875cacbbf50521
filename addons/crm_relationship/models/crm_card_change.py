from odoo import api, fields, models

from .crm_card_section import SECTIONS


class CrmCardChange(models.Model):
    """A fact on a customer's card that somebody changed: from what, to what, and when. Nobody edits it."""

    _name = 'crm.card.change'
    _description = 'Changed Card Fact'
    _order = 'date desc, id desc'
    _rec_name = 'label'

    partner_id = fields.Many2one('res.partner', string='Customer', required=True, ondelete='cascade', index=True)
    contact_id = fields.Many2one(
        'res.partner', string='Contact', ondelete='cascade', index='btree_not_null',
        help="The person or address at the customer that the fact belongs to.",
    )
    section = fields.Selection([*SECTIONS, ('personal', 'Personal')], required=True, default='basic')
    field_name = fields.Char(string='Technical Name', required=True)
    label = fields.Char(string='Fact', compute='_compute_label')
    old_value = fields.Char(string='Before')
    new_value = fields.Char(string='After')
    user_id = fields.Many2one('res.users', string='Changed By', ondelete='set null')
    date = fields.Datetime(string='Changed On', required=True, default=fields.Datetime.now, index=True)

    @api.depends('field_name')
    @api.depends_context('lang')
    def _compute_label(self):
        partner_fields = self.env['res.partner']._fields
        topics = dict(self.env['crm.personal.fact']._fields['topic']._description_selection(self.env))
        for change in self:
            field = partner_fields.get(change.field_name)
            change.label = field._description_string(self.env) if field else topics.get(
                change.field_name, change.field_name,
            )
