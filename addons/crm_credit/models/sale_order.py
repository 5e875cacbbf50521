from contextlib import contextmanager
from dataclasses import dataclass

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import format_date
from odoo.tools.misc import str2bool

from odoo.addons.crm_relationship.tools.listing import listed

from ..exceptions import CreditRefused
from ..gates import disclose, enclose
from ..tools.decision import CLEAR, HOLD, Decision, Document, Exposure, Terms, decide

# Written by the credit engine only.
ENGINE_FIELDS = ('credit_state', 'credit_approved', 'credit_hold_ids')
HOLD_READERS = (
    'sales_team.group_sale_salesman,account.group_account_invoice,account.group_account_readonly,'
    'crm_credit.group_credit_analyst'
)
# Worked out from the lines. The web client never sends them; a script could make an order look cheap.
COMPUTED_WORTH = ('amount_total', 'amount_untaxed', 'amount_tax', 'currency_rate')
# An order that is called invoiced counts no more. Administrators may close what was brought over from elsewhere.
CLOSING = ('invoice_status',)
# Fields of a confirmed order that decide who owes it, in which money, and whether it needs credit.
DEBTOR_FIELDS = ('partner_invoice_id', 'partner_id', 'payment_term_id', 'company_id', 'currency_id', 'date_order')


@dataclass
class CreditCheck:
    """One decision about one order, with what it was made from. Amounts in company currency."""

    terms: Terms
    document: Document
    exposure: Exposure | None = None
    decision: Decision = Decision()
    permission: models.BaseModel | None = None

    @property
    def passes(self):
        return self.decision.outcome != HOLD or bool(self.permission)


