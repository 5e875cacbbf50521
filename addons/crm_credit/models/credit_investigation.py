from odoo import api, fields, models
from odoo.exceptions import ValidationError

# Bank references and what they were given on: for the credit department's eyes, on screen and in exports.
BANK_READERS = 'crm_credit.group_credit_analyst'


class CreditInvestigation(models.Model):
    """What somebody found out about a customer's credit: a bank's or agency's report, a trade reference, own enquiries.

    It has no states: later reports don't change earlier ones, and what is changed is tracked. Documents are attached to
    the record, so whoever may not read it can't read them.
    """

    _name = 'credit.investigation'
    _description = 'Credit Investigation'
    _inherit = ['credit.customer.mixin', 'mail.thread']
    _order = 'date desc, id desc'

    partner_id = fields.Many2one(tracking=True)
    date = fields.Date(required=True, default=fields.Date.context_today, tracking=True)
    date_to = fields.Date(
        string='Valid until', tracking=True, help='Last day on which assessments may rest on it. Empty: no end.'
    )
    source = fields.Selection(
        [
            ('bank', 'Bank'),
            ('agency', 'Credit agency'),
            ('association', 'Trade association'),
            ('internal', 'Own enquiries'),
        ],
        required=True,
        default='agency',
        tracking=True,
    )
    agency_id = fields.Many2one(
        'res.partner',
        string='Obtained from',
        ondelete='restrict',
        tracking=True,
        help='The bank, agency, association or person that gave the information.',
    )
    user_id = fields.Many2one(
        'res.users', string='Written by', required=True, default=lambda self: self.env.user, copy=False, tracking=True
    )
    operating = fields.Text(
        string='Operating situation', help='Business, management, sites, staff, suppliers and buyers, order book.'
    )
    financial = fields.Text(
        string='Financial situation', help='Capital, debts, liquidity. Yearly figures belong in a financial statement.'
    )
    payment = fields.Text(
        string='Payment situation', help='How the customer pays others: habits, protests, enforcement, insolvency.'
    )
    rating = fields.Char(string='Rating given', tracking=True, help="In the source's own words or scale.")
    currency_id = fields.Many2one(
        'res.currency', required=True, default=lambda self: self.env.company.currency_id, tracking=True
    )
    recommended_limit = fields.Monetary(tracking=True, help='Highest credit that the source recommends.')
    cost = fields.Monetary(tracking=True, help='What the information cost.')
    bank_id = fields.Many2one('res.bank', string='Bank', ondelete='restrict', groups=BANK_READERS)
    bank_account = fields.Char(string='Account', groups=BANK_READERS)
    bank_reference = fields.Text(
        string='Bank reference', groups=BANK_READERS, help='What the bank said. Given in confidence.'
    )

    statement_trend = fields.Json(string='Statements by year', compute='_compute_statement_trend')

    @api.depends('partner_id', 'company_id')
    @api.depends_context('lang')
    def _compute_statement_trend(self):
        Statement = self.env['credit.statement']
        found = Statement._of_customers(self.partner_id, self.company_id)
        for investigation in self:
            statements = found.get((investigation.partner_id.id, investigation.company_id.id), Statement)
            investigation.statement_trend = statements._trend_data()

    @api.depends('partner_id', 'source', 'date')
    def _compute_display_name(self):
        sources = dict(self._fields['source']._description_selection(self.env))
        for investigation in self:
            investigation.display_name = self.env._(
                '%(customer)s: %(origin)s, %(date)s',
                customer=investigation.partner_id.display_name or '',
                origin=sources.get(investigation.source, ''),
                date=investigation.date or '',
            )

    @api.constrains('date', 'date_to')
    def _check_dates(self):
        for investigation in self:
            if investigation.date and investigation.date_to and investigation.date_to < investigation.date:
                raise ValidationError(
                    self.env._(
                        'The investigation of %(customer)s is valid until %(end)s, before its date %(start)s. '
                        'Correct one of them, or leave the end empty.',
                        customer=investigation.partner_id.display_name,
                        end=investigation.date_to,
                        start=investigation.date,
                    )
                )

    @api.constrains('recommended_limit', 'cost')
    def _check_amounts(self):
        for investigation in self:
            for name in ('recommended_limit', 'cost'):
                if investigation[name] < 0:
                    raise ValidationError(
                        self.env._(
                            "The investigation of %(customer)s: %(field)s can't be negative (%(amount)s).",
                            customer=investigation.partner_id.display_name,
                            field=self._fields[name]._description_string(self.env),
                            amount=investigation[name],
                        )
                    )

    @api.model
    def _in_force_domain(self, root, date):
        """Domain of the investigations of a root company that an assessment of that day may rest on."""
        return [
            ('company_id', '=', root.id),
            ('date', '<=', date),
            '|',
            ('date_to', '=', False),
            ('date_to', '>=', date),
        ]

    def action_open_statements(self):
        """The customer's financial statements, to enter or compare them."""
        self.ensure_one()
        return self.partner_id.action_open_credit_statements()

    def action_open_assessment(self):
        """Go on to the customer's assessment."""
        self.ensure_one()
        return self.partner_id.action_new_credit_assessment()
