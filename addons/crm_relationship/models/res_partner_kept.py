from odoo import api, models
from odoo.exceptions import AccessError, ValidationError

from ..tools.listing import listed
from .res_partner_grade import MERGING

KEPT_BY_ODOO = (
    'relationship_stage', 'value_class', 'card_completeness', 'card_verified_on', 'card_verified_by_id',
    'card_reviewed_on', 'card_reviewed_by_id',
)


class ResPartner(models.Model):
    """What Odoo works out, or notes when a button is pressed, isn't typed: by nobody, whatever the door.

    People are measured by some of it (upkeep of cards), and changes of class and stage belong into the history.
    """

    _inherit = 'res.partner'

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_kept_by_odoo({name for name in KEPT_BY_ODOO[2:] if vals.get(name)}, vals.get('name'))
        return super().create(vals_list)

    def write(self, vals):
        names = [name for name in KEPT_BY_ODOO if name in vals]
        for partner in self if names and not self.env.su else ():
            changed = {
                name for name in names
                if partner._fields[name].convert_to_write(partner.sudo()[name], partner) != (vals[name] or False)
            }
            partner._check_kept_by_odoo(changed, partner.display_name)
        return super().write(vals)

    @api.constrains('name')
    def _check_customer_name(self):
        for partner in self:
            if partner.name is not False and not partner.name.strip() and partner.is_customer:
                raise ValidationError(self.env._(
                    "Customer %(code)s has no name: the card, lists and documents show it. Enter one.",
                    code=partner.ref or '',
                ))

    @api.model
    def _check_kept_by_odoo(self, names, customer):
        if not names or self.env.su or self.env.context.get('customer_grade_merge') is MERGING:
            return
        raise AccessError(self.env._(
            "%(customer)s: %(fields)s can't be entered by hand. Stage and class come from the orders (managers enter "
            "Value Class Overrides), completeness from the card, and the buttons of the card note who checked it.",
            customer=customer or '',
            fields=listed((self._fields[name]._description_string(self.env) for name in sorted(names)), self.env.lang),
        ))
