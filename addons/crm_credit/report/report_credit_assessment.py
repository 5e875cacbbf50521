from odoo import api, models
from odoo.tools.misc import formatLang

from odoo.addons.crm_relationship.tools.listing import listed

# Years of financial statements on the paper.
YEARS = 4
# Change of Altman Z″ from the first year shown to the last that is called a trend.
TREND = 0.1


class ReportCreditAssessment(models.AbstractModel):
    """Assessments as one HTML document with page breaks: an internal paper in the reader's language.

    One document, since wkhtmltopdf without patched Qt can't join several; nothing goes into headers and footers.
    """

    _name = 'report.crm_credit.report_credit_assessment'
    _description = 'Credit Assessment'

    @api.model
    def _get_report_values(self, docids, data=None):
        lang = self.env.user.lang or self.env.lang or 'en_US'
        assessments = self.env['credit.assessment'].with_context(lang=lang).browse(docids).exists()
        assessments.check_access('read')
        statements = self._statements(assessments)
        return {
            'doc_ids': assessments.ids,
            'doc_model': 'credit.assessment',
            'docs': assessments,
            'paper_lang': lang,
            'papers': [self._paper(assessment, statements[assessment.id]) for assessment in assessments],
        }

    # ------------------------------------------------------------------ one assessment

    @api.model
    def _paper(self, assessment, statements):
        score, code = assessment.replay() if assessment.state not in ('draft', 'submitted') else (None, None)
        return {
            'doc': assessment,
            'formula': self._formula(assessment),
            'replayed': score is not None and self._replayed(assessment, score, code),
            'statements': statements,
            'trend': self._trend(statements),
            'weights': sum(assessment.line_ids.filtered(lambda line: not line.missing).mapped('weight')),
        }

    @api.model
    def _replayed(self, assessment, score, code):
        return assessment.env._(
            'Computed again from the stored inputs: score %(score)s, grade %(grade)s.',
            score=formatLang(assessment.env, score, digits=1),
            grade=code or '–',
        )

    @api.model
    def _formula(self, assessment):
        """Say in figures how the limit of the grade comes about (see tools/limit.py)."""
        grade, env = assessment.grade_id, assessment.env
        if not grade:
            return ''

        def money(amount):
            return formatLang(env, amount, currency_obj=assessment.currency_id)

        text = env._(
            'Sales of twelve months %(sales)s ÷ 12 × %(months)s months × %(factor)s',
            sales=money(assessment.sales_12m),
            months=f'{grade.limit_months:g}',
            factor=f'{grade.limit_factor:g}',
        )
        bounds = [env._('at most the ceiling %s', money(grade.max_limit))]
        if grade.equity_share and assessment.statement_id:
            bounds.append(
                env._(
                    'at most %(share)s %% of the equity %(equity)s',
                    share=f'{100 * grade.equity_share:g}',
                    equity=money(assessment.equity),
                )
            )
        if grade.limit_rounding:
            bounds.append(env._('rounded down to %s', money(grade.limit_rounding)))
        return listed([text, *bounds], env.lang, clauses=True)

    # ------------------------------------------------------------------ financial statements

    @api.model
    def _statements(self, assessments):
        """Return {assessment id: its customer's statements up to its date, oldest first}, in one search.

        A decided assessment shows those that were on file when it was decided.
        """
        Statement = self.env['credit.statement'].with_context(lang=assessments.env.lang)
        found = Statement.search(
            [
                ('partner_id', 'in', assessments.partner_id.ids),
                ('company_id', 'in', assessments.company_id.ids),
            ],
            order='date_end, id',
        )
        return {
            assessment.id: found.filtered(
                lambda statement, doc=assessment: (
                    statement.partner_id == doc.partner_id
                    and statement.company_id == doc.company_id
                    and statement.date_end <= doc.date
                    and (not doc.date_decided or statement.create_date <= doc.date_decided)
                )
            )[-YEARS:]
            for assessment in assessments
        }

    @api.model
    def _trend(self, statements):
        """Say how Altman Z″ went over the years shown; empty with fewer than two of them."""
        rated = statements.filtered('z_zone')
        if len(rated) < 2:
            return ''
        env, change = statements.env, rated[-1].z_score - rated[0].z_score
        values = ' → '.join(formatLang(env, statement.z_score, digits=2) for statement in rated)
        if abs(change) < TREND:
            return env._('Altman Z″ %s: steady', values)
        return env._('Altman Z″ %s: rising', values) if change > 0 else env._('Altman Z″ %s: falling', values)
