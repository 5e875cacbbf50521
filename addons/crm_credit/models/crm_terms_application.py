from odoo import api, models


class CrmTermsApplication(models.Model):
    """Rules of preferential terms propose payment terms of controlled customers; the credit department decides."""

    _inherit = 'crm.terms.application'

    @api.model
    def _kinds_to_decide(self):
        kinds = super()._kinds_to_decide()
        return kinds | {'payment_term'} if self._is_credit_department() else kinds

    @api.model
    def _is_credit_department(self):
        """A person of the credit department; the scheduler, which runs as superuser, is none."""
        return not self.env.su and self.env.user.has_group('crm_credit.group_credit_analyst')

    @api.model
    def _refused_partners(self, root, kind, partners):
        refused = super()._refused_partners(root, kind, partners)
        if kind != 'payment_term' or self._is_credit_department():
            return refused
        return refused | partners.with_company(root)._filtered_credit_controlled(root)

    @api.model
    def _refused_reason(self):
        return self.env._("The credit department decides about the payment term")
