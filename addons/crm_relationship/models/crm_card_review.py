import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import format_date

from ..tools import upkeep

_logger = logging.getLogger(__name__)


class CrmCardReview(models.Model):
    """A manager's look at the cards of one salesperson in one week."""

    _name = "crm.card.review"
    _description = "Weekly Card Review"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "week desc, user_id"
    _mail_post_access = "read"

    name = fields.Char(compute="_compute_name")
    week = fields.Date(string="Week From", required=True, readonly=True, index=True, help="Monday of the week.")
    user_id = fields.Many2one(
        "res.users", string="Salesperson", required=True, readonly=True, index=True, ondelete="cascade"
    )
    manager_id = fields.Many2one("res.users", string="Reviewed By", index=True, ondelete="set null", tracking=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    line_ids = fields.One2many("crm.card.review.line", "review_id", string="Cards to Look At")
    open_count = fields.Integer(string="Not Looked At", compute="_compute_open_count")
    card_count = fields.Integer(string="Cards", readonly=True, help="All customers of the salesperson.")
    completeness = fields.Float(string="Completeness (%)", readonly=True, aggregator="avg")
    verified_share = fields.Float(
        string="Verified in Time (%)",
        readonly=True,
        aggregator="avg",
        help="Share of cards that were verified within the days of the settings.",
    )
    upkeep_score = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Completeness and verification, weighted as in the settings: how well the cards are kept, 0 to 100.",
    )
    remark = fields.Text(help="What was discussed with the salesperson.")
    state = fields.Selection(
        [("open", "To review"), ("done", "Reviewed")],
        required=True,
        default="open",
        readonly=True,
        index=True,
        tracking=True,
    )
    done_at = fields.Datetime(string="Reviewed On", readonly=True)

    _week_uniq = models.Constraint(
        "UNIQUE (company_id, user_id, week)",
        "There is one review a salesperson, company and week.",
    )

    @api.depends("week", "user_id")
    @api.depends_context("lang")
    def _compute_name(self):
        for review in self:
            week = review.week and format_date(self.env, review.week)
            review.name = f"{review.user_id.name} · {week}"

    @api.depends("line_ids.state")
    def _compute_open_count(self):
        for review in self:
            review.open_count = len(review.line_ids.filtered(lambda line: line.state == "open"))

    def write(self, vals):
        closed = self.filtered(lambda review: review.state == "done")
        if closed and not self.env.su and vals.keys() & {"remark", "line_ids", "manager_id"}:
            raise UserError(self.env._("%(review)s has been reviewed and stays as it is.", review=closed[0].name))
        return super().write(vals)

    def action_done(self):
        """All cards have been looked at."""
        self._check_manager()
        for review in self:
            if review.open_count:
                raise UserError(
                    self.env._(
                        "%(review)s: %(count)s cards are still to be looked at: right, or to be corrected?",
                        review=review.name,
                        count=review.open_count,
                    )
                )
            if review.state == "open":
                review.sudo().write(
                    {
                        "state": "done",
                        "done_at": fields.Datetime.now(),
                        "manager_id": self.env.uid,
                    }
                )
                review.sudo().activity_ids.unlink()

    def action_cards(self):
        """All cards of the salesperson, those that need most first."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cards of %(user)s", user=self.user_id.name),
            "res_model": "res.partner",
            "view_mode": "list,kanban,form",
            "domain": [("is_customer", "=", True), ("user_id", "=", self.user_id.id)],
            "context": {"res_partner_search_mode": "customer"},
        }

    def _check_manager(self):
        if not (self.env.su or self.env.user.has_group("crm_relationship.group_relationship_manager")):
            raise AccessError(self.env._("Only sales managers review cards."))

    # ------------------------------------------------------------------ weekly worklists

    @api.model
    def _cron_make_reviews(self):
        """Make this week's worklists: one a salesperson with customers and company, each on its own."""
        companies = self.env["res.company"].search([("parent_id", "=", False)])
        today = fields.Date.context_today(self)
        week = today - timedelta(days=today.weekday())
        todo = [
            (company, user)
            for company in companies
            for user in self._salespeople(company) - self._reviewed(company, week)
        ]
        for number, (company, user) in enumerate(todo, 1):
            error = self.env["crm.run.error.mixin"]._run_safely(user, self._make_review, company, user, week)
            self._note_failure(company, user, error)
            if not self.env["ir.cron"]._commit_progress(1, remaining=len(todo) - number):
                break

    @api.model
    def _salespeople(self, company):
        groups = self.env["res.partner"]._read_group(
            [*self._card_domain(company), ("user_id.active", "=", True)],
            ["user_id"],
        )
        return self.env["res.users"].concat(*(user for (user,) in groups))

    @api.model
    def _reviewed(self, company, week):
        return self.search([("company_id", "=", company.id), ("week", "=", week)]).user_id

    @api.model
    def _card_domain(self, company):
        companies = self.env["res.company"].search([("id", "child_of", company.id)]).ids
        return [
            ("is_customer", "=", True),
            ("user_id.share", "=", False),
            ("user_id.company_ids", "in", companies),
            ("company_id", "in", [False, *companies]),
        ]

    @api.model
    def _make_review(self, company, user, week):
        """Worklist and score of one salesperson: cards that were not looked at for longest, the poorest first."""
        partners = self.env["res.partner"].with_company(company)
        domain = [*self._card_domain(company), ("user_id", "=", user.id)]
        cards = partners.search(domain)
        figures = [(card.card_completeness, not card.is_card_stale) for card in cards]
        score = upkeep.upkeep_score(*zip(*figures, strict=True), weight=company.upkeep_weight / 100)
        shown = partners.search(
            domain,
            order="card_reviewed_on nulls first, card_completeness, id",
            limit=company.card_review_size,
        )
        review = self.create(
            {
                "week": week,
                "user_id": user.id,
                "company_id": company.id,
                "manager_id": self._manager_of(user, company).id,
                "card_count": len(cards),
                "upkeep_score": score,
                "completeness": sum(item[0] for item in figures) / len(figures),
                "verified_share": 100 * sum(item[1] for item in figures) / len(figures),
                "line_ids": [Command.create(self._line_values(card)) for card in shown],
            }
        )
        if review.manager_id:
            review.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=review.manager_id.id,
                date_deadline=week + timedelta(days=4),
                summary=review.manager_id._in_own_language(self).env._("Look at the cards of %(user)s", user=user.name),
            )
        return review

    @api.model
    def _line_values(self, card):
        return {
            "partner_id": card.id,
            "completeness": card.card_completeness,
            "verified_on": card.card_verified_on,
            "last_contact": card.last_contact_date,
        }

    @api.model
    def _manager_of(self, user, company):
        leader = user.sale_team_id.user_id
        if leader and leader != user and leader.active:
            return leader
        managers = self.env.ref("crm_relationship.group_relationship_manager").all_user_ids
        return managers.filtered(
            lambda manager: (
                manager.active
                and not manager.share
                and manager != user
                and manager.id != self.env.ref("base.user_root").id
                and company in manager.company_ids
            )
        ).sorted("id", reverse=True)[:1]

    @api.model
    def _note_failure(self, company, user, error):
        """Tell a manager why there is no review, once; nothing more to tell when there is one."""
        errors = self.env["crm.run.error.mixin"]
        summary = self.env._("The card review of %(user)s could not be made", user=user.name)
        if error:
            errors._tell_run_error(user.partner_id, self._manager_of(user, company), summary, str(error))
        else:
            errors._told_run_errors(user.partner_id, summary).unlink()
