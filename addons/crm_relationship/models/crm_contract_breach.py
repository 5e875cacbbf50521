from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date


class CrmContractBreach(models.Model):
    """Somebody didn't keep to a contract: what happened, what it did, and how it was settled."""

    _name = 'crm.contract.breach'
    _description = "Breach of Contract"
    _order = 'date desc, id desc'
    _check_company_auto = True

    contract_id = fields.Many2one('crm.contract', required=True, index=True, ondelete='cascade', check_company=True)
    company_id = fields.Many2one(related='contract_id.company_id', store=True)
    partner_id = fields.Many2one(related='contract_id.partner_id', store=True, index=True)
    user_id = fields.Many2one(related='contract_id.user_id', store=True)
    currency_id = fields.Many2one(related='contract_id.currency_id')
    name = fields.Char(string="What Happened", required=True)
    date = fields.Date(required=True, default=fields.Date.context_today)
    side = fields.Selection(
        [('customer', "The customer"), ('company', "We"), ('other', "Third party")], string="Who", required=True,
        default='customer', help="Who didn't keep to the contract.",
    )
    effect = fields.Text(help="What it caused: delay, cost, lost business.")
    cost = fields.Monetary(help="What it cost us, in the currency of the contract.")
    order_id = fields.Many2one(
        'sale.order', index='btree_not_null', ondelete='set null', domain="[('contract_id', '=', contract_id)]",
        help="The order that it was about.",
    )
    resolution = fields.Text(help="How it was settled.")
    date_resolved = fields.Date(string="Settled On")
    state = fields.Selection(
        [('open', "Unsettled"), ('settled', "Settled")], compute='_compute_state', store=True,
    )

    _check_cost = models.Constraint('CHECK (cost >= 0)', "The cost of a breach can't be negative.")

    @api.depends('date_resolved')
    def _compute_state(self):
        for breach in self:
            breach.state = 'settled' if breach.date_resolved else 'open'

    @api.constrains('date', 'date_resolved', 'resolution')
    def _check_resolution(self):
        for breach in self:
            if breach.date_resolved and breach.date and breach.date_resolved < breach.date:
                raise ValidationError(self.env._(
                    "“%(breach)s” can't be settled on %(settled)s, before it happened on %(happened)s. Correct one of "
                    "the two dates.",
                    breach=breach.name, settled=format_date(self.env, breach.date_resolved),
                    happened=format_date(self.env, breach.date),
                ))
            if breach.date_resolved and not (breach.resolution or '').strip():
                raise ValidationError(self.env._("Say how “%(breach)s” was settled.", breach=breach.name))

    @api.constrains('order_id', 'contract_id')
    def _check_order(self):
        for breach in self:
            if breach.order_id and breach.order_id.sudo().contract_id != breach.contract_id:
                raise ValidationError(self.env._(
                    "%(order)s isn't an order of %(contract)s.",
                    order=breach.order_id.sudo().name, contract=breach.contract_id.display_name,
                ))
