from odoo import fields, models
from odoo.tools import SQL

# Tracked terms of the customer whose last change says who gave what is outside the grade.
AUDITED = ('credit_limit', 'credit_control', 'credit_grade_id', 'property_payment_term_id')


class CreditTermsAudit(models.Model):
    """Terms that customers have now and their grade doesn't give, however they came to them: for the auditor.

    One line for each customer, root company and kind of difference; a view, nothing is kept twice.
    """

    _name = 'credit.terms.audit'
    _description = 'Terms Outside the Grade'
    _auto = False
    _order = 'partner_id, kind, id'
    _rec_name = 'partner_id'
    _depends = {
        'res.partner': [
            'credit_limit',
            'credit_control',
            'credit_grade_id',
            'property_payment_term_id',
            'active',
            'commercial_partner_id',
            'user_id',
        ],
        'credit.grade': ['max_limit', 'payment_term_id'],
        'credit.assessment': ['partner_id', 'company_id', 'state', 'proposed_limit'],
        'mail.message': ['model', 'res_id', 'date', 'record_company_id'],
        'credit.terms.reason': ['partner_id', 'company_id', 'reason'],
        'mail.tracking.value': ['field_id', 'mail_message_id'],
        'res.company': ['currency_id', 'parent_id'],
    }

    partner_id = fields.Many2one('res.partner', string='Customer', readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    salesperson_id = fields.Many2one('res.users', string='Salesperson', readonly=True)
    kind = fields.Selection(
        [
            ('ceiling', 'Limit above the ceiling of the grade'),
            ('proposal', 'Limit above the assessment'),
            ('term', 'Other payment term'),
            ('unlimited', 'Unlimited'),
            ('ungraded', 'Limit without a grade'),
        ],
        string='What',
        readonly=True,
    )
    grade_id = fields.Many2one('credit.grade', string='Grade', readonly=True)
    given_limit = fields.Monetary(string='Limit given', readonly=True, aggregator=None)
    grade_limit = fields.Monetary(
        string='Limit of the grade',
        readonly=True,
        aggregator=None,
        help='The ceiling of the grade, or what the assessment in force proposes.',
    )
    given_term_id = fields.Many2one('account.payment.term', string='Term given', readonly=True)
    grade_term_id = fields.Many2one('account.payment.term', string='Term of the grade', readonly=True)
    assessment_id = fields.Many2one(
        'credit.assessment', string='Assessment in force', readonly=True, groups='crm_credit.group_credit_analyst'
    )
    reason = fields.Text(readonly=True, help='Why the terms were changed last.')
    user_id = fields.Many2one('res.users', string='Changed by', readonly=True)
    date = fields.Datetime(string='Changed on', readonly=True)

    @property
    def _table_query(self):
        get = self.env['ir.model.fields'].sudo()._get
        return SQL(
            """WITH terms AS (
                   SELECT partner.id AS partner_id, company.id AS company_id, company.currency_id,
                          partner.user_id AS salesperson_id, grade.id AS grade_id, grade.max_limit,
                          grade.payment_term_id AS grade_term_id, assessment.id AS assessment_id,
                          assessment.proposed_limit,
                          partner.credit_control ->> company.id::text AS control,
                          COALESCE((partner.credit_limit ->> company.id::text)::numeric, 0) AS given_limit,
                          (partner.property_payment_term_id ->> company.id::text)::int AS given_term_id
                     FROM res_partner partner
                     JOIN res_company company ON company.parent_id IS NULL
                LEFT JOIN credit_grade grade ON grade.id = (partner.credit_grade_id ->> company.id::text)::int
                LEFT JOIN credit_assessment assessment ON assessment.partner_id = partner.id
                      AND assessment.company_id = company.id AND assessment.state = 'approved'
                    WHERE partner.active AND partner.commercial_partner_id = partner.id
                      AND (partner.credit_control ->> company.id::text IS NOT NULL OR grade.id IS NOT NULL)
               )
               SELECT row_number() OVER (ORDER BY terms.company_id, terms.partner_id, found.kind)::int AS id,
                      terms.partner_id, terms.company_id, terms.currency_id, terms.salesperson_id, found.kind,
                      terms.grade_id, found.given_limit, found.grade_limit, found.given_term_id, found.grade_term_id,
                      terms.assessment_id, changed.reason,
                      changed.create_uid AS user_id, changed.date
                 FROM terms
           CROSS JOIN LATERAL (
                   SELECT 'ceiling' AS kind, given_limit, max_limit AS grade_limit, NULL::int AS given_term_id,
                          NULL::int AS grade_term_id
                    WHERE control = 'limited' AND given_limit > max_limit
                UNION ALL
                   SELECT 'proposal', given_limit, proposed_limit, NULL, NULL
                    WHERE control = 'limited' AND given_limit > proposed_limit AND given_limit <= max_limit
                UNION ALL
                   SELECT 'term', NULL, NULL, given_term_id, grade_term_id
                    WHERE given_term_id <> grade_term_id
                UNION ALL
                   SELECT 'unlimited', NULL, max_limit, NULL, NULL
                    WHERE control = 'unlimited'
                UNION ALL
                   SELECT 'ungraded', given_limit, NULL, NULL, NULL
                    WHERE control = 'limited' AND given_limit > 0 AND grade_id IS NULL
                 ) found
    LEFT JOIN LATERAL (
                   SELECT message.create_uid, message.date,
                          %(why)s AS reason
                     FROM mail_message message
                     JOIN mail_tracking_value tracking ON tracking.mail_message_id = message.id
                    WHERE message.model = 'res.partner' AND message.res_id = terms.partner_id
                      AND tracking.field_id IN %(fields)s
                      AND COALESCE(message.record_company_id, terms.company_id) = terms.company_id
                 ORDER BY message.id DESC LIMIT 1
                 ) changed ON TRUE""",
            why=self.env['credit.terms.reason']._of_message_sql(),
            fields=tuple(get('res.partner', name).id for name in AUDITED),
        )

    def action_open_customer(self):
        """Open the customer, whose page “Credit” shows the terms."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'res.partner',
            'res_id': self.partner_id.id,
            'views': [(False, 'form')],
        }
