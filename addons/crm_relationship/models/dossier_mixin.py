from odoo import api, fields, models
from odoo.exceptions import ValidationError


class DossierMixin(models.AbstractModel):
    """A dated entry of a customer's dossier that may have cost something."""

    _name = 'crm.dossier.mixin'
    _description = "Entry of a Customer's Dossier"
    _inherit = ['crm.customer.link.mixin', 'mail.thread']
    _order = 'date desc, id desc'
    _mail_post_access = 'read'

    date = fields.Date(required=True, index=True, default=fields.Date.context_today, tracking=True)
    user_id = fields.Many2one(
        'res.users', string="Author", index=True, default=lambda self: self.env.user, ondelete='set null',
        tracking=True, domain=[('share', '=', False)],
    )
    cost = fields.Monetary(tracking=True)
    currency_id = fields.Many2one('res.currency', required=True, default=lambda self: self.env.company.currency_id)
    company_currency_id = fields.Many2one('res.currency', related='company_id.currency_id', string="Company Currency")
    company_cost = fields.Monetary(
        string="Cost in Company Currency", compute='_compute_company_cost', store=True,
        currency_field='company_currency_id', help="Cost at the rate of the day of the entry.",
    )

    _check_cost = models.Constraint('CHECK (cost >= 0)', "A cost can't be negative.")

    @api.depends('cost', 'currency_id', 'company_id', 'date')
    def _compute_company_cost(self):
        for entry in self:
            company, currency = entry.company_id, entry.currency_id
            if not entry.cost or not currency or not company or currency == company.currency_id:
                entry.company_cost = entry.cost
            else:
                entry.company_cost = currency._convert(entry.cost, company.currency_id, company, entry.date)

    @api.constrains('date')
    def _check_date(self):
        today = fields.Date.context_today(self)
        for entry in self:
            if entry.date and entry.date > today:
                raise ValidationError(self.env._(
                    "“%(entry)s” of %(customer)s: %(date)s lies in the future. Enter what has happened.",
                    entry=entry.display_name, customer=entry.partner_id.display_name,
                    date=fields.Date.to_string(entry.date),
                ))

    @api.constrains('cost', 'currency_id', 'company_id')
    def _check_currency(self):
        for entry in self:
            entry.currency_id._check_rate_known(entry.company_id, entry.cost, entry._dossier_name())

    def _dossier_name(self):
        self.ensure_one()
        return self.env._(
            "%(customer)s: %(entry)s", customer=self.partner_id.display_name, entry=self.display_name)
