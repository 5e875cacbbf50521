from odoo import api, fields, models

# Terms that are typed on the customer; the others come from assessments.
TYPED_TERMS = ('credit_limit', 'credit_control')


class ResPartner(models.Model):
    """Why credit terms change: kept with the tracked change, which the credit archive reads."""

    _inherit = 'res.partner'

    credit_change_reason = fields.Char(
        string='Reason of the change',
        store=False,
        copy=False,
        groups='crm_credit.group_credit_analyst',
        help='Why limit or control change. It is kept in the credit archive of the customer.',
    )
    credit_reason_needed = fields.Boolean(store=False, copy=False, groups='crm_credit.group_credit_analyst')

    @api.onchange(*TYPED_TERMS)
    def _onchange_credit_terms(self):
        """Whoever changes the terms of a customer says why; with a new customer nothing has changed yet."""
        if self.env.user.has_group('crm_credit.group_credit_analyst'):
            self.credit_reason_needed = bool(self._origin) and any(
                self._origin[name] != self[name] for name in TYPED_TERMS
            )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._without_credit_reason(vals) for vals in vals_list])

    def write(self, vals):
        reason = (vals.get('credit_change_reason') or '').strip()
        result = super().write(self._without_credit_reason(vals))
        if reason and self._may_write_credit_terms():
            self._credit_note_reason(reason)
        return result

    @api.model
    def _without_credit_reason(self, vals):
        return {
            name: value for name, value in vals.items() if name not in ('credit_change_reason', 'credit_reason_needed')
        }

    def _credit_note_reason(self, reason):
        """Keep why the terms change in this transaction, where only who reads the credit archive finds it."""
        root = self.env.company.root_id
        self.env['credit.terms.reason'].sudo().create(
            [
                {'partner_id': debtor.id, 'company_id': root.id, 'reason': reason}
                for debtor in self.commercial_partner_id
            ]
        )
