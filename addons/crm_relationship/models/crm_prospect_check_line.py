from odoo import api, fields, models

ANSWER_SCORES = {"yes": 100, "partly": 50, "no": 0, "unknown": 0}


class CrmProspectCheckLine(models.Model):
    _name = "crm.prospect.check.line"
    _description = "Question of a Prospect Checklist"
    _inherit = ["crm.scorecard.line.mixin"]

    _scorecard_document_field = "check_id"

    check_id = fields.Many2one("crm.prospect.check", required=True, ondelete="cascade", index=True)
    indicator_id = fields.Many2one("crm.evaluation.indicator", string="Template indicator", ondelete="set null")
    help_text = fields.Text(related="indicator_id.help_text")
    answer = fields.Selection(
        [("yes", "Yes"), ("partly", "Partly"), ("no", "No"), ("unknown", "Unknown")],
        help="Unknown is left out of the score: ask at the next contact.",
    )

    @api.onchange("answer")
    def _onchange_answer(self):
        self.update(self._answer_vals({"answer": self.answer}))

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._answer_vals(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._answer_vals(vals))

    @api.model
    def _answer_vals(self, vals):
        """An answer is a score: yes 100, partly 50, no 0."""
        if "answer" not in vals:
            return vals
        return {**vals, "score": ANSWER_SCORES.get(vals["answer"], 0), "missing": vals["answer"] in (False, "unknown")}

    def _scorecard_input(self):
        return self.score if self.answer and self.answer != "unknown" else None

    def _scorecard_contribution_depends(self):
        return [*super()._scorecard_contribution_depends(), "answer"]
