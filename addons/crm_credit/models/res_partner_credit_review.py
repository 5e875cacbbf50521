from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

REVIEW_ACTIVITY = 'crm_credit.mail_activity_type_credit_review'


class ResPartner(models.Model):
    """Credit reviews: who looks at a customer again, and when."""

    _name = 'res.partner'
    _inherit = ['res.partner', 'credit.schedule.mixin']

    _schedule_errors = ('credit_review_error', 'credit_grade_error')

    credit_review_error = fields.Char(
        readonly=True,
        copy=False,
        groups='crm_credit.group_credit_analyst',
        help='Why the scheduled action could not ask for the review.',
    )
    credit_grade_error = fields.Char(
        readonly=True,
        copy=False,
        groups='crm_credit.group_credit_analyst',
        help='Why the scheduled action could not compare the figures with the grade.',
    )

    @api.model
    def _cron_credit_reviews(self):
        """Ask for a review of the customers whose review date has come; once, until the activity is done."""
        review = self.env.ref(REVIEW_ACTIVITY)
        waiting = self.browse()
        for root in self.env['res.company'].search([('parent_id', '=', False)]):
            Partner = self.with_company(root)
            due = Domain('credit_review_date', '<=', root._credit_today())
            asked = Domain('activity_ids', 'any', [('activity_type_id', '=', review.id)])
            Partner._schedule_run(
                due & ~asked,
                lambda partner: partner._credit_ask_for_review(
                    lambda env: env._('Credit review due on %s', format_date(env, partner.credit_review_date))
                ),
            )
            waiting |= Partner.search(due & Domain('credit_review_error', '!=', False))
        self._schedule_forget([('id', 'in', waiting.ids)])

    def _credit_ask_for_review(self, summary):
        """Put a review of the customer on the list of whoever assessed it last, or of a credit manager.

        :param summary: function of an environment, which has that person's language
        """
        self.ensure_one()
        user = self._credit_reviewer()
        if user:
            env = user._in_own_language(self).env
            self.activity_schedule(REVIEW_ACTIVITY, user_id=user.id, summary=summary(env))

    def _credit_reviewer(self):
        root = self.env.company.root_id
        last = (
            self.env['credit.assessment']
            .sudo()
            .search([('partner_id', '=', self.commercial_partner_id.id), ('company_id', '=', root.id)], limit=1)
            .user_id
        )
        if last.active and last.has_group('crm_credit.group_credit_analyst'):
            return last
        managers = (
            self.env.ref('crm_credit.group_credit_manager')
            .sudo()
            .all_user_ids.filtered(lambda user: user.active and user._is_internal() and root in user.company_ids)
        )
        return managers.sorted('id', reverse=True)[:1]
