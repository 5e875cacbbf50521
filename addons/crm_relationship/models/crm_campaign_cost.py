from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmCampaignCost(models.Model):
    """A position of a campaign's cost: what was planned and what it cost."""

    _name = 'crm.campaign.cost'
    _description = "Cost of a Campaign"
    _inherit = ['crm.kept.part.mixin']
    _order = 'plan_id, sequence, id'

    plan_id = fields.Many2one('crm.campaign.plan', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='plan_id.company_id', store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(string="What For", required=True)
    kind = fields.Selection(
        [
            ('advertising', "Advertising"), ('print', "Printed matter"), ('event', "Event"), ('gift', "Gifts"),
            ('travel', "Travel"), ('staff', "Staff"), ('other', "Other"),
        ],
        required=True, default='advertising',
    )
    company_currency_id = fields.Many2one('res.currency', related='company_id.currency_id', string="Company Currency")
    planned = fields.Monetary(string="Planned Cost", currency_field='company_currency_id')
    date = fields.Date(string="Spent On", help="The day whose rate converts the amount.")
    amount = fields.Monetary(string="Spent")
    currency_id = fields.Many2one(
        'res.currency', required=True, default=lambda self: self.env.company.currency_id,
    )
    company_amount = fields.Monetary(
        string="Spent in Company Currency", compute='_compute_company_amount', store=True,
        currency_field='company_currency_id',
    )
    move_id = fields.Many2one(
        'account.move', string="Vendor Bill", ondelete='set null', index='btree_not_null',
        groups='account.group_account_readonly,account.group_account_invoice',
        domain="[('move_type', 'in', ('in_invoice', 'in_refund')), ('company_id', '=', company_id)]",
    )

    @api.depends('amount', 'currency_id', 'date', 'plan_id.company_id', 'plan_id.date_start')
    def _compute_company_amount(self):
        for line in self:
            company = line.plan_id.company_id
            if not line.amount or line.currency_id == company.currency_id:
                line.company_amount = line.amount
                continue
            day = line.date or line.plan_id.date_start or fields.Date.context_today(line)
            line.company_amount = line.currency_id._convert(line.amount, company.currency_id, company, day)

    @api.constrains('amount', 'date')
    def _check_date(self):
        for line in self:
            if line.amount and not line.date:
                raise ValidationError(self.env._(
                    "Say on which day “%(line)s” was spent: its rate and the report need it.", line=line.name,
                ))

    @api.constrains('amount', 'currency_id', 'date', 'plan_id')
    def _check_rate(self):
        for line in self:
            line.currency_id._check_rate_known(
                line.plan_id.company_id, line.amount,
                self.env._("%(plan)s: %(cost)s", plan=line.plan_id.name, cost=line.name))

    @api.constrains('planned')
    def _check_planned(self):
        for line in self:
            if line.planned < 0:
                raise ValidationError(self.env._(
                    "“%(line)s” of %(plan)s: a planned cost can't be negative, it is %(amount)s. Enter zero or more.",
                    line=line.name, plan=line.plan_id.name, amount=line.planned,
                ))

    @api.onchange('amount')
    def _onchange_amount(self):
        if self.amount and not self.date:
            self.date = fields.Date.context_today(self)
