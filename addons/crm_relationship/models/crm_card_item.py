from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import ormcache

from .crm_card_section import SECTIONS

WEIGHT_FIELD = {'vip': 'weight_vip', 'major': 'weight_major', 'regular': 'weight_regular', 'minor': 'weight_minor'}


class CrmCardItem(models.Model):
    """A fact that a complete relationship card has, and how much it counts for each value class of customer."""
    _name = 'crm.card.item'
    _description = 'Relationship Card Item'
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    question = fields.Char(
        translate=True, help="What to ask the customer to learn it. Printed on the card while it is missing.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    field_id = fields.Many2one(
        'ir.model.fields', string='Field', required=True, ondelete='cascade', index=True,
        domain=[('model', '=', 'res.partner'), ('store', '=', True), ('company_dependent', '=', False)],
        help="The item counts as known when this field of the customer is filled in.",
    )
    field_name = fields.Char(related='field_id.name', string='Technical Name')
    section = fields.Selection(
        SECTIONS, required=True, default='basic',
    )
    applies_to = fields.Selection(
        [('all', 'All customers'), ('individual', 'Persons'), ('company', 'Companies')], required=True, default='all',
        help="Persons and companies have different facts.",
    )
    weight_vip = fields.Integer(
        'VIP', default=1, aggregator=False,
        help="Weight for VIP customers; 0 when it isn't asked of them.",
    )
    weight_major = fields.Integer(
        'Major', default=1, aggregator=False,
        help="Weight for major customers; 0 when it isn't asked of them.",
    )
    weight_regular = fields.Integer(
        'Regular', default=1, aggregator=False,
        help="Weight for regular customers; 0 when it isn't asked of them.",
    )
    weight_minor = fields.Integer(
        'Minor', default=1, aggregator=False,
        help="Weight for minor customers and those without a class yet; 0 when it isn't asked of them.",
    )

    _weights_not_negative = models.Constraint(
        'CHECK(least(weight_vip, weight_major, weight_regular, weight_minor) >= 0)', "A weight can't be negative.",
    )

    @api.constrains('field_id')
    def _check_field_id(self):
        for item in self:
            field = item.field_id
            if field.model != 'res.partner' or not field.store or field.company_dependent:
                raise ValidationError(self.env._(
                    "%(item)s can't go by the field %(field)s: "
                    "take a stored field of the customer that all companies share.",
                    item=item.name, field=field.field_description or '',
                ))

    @api.model_create_multi
    def create(self, vals_list):
        items = super().create(vals_list)
        self._weights_changed()
        return items

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys() <= {'name', 'question', 'sequence', 'section'}:
            self._weights_changed()
        elif 'sequence' in vals:
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self._weights_changed()
        return result

    def _weights_changed(self):
        """Scores of all customers are out of date; the next run of the scheduled action computes them."""
        self.env.registry.clear_cache()
        self.env['ir.config_parameter'].sudo().set_param('crm_relationship.card_completeness_after', 0)
        cron = self.env.ref('crm_relationship.ir_cron_card_completeness', raise_if_not_found=False)
        if cron:
            cron._trigger()

    @api.model
    @ormcache()
    def _field_names(self):
        """Names of the fields that the items go by."""
        return frozenset(self.sudo().with_context(active_test=True).search(Domain.TRUE).mapped('field_name'))

    @api.model
    @ormcache()
    def _by_audience(self):
        """Items with a weight for each kind of card, in order.

        ``{(is person, value class): [(id of the item, name of its field, weight), …]}``
        """
        items = self.sudo().with_context(active_test=True).search(Domain.TRUE)
        return {
            (person, value_class): [
                (item.id, item.field_name, item[weight_field]) for item in items
                if item[weight_field] and item.applies_to in ('all', 'individual' if person else 'company')
            ]
            for person in (True, False) for value_class, weight_field in WEIGHT_FIELD.items()
        }
