from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

KINDS = [
    ('assessment_submitted', 'Assessment submitted'),
    ('assessment_approved', 'Assessment approved'),
    ('assessment_rejected', 'Assessment rejected'),
    ('hold_open', 'Order held'),
    ('hold_released', 'Order released'),
    ('hold_rejected', 'Release rejected'),
    ('hold_expired', 'Hold expired'),
    ('guarantee', 'Guarantee entered'),
    ('guarantee_state', 'Guarantee changed'),
    ('extension', 'Extension requested'),
    ('extension_state', 'Extension changed'),
    ('statement', 'Financial statement'),
    ('investigation', 'Investigation'),
    ('exception', 'Rule exception'),
    ('limit', 'Credit limit changed'),
    ('grade', 'Credit grade changed'),
    ('control', 'Credit control changed'),
    ('term', 'Payment term changed'),
    ('review', 'Credit review changed'),
    ('group_joined', 'Joined a shared limit'),
    ('group_left', 'Left a shared limit'),
    ('group_limit', 'Shared limit changed'),
]
# Tracked fields of the customer, and the kind of event that a change is.
TERM_KINDS = {
    'credit_limit': 'limit',
    'credit_grade_id': 'grade',
    'credit_control': 'control',
    'property_payment_term_id': 'term',
    'credit_review_date': 'review',
}
# An event's id is that of its record times this, plus the number of its source below.
SOURCES = 16