class SaleOrder(models.Model):
    """No order becomes a sale without the credit decision: confirmation, side doors and later edits all ask it."""

    _inherit = 'sale.order'

    credit_state = fields.Selection(
        [
            ('none', 'Not checked'),
            ('clear', 'Clear'),
            ('warning', 'Warning'),
            ('held', 'Held'),
            ('released', 'Released'),
            ('rejected', 'Rejected'),
        ],
        string='Credit',
        default='none',
        copy=False,
        readonly=True,
        index='btree_not_null',
    )
    credit_approved = fields.Float(
        copy=False,
        readonly=True,
        groups='base.group_system',
        help='Worth of the confirmed order, in company currency, that the last credit decision knew. '
        'Zero when the order needed no credit because of cash terms.',
    )
    credit_hold_ids = fields.One2many(
        'credit.hold', 'sale_order_id', string='Credit Holds', copy=False, readonly=True, groups=HOLD_READERS
    )
    credit_open_hold_id = fields.Many2one('credit.hold', compute='_compute_credit_open_hold_id', compute_sudo=True)
    credit_message = fields.Html(
        compute='_compute_credit_message', compute_sudo=True, sanitize=False, groups='base.group_user'
    )
    credit_message_level = fields.Selection(
        [('warning', 'Warning'), ('hold', 'Hold')],
        compute='_compute_credit_message',
        compute_sudo=True,
        groups='base.group_user',
    )

    # ------------------------------------------------------------------ computes

    @api.depends('credit_hold_ids.state', 'credit_state', 'state')
    def _compute_credit_open_hold_id(self):
        waiting = self.filtered(lambda order: order.credit_state == 'held' or order.state == 'sale')
        (self - waiting).credit_open_hold_id = False
        for order in waiting:
            order.credit_open_hold_id = order.credit_hold_ids.filtered(lambda hold: hold.state == 'open')[:1]

    @api.depends('state', 'credit_open_hold_id', 'partner_invoice_id', 'company_id', 'payment_term_id', 'amount_total')
    def _compute_credit_message(self):
        """Tell early what confirmation would say. The salesperson's figures only: no lock, nothing is kept."""
        self._credit_show(self._credit_preview())

    def _credit_preview(self):
        """Return {quotation: CreditCheck} of what confirmation would say now."""
        quotations = self.filtered(
            lambda order: (
                order.state in ('draft', 'sent') and order.partner_invoice_id and not order.credit_open_hold_id
            )
        )
        return quotations._credit_decide(quotations._credit_documents(), lock=False, alone=True)

    def _credit_show(self, checks):
        """Put what the checks say on the orders."""
        self.credit_message = False
        self.credit_message_level = False
        for order, check in checks.items():
            if check.decision.outcome == CLEAR:
                continue
            order.credit_message = self.env['credit.hold']._message_html(
                check.decision, order.company_id.root_id.currency_id, self._credit_intro(order, check)
            )
            order.credit_message_level = 'hold' if check.decision.outcome == HOLD else 'warning'
        for order in self.filtered(lambda order: order.state in ('draft', 'sent') and order.credit_open_hold_id):
            hold = order.credit_open_hold_id
            intro = self.env._('On credit hold: the order waits for a release.')
            if hold.release_error:  # whoever wrote the order can mend it
                intro = self.env._('On credit hold: the order could not be confirmed by itself: %s', hold.release_error)
            order.credit_message = hold._kept_message_html(intro)
            order.credit_message_level = 'hold'

    @api.model
    def _credit_intro(self, order, check):
        if check.permission:
            return self.env._('Released: you may confirm this order now.')
        if check.decision.outcome == HOLD:
            return self.env._('Confirming this order will need a credit release.')
        return self.env._('Credit warning. The order can be confirmed.')

    @api.depends('credit_state')
    def _compute_is_expired(self):
        """An offer that the customer accepted in time doesn't expire while we check it."""
        super()._compute_is_expired()
        self.filtered(lambda order: order.credit_state == 'held').is_expired = False

    # ------------------------------------------------------------------ side doors

    @api.constrains('state')
    def _check_credit_state(self):
        """Every sale was decided about: here come the orders that didn't go through confirmation."""
        orders = self.filtered(lambda order: order.state == 'sale' and order.id not in self._credit_passing_ids())
        if not orders or not self.env.registry.ready:
            return
        orders._credit_refuse_other_rate()
        for order, check in orders._credit_decide(orders._credit_documents(), counted=True).items():
            if not check.passes:
                raise UserError(
                    self.env._(
                        "Order %(order)s of %(customer)s can't be confirmed directly, it needs a credit release.\n"
                        '%(reasons)s\n'
                        'Use the button “Confirm” of the order: it then waits on hold until a credit manager decides.',
                        order=order.name,
                        customer=order.partner_invoice_id.commercial_partner_id.display_name,
                        reasons=self.env['credit.hold']._message_text(
                            check.decision, order.company_id.root_id.currency_id
                        ),
                    )
                )
            order._credit_passed(check)

    @api.constrains(*DEBTOR_FIELDS)
    def _check_credit_debtor(self):
        self.filtered(lambda order: order.state == 'sale')._credit_check_increase(DEBTOR_FIELDS)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._credit_check_engine_fields(vals)
            self._credit_refuse_computed(self, vals, COMPUTED_WORTH)
            self._credit_refuse_closing(self, vals)
        return super().create(vals_list)

    def write(self, vals):
        self._credit_check_engine_fields(vals)
        self._credit_refuse_computed(self, vals, COMPUTED_WORTH)
        self._credit_refuse_closing(self, vals)
        self._credit_refuse_rate(vals)
        with self._credit_debtors_noted(vals), self._credit_reopening(vals):
            if not self._credit_defers(vals):
                result = super().write(vals)
            else:
                orders = self.filtered(lambda order: order.state == 'sale')
                orders._credit_rehearse(vals)
                with orders._credit_marked('editing'):
                    result = super().write(vals)
                orders._credit_check_increase()
        if vals.get('state') in ('cancel', 'draft'):
            self._credit_withdraw()
        return result

    @api.model
    def _credit_check_engine_fields(self, vals):
        if not self.env.su and (named := [name for name in ENGINE_FIELDS if name in vals]):
            raise AccessError(
                self.env._(
                    '%s is set by the credit check only.',
                    listed((self._fields[name]._description_string(self.env) for name in named), self.env.lang),
                )
            )

    @api.model
    def _credit_refuse_computed(self, records, vals, names):
        """:raise AccessError: when a user writes what Odoo works out; names record, field and the way out"""
        if not self.env.su and (named := [name for name in names if vals.get(name, []) != []]):
            raise AccessError(
                self.env._(
                    "%(field)s of %(record)s is kept by Odoo and can't be written. Change quantities and prices of "
                    'the lines.',
                    field=records._fields[named[0]]._description_string(self.env),
                    record=listed(records.mapped('display_name'), self.env.lang) or self.env._("a new record"),
                )
            )

    @api.model
    def _credit_refuse_closing(self, records, vals):
        """:raise AccessError: when somebody calls an order or a line invoiced that isn't"""
        if not self.env.user._is_admin():
            self._credit_refuse_computed(records, vals, CLOSING)

    def _credit_refuse_rate(self, vals):
        """The date of a confirmed order decides its currency rate, so what it comes to: for accountants only.

        :raise AccessError: names the order and who can
        """
        if 'date_order' not in vals or self.env.su or self.env.user.has_group('account.group_account_invoice'):
            return
        date = fields.Datetime.to_datetime(vals['date_order'] or False)
        for order in self:
            foreign = order.currency_id != order.company_id.currency_id
            if foreign and order.state == 'sale' and date != order.date_order:
                raise AccessError(
                    self.env._(
                        'The date of order %(order)s decides at which rate its %(currency)s count. Now that it is '
                        'confirmed, ask an accountant to change it.',
                        order=order.name,
                        currency=order.currency_id.name,
                    )
                )

    def _credit_refuse_other_rate(self):
        """What goes past confirmation with the date of another day keeps the rate of that day: for accountants only.

        :raise AccessError: names the order, its date, and what to do
        """
        # not env.su: an inherited ``write`` may have taken superuser rights on the way here
        if self.env.uid == SUPERUSER_ID or self.env.user.has_group('account.group_account_invoice'):
            return
        for order in self.filtered(lambda order: order.currency_id != order.company_id.currency_id):
            day = fields.Datetime.context_timestamp(order, order.date_order).date()
            if day != fields.Date.context_today(order):
                raise AccessError(
                    self.env._(
                        'Order %(order)s would count its %(currency)s at the rate of %(date)s. Use the button '
                        '“Confirm” of the quotation, or ask an accountant to enter it with that date.',
                        order=order.name,
                        currency=order.currency_id.name,
                        date=format_date(self.env, day),
                    )
                )

    @contextmanager
    def _credit_reopening(self, vals):
        """Judge what unlocking brings back: a locked order may be closed, an open one is expected to go on."""
        locked = self.browse()
        if 'locked' in vals and not vals['locked']:
            locked = self.filtered(lambda order: order.state == 'sale' and order.locked)
        before = locked._credit_open_amounts()
        yield
        for order, check in locked._credit_decide_grown(before).items():
            if not check.passes:
                order._credit_refuse(check)

    def _credit_open_amounts(self):
        """Return {order id: what of it counts as not invoiced yet} of orders of debtors of whom anything is checked."""
        orders = self.sudo()._credit_filtered_checked() if self else self
        amounts = {}
        for root, those in orders.grouped(lambda order: order.company_id.root_id).items():
            amounts.update(
                self.env['sale.order.line']
                .sudo()
                ._credit_open_order_amounts(those.ids, self.env['res.partner']._credit_scope(root).companies)
            )
        return {order.id: amounts.get(order.id, 0.0) for order in orders}

    def _credit_decide_grown(self, before):
        """Decide about what these confirmed orders count more than ``before``: {order id: amount}.

        :return: {order: CreditCheck} of those that count more now
        """
        if not before or not self.env.registry.ready:
            return {}
        documents = {}
        for order_id, amount in self._credit_open_amounts().items():
            order = self.sudo().browse(order_id)
            growth = order.company_id.currency_id.round(amount - before.get(order_id, 0.0))
            if growth > 0 and order.state == 'sale' and not order._credit_is_cash():
                documents[order] = Document(amount=growth, total=order._credit_worth())
        orders = self.sudo().browse([order.id for order in documents])
        return orders._credit_decide(documents, counted=True) if orders else {}

    def _credit_defers(self, vals):
        """Several lines of a confirmed order written at once are judged by their sum, after the last of them."""
        return len(self._credit_line_commands(vals)) > 1 and any(order.state == 'sale' for order in self)

    @api.model
    def _credit_line_commands(self, vals):
        return [
            command
            for command in vals.get('order_line') or ()
            if isinstance(command, (list, tuple)) and command[0] in (Command.CREATE, Command.UPDATE, Command.DELETE)
        ]

    def _credit_rehearse(self, vals):
        """Refuse what the write would raise over the limit before any other addon acts on it.

        Line by line, stock and others procure for the first line before the last one is known. So the new worth is
        taken from the bare records, past all overrides of ``write`` and ``create``, and rolled back. What an override
        changes besides is judged after the real write.

        :raise CreditRefused: see :meth:`_credit_check_increase`
        """
        orders = self._credit_filtered_checked() if not vals.keys() & set(DEBTOR_FIELDS) else self
        if not orders or not self.env.registry.ready:
            return
        savepoint = self.env.cr.savepoint()
        try:
            with orders._credit_marked('editing'):
                for order in orders:
                    order._credit_write_bare(vals)
            orders._credit_check_increase()
        finally:
            savepoint.close(rollback=True)

    def _credit_write_bare(self, vals):
        """Write debtor and lines by the ORM alone: no procurement, no message, no document."""
        self.ensure_one()
        Line = self.env['sale.order.line']
        if debtor := {name: vals[name] for name in DEBTOR_FIELDS if name in vals}:
            models.BaseModel.write(self, debtor)
        added = []
        for command, line_id, values in ((*command, None)[:3] for command in self._credit_line_commands(vals)):
            if command == Command.CREATE:
                quantity = {'product_uom_qty': 0.0} if values.get('display_type') else {}
                added.append({**self._credit_bare_values(values), **quantity, 'order_id': self.id})
            elif command == Command.UPDATE:
                models.BaseModel.write(Line.browse(line_id), self._credit_bare_values(values))
            else:
                models.BaseModel.unlink(Line.browse(line_id))
        if added:
            models.BaseModel.create(Line, added)

    @api.model
    def _credit_bare_values(self, values):
        """A line's values as Odoo's own override takes them: without its price the technical one isn't meant."""
        left_out = () if 'price_unit' in values else ('technical_price_unit',)
        return {name: value for name, value in values.items() if name not in left_out}

    def _credit_filtered_checked(self):
        """Return the orders of debtors of whom anything is checked."""
        checked = self.browse()
        for root, orders in self.sudo().grouped(lambda order: order.company_id.root_id).items():
            terms = orders.partner_invoice_id.commercial_partner_id._credit_terms(root)
            checked |= orders.filtered(lambda order, terms=terms: terms[order._credit_debtor_id()].checks_anything)
        return checked.with_env(self.env)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_held(self):
        for order in self:
            if order.sudo().credit_hold_ids:
                raise UserError(
                    self.env._('Quotation %s was on credit hold, which stays on file. Cancel it instead.', order.name)
                )

    # ------------------------------------------------------------------ confirmation

    def _register_hook(self):
        """Enclose ``action_confirm``, and the replacement of delivery costs where they are installed.

        Other addons' overrides do their part around ``super()`` whatever became of the order (points, registrations,
        mails, orders at suppliers), so a held order must never reach the first of them.
        """
        super()._register_hook()
        cls = self.env.registry[self._name]
        enclose(cls, 'action_confirm', cls._credit_confirm)
        enclose(cls, 'set_delivery_line', cls._credit_edit_whole)

    def _unregister_hook(self):
        super()._unregister_hook()
        disclose(self.env.registry[self._name], 'action_confirm', 'set_delivery_line')

    def _credit_confirm(self, confirm, *args, **kwargs):
        """Confirm those that may be, hold the others.

        :return: what confirmation returned; a notification (a window client's action, true for everybody else) when
            any order was held
        """
        self._credit_refresh_rewards()
        held = self._credit_gate()
        result = True
        if self - held or not self:
            with (self - held)._credit_marked('passing'):
                result = confirm(self - held, *args, **kwargs)
            (self - held).sudo()._credit_accept_spent(
                lambda amount: self.env._("%s were added while the order was confirmed.", amount)
            )
        return held._credit_held_notification() if held else result

    def _credit_refresh_rewards(self):
        """Confirming takes rewards away that have expired: where loyalty is installed, decide about what is left."""
        if 'reward_id' not in self.order_line._fields:
            return
        for order in self:
            if order.state in ('draft', 'sent') and order.order_line.reward_id:
                order._update_programs_and_rewards()

    def _credit_gate(self):
        """Decide about quotations, note the outcome, and return those that are now on hold."""
        quotations = self.filtered(
            lambda order: order.state in ('draft', 'sent') and not order._confirmation_error_message()
        )
        held = self.browse()
        for order, check in quotations.sudo()._credit_decide(quotations.sudo()._credit_documents()).items():
            if check.passes:
                order._credit_passed(check)
            else:
                held |= order
                self.env['credit.hold'].sudo()._hold(order, check, self.env.user, self.env.context)
        return held.with_env(self.env)

    def _credit_passed(self, check):
        """Note a decision that lets the order become a sale."""
        self.ensure_one()
        state = check.decision.outcome if check.terms.checks_anything else 'none'
        permission = check.permission or self.credit_state == 'released' and self._credit_permission(check)
        if permission:
            state = 'released'
            permission._use()
        elif state == 'warning':
            self._credit_post_warning(check.decision)
        self._credit_close_open_holds()
        self.write({'credit_state': state, 'credit_approved': self._credit_worth()})

    def _credit_post_warning(self, decision):
        Hold = self.env['credit.hold']
        self._message_log(
            body=Hold._message_html(
                decision, self.company_id.root_id.currency_id, self.env._('Confirmed with a credit warning.')
            )
        )

    def _credit_close_open_holds(self):
        """The order passes: what it waited for is over."""
        if self.credit_state == 'held':
            self.credit_hold_ids.filtered(lambda hold: hold.state == 'open' and hold.kind == 'order')._cause_gone()

    def _credit_held_notification(self):
        """Return the client action that tells the user about held orders in words."""
        holds = self.sudo().credit_open_hold_id
        names = listed(self.mapped('name'), self.env.lang)
        lines = [self.env._("%s is on credit hold and waits for a release.", names)]
        if len(holds) == 1:
            lines += [
                holds.reasons or '',
                holds.remedies and self.env._('Ways out: %s', holds.remedies.replace('\n', ' · ')) or '',
            ]
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'warning',
                'sticky': True,
                'title': self.env._('Credit hold'),
                'message': '\n'.join(line for line in lines if line),
                'next': {'type': 'ir.actions.act_window_close'},
            },
        }

    # ------------------------------------------------------------------ decision

    def _credit_worth(self):
        """Return what the order is worth in company currency, zero on cash terms."""
        self.ensure_one()
        if self._credit_is_cash():
            return 0.0
        return self.company_id.currency_id.round(self.amount_total / self._credit_rate())

    def _credit_rate(self):
        """Return the order's units of its currency for one of the company's. A quotation gets today's rate: confirming
        it sets its date to today."""
        self.ensure_one()
        company = self.company_id
        if self.state not in ('draft', 'sent') or self.currency_id == company.currency_id:
            return self.currency_rate or 1.0
        today = fields.Date.context_today(self)
        return self.currency_id._get_conversion_rate(company.currency_id, self.currency_id, company, today) or 1.0

    def _credit_is_cash(self):
        """Whether the order is on cash terms: the customer's own ones, not some chosen for this order."""
        self.ensure_one()
        term = self.payment_term_id
        if not term.credit_cash:
            return False
        debtor = self.partner_invoice_id.commercial_partner_id.with_company(self.company_id.root_id)
        return debtor.property_payment_term_id == term

    def _credit_documents(self):
        """Return {order: Document} of these orders: their worth, less posted invoices and what was paid for them."""
        documents = {}
        for order in self:
            rate = order._credit_rate()
            currency = order.company_id.currency_id
            total = max(order.amount_total - order._credit_already_invoiced(), 0.0) / rate
            paid = (
                sum(
                    tx.amount
                    for tx in order.transaction_ids
                    if tx.state in ('authorized', 'done') and tx.currency_id == order.currency_id
                )
                / rate
            )
            paid = currency.round(min(max(paid, 0.0), total))
            amount = 0.0 if order._credit_is_cash() else currency.round(total - paid)
            documents[order] = Document(amount=amount, total=currency.round(total), paid=paid)
        return documents

    def _credit_already_invoiced(self):
        """A cancelled order that is confirmed again may be invoiced already: that is in the receivable."""
        lines = self.order_line.filtered(lambda line: line.qty_invoiced)
        return sum(lines.mapped('amount_invoiced')) if lines else 0.0

    def _credit_decide(self, documents, counted=False, queue=False, lock=True, alone=False):
        """Decide about orders one after the other: each sees those that were let through before it.

        :param documents: {order: Document}
        :param counted: the exposure counts these documents already (the orders are confirmed in the database);
            {order: amount} where it counts a part of them only
        :param queue: an order that only lacks money keeps its place: later ones find its amount taken
        :param lock: let no other transaction decide about the same debtors at the same time
        :param alone: each as if it were the only one
        :return: {order: CreditCheck} in the order of ``documents``
        """
        self.partner_invoice_id._origin.fetch(['commercial_partner_id'])  # not the whole address
        by_root = self.grouped(lambda order: order.company_id.root_id)
        checks = {}
        for root, orders in by_root.items():
            debtors = orders.partner_invoice_id.commercial_partner_id._origin
            terms = debtors._credit_terms(root) if debtors else {}
            for order in orders:
                checks[order] = CreditCheck(terms.get(order._credit_debtor_id()) or Terms(), documents[order])
        checks = {order: checks[order] for order in documents if order in checks}
        asking = [order for order, check in checks.items() if check.terms.checks_anything and check.document.amount > 0]
        if asking:
            asked = self.browse().concat(*asking)
            scopes, exposures = asked._credit_read_exposures(lock)
            asked._credit_decide_in_turn(checks, exposures, scopes, counted, queue, alone)
        return checks

    def _credit_read_exposures(self, lock):
        """Lock the debtors of these orders and read what they owe.

        :return: ({root company: CreditScope}, {root company: {debtor id: Exposure}})
        """
        debtors = {
            root: orders.partner_invoice_id.commercial_partner_id._origin
            for root, orders in self.grouped(lambda order: order.company_id.root_id).items()
        }
        if lock:
            Group = self.env['credit.group']
            places = set().union(*(Group._places(root, partners.ids) for root, partners in debtors.items()))
            self.env['credit.lock']._bump_places(places)
        scopes = {root: partners._credit_scope(root) for root, partners in debtors.items()}
        return scopes, {root: partners._credit_exposure(root, scopes[root]) for root, partners in debtors.items()}

    def _credit_debtor_id(self):
        return self.partner_invoice_id.commercial_partner_id._origin.id

    def _credit_decide_in_turn(self, checks, exposures, scopes, counted, queue, alone):
        """Fill decision, exposure and permission of the checks; ``exposures`` grows with every order let through."""
        take = self.env['credit.group']._take
        if counted:
            for order in self:
                known = counted[order] if isinstance(counted, dict) else checks[order].document.added
                take(exposures, order.company_id.root_id, order._credit_debtor_id(), -known)
        items = {}
        for order in self:
            check, root, debtor = checks[order], order.company_id.root_id, order._credit_debtor_id()
            precision = root.currency_id.rounding
            check.exposure = exposures[root][debtor]
            check.decision = decide(check.exposure, check.terms, check.document, precision=precision)
            if check.decision.outcome != CLEAR:
                if root not in items:
                    orders = self.filtered(lambda other, root=root: other.company_id.root_id == root)
                    items[root] = orders.partner_invoice_id._credit_open_items(root, scope=scopes[root])
                check.decision = decide(check.exposure, check.terms, check.document, items[root][debtor], precision)
                check.permission = order._credit_permission(check) if check.decision.outcome == HOLD else None
            if not alone and (check.passes or queue and check.decision.money_only):
                take(exposures, root, debtor, check.document.added)

    def _credit_permission(self, check, kind='order'):
        """Return the release that lets this order pass although it would be held: once, in time, up to its amount."""
        self.ensure_one()
        if not self._origin.id or kind == 'order' and self.credit_state != 'released':
            return None
        released = self._origin.sudo().credit_hold_ids.filtered(
            lambda hold: hold.kind == kind and hold.state == 'released' and not hold.used_at
        )
        precision = self.company_id.currency_id.rounding
        amount = check.document.amount
        return released.filtered(lambda hold: hold._is_valid() and hold.amount >= amount - precision / 2)[:1] or None

    # ------------------------------------------------------------------ edits of confirmed orders

    def _credit_check_increase(self, names=()):
        """Refuse what raises confirmed orders over the limit; note the new worth of the others.

        :param names: the order's own fields that were written, if any
        :raise CreditRefused: with figures, and the way to ask for a release
        """
        skipped = self._credit_passing_ids() | self._credit_marked_ids('editing')
        orders = self.sudo().filtered(lambda order: order.state == 'sale' and order.id not in skipped)
        if not orders or not self.env.registry.ready:
            return
        documents = {}
        for order in orders:
            document = order._credit_increase(names)
            if document.amount > 0:
                documents[order] = document
            elif order.credit_approved != order._credit_worth():
                order.write({'credit_approved': order._credit_worth()})
        raised = self.browse([order.id for order in documents]).sudo()
        for order, check in raised._credit_decide(documents, counted=True).items():
            permission = None if check.passes else order._credit_permission(check, 'edit')
            if not check.passes and not permission:
                order._credit_refuse(check)
            if permission:
                permission._use()
            order.write({'credit_approved': order._credit_worth()})

    def _credit_edit_whole(self, edit, *args, **kwargs):
        """Judge confirmed orders by what an edit comes to that takes lines away, adds others and sets their price."""
        orders = self.filtered(lambda order: order.state == 'sale')
        with orders._credit_marked('editing'):
            result = edit(self, *args, **kwargs)
        orders._credit_check_increase()
        return result

    @contextmanager
    def _credit_reinvoicing(self):
        """While costs of a posted bill are put on orders: they are accepted, as what they are."""
        marked = self._credit_marked_ids('reinvoicing')
        marked.add(self.env.uid)
        try:
            yield
        finally:
            marked.clear()

    def _credit_accept_spent(self, intro):
        """Count what has been spent for confirmed orders; say so on those that it takes over the limit.

        :param intro: function from the formatted amount to the first sentence of the note
        """
        documents = {}
        for order in self.filtered(lambda order: order.state == 'sale'):
            document = order._credit_increase()
            if document.amount > 0:
                documents[order] = document
        orders = self.browse([order.id for order in documents])
        for order, check in orders._credit_decide(documents, counted=True).items():
            values = {'credit_approved': order._credit_worth()}
            if not check.passes:
                currency = order.company_id.root_id.currency_id
                text = intro(currency.format(check.document.amount))
                order._message_log(body=self.env['credit.hold']._message_html(check.decision, currency, text))
                values['credit_state'] = 'warning'
            order.write(values)

    def _credit_accept_delivered(self, before):
        """Count what was entered as delivered beyond the order; say so where it takes the customer over the limit.

        Work that was done is never refused.

        :param before: {order id: what counted as not invoiced yet}
        """
        for order, check in self._credit_decide_grown(before).items():
            if not check.passes:
                currency = order.company_id.root_id.currency_id
                text = self.env._('%s more were entered as delivered.', currency.format(check.document.amount))
                order._message_log(body=self.env['credit.hold']._message_html(check.decision, currency, text))
                order.write({'credit_state': 'warning'})

    def _credit_increase(self, names=()):
        """Return the Document of what this confirmed order asks for beyond what was decided about."""
        self.ensure_one()
        worth = self._credit_worth()
        moved = self._credit_moved_from()
        if moved and moved != self._credit_debtor_id():
            known = 0.0  # another debtor now: to them everything is new
        elif self.credit_approved or self.credit_state != 'none' or worth == 0.0:
            known = self.credit_approved
        else:
            known = self._credit_stored_worth()
        amount = self.company_id.currency_id.round(max(worth - known, 0.0))
        return Document(amount=amount, total=worth)

    def _credit_stored_worth(self):
        """Worth of an order confirmed before credit was checked: its lines without those of this transaction."""
        self.env.cr.execute(
            'SELECT COALESCE(SUM(price_total), 0) FROM sale_order_line WHERE order_id = %s AND create_date < %s',
            [self.id, self.env.cr.now()],
        )
        return self.company_id.currency_id.round(float(self.env.cr.fetchone()[0]) / (self.currency_rate or 1.0))

    def _credit_refuse(self, check):
        self.ensure_one()
        currency = self.company_id.root_id.currency_id
        message = self.env._(
            '%(order)s of %(customer)s would grow by %(amount)s, which needs a credit release.\n%(reasons)s',
            order=self.name,
            customer=self.partner_invoice_id.commercial_partner_id.display_name,
            amount=currency.format(check.document.amount),
            reasons=self.env['credit.hold']._message_text(check.decision, currency),
        )
        raise CreditRefused(
            message,
            self.env.ref('crm_credit.credit_hold_request_action').id,
            self.env._('Request release'),
            {'default_sale_order_id': self.id, 'default_amount': check.document.amount},
        )

    def action_request_credit_release(self):
        """Open the dialog that asks for credit beyond the confirmed order."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_credit.credit_hold_request_action')
        return {**action, 'context': {'default_sale_order_id': self.id}}

    def action_view_credit_holds(self):
        """Open the order's holds; the open one first, alone if it is the only one."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_credit.credit_hold_action')
        holds = self.credit_hold_ids
        if len(holds) == 1:
            return {**action, 'views': [(False, 'form')], 'res_id': holds.id, 'context': {}}
        return {**action, 'domain': [('sale_order_id', '=', self.id)], 'context': {}}

    # ------------------------------------------------------------------ held orders

    def _credit_withdraw(self):
        """The order was cancelled or taken back: what it waited for is over, what was released is void."""
        orders = self.sudo().filtered(lambda order: order.credit_state != 'none' or order.credit_approved)
        holds = orders.credit_hold_ids
        holds.filtered(lambda hold: hold.state == 'open')._expire(self.env._('The order was withdrawn.'))
        holds.filtered(lambda hold: hold.state == 'released' and not hold.used_at)._use()
        orders.write({'credit_state': 'none', 'credit_approved': 0.0})

    def _credit_run_released(self, hold):
        """Confirm after a release, as was asked for when the order was held, and invoice what was paid.

        As superuser: who releases needs no rights on orders and invoices. The hold says who it was.
        """
        self.ensure_one()
        order = self.with_user(SUPERUSER_ID).with_company(self.company_id).with_context(**(hold.kept_context or {}))
        order.action_confirm()
        if order.state == 'sale':
            order._credit_invoice_paid()

    def _credit_invoice_paid(self):
        """Do what paying would have done, had the order not been held: invoice, post, apply the payment."""
        done = self.transaction_ids.filtered(lambda tx: tx.state == 'done' and tx.operation != 'validation')
        automatic = self.env['ir.config_parameter'].sudo().get_param('sale.automatic_invoice')
        if not str2bool(automatic, False):
            return
        for transaction in done:
            transaction._invoice_sale_orders()
            transaction.invoice_ids.filtered(lambda invoice: invoice.state == 'draft').action_post()
            transaction._credit_apply_payment()

    # ------------------------------------------------------------------ marks of the running transaction

    @api.model
    def _credit_marked_ids(self, mark):
        """Return the ids of orders with a mark. Marks live on the cursor, where no caller's context can reach them.

        Not in ``precommit.data``: that is emptied by every savepoint.
        """
        return self.env.cr.cache.setdefault(f'crm_credit.{mark}', set())

    @api.model
    def _credit_passing_ids(self):
        return self._credit_marked_ids('passing')

    @contextmanager
    def _credit_marked(self, mark):
        marked = self._credit_marked_ids(mark)
        new = set(self.ids) - marked
        marked |= new
        try:
            yield
        finally:
            marked -= new

    @contextmanager
    def _credit_debtors_noted(self, vals):
        """Remember who owes confirmed orders while their address is changed."""
        known = self.env.cr.cache.setdefault('crm_credit.debtors', {})
        new = {}
        if 'partner_invoice_id' in vals or 'partner_id' in vals:
            new = {
                order.id: order.partner_invoice_id.commercial_partner_id.id
                for order in self
                if order.state == 'sale' and order.id not in known
            }
        known |= new
        try:
            yield
        finally:
            for order_id in new:
                known.pop(order_id, None)

    def _credit_moved_from(self):
        return self.env.cr.cache.get('crm_credit.debtors', {}).get(self.id)
