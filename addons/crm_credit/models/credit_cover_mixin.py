from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.limit import is_credible


class CreditCoverMixin(models.AbstractModel):
    """What may be owed beyond the limit from one day to another: an amount in any currency, and who answers for it."""

    _name = 'credit.cover.mixin'
    _description = 'Credit Beyond the Limit'
    _inherit = ['credit.customer.mixin', 'credit.schedule.mixin']

    currency_id = fields.Many2one(
        'res.currency', required=True, default=lambda self: self.env.company.currency_id, tracking=True
    )
    amount = fields.Monetary(required=True, tracking=True)
    company_currency_id = fields.Many2one(related='company_id.currency_id', string='Company currency')
    amount_company = fields.Monetary(
        compute='_compute_amount_company', store=True, currency_field='company_currency_id'
    )
    date_from = fields.Date(required=True, default=lambda self: self.env.company._credit_today(), tracking=True)
    date_to = fields.Date(index=True, tracking=True)
    user_id = fields.Many2one('res.users', string='Responsible', default=lambda self: self.env.user, tracking=True)
    expiry_error = fields.Char(
        readonly=True, copy=False, help='Why the scheduled action could not end it or remind of it.'
    )

    @api.model_create_multi
    def create(self, vals_list):
        covers = super().create(vals_list)
        for cover in covers.filtered(lambda cover: cover.state == 'draft'):
            cover._ask_to_decide()
        return covers

    def write(self, vals):
        asked = self.filtered(lambda cover: cover.state == 'draft')
        result = super().write(vals)
        if 'state' in vals:
            for cover in asked.filtered(lambda cover: cover.state != 'draft'):
                cover.sudo().activity_unlink(['crm_credit.mail_activity_type_credit_cover'])
                cover._tell_responsible_decided()
        return result

    def _ask_to_decide(self):
        """Put what waits for a decision on the list of a credit manager whose authority covers it."""
        self.ensure_one()
        policy = self.env['credit.policy']._get_active(self.company_id)
        approver = policy._choose_approver(self.amount_company, self.company_id, self.user_id | self.create_uid)
        if approver:
            self.sudo().activity_schedule(
                'crm_credit.mail_activity_type_credit_cover',
                user_id=approver.id,
                summary=self.with_context(lang=approver.lang).env._(
                    'Decide on %(amount)s for %(name)s',
                    amount=self.company_currency_id.format(self.amount_company),
                    name=self.partner_id.display_name,
                ),
            )

    def _tell_responsible_decided(self):
        """Tell who answers for it that it was decided, by somebody else, in their language."""
        self.ensure_one()
        who = self.user_id.filtered(lambda user: user.active and user != self.env.user)
        if who:
            cover = self.with_context(lang=who.lang)
            self.sudo().message_post(
                body=cover.env._(
                    '%(user)s decided on %(record)s: %(state)s',
                    user=self.env.user.name,
                    record=cover.display_name,
                    state=dict(cover._fields['state']._description_selection(cover.env))[cover.state],
                ),
                partner_ids=who.partner_id.ids,
            )

    @api.depends('amount', 'currency_id', 'date_from', 'company_id')
    def _compute_amount_company(self):
        for cover in self:
            amount = cover._amount_that_counts()
            if cover.currency_id and cover.company_id:
                amount = cover.currency_id._convert(
                    amount,
                    cover.company_id.currency_id,
                    cover.company_id,
                    cover.date_from or cover.company_id._credit_today(),
                )
            cover.amount_company = amount

    @api.constrains('amount', 'currency_id', 'company_id')
    def _check_credible(self):
        for cover in self:
            name = self.env._(
                '%(kind)s, %(customer)s',
                kind=self.env['ir.model']._get(cover._name).name,
                customer=cover.partner_id.display_name,
            )
            if cover.amount > 0 and not is_credible(cover.amount):
                raise ValidationError(
                    self.env._(
                        '“%(record)s”: %(amount)s must be a mistake. Enter what is really given.',
                        record=name,
                        amount=cover.amount,
                    )
                )
            cover.currency_id._check_rate_known(cover.company_id, cover.amount, name)

    def _amount_that_counts(self):
        self.ensure_one()
        return self.amount
