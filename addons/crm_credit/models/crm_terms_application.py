from odoo import api, models

TERMS_ACTIVITY = 'crm_credit.mail_activity_type_credit_terms'


class CrmTermsApplication(models.Model):
    """Rules of preferential terms propose payment terms of controlled customers; the credit department decides."""

    _inherit = 'crm.terms.application'

    def action_apply(self):
        result = super().action_apply()
        self._credit_settle()
        return result

    def action_reject(self):
        result = super().action_reject()
        self._credit_settle()
        return result

    @api.model
    def _record(self, root, plan, decided=False):
        result = super()._record(root, plan, decided)
        told = self.env['crm.terms.rule'].sudo().search(
            [('company_id', '=', root.id), ('activity_ids.activity_type_id', '=', self.env.ref(TERMS_ACTIVITY).id)]
        )
        told._credit_close_told()
        return result

    @api.model
    def _tell_proposed(self, proposed):
        result = super()._tell_proposed(proposed)
        proposed._credit_tell()
        return result

    def _apply(self):
        """Those whose customers came under credit control during the notice are proposed again."""
        result = super()._apply()
        self.filtered(lambda known: known.state == 'proposed')._credit_tell()
        return result

    def _credit_waiting(self):
        """Return the proposals that only the credit department may decide."""
        waiting = self.browse()
        terms = self.filtered(lambda known: known.state == 'proposed' and known.kind == 'payment_term')
        for root, same in terms.grouped('company_id').items():
            partners = same.partner_id.with_company(root)._filtered_credit_controlled(root)
            waiting |= same.filtered(lambda known, partners=partners: known.partner_id.id in partners.ids)
        return waiting

    def _credit_tell(self):
        """Put new proposals on an analyst's list: one activity for each rule, until all of them are decided."""
        for rule in self.sudo()._credit_waiting().rule_id:
            rule._credit_tell_proposed()

    def _credit_settle(self):
        self.sudo().rule_id._credit_close_told()

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