class CreditArchive(models.Model):
    """The credit archive: what was asked, decided and changed about each customer, in time order, with who and why.

    A view on the documents and on the tracked changes of credit terms; nothing is kept twice.
    """

    _name = 'credit.archive'
    _description = 'Credit Archive'
    _auto = False
    _order = 'date desc, id desc'
    _rec_name = 'kind'
    _depends = {
        'credit.assessment': ['partner_id', 'company_id', 'state', 'date_submitted', 'submitter_id', 'date_decided',
                              'approver_id', 'proposed_limit', 'approved_limit', 'grade_id', 'decision_note', 'score'],
        'credit.hold': ['partner_id', 'company_id', 'state', 'name', 'requester_id', 'amount', 'reasons', 'decided_at',
                        'decided_by_id', 'decision_reason'],
        'credit.guarantee': ['partner_id', 'company_id', 'amount', 'currency_id', 'name', 'date_to'],
        'credit.extension': ['partner_id', 'company_id', 'amount', 'currency_id', 'reason', 'date_to'],
        'credit.statement': ['partner_id', 'company_id', 'equity', 'currency_id', 'date_end', 'z_score'],
        'credit.investigation': ['partner_id', 'company_id', 'user_id', 'agency_id', 'rating', 'recommended_limit',
                                 'currency_id'],
        'credit.rule.exception': ['partner_id', 'company_id', 'user_id', 'reason', 'date_to'],
        'credit.group.change': ['partner_id', 'company_id', 'currency_id', 'group_id', 'group_name', 'kind', 'date',
                                'user_id', 'old_limit', 'new_limit', 'reason'],
        'mail.message': ['model', 'res_id', 'date', 'record_company_id'],
        'credit.terms.reason': ['partner_id', 'company_id', 'reason'],
        'mail.tracking.value': ['field_id', 'mail_message_id', 'old_value_char', 'new_value_char', 'old_value_float',
                                'new_value_float', 'old_value_datetime', 'new_value_datetime'],
        'res.partner': ['commercial_partner_id', 'company_id'],
        'res.company': ['currency_id'],
    }

    date = fields.Datetime(readonly=True)
    category = fields.Selection(
        [
            ('assessment', 'Assessments'),
            ('hold', 'Holds'),
            ('security', 'Guarantees and extensions'),
            ('statement', 'Financial statements'),
            ('investigation', 'Investigations'),
            ('terms', 'Credit terms'),
        ],
        readonly=True,
    )
    kind = fields.Selection(KINDS, string='What', readonly=True)
    partner_id = fields.Many2one('res.partner', string='Customer', readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    user_id = fields.Many2one('res.users', string='Who', readonly=True)
    amount = fields.Monetary(readonly=True, aggregator=None)
    text = fields.Text(string='Details', readonly=True, help='The reason, or the value before and after.')
    res_model = fields.Char(string='Document model', readonly=True)
    res_id = fields.Many2oneReference(string='Document', model_field='res_model', readonly=True)

    # ------------------------------------------------------------------ SQL

    @property
    def _table_query(self):
        return SQL(' UNION ALL ').join(
            SQL(
                """SELECT source.record * %(sources)s + %(number)s AS id, source.date::timestamp AS date,
                          source.category::varchar AS category, source.kind::varchar AS kind,
                          source.partner_id::int AS partner_id, source.company_id::int AS company_id,
                          COALESCE(source.currency_id, company.currency_id)::int AS currency_id,
                          source.user_id::int AS user_id, source.amount::numeric AS amount, source.text::text AS text,
                          source.res_model::varchar AS res_model, source.res_id::int AS res_id
                     FROM (%(source)s) source
                LEFT JOIN res_company company ON company.id = source.company_id""",
                sources=SOURCES,
                number=number,
                source=source,
            )
            for number, source in enumerate(self._archive_sources())
        )

    @api.model
    def _archive_sources(self):
        """Return the SELECTs of (record, date, category, kind, partner_id, company_id, currency_id, user_id, amount,
        text, res_model, res_id). Addons append theirs; the order numbers the events."""
        return [
            self._archive_submitted_sql(),
            self._archive_decided_sql(),
            self._archive_held_sql(),
            self._archive_hold_decided_sql(),
            self._archive_entered_sql('credit.guarantee', 'guarantee', SQL('record.name')),
            self._archive_entered_sql('credit.extension', 'extension', SQL('record.reason')),
            self._archive_tracked_sql('credit.guarantee', 'guarantee_state'),
            self._archive_tracked_sql('credit.extension', 'extension_state'),
            self._archive_statement_sql(),
            self._archive_exception_sql(),
            self._archive_terms_sql(),
            self._archive_investigation_sql(),
            self._archive_group_sql(),
        ]

    @api.model
    def _archive_submitted_sql(self):
        return SQL(
            """SELECT record.id AS record, record.date_submitted AS date, 'assessment' AS category,
                      'assessment_submitted' AS kind, record.partner_id, record.company_id, NULL::int AS currency_id,
                      record.submitter_id AS user_id, record.proposed_limit AS amount,
                      concat_ws(': ', grade.code, round(record.score::numeric, 1)::text) AS text,
                      'credit.assessment' AS res_model, record.id AS res_id
                 FROM credit_assessment record
            LEFT JOIN credit_grade grade ON grade.id = record.grade_id
                WHERE record.date_submitted IS NOT NULL"""
        )

    @api.model
    def _archive_decided_sql(self):
        return SQL(
            """SELECT record.id AS record, record.date_decided AS date, 'assessment' AS category,
                      CASE WHEN record.state = 'rejected' THEN 'assessment_rejected' ELSE 'assessment_approved' END
                          AS kind, record.partner_id, record.company_id, NULL::int AS currency_id,
                      record.approver_id AS user_id, record.approved_limit AS amount,
                      concat_ws(': ', grade.code, NULLIF(record.decision_note, '')) AS text,
                      'credit.assessment' AS res_model, record.id AS res_id
                 FROM credit_assessment record
            LEFT JOIN credit_grade grade ON grade.id = record.grade_id
                WHERE record.date_decided IS NOT NULL AND record.state IN ('approved', 'superseded', 'rejected')"""
        )

    @api.model
    def _archive_held_sql(self):
        return SQL(
            """SELECT record.id AS record, record.create_date AS date, 'hold' AS category, 'hold_open' AS kind,
                      record.partner_id, record.company_id, NULL::int AS currency_id, record.requester_id AS user_id,
                      record.amount, concat_ws(': ', record.name, record.reasons) AS text,
                      'credit.hold' AS res_model, record.id AS res_id
                 FROM credit_hold record"""
        )

    @api.model
    def _archive_hold_decided_sql(self):
        return SQL(
            """SELECT record.id AS record, record.decided_at AS date, 'hold' AS category,
                      'hold_' || record.state AS kind, record.partner_id, record.company_id, NULL::int AS currency_id,
                      record.decided_by_id AS user_id, record.amount,
                      concat_ws(': ', record.name, record.decision_reason) AS text,
                      'credit.hold' AS res_model, record.id AS res_id
                 FROM credit_hold record
                WHERE record.state <> 'open' AND record.decided_at IS NOT NULL"""
        )

    @api.model
    def _archive_entered_sql(self, model, kind, text):
        """Guarantees and extensions, when they were entered."""
        return SQL(
            """SELECT record.id AS record, record.create_date AS date, 'security' AS category, %(kind)s AS kind,
                      record.partner_id, record.company_id, record.currency_id, record.create_uid AS user_id,
                      record.amount, concat_ws(' → ', NULLIF(%(text)s, ''), record.date_to::text) AS text,
                      %(model)s AS res_model, record.id AS res_id
                 FROM %(table)s record""",
            kind=kind,
            model=model,
            text=text,
            table=SQL.identifier(self.env[model]._table),
        )

    @api.model
    def _archive_tracked_sql(self, model, kind):
        """Guarantees and extensions, when their state, amount or dates changed; all but the state say what changed."""
        get, known = self.env['ir.model.fields'].sudo()._get, self.env[model]._fields
        names = ('state', 'amount', 'coverage', 'date_from', 'date_to')
        described = {get(model, name): name for name in names if name in known}
        return SQL(
            """SELECT tracking.id AS record, message.date, 'security' AS category, %(kind)s AS kind,
                      record.partner_id, record.company_id, record.currency_id, message.create_uid AS user_id,
                      record.amount,
                      CASE changed.kind
                           WHEN 'state' THEN concat_ws(' → ', NULLIF(tracking.old_value_char, ''),
                                                       tracking.new_value_char)
                           WHEN 'date' THEN concat(changed.label, ': ',
                                                   COALESCE(tracking.old_value_datetime::date::text, '–'), ' → ',
                                                   COALESCE(tracking.new_value_datetime::date::text, '–'))
                           ELSE concat(changed.label, ': ', COALESCE(tracking.old_value_float, 0)::numeric, ' → ',
                                       COALESCE(tracking.new_value_float, 0)::numeric) END AS text,
                      %(model)s AS res_model, record.id AS res_id
                 FROM %(table)s record
                 JOIN mail_message message ON message.model = %(model)s AND message.res_id = record.id
                 JOIN mail_tracking_value tracking ON tracking.mail_message_id = message.id
                 JOIN (VALUES %(fields)s) changed (field_id, kind, label) ON changed.field_id = tracking.field_id""",
            kind=kind,
            model=model,
            table=SQL.identifier(self.env[model]._table),
            fields=SQL(', ').join(
                SQL('(%s, %s, %s)', field.id, name if name == 'state' else name[:4], field.field_description)
                for field, name in described.items()
            ),
        )

    @api.model
    def _archive_statement_sql(self):
        return SQL(
            """SELECT record.id AS record, record.create_date AS date, 'statement' AS category, 'statement' AS kind,
                      record.partner_id, record.company_id, record.currency_id, record.create_uid AS user_id,
                      record.equity AS amount,
                      concat_ws(': Z″ ', record.date_end::text, round(record.z_score::numeric, 2)::text) AS text,
                      'credit.statement' AS res_model, record.id AS res_id
                 FROM credit_statement record"""
        )

    @api.model
    def _archive_investigation_sql(self):
        """Reports when they were entered: who gave them and the rating, never the bank reference."""
        return SQL(
            """SELECT record.id AS record, record.create_date AS date, 'investigation' AS category,
                      'investigation' AS kind, record.partner_id, record.company_id, record.currency_id,
                      record.user_id, NULLIF(record.recommended_limit, 0) AS amount,
                      concat_ws(': ', agency.name, record.rating) AS text,
                      'credit.investigation' AS res_model, record.id AS res_id
                 FROM credit_investigation record
            LEFT JOIN res_partner agency ON agency.id = record.agency_id"""
        )

    @api.model
    def _archive_exception_sql(self):
        return SQL(
            """SELECT record.id AS record, record.create_date AS date, 'terms' AS category, 'exception' AS kind,
                      record.partner_id, record.company_id, NULL::int AS currency_id, record.user_id,
                      NULL::numeric AS amount, concat_ws(' → ', record.reason, record.date_to::text) AS text,
                      'credit.rule.exception' AS res_model, record.id AS res_id
                 FROM credit_rule_exception record
                WHERE record.partner_id IS NOT NULL"""
        )

    @api.model
    def _archive_terms_sql(self):
        """Tracked changes of a customer's credit terms; the company is the one in which they were made.

        Contacts carry copies of their company's terms: what was logged for them in the same transaction is no event.
        """
        fields_get = self.env['ir.model.fields'].sudo()._get
        kinds = {fields_get('res.partner', name).id: kind for name, kind in TERM_KINDS.items()}
        return SQL(
            """SELECT tracking.id AS record, message.date, 'terms' AS category, term.kind,
                      partner.commercial_partner_id AS partner_id,
                      COALESCE(message.record_company_id, partner.company_id) AS company_id,
                      NULL::int AS currency_id, message.create_uid AS user_id,
                      CASE WHEN term.kind = 'limit' THEN tracking.new_value_float END AS amount,
                      concat_ws(': ', CASE term.kind
                           WHEN 'limit' THEN concat(COALESCE(tracking.old_value_float, 0)::numeric, ' → ',
                                                    COALESCE(tracking.new_value_float, 0)::numeric)
                           WHEN 'review' THEN concat(COALESCE(tracking.old_value_datetime::date::text, '–'), ' → ',
                                                     COALESCE(tracking.new_value_datetime::date::text, '–'))
                           ELSE concat(COALESCE(NULLIF(tracking.old_value_char, ''), '–'), ' → ',
                                       COALESCE(NULLIF(tracking.new_value_char, ''), '–')) END,
                           %(why)s) AS text,
                      'res.partner' AS res_model, partner.id AS res_id
                 FROM res_partner partner
                 JOIN mail_message message ON message.model = 'res.partner' AND message.res_id = partner.id
                 JOIN mail_tracking_value tracking ON tracking.mail_message_id = message.id
                 JOIN (VALUES %(kinds)s) term (field_id, kind) ON term.field_id = tracking.field_id
                WHERE partner.id = partner.commercial_partner_id
                   OR NOT EXISTS (SELECT 1
                                    FROM mail_message debtor_message
                                    JOIN mail_tracking_value same ON same.mail_message_id = debtor_message.id
                                   WHERE debtor_message.model = 'res.partner'
                                     AND debtor_message.res_id = partner.commercial_partner_id
                                     AND debtor_message.create_date = message.create_date
                                     AND same.field_id = tracking.field_id)""",
            kinds=SQL(', ').join(SQL('(%s, %s)', field, kind) for field, kind in kinds.items()),
            why=self.env['credit.terms.reason']._of_message_sql(),
        )

    @api.model
    def _archive_group_sql(self):
        """Shared limits: a customer joined, left, or the limit changed. They lead to the group, or to the customer when
        the group is gone."""
        return SQL(
            """SELECT record.id AS record, record.date, 'terms' AS category, record.kind, record.partner_id,
                      record.company_id, record.currency_id, record.user_id,
                      CASE WHEN record.kind <> 'group_left' THEN record.new_limit END AS amount,
                      concat_ws(': ', record.group_name,
                                CASE record.kind WHEN 'group_joined' THEN concat('– → ', record.new_limit)
                                                 WHEN 'group_left' THEN concat(record.old_limit, ' → –')
                                                 ELSE concat(record.old_limit, ' → ', record.new_limit) END,
                                NULLIF(record.reason, '')) AS text,
                      CASE WHEN record.group_id IS NULL THEN 'res.partner' ELSE 'credit.group' END AS res_model,
                      COALESCE(record.group_id, record.partner_id) AS res_id
                 FROM credit_group_change record"""
        )

    # ------------------------------------------------------------------ actions

    def action_open(self):
        """Open the document or the customer that the event is about."""
        self.ensure_one()
        record = self.env[self.res_model].browse(self.res_id).exists()
        if not record:
            raise UserError(self.env._("What this event is about doesn't exist any more."))
        return {
            'type': 'ir.actions.act_window',
            'res_model': self.res_model,
            'res_id': self.res_id,
            'views': [(False, 'form')],
        }


class ResPartner(models.Model):
    _inherit = 'res.partner'

    def _message_log(self, *, tracking_value_ids=False, **kwargs):
        """Note the company in which credit terms changed: they are one per company tree, Odoo's log is for all."""
        message = super()._message_log(tracking_value_ids=tracking_value_ids, **kwargs)
        fields_get = self.env['ir.model.fields'].sudo()._get
        terms = {fields_get(self._name, name).id for name in TERM_KINDS}
        if any(values.get('field_id') in terms for _command, _id, values in tracking_value_ids or ()):
            message.sudo().record_company_id = self.env.company.root_id
        return message

    def _mail_track(self, tracked_fields, initial_values):
        """Contacts carry copies of their company's terms, which nothing reads: no change worth noting."""
        if self != self.commercial_partner_id:
            tracked_fields = {name: field for name, field in tracked_fields.items() if name not in TERM_KINDS}
        return super()._mail_track(tracked_fields, initial_values)

    def action_open_credit_archive(self):
        """The customer's credit archive, latest first."""
        action = self._credit_open_action('crm_credit.credit_archive_action')
        name = self.env._('Credit archive of %s', self.commercial_partner_id.display_name)
        return {
            **action,
            'name': name,
            'display_name': name,
            'context': {},
        }
