from odoo import models
from odoo.exceptions import ValidationError


class ResCurrency(models.Model):
    _inherit = 'res.currency'

    def _check_rate_known(self, company, amount, record_name):
        """Refuse an amount in a currency without any rate: Odoo would count it one to one.

        :param company: res.company whose currency the amount is converted to
        :param record_name: what costs or secures the amount, for the message
        :raise ValidationError: names record, amount, currency and company
        """
        own = company.currency_id
        if not amount or not self or not own or self == own:
            return
        if any(rate.company_id.id in (False, company.root_id.id) for rate in self.sudo().rate_ids):
            return
        raise ValidationError(self.env._(
            "“%(record)s”: %(company)s has no exchange rate for %(currency)s to convert %(amount)s %(currency)s. Enter "
            "a rate, or the amount in %(own)s.",
            record=record_name, amount=amount, currency=self.name, company=company.display_name, own=own.name,
        ))
