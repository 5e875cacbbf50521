from odoo import fields, models

SETTLEMENT_METHODS = [
    ('transfer', "Bank transfer"),
    ('acceptance', "Bank acceptance"),
    ('cheque', "Cheque"),
    ('letter_of_credit', "Letter of credit"),
    ('direct_debit', "Direct debit"),
    ('cash', "Cash"),
    ('other', "Other"),
]
RENEWALS = [
    ('ask', "Remind before the end"),
    ('auto', "Renew by itself"),
    ('none', "Just ends"),
]


class CrmContractTemplate(models.Model):
    """Wording and periods from which contracts with customers are written."""

    _name = 'crm.contract.template'
    _description = "Contract Template"
    _order = 'sequence, name, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one('res.company', help="Empty: for all companies.")
    payment_term_id = fields.Many2one('account.payment.term', string="Payment Terms", check_company=True)
    settlement_method = fields.Selection(SETTLEMENT_METHODS, default='transfer')
    renewal = fields.Selection(RENEWALS, required=True, default='ask')
    renewal_months = fields.Integer(
        string="Months of a New Period", default=12, help="How long the contract runs, and runs again after a renewal.",
    )
    notice_days = fields.Integer(
        string="Notice Period (Days)", default=30,
        help="Notice has to be given at least this many days before the end.",
    )
    reminder_days = fields.Integer(
        string="Reminder (Days)", default=30,
        help="How many days before the last day for notice the salesperson is reminded.",
    )
    company_terms = fields.Html(string="Our Rights and Duties", translate=True, sanitize_attributes=True)
    customer_terms = fields.Html(string="The Customer's Rights and Duties", translate=True, sanitize_attributes=True)
    general_terms = fields.Html(string="Other Terms", translate=True, sanitize_attributes=True)

    _check_company_auto = True
    _check_months = models.Constraint(
        'CHECK (renewal_months > 0)', "A period has at least one month.",
    )
    _check_days = models.Constraint(
        'CHECK (notice_days BETWEEN 0 AND 3650 AND reminder_days BETWEEN 0 AND 3650)',
        "Days of notice and reminder must be between 0 and 3650.",
    )
