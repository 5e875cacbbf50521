from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.tools import format_amount, format_date


class CrmVisitPlan(models.Model):
    """Review of the routes at the end of a month or quarter, from trading figures."""

    _inherit = 'crm.visit.plan'

    def _remind_of_reviews(self):
        """Ask each reviewer once a period to look at visits, cost and sales of the plan's customers."""
        self.search([('state', '=', 'running'), ('review', '!=', False)])._each_safely(
            lambda plan: plan._remind_of_review()
        )

    def _remind_of_review(self):
        first, last = self._review_period()
        if self.date_start > last or (self.last_review_date and self.last_review_date >= last):
            return
        self.last_review_date = last
        if self.manager_id.active:
            reader = self.manager_id._in_own_language(self)
            self.activity_schedule(
                'mail.mail_activity_data_todo', user_id=self.manager_id.id, date_deadline=self._today(),
                summary=reader.env._(
                    "Review the routes of %(first)s – %(last)s",
                    first=format_date(reader.env, first), last=format_date(reader.env, last),
                ),
                note=reader._review_text(first, last),
            )

    def _review_period(self):
        """Return first and last day of the last month or quarter that is over."""
        self.ensure_one()
        months = 1 if self.review == 'month' else 3
        this_month = self._today().replace(day=1)
        first_of_period = this_month - relativedelta(months=(this_month.month - 1) % months)
        return first_of_period - relativedelta(months=months), first_of_period - timedelta(days=1)

    def _review_text(self, first, last):
        """Figures of the customers that the plan counts for, in one sentence, and where to see them."""
        self.ensure_one()
        domain = [('plan_id', '=', self.id), ('month', '>=', first), ('month', '<=', last)]
        review = self.env['crm.visit.review'].sudo()
        (visits, cost, invoiced, credited), = review._read_group(
            domain, [], ['visits:sum', 'cost:sum', 'invoiced:sum', 'credited:sum'],
        )
        bought_nothing, visited = 0, 0
        for _partner, customer_visits, customer_invoiced in review._read_group(
            domain, ['partner_id'], ['visits:sum', 'invoiced:sum'],
        ):
            visited += customer_visits > 0
            bought_nothing += customer_visits > 0 and not customer_invoiced

        def money(amount):
            return format_amount(self.env, amount or 0, self.company_id.currency_id)

        parts = [
            self.env._(
                "%(visits)s visits to %(visited)s of %(customers)s customers cost %(cost)s; these customers bought for "
                "%(sales)s.",
                visits=visits or 0, visited=visited, customers=self.line_count, cost=money(cost), sales=money(invoiced),
            ),
            self.env._(
                "Credit notes of the period, also for earlier invoices, come to %(credited)s; that leaves sales of "
                "%(net)s.",
                credited=money(credited), net=money(invoiced - credited),
            ) if credited else '',
            self.env._(
                "%(without)s were visited and bought nothing. Button “Review” on the plan shows them.",
                without=bought_nothing,
            ),
        ]
        return ' '.join(filter(None, parts))
