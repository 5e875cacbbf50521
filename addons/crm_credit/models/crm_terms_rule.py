from markupsafe import Markup

from odoo import models
from odoo.fields import Domain

from .crm_terms_application import TERMS_ACTIVITY

# Customers named in the activity.
NAMED = 10


class CrmTermsRule(models.Model):
    """Payment terms that a rule proposes for controlled customers: the credit department is told once."""

    _inherit = 'crm.terms.rule'

    def _credit_proposed(self, limit=None):
        """Return (number, first ones) of what the rule has proposed and only the credit department may decide."""
        self.ensure_one()
        Application = self.env['crm.terms.application'].sudo().with_company(self.company_id)
        domain = Domain([('rule_id', '=', self.id), ('kind', '=', 'payment_term'), ('state', '=', 'proposed')])
        if self.env['res.partner']._credit_default_control(self.company_id) != 'limited':
            domain &= Domain('partner_id.credit_control', '!=', False)
        return Application.search_count(domain), Application.search(domain, limit=limit)

    def _credit_told(self):
        return self.activity_ids.filtered(lambda known: known.activity_type_id == self.env.ref(TERMS_ACTIVITY))

    def _credit_tell_proposed(self):
        """One activity for an analyst; the open one gets the number of today."""
        self.ensure_one()
        (count, first), told = self._credit_proposed(NAMED), self._credit_told()
        user = told[:1].user_id or self._credit_analyst()
        if not user:
            return
        env = self.with_context(lang=user.lang).env
        values = {
            'summary': env._(
                "Payment terms proposed by “%(rule)s” wait for a decision: %(count)s",
                count=count,
                rule=self.with_context(lang=user.lang).name,
            ),
            'note': self._credit_proposed_note(count, first, env),
        }
        if told:
            told.write(values)
        else:
            self.activity_schedule(TERMS_ACTIVITY, user_id=user.id, **values)

    def _credit_proposed_note(self, count, first, env):
        lines = [
            env._(
                "%(customer)s: %(old)s → %(new)s",
                customer=change.partner_id.display_name,
                old=change.from_label or "–",
                new=change.to_label or "–",
            )
            for change in first
        ]
        if count > len(first):
            lines.append(env._("and %s more", count - len(first)))
        action = self.env.ref('crm_credit.crm_terms_application_action_credit')
        return Markup('<ul>%s</ul><a href="/odoo/action-%s">%s</a>') % (
            Markup().join(Markup('<li>%s</li>') % line for line in lines),
            action.id,
            env._("Open all proposed payment terms"),
        )

    def _credit_analyst(self):
        """Return whom to ask: an analyst of the company, a credit manager where there's none."""
        analysts = self.env.ref('crm_credit.group_credit_analyst').sudo().all_user_ids
        managers = self.env['credit.hold']._credit_managers(self.company_id)
        own = (analysts - managers).filtered(
            lambda user: user.active and user._is_internal() and self.company_id in user.company_ids
        )
        return (own.sorted('id') or managers)[:1]

    def _credit_close_told(self):
        """The activity is over when nothing of its rule waits any more."""
        for rule in self:
            told = rule._credit_told()
            if told and not rule._credit_proposed(1)[0]:
                told.action_feedback(feedback=self.env._("All are decided or withdrawn."))
