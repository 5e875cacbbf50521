import logging
from datetime import timedelta

from dateutil.relativedelta import relativedelta
from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date

from .crm_contract_template import RENEWALS, SETTLEMENT_METHODS

_logger = logging.getLogger(__name__)

FOLLOW_UP_BATCH = 50
MOST_DAYS = 3650
"""Of notice and reminder."""
STATES = [('draft', "Draft"), ('active', "In force"), ('expired', "Expired"), ('terminated', "Terminated")]
CHANNELS = [
    ('direct', "Direct"),
    ('distributor', "Distributor"),
    ('agent', "Agent"),
    ('retail', "Retail"),
    ('online', "Online"),
    ('tender', "Tender"),
]
ENDED = ('expired', 'terminated')
# What was agreed: fixed once the contract has ended, noted in the history while it is in force.
CONTENT = (
    'subject', 'partner_id', 'contact_id', 'company_id', 'currency_id', 'channel', 'intermediary_id',
    'legal_representative', 'mobile',
    'date_signed', 'date_start', 'date_end', 'payment_term_id', 'settlement_method', 'settlement_note', 'renewal',
    'renewal_months', 'notice_days', 'company_terms', 'customer_terms', 'general_terms', 'template_id',
)


class CrmContract(models.Model):
    """What was agreed with a customer for a period; orders call off from it."""

    _name = 'crm.contract'
    _description = "Customer Contract"
    _inherit = ['crm.customer.link.mixin', 'mail.thread', 'mail.activity.mixin']
    _order = 'date_end desc, id desc'
    _check_company_auto = True
    _rec_names_search = ['name', 'subject']
    _guarded_by_odoo = ('name', 'previous_id', 'date_terminated', 'renewal_activity_id', 'follow_up_error')

    name = fields.Char(string="Number", readonly=True, copy=False, default=lambda self: self.env._("New"), index=True)
    subject = fields.Char(required=True, tracking=True, help="What the contract is about, in a few words.")
    template_id = fields.Many2one(
        'crm.contract.template', string="Template", ondelete='set null', check_company=True,
        help="Fills wording, periods and settlement. What you change here stays in this contract.",
    )
    state = fields.Selection(
        STATES, default='draft', required=True, readonly=True, copy=False, index=True, tracking=True, group_expand=True,
    )
    user_id = fields.Many2one(
        'res.users', string="Salesperson", index=True, tracking=True, ondelete='set null',
        domain=[('share', '=', False)], compute='_compute_user_id', store=True, readonly=False, precompute=True,
    )
    channel = fields.Selection(CHANNELS, default='direct', required=True, help="How the goods reach the market.")
    intermediary_id = fields.Many2one(
        'res.partner', string="Through", index='btree_not_null', ondelete='restrict', check_company=True, tracking=True,
        domain=[('is_customer', '=', True), ('customer_type', '=', 'intermediary')],
        help="The intermediary through which the customer buys. Orders called off name it too.",
    )
    legal_representative = fields.Char(help="Who signs for the customer.")
    mobile = fields.Char(
        compute='_compute_mobile', store=True, readonly=False, precompute=True,
        help="Number under which the contact is reached.",
    )
    currency_id = fields.Many2one(
        'res.currency', required=True, compute='_compute_currency_id', store=True, readonly=False, precompute=True,
    )
    company_currency_id = fields.Many2one('res.currency', related='company_id.currency_id', string="Company Currency")
    date_signed = fields.Date(string="Signed On", tracking=True, copy=False)
    date_start = fields.Date(string="Valid From", required=True, default=fields.Date.context_today, tracking=True)
    date_end = fields.Date(
        string="Valid Until", tracking=True, index=True, help="Last day of the contract. Empty: until terminated.",
    )
    payment_term_id = fields.Many2one(
        'account.payment.term', string="Payment Terms", check_company=True, tracking=True,
        compute='_compute_from_template', store=True, readonly=False, precompute=True,
        help="Orders called off from this contract get these terms.",
    )
    settlement_method = fields.Selection(
        SETTLEMENT_METHODS, tracking=True,
        compute='_compute_from_template', store=True, readonly=False, precompute=True,
    )
    settlement_note = fields.Text(
        string="Settlement Details", help="Down payments, instalments, account, documents that have to be presented.",
    )
    renewal = fields.Selection(
        RENEWALS, required=True, tracking=True,
        compute='_compute_from_template', store=True, readonly=False, precompute=True,
        help="What happens when the end comes near.",
    )
    renewal_months = fields.Integer(
        string="Months of a New Period", compute='_compute_from_template', store=True, readonly=False, precompute=True,
    )
    notice_days = fields.Integer(
        string="Notice Period (Days)", compute='_compute_from_template', store=True, readonly=False, precompute=True,
        help="Notice has to be given at least this many days before the end.",
    )
    reminder_days = fields.Integer(
        string="Reminder (Days)", compute='_compute_from_template', store=True, readonly=False, precompute=True,
        help="How many days before the last day for notice the salesperson is reminded.",
    )
    date_notice = fields.Date(
        string="Last Day for Notice", compute='_compute_date_notice', store=True,
        help="The end less the notice period.",
    )
    date_reminder = fields.Date(compute='_compute_date_notice', store=True, string="Reminder On")
    company_terms = fields.Html(
        string="Our Rights and Duties", sanitize_attributes=True,
        compute='_compute_from_template', store=True, readonly=False, precompute=True,
    )
    customer_terms = fields.Html(
        string="The Customer's Rights and Duties", sanitize_attributes=True,
        compute='_compute_from_template', store=True, readonly=False, precompute=True,
    )
    general_terms = fields.Html(
        string="Other Terms", sanitize_attributes=True,
        compute='_compute_from_template', store=True, readonly=False, precompute=True,
    )
    signed_document = fields.Binary(string="Signed Contract", attachment=True, copy=False)
    signed_document_name = fields.Char(copy=False)
    line_ids = fields.One2many('crm.contract.line', 'contract_id', string="Lines", copy=True)
    breach_ids = fields.One2many('crm.contract.breach', 'contract_id', string="Breaches")
    open_breach_count = fields.Integer(compute='_compute_open_breach_count')
    previous_id = fields.Many2one(
        'crm.contract', string="Renews", readonly=True, copy=False, index='btree_not_null', ondelete='set null',
    )
    next_ids = fields.One2many('crm.contract', 'previous_id', string="Renewed By", readonly=True)
    date_terminated = fields.Date(string="Terminated On", readonly=True, copy=False, tracking=True)
    termination_reason = fields.Text(copy=False)
    renewal_activity_id = fields.Many2one(
        'mail.activity', string="Reminder", readonly=True, copy=False, ondelete='set null',
    )
    follow_up_error = fields.Char(
        readonly=True, copy=False, help="Why the last daily follow-up failed for this contract.",
    )

    amount_total = fields.Monetary(string="Agreed Value", compute='_compute_amounts', store=True)
    amount_ordered = fields.Monetary(
        string="Ordered Value", compute='_compute_amounts', store=True, help="Untaxed value of confirmed orders.",
    )
    amount_delivered = fields.Monetary(string="Delivered Value", compute='_compute_amounts', store=True)
    amount_invoiced = fields.Monetary(string="Invoiced Value", compute='_compute_amounts', store=True)
    company_amount_total = fields.Monetary(
        string="Agreed (Company Currency)", compute='_compute_amounts', store=True,
        currency_field='company_currency_id', help="At the rate of the first day of the contract.",
    )
    company_amount_ordered = fields.Monetary(
        string="Ordered (Company Currency)", compute='_compute_amounts', store=True,
        currency_field='company_currency_id', help="At the rate of the first day of the contract.",
    )
    company_amount_delivered = fields.Monetary(
        string="Delivered (Company Currency)", compute='_compute_amounts', store=True,
        currency_field='company_currency_id', help="At the rate of the first day of the contract.",
    )
    ordered_rate = fields.Float(
        string="Ordered", compute='_compute_amounts', store=True, aggregator='avg',
        help="Value of confirmed orders as a share of the agreed value.",
    )
    fulfilment_rate = fields.Float(
        string="Fulfilment", compute='_compute_amounts', store=True, aggregator='avg',
        help="Value of what was delivered, less returns, as a share of the agreed value. "
             "Lines without an agreed quantity don't count.",
    )
    is_over_called = fields.Boolean(
        string="More Ordered than Agreed", compute='_compute_amounts', store=True,
    )
    order_ids = fields.One2many('sale.order', 'contract_id', string="Orders", readonly=True)
    order_count = fields.Integer(compute='_compute_order_count')

    # Standard order
    repeat_interval = fields.Integer(
        string="Repeat Every", help="0: only by the button. Otherwise a draft of the standard order is made in time.",
        tracking=True,
    )
    repeat_unit = fields.Selection(
        [('week', "Weeks"), ('month', "Months")], default='month', required=True, tracking=True,
    )
    repeat_next_date = fields.Date(
        string="Next Standard Order", copy=False, tracking=True, help="The day on which the next draft is made.",
    )

    _check_days = models.Constraint(
        'CHECK (notice_days BETWEEN 0 AND 3650 AND reminder_days BETWEEN 0 AND 3650)',
        "Days of notice and reminder must be between 0 and 3650.",
    )
    _check_repeat = models.Constraint(
        'CHECK (repeat_interval >= 0)', "The interval of standard orders can't be negative.",
    )
    _follow_up_idx = models.Index("(date_reminder) WHERE state = 'active'")
    _repeat_idx = models.Index("(repeat_next_date) WHERE state = 'active' AND repeat_interval > 0")

    # ------------------------------------------------------------------ computes

    @api.depends('name', 'subject')
    def _compute_display_name(self):
        for contract in self:
            contract.display_name = ' · '.join(filter(None, (contract.name, contract.subject)))

    @api.depends('partner_id')
    def _compute_user_id(self):
        for contract in self:
            if not contract.user_id:
                contract.user_id = contract.partner_id.sudo().user_id or self.env.user

    @api.depends('contact_id')
    def _compute_mobile(self):
        for contract in self:
            contract.mobile = contract.contact_id.phone or contract.mobile

    @api.depends('company_id', 'partner_id')
    def _compute_currency_id(self):
        for contract in self:
            pricelist = contract.partner_id.with_company(contract.company_id).property_product_pricelist
            contract.currency_id = (
                contract.currency_id or pricelist.currency_id or contract.company_id.currency_id
                or self.env.company.currency_id
            )

    @api.depends('template_id')
    def _compute_from_template(self):
        """Take over what the template says, in the customer's language; without a template nothing changes."""
        for contract in self:
            template = contract.template_id.with_context(lang=contract.partner_id.lang or self.env.lang)
            for fname in ('payment_term_id', 'settlement_method', 'company_terms', 'customer_terms', 'general_terms'):
                contract[fname] = template[fname] or contract[fname]
            contract.renewal = template.renewal or contract.renewal or 'ask'
            contract.renewal_months = template.renewal_months or contract.renewal_months or 12
            for fname in ('notice_days', 'reminder_days'):
                contract[fname] = template[fname] if template else contract[fname] or 30

    @api.depends('date_end', 'notice_days', 'reminder_days')
    def _compute_date_notice(self):
        for contract in self:
            # out of range until the constraint refuses them
            notice, reminder = (min(days, MOST_DAYS) for days in (contract.notice_days, contract.reminder_days))
            contract.date_notice = contract.date_end and contract.date_end - timedelta(days=notice)
            contract.date_reminder = contract.date_notice and contract.date_notice - timedelta(days=reminder)

    @api.depends(
        'line_ids.price_subtotal', 'line_ids.amount_ordered', 'line_ids.amount_delivered', 'line_ids.amount_invoiced',
        'line_ids.is_over_called', 'line_ids.quantity', 'currency_id', 'company_id', 'date_start',
    )
    def _compute_amounts(self):
        for contract in self:
            lines = contract.line_ids
            agreed = lines.filtered('quantity')
            contract.amount_total = sum(lines.mapped('price_subtotal'))
            contract.amount_ordered = sum(lines.mapped('amount_ordered'))
            contract.amount_delivered = sum(lines.mapped('amount_delivered'))
            contract.amount_invoiced = sum(lines.mapped('amount_invoiced'))
            total = contract.amount_total
            contract.ordered_rate = total and sum(agreed.mapped('amount_ordered')) / total
            contract.fulfilment_rate = total and sum(agreed.mapped('amount_delivered')) / total
            contract.is_over_called = any(lines.mapped('is_over_called'))
            for fname in ('amount_total', 'amount_ordered', 'amount_delivered'):
                contract[f'company_{fname}'] = contract._to_company_currency(contract[fname])

    def _to_company_currency(self, amount):
        currency, company = self.currency_id, self.company_id
        if not amount or not currency or currency == company.currency_id:
            return amount
        return currency._convert(amount, company.currency_id, company, self.date_start or fields.Date.today())

    @api.depends('breach_ids.date_resolved')
    def _compute_open_breach_count(self):
        counts = dict(self.env['crm.contract.breach']._read_group(
            [('contract_id', 'in', self.ids), ('date_resolved', '=', False)], ['contract_id'], ['__count'],
        ))
        for contract in self:
            contract.open_breach_count = counts.get(contract._origin, 0)

    @api.depends('order_ids')
    @api.depends_context('uid')
    def _compute_order_count(self):
        counts = dict(self.env['sale.order']._read_group(
            [('contract_id', 'in', self.ids)], ['contract_id'], ['__count'],
        ))
        for contract in self:
            contract.order_count = counts.get(contract._origin, 0)

    # ------------------------------------------------------------------ checks

    @api.constrains('date_start', 'date_end')
    def _check_dates(self):
        for contract in self:
            if contract.date_start and contract.date_end and contract.date_end < contract.date_start:
                raise ValidationError(self.env._(
                    "%(contract)s would end on %(end)s, before it starts on %(start)s. Correct one of the two dates.",
                    contract=contract.display_name, end=format_date(self.env, contract.date_end),
                    start=format_date(self.env, contract.date_start),
                ))

    @api.constrains('renewal', 'date_end', 'renewal_months')
    def _check_renewal(self):
        for contract in self:
            if contract.renewal == 'auto' and not contract.date_end:
                raise ValidationError(self.env._(
                    "%(contract)s has no end, so it can't renew itself: enter “Valid until” or choose another renewal.",
                    contract=contract.display_name,
                ))
            if contract.renewal_months < 1:
                raise ValidationError(self.env._(
                    "A new period of %(contract)s needs at least one month.", contract=contract.display_name,
                ))

    # ------------------------------------------------------------------ CRUD

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get('state', 'draft') != 'draft' and not self.env.su:
                raise UserError(self.env._("A contract begins as a draft: activate it with the button."))
            if not self.env.su:
                # The number is always given; the others come with renewal, termination and the daily follow-up.
                self._refuse_guarded({name for name in self._guarded_by_odoo if name != 'name' and vals.get(name)})
            vals['name'] = self.env['ir.sequence'].sudo().next_by_code('crm.contract') or self.env._("New")
        return super().create(vals_list)

    def write(self, vals):
        if 'state' in vals and not self.env.su:
            raise UserError(self.env._("Use the buttons to activate, terminate or renew a contract."))
        content = self._content_fields().intersection(vals)
        if content:
            self._check_open(self.env._("changed"))
        if {'partner_id', 'company_id', 'currency_id'} & content:
            self._check_uncalled(vals)
        if 'repeat_interval' in vals and vals['repeat_interval'] and 'repeat_next_date' not in vals:
            for contract in self.filtered(lambda item: not item.repeat_next_date):
                contract.repeat_next_date = fields.Date.context_today(self)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for contract in self:
            if contract.state != 'draft':
                raise UserError(self.env._(
                    "%(contract)s has been in force and stays on file. Terminate it instead.",
                    contract=contract.display_name,
                ))
            if contract.sudo().order_ids:
                raise UserError(self.env._(
                    "Orders refer to %(contract)s: take the contract off them before you delete it.",
                    contract=contract.display_name,
                ))

    def copy_data(self, default=None):
        """A copy is a draft for the same customer; its period is the agreed number of months from today."""
        data = super().copy_data(default)
        for contract, vals in zip(self, data, strict=True):
            if 'date_start' not in (default or {}):
                vals['date_start'] = fields.Date.context_today(self)
                vals['date_end'] = contract.date_end and contract._end_of_period(vals['date_start'])
        return data

    def _content_fields(self):
        """Return the names of the fields that say what was agreed."""
        return set(CONTENT)

    def _check_open(self, done):
        """Refuse what would alter a contract that has ended."""
        labels = dict(self._fields['state']._description_selection(self.env))
        for contract in self:
            if contract.state in ENDED:
                raise UserError(self.env._(
                    "%(contract)s is “%(state)s” and can't be %(done)s. Renew it to agree on something new.",
                    contract=contract.display_name, state=labels[contract.state], done=done,
                ))

    def _check_uncalled(self, vals):
        """Customer, company and currency stay while orders refer to the contract."""
        for contract in self.sudo():
            changed = any(
                fname in vals and (vals[fname] or False) != contract[fname].id
                for fname in ('partner_id', 'company_id', 'currency_id')
            )
            if changed and contract.order_ids:
                raise UserError(self.env._(
                    "%(contract)s has orders: customer, company and currency can't be changed any more. "
                    "Make a copy for the other customer.", contract=contract.display_name,
                ))

    # ------------------------------------------------------------------ states

    def action_activate(self):
        """Put drafts into force."""
        for contract in self:
            if contract.state != 'draft':
                raise UserError(self.env._(
                    "%(contract)s isn't a draft any more.", contract=contract.display_name,
                ))
            if not contract.line_ids:
                raise UserError(self.env._(
                    "%(contract)s has no lines yet: add what is to be supplied before you activate it.",
                    contract=contract.display_name,
                ))
            if contract.date_end and contract.date_end < fields.Date.context_today(self):
                raise UserError(self.env._(
                    "%(contract)s ended on %(date)s. Extend “Valid until” before you activate it.",
                    contract=contract.display_name, date=format_date(self.env, contract.date_end),
                ))
        self.check_access('write')
        self.sudo().write({'state': 'active'})

    def action_draft(self):
        """Take a contract that nobody has called off from back to draft; for managers."""
        if not self.env.su and not self.env.user.has_group('crm_relationship.group_relationship_manager'):
            raise AccessError(self.env._("Only managers of the customer file may set a contract back to draft."))
        self._check_open(self.env._("set back to draft"))
        for contract in self.sudo():
            if contract.order_ids.filtered(lambda order: order.state == 'sale'):
                raise UserError(self.env._(
                    "%(contract)s has confirmed orders and can't be a draft again. Change it as it is: the history "
                    "notes every change.", contract=contract.display_name,
                ))
        self._close_reminders()
        self.sudo().write({'state': 'draft'})

    def action_ask_termination(self):
        """Open the dialog that asks why the contract ends early."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Terminate %(contract)s", contract=self.name),
            'res_model': self._name,
            'res_id': self.id,
            'views': [(self.env.ref('crm_relationship.crm_contract_view_form_terminate').id, 'form')],
            'target': 'new',
        }

    def action_terminate(self):
        """End contracts in force before their time; the reason has to be there."""
        self.check_access('write')
        for contract in self:
            if contract.state != 'active':
                raise UserError(self.env._(
                    "%(contract)s isn't in force, so it can't be terminated.", contract=contract.display_name,
                ))
            if not (contract.termination_reason or '').strip():
                raise UserError(self.env._(
                    "Say why %(contract)s is terminated.", contract=contract.display_name,
                ))
        self._close_reminders()
        self.sudo().write({'state': 'terminated', 'date_terminated': fields.Date.context_today(self)})

    def _close_reminders(self):
        self.sudo().renewal_activity_id.filtered('active').unlink()

    # ------------------------------------------------------------------ renewal

    def _end_of_period(self, start):
        """Return the last day of a period of the agreed number of months that begins on ``start``."""
        return start + relativedelta(months=self.renewal_months) - timedelta(days=1)

    def action_renew(self):
        """Write the contract of the next period as a draft, or open the one that is there."""
        self.ensure_one()
        renewed = self.next_ids[:1] or self._renew()
        return {
            'type': 'ir.actions.act_window', 'res_model': self._name, 'res_id': renewed.id, 'views': [(False, 'form')],
        }

    def _renew(self):
        self.ensure_one()
        if not self.date_end:
            raise UserError(self.env._(
                "%(contract)s has no end, so there is nothing to renew. Change it as it is.",
                contract=self.display_name,
            ))
        start = self.date_end + timedelta(days=1)
        if self.state == 'terminated':
            start = max(self.date_terminated, fields.Date.context_today(self))
        renewed = self.copy({'date_start': start, 'date_end': self._end_of_period(start)})
        renewed.sudo().previous_id = self
        if self.renewal_activity_id.active:
            self.renewal_activity_id.sudo().action_feedback(
                feedback=self.env._("Renewed by %(contract)s", contract=renewed.name),
            )
        return renewed

    # ------------------------------------------------------------------ call-off

    def _check_callable(self):
        """Refuse orders from contracts that aren't in force today."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        if self.state != 'active':
            raise UserError(self.env._(
                "%(contract)s isn't in force. Activate or renew it, then call off from it.", contract=self.display_name,
            ))
        if self.date_start > today:
            raise UserError(self.env._(
                "%(contract)s starts on %(date)s. Correct “Valid from” if the customer may order before.",
                contract=self.display_name, date=format_date(self.env, self.date_start),
            ))
        if self.date_end and self.date_end < today:
            raise UserError(self.env._(
                "%(contract)s ended on %(date)s. Renew it, then call off from the new one.",
                contract=self.display_name, date=format_date(self.env, self.date_end),
            ))

    def action_call_off(self):
        """Open the dialog in which quantities of one delivery are chosen."""
        self.ensure_one()
        self._check_callable()
        call_off = self.env['crm.contract.call.off'].create({
            'contract_id': self.id,
            'line_ids': [
                fields.Command.create({'contract_line_id': line.id, 'quantity': line._get_next_quantity()})
                for line in self.line_ids
            ],
        })
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Call off from %(contract)s", contract=self.name),
            'res_model': call_off._name,
            'res_id': call_off.id,
            'views': [(False, 'form')],
            'target': 'new',
        }

    def action_repeat(self):
        """Make a quotation of the standard order at once and open it."""
        self.ensure_one()
        self._check_callable()
        order = self._repeat_order()
        if not order:
            raise UserError(self.env._(
                "%(contract)s has nothing to repeat: enter standard quantities on its lines, or agree on larger "
                "quantities.", contract=self.display_name,
            ))
        return self._open_order(order)

    def _repeat_order(self):
        """Return a new quotation of the standard quantities, as far as they are still open; may be empty."""
        quantities = {line: line._get_standard_quantity() for line in self.line_ids}
        return self._make_order({line: quantity for line, quantity in quantities.items() if quantity > 0})

    def _make_order(self, quantities):
        """Return a quotation of ``{contract line: quantity in its unit}``, in the contract's order."""
        self.ensure_one()
        if not quantities:
            return self.env['sale.order']
        order = self.env['sale.order'].create(self._prepare_order_vals())
        order.order_line = [
            fields.Command.create(line._prepare_order_line_vals(quantity)) for line, quantity in quantities.items()
        ]
        order._add_contract_specifications()
        return order

    def _prepare_order_vals(self):
        sees_all = self.env.su or self.env.user.has_group('sales_team.group_sale_salesman_all_leads')
        vals = {
            'partner_id': self.partner_id.id,
            'company_id': self.company_id.id,
            'contract_id': self.id,
            'user_id': sees_all and self._get_responsible().id or self.env.uid,
            'origin': self.name,
        }
        if self.payment_term_id:
            vals['payment_term_id'] = self.payment_term_id.id
        return vals

    def _open_order(self, order):
        return {
            'type': 'ir.actions.act_window', 'res_model': 'sale.order', 'res_id': order.id, 'views': [(False, 'form')],
        }

    def action_view_orders(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('sale.action_quotations_with_onboarding')
        action.update(
            display_name=self.name, domain=[('contract_id', '=', self.id)],
            context={'default_partner_id': self.partner_id.id, 'default_contract_id': self.id},
        )
        return action

    def action_view_lines(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_contract_line_action')
        action.update(display_name=self.name, domain=[('contract_id', '=', self.id)], context={})
        return action

    def action_view_breaches(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_contract_breach_action')
        action.update(
            display_name=self.name, domain=[('contract_id', '=', self.id)], context={'default_contract_id': self.id},
        )
        return action

    def action_view_previous(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'res_model': self._name, 'res_id': self.previous_id.id,
            'views': [(False, 'form')],
        }

    def action_print(self):
        return self.env.ref('crm_relationship.crm_contract_report').report_action(self)

    # ------------------------------------------------------------------ scheduled actions

    @api.model
    def _cron_follow_up(self):
        """Remind of ends that come near, renew what renews itself, and let the others expire."""
        today = fields.Date.context_today(self)
        self._work_through(
            self.search([
                ('state', '=', 'active'), ('date_reminder', '<=', today), ('date_end', '>=', today),
                ('renewal', '=', 'ask'), ('renewal_activity_id', '=', False), ('next_ids', '=', False),
            ], order='id'),
            '_remind_of_end',
        )
        self._work_through(
            self.search([('state', '=', 'active'), ('date_end', '<', today)], order='id'), '_end_period',
        )

    @api.model
    def _cron_repeat(self):
        """Make the standard orders that are due: one draft a contract, however many days were missed."""
        today = fields.Date.context_today(self)
        self._work_through(
            self.search([
                ('state', '=', 'active'), ('repeat_interval', '>', 0), ('repeat_next_date', '<=', today),
                ('date_start', '<=', today), '|', ('date_end', '=', False), ('date_end', '>=', today),
            ], order='id'),
            '_repeat_when_due',
        )

    def _work_through(self, contracts, step):
        """Call ``step`` on each contract in committed batches; each one's error stays its own."""
        remaining = len(contracts)
        for start in range(0, len(contracts), FOLLOW_UP_BATCH):
            batch = contracts[start:start + FOLLOW_UP_BATCH]
            for contract in batch:
                contract._step_safely(step)
            remaining -= len(batch)
            if not self.env['ir.cron']._commit_progress(len(batch), remaining=remaining):
                break

    def _step_safely(self, step):
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                getattr(self.with_company(self.company_id), step)()
                self.follow_up_error = False
                self.env.flush_all()
        except OperationalError:
            raise  # a serialisation failure is no contract's fault: the run is rolled back and repeated
        except Exception as error:
            _logger.warning("Follow-up of contract %s failed", self.id, exc_info=True)
            self.env.invalidate_all(flush=False)
            self.follow_up_error = str(error)

    def _get_responsible(self):
        """Return who looks after the contract today: its salesperson, else who has taken over the customer."""
        self.ensure_one()
        customer, team = self.partner_id.sudo(), self.user_id.sudo().sale_team_id
        candidates = self.user_id | customer.user_id | team.user_id | self.create_uid
        return candidates.filtered(lambda user: user.active and not user.share)[:1]

    def _remind_of_end(self):
        user = self._get_responsible()
        if not user:
            return
        env = user._in_own_language(self).env
        end = format_date(env, self.date_end)
        self.renewal_activity_id = self.activity_schedule(
            'mail.mail_activity_data_todo', user_id=user.id,
            date_deadline=max(self.date_notice, fields.Date.context_today(self)),
            summary=env._("%(contract)s ends on %(date)s: renew or let it end", contract=self.name, date=end),
        )

    def _end_period(self):
        if self.renewal == 'auto' and not self.next_ids:
            today = fields.Date.context_today(self)
            renewed = self._renew()
            while renewed.date_end < today:  # the follow-up didn't run for longer than a whole period
                renewed.date_end = renewed._end_of_period(renewed.date_end + timedelta(days=1))
            renewed.action_activate()
            if self.repeat_interval:
                renewed.repeat_next_date = self.repeat_next_date
            reader = self._get_responsible()._in_own_language(self)
            renewed.message_post(body=reader.env._("Renewed by itself after %(contract)s.", contract=self.name))
        self._close_reminders()
        self.sudo().write({'state': 'expired'})

    def _repeat_when_due(self):
        today = fields.Date.context_today(self)
        order = self._repeat_order()
        if not order:
            self.repeat_next_date = False
            self.message_post(body=self._get_responsible()._in_own_language(self).env._(
                "Nothing is left to repeat: no more standard orders are made. Enter a new date to go on.",
            ))
            return
        step = relativedelta(**{f'{self.repeat_unit}s': self.repeat_interval})
        due = self.repeat_next_date + step
        while due <= today:
            due += step
        self.repeat_next_date = due
        user = self._get_responsible()
        if user:
            order.activity_schedule(
                'mail.mail_activity_data_todo', user_id=user.id, date_deadline=today,
                summary=user._in_own_language(self).env._(
                    "Check and send the standard order from %(contract)s", contract=self.name),
            )
