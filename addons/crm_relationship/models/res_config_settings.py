from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import mnemonic


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    customer_code_length = fields.Integer(
        string='Letters of a Customer Code', config_parameter='crm_relationship.code_length',
        default=mnemonic.MAX_LENGTH,
        help="Longest code made from a name, before the running number of customers with like names. "
             "Existing codes stay.",
    )
    card_stale_days = fields.Integer(related='company_id.card_stale_days', readonly=False)
    card_print_limit = fields.Integer(related='company_id.card_print_limit', readonly=False)
    card_reading_days = fields.Integer(related='company_id.card_reading_days', readonly=False)

    @api.constrains('customer_code_length')
    def _check_customer_code_length(self):
        for settings in self:
            if not 2 <= settings.customer_code_length <= 20:
                raise ValidationError(self.env._(
                    "A customer code has 2 to 20 letters, not %s.", settings.customer_code_length,
                ))
