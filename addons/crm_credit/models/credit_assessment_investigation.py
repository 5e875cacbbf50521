from odoo import api, fields, models
from odoo.tools.misc import format_date

# Which finding speaks to which of the six Cs. Coverage is nobody's report.
FINDINGS = {
    'character': 'payment',
    'capacity': 'operating',
    'conditions': 'operating',
    'capital': 'financial',
    'collateral': 'financial',
}
EXCERPT = 240


class CreditAssessment(models.Model):
    """The investigations and financial statements that an assessment can rest on."""

    _inherit = 'credit.assessment'

    investigation_count = fields.Integer(compute='_compute_investigation_count')
    statement_trend = fields.Json(
        string='Statements by year',
        compute='_compute_statement_trend',
        help="The customer's financial statements up to the date of the assessment.",
    )

    def _compute_investigation_count(self):
        counts = self._investigation_counts()
        for assessment in self:
            assessment.investigation_count = counts.get((assessment.partner_id.id, assessment.company_id.id), 0)

    def _investigation_counts(self):
        groups = self.env['credit.investigation']._read_group(
            [('partner_id', 'in', self.partner_id.ids)], ['partner_id', 'company_id'], ['__count']
        )
        return {(partner.id, company.id): count for partner, company, count in groups}

    @api.depends('partner_id', 'company_id', 'date')
    @api.depends_context('lang')
    def _compute_statement_trend(self):
        found = self.env['credit.statement']._of_customers(self.partner_id, self.company_id)
        for assessment in self:
            statements = found.get((assessment.partner_id.id, assessment.company_id.id), self.env['credit.statement'])
            assessment.statement_trend = statements.filtered(
                lambda statement, date=assessment.date: not date or statement.date_end <= date
            )._trend_data()

    def action_open_investigations(self):
        return self.partner_id.action_open_credit_investigations()

    # ------------------------------------------------------------------ basis of what is scored by hand

    def _fill_credit_lines(self):
        result = super()._fill_credit_lines()
        for assessment in self.sudo():
            assessment._suggest_basis()
        return result

    def _suggest_basis(self):
        """Show, beside every factor by hand, what the last valid investigation with that finding says.

        It stands as evidence. What the score rests on stays for the analyst to say.
        """
        self.ensure_one()
        Investigation = self.env['credit.investigation']
        investigations = Investigation.search(
            [
                *Investigation._in_force_domain(self.company_id, self.date),
                ('partner_id', '=', self.partner_id.id),
            ]
        )
        for line in self.line_ids.filtered(lambda line: line.source == 'manual'):
            finding = FINDINGS.get(line.dimension)
            known = investigations.filtered(lambda report, finding=finding: finding and (report[finding] or '').strip())
            line.evidence = self._investigation_excerpt(known[0], finding) if known else False

    def _investigation_excerpt(self, investigation, finding):
        text = ' '.join(investigation[finding].split())
        return self.env._(
            '%(origin)s, %(date)s: %(finding)s',
            origin=dict(investigation._fields['source']._description_selection(self.env))[investigation.source],
            date=format_date(self.env, investigation.date),
            finding=text if len(text) <= EXCERPT else f'{text[: EXCERPT - 1]}…',
        )
