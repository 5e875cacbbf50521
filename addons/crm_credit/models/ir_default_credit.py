from odoo import api, models
from odoo.tools import SQL


class IrDefault(models.Model):
    """A customer's limit is what was decided, also when it equals the company's default limit.

    Odoo stores a company-dependent value that equals the default as nothing, so that it moves when the default is
    changed. Before that happens the limits of limited customers are written out.
    """

    _inherit = 'ir.default'

    @api.model_create_multi
    def create(self, vals_list):
        limit_field = self._credit_limit_field()
        if any(vals.get('field_id') == limit_field.id for vals in vals_list):
            self._pin_credit_limits()
        return super().create(vals_list)

    def write(self, vals):
        if self._credit_limit_field() in self.field_id:
            self._pin_credit_limits()
        return super().write(vals)

    def unlink(self):
        if self._credit_limit_field() in self.field_id:
            self._pin_credit_limits()
        return super().unlink()

    def _credit_limit_field(self):
        return self.env['ir.model.fields']._get('res.partner', 'credit_limit')

    def _pin_credit_limits(self):
        Partner = self.env['res.partner']
        Partner.flush_model(['credit_limit', 'credit_control'])
        self.env.execute_query(
            SQL(
                """UPDATE res_partner
                  SET credit_limit = COALESCE(credit_limit, '{}'::jsonb) || pinned.values
                 FROM (SELECT partner.id, jsonb_object_agg(fallback.key, fallback.value) AS values
                         FROM res_partner partner
                         JOIN LATERAL jsonb_each_text(partner.credit_control) control ON control.value = 'limited'
                         JOIN jsonb_each(%(fallbacks)s) fallback ON fallback.key = control.key
                        WHERE NOT COALESCE(partner.credit_limit, '{}'::jsonb) ? control.key
                        GROUP BY partner.id) pinned
                WHERE pinned.id = res_partner.id""",
                fallbacks=self._get_field_column_fallbacks('res.partner', 'credit_limit'),
            )
        )
        Partner.invalidate_model(['credit_limit'], flush=False)
