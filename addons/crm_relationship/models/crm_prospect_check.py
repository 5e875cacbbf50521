from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools import matching
from ..tools.listing import listed

PROFILE_FIELDS = ("customer_type", "industry_id", "country_id", "state_id", "business_scale")
DECISIONS = [("develop", "Develop"), ("watch", "Keep in view"), ("drop", "Drop")]


class CrmProspectCheck(models.Model):
    """Is a prospect worth the effort? Money, authority, need, six marks of a good customer, likeness to loyal ones."""

    _name = "crm.prospect.check"
    _description = "Prospect Checklist"
    _inherit = ["crm.scorecard.document.mixin", "mail.thread"]
    _order = "date desc, id desc"

    _scorecard_frozen_states = ("done",)
    _guarded_by_odoo = ("frozen_template", "frozen_inputs", "state")
    # Leads are merged after the decision, too.
    _scorecard_follow_up_fields = frozenset({"lead_id", "name", "matching_score", "matching_note"})

    name = fields.Char(compute="_compute_name", store=True)
    lead_id = fields.Many2one("crm.lead", string="Opportunity", index="btree_not_null", ondelete="set null")
    partner_id = fields.Many2one("res.partner", string="Prospect", index="btree_not_null", ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    template_id = fields.Many2one(
        "crm.evaluation.template",
        required=True,
        ondelete="restrict",
        domain=[("purpose", "=", "prospect")],
        default=lambda self: self.env["crm.evaluation.template"].search([("purpose", "=", "prospect")], limit=1),
    )
    user_id = fields.Many2one(
        "res.users",
        string="Checked By",
        default=lambda self: self.env.user,
        index=True,
        ondelete="set null",
        domain=[("share", "=", False)],
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    line_ids = fields.One2many("crm.prospect.check.line", "check_id", string="Checklist", copy=False)
    unanswered_count = fields.Integer(compute="_compute_unanswered_count")
    matching_score = fields.Float(
        compute="_compute_matching",
        store=True,
        readonly=True,
        aggregator="avg",
        help="Likeness to the profile of loyal customers by type, industry, country, state and scale: 0 to 100.",
    )
    matching_note = fields.Char(compute="_compute_matching", store=True, help="What the matching score rests on.")
    decision = fields.Selection(DECISIONS, tracking=True)
    suggested_decision = fields.Selection(DECISIONS, compute="_compute_suggested_decision")
    conclusion = fields.Text(help="Why, and what is done next.")
    state = fields.Selection(
        [("draft", "Draft"), ("done", "Done")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )

    @api.depends("partner_id.name", "lead_id.name")
    def _compute_name(self):
        for check in self:
            check.name = check.lead_id.name or check.partner_id.name or self.env._("New checklist")

    @api.depends("line_ids.answer")
    def _compute_unanswered_count(self):
        for check in self:
            check.unanswered_count = len(check.line_ids.filtered(lambda line: not line.answer))

    @api.depends("lead_id", "partner_id", "company_id", "state")
    def _compute_matching(self):
        profiles = {}
        for check in self:
            if check.state == "done":
                check.matching_score, check.matching_note = check.matching_score, check.matching_note
                continue
            company = check.company_id
            if company not in profiles:
                profiles[company] = check._loyal_profile()
            check.matching_score, check.matching_note = check._match(*profiles[company])

    @api.depends("score", "line_ids.answer", "template_id")
    def _compute_suggested_decision(self):
        for check in self:
            limits = (check.frozen_template or {}).get("decision")
            if not limits or check._scorecard_result().score is None:
                check.suggested_decision = False
            elif check.score >= limits["maintain_from"]:
                check.suggested_decision = "develop"
            else:
                check.suggested_decision = "drop" if check.score < limits["terminate_below"] else "watch"

    @api.constrains("lead_id", "partner_id")
    def _check_prospect(self):
        for check in self:
            if not check.lead_id and not check.partner_id:
                raise ValidationError(self.env._("A checklist needs an opportunity or a customer: choose one."))

    @api.model_create_multi
    def create(self, vals_list):
        Lead = self.env["crm.lead"]
        checks = super().create(
            [
                {**vals, "partner_id": vals.get("partner_id") or Lead.browse(vals.get("lead_id")).partner_id.id}
                for vals in vals_list
            ]
        )
        checks._scorecard_prepare_lines()
        return checks

    # ------------------------------------------------------------------ likeness to loyal customers

    def _loyal_profile(self):
        """Return ``({attribute: {value: count}}, number of loyal customers)`` of the company."""
        partners = self.env["res.partner"].sudo().with_company(self.company_id)
        domain = [("is_customer", "=", True), ("relationship_stage", "=", "loyal")]
        profile = {}
        for name in PROFILE_FIELDS:
            groups = partners._read_group(domain, [name], ["__count"])
            profile[name] = {self._profile_value(value): count for value, count in groups}
        return profile, partners.search_count(domain)

    def _match(self, profile, customers):
        source = self.partner_id or self.lead_id
        prospect = {
            name: self._profile_value(source[name]) if name in source._fields else None for name in PROFILE_FIELDS
        }
        try:
            match = matching.match_score(prospect, profile, customers)
        except matching.TooFewCustomersError:
            return 0, self.env._(
                "Likeness isn't judged yet: there are fewer than %(minimum)s loyal customers (%(count)s).",
                count=customers,
                minimum=matching.MINIMUM_CUSTOMERS,
            )
        if match.score is None:
            return 0, self.env._("Nothing is known yet that could be compared: enter country, industry or scale.")
        labels = {name: self.env["res.partner"]._fields[name]._description_string(self.env) for name in match.parts}
        return match.score, self.env._(
            "Compared with %(count)s loyal customers: %(parts)s.",
            count=customers,
            parts=listed((f"{labels[name]} {part:.0f}" for name, part in match.parts.items()), self.env.lang),
        )

    @api.model
    def _profile_value(self, value):
        return (value.id or None) if isinstance(value, models.BaseModel) else (value or None)

    # ------------------------------------------------------------------ scorecard

    def _scorecard_indicator_records(self):
        return self.template_id.indicator_ids

    def _scorecard_template_name(self):
        return self.template_id.name

    def _scorecard_frozen_extras(self):
        template = self.template_id
        return {"decision": {"maintain_from": template.maintain_from, "terminate_below": template.terminate_below}}

    def _scorecard_depends(self):
        return [*super()._scorecard_depends(), "line_ids.answer"]

    # ------------------------------------------------------------------ actions

    def action_done(self):
        """Decide; afterwards nothing changes any more."""
        for check in self:
            if check.unanswered_count:
                raise UserError(
                    self.env._(
                        "%(check)s: answer all questions first, “Unknown” counts as an answer. Missing: %(names)s.",
                        check=check.name,
                        names=listed(
                            check.line_ids.filtered(lambda line: not line.answer).mapped("name"), self.env.lang
                        ),
                    )
                )
            if not (check.decision or check.suggested_decision):
                raise UserError(
                    self.env._(
                        "%(check)s: everything is unknown, so nothing can be suggested. Choose a decision.",
                        check=check.name,
                    )
                )
            check.flush_recordset(["matching_score", "matching_note"])
            check._scorecard_freeze()
            check.sudo().write({"decision": check.decision or check.suggested_decision, "state": "done"})
            if check.decision == "develop" and check.partner_id:
                check.partner_id.sudo().action_mark_target()

    @api.model
    def _action_check(self, record):
        """Open the newest open checklist of a lead or customer, or a new one."""
        field = "lead_id" if record._name == "crm.lead" else "partner_id"
        check = self.search([(field, "=", record.id), ("state", "=", "draft")], limit=1)
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": check.id,
            "views": [(False, "form")],
            "context": {f"default_{field}": record.id},
        }
