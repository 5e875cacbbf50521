import logging
from datetime import datetime, timedelta

from markupsafe import Markup

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, format_date
from odoo.tools.misc import split_every

from odoo.addons.crm_relationship.tools.listing import listed

from ..tools.decision import HOLD, Decision, Reason, Remedy
from .res_partner_credit import CREDIT_READERS

_logger = logging.getLogger(__name__)

# What may still be written once a hold is decided; everything else is evidence.
FOLLOW_UP = {
    'used_at',
    'release_error',
    'checked_at',
    'message_main_attachment_id',
    'message_follower_ids',
    'message_ids',
    'website_message_ids',
    'activity_ids',
    'message_partner_ids',
    'later_invoiced',
    'later_unpaid',
    'later_overdue',
    'later_days_late',
    'later_lost',
}
# Context of the confirmation that a release repeats. Nothing else a caller sends is kept: release runs as superuser.
KEPT_CONTEXT = ('send_email', 'lang', 'website_id', 'skip_sale_auto_invoice_send')
MAX_TRIES = 3
# Holds that the scheduled action looked at so lately wait for those that it didn't get to.
FRESH_MINUTES = 30


class CreditHold(models.Model):
    """An order that waits for a credit release: the figures of that moment, the reasons, the ways out, the decision.

    The order itself stays a quotation. Holds are made by the credit check only and decided by a person or, when the
    cause is gone, by Odoo; decided ones can't be changed or deleted.
    """

    _name = 'credit.hold'
    _description = 'Credit Hold'
    _inherit = ['credit.schedule.mixin', 'mail.thread', 'mail.activity.mixin']
    _order = 'create_date desc, id desc'
    _mail_post_access = 'read'
    _check_company_auto = True
    _schedule_errors = ('release_error',)

    name = fields.Char(compute='_compute_name', store=True)
    sale_order_id = fields.Many2one(
        'sale.order', string='Order', required=True, readonly=True, index=True, ondelete='restrict', check_company=True
    )
    kind = fields.Selection(
        [('order', 'Confirmation'), ('edit', 'Change of a confirmed order')],
        required=True,
        readonly=True,
        default='order',
        string='What waits',
    )
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    partner_id = fields.Many2one(
        'res.partner', string='Debtor', required=True, readonly=True, index=True, ondelete='restrict'
    )
    salesperson_id = fields.Many2one(
        related='sale_order_id.user_id', string='Salesperson', store=True, index='btree_not_null'
    )
    requester_id = fields.Many2one('res.users', string='Requested by', readonly=True)
    request_note = fields.Text(readonly=True, string='Request')
    amount = fields.Monetary(readonly=True, help="The part of the order that needs credit, in company currency.")
    order_total = fields.Monetary(readonly=True, string='Order Total', help="In company currency, tax included.")
    exposure = fields.Monetary(readonly=True, help="Exposure when the order was held, without it.")
    agreed = fields.Monetary(
        readonly=True, string='Limit', help="Credit limit, extensions and guarantees when the order was held."
    )
    available = fields.Monetary(
        readonly=True, string='Available Credit', help="Available credit when the order was held."
    )
    overdue = fields.Monetary(readonly=True)
    max_days_overdue = fields.Integer(readonly=True, string='Days Overdue')
    is_limited = fields.Boolean(readonly=True)
    grade = fields.Char(readonly=True, string='Credit Grade')
    reasons = fields.Text(readonly=True)
    remedies = fields.Text(readonly=True, string='Ways Out')
    reasons_text = fields.Text(compute='_compute_texts', compute_sudo=True, string='Why')
    remedies_text = fields.Text(compute='_compute_texts', compute_sudo=True, string='What Helps')
    figures = fields.Json(
        readonly=True,
        groups=CREDIT_READERS,
        help="Exposure, terms, document, reasons and remedies as the check knew them.",
    )
    state = fields.Selection(
        [('open', 'Waiting'), ('released', 'Released'), ('rejected', 'Rejected'), ('expired', 'Expired')],
        required=True,
        default='open',
        readonly=True,
        index=True,
        tracking=True,
        group_expand=True,
    )
    decided_by_id = fields.Many2one('res.users', string='Decided by', readonly=True)
    decided_at = fields.Datetime(readonly=True)
    decision_reason = fields.Text(readonly=True, string='Reason of the Decision')
    automatic = fields.Boolean(readonly=True, string='Released by itself')
    figures_at_decision = fields.Json(readonly=True, groups=CREDIT_READERS)
    date_expiry = fields.Date(
        string='Waits until',
        readonly=True,
        help="Last day. Then a waiting order becomes an ordinary quotation again, and an unused release is void.",
    )
    used_at = fields.Datetime(readonly=True, help="When the release let the order pass.")
    kept_context = fields.Json(readonly=True)
    release_error = fields.Text(readonly=True, help="Why the order couldn't be confirmed by itself.")
    checked_at = fields.Datetime(readonly=True, copy=False, help="When the scheduled action last looked at the hold.")
    can_decide = fields.Boolean(compute='_compute_can_decide')

    _open_idx = models.Index("(partner_id, create_date, id) WHERE state = 'open'")

    # ------------------------------------------------------------------ computes

    @api.depends('sale_order_id.name', 'kind')
    def _compute_name(self):
        for hold in self:
            hold.name = hold.sale_order_id.name or '/'

    @api.depends_context('uid')
    @api.depends('state', 'amount')
    def _compute_can_decide(self):
        for hold in self:
            hold.can_decide = hold.state == 'open' and not hold._authority_error()

    # ------------------------------------------------------------------ frozen after the decision

    def write(self, vals):
        decided = self.filtered(lambda hold: hold.state != 'open')
        if decided and set(vals) - FOLLOW_UP:
            raise UserError(self.env._("The credit hold of %s is decided and stays as it is.", decided[0].name))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Credit holds stay on file, they can't be deleted."))

    # ------------------------------------------------------------------ making holds

    @api.model
    def _hold(self, order, check, user, context, kind='order', note=None):
        """Hold ``order``: a new hold, or its open one with today's figures.

        :param check: CreditCheck of models.sale_order
        :param user: who asked for it
        :param context: of the confirmation; what a release has to repeat is kept
        """
        values = self._figure_values(order, check)
        hold = order.credit_hold_ids.filtered(lambda hold: hold.state == 'open' and hold.kind == kind)[:1]
        if hold:
            hold.write(values)
        else:
            hold = self.create(
                {
                    **values,
                    'sale_order_id': order.id,
                    'kind': kind,
                    'company_id': order.company_id.id,
                    'partner_id': order._credit_debtor_id(),
                    'requester_id': user.id,
                    'request_note': note,
                    'date_expiry': order.company_id._credit_today() + timedelta(days=order.company_id.credit_hold_days),
                    'kept_context': {key: context[key] for key in KEPT_CONTEXT if key in context},
                }
            )
            hold._tell_approver()
        if kind == 'order':
            hold._mark_order(user)
        return hold

    @api.model
    def _figure_values(self, order, check):
        """Return the snapshot: figures, reasons and remedies of one check."""
        currency = order.company_id.root_id.currency_id
        decision, terms, exposure, document = check.decision, check.terms, check.exposure, check.document
        return {
            'amount': document.amount,
            'order_total': document.total,
            'exposure': exposure.exposure,
            'agreed': terms.ceiling or 0.0,
            'available': terms.available(exposure) or 0.0,
            'is_limited': terms.ceiling is not None,
            'overdue': exposure.overdue,
            'max_days_overdue': exposure.max_days_overdue,
            'grade': terms.grade,
            'reasons': '\n'.join(self._reason_lines(decision, currency)),
            'remedies': '\n'.join(self._remedy_text(remedy, decision, currency) for remedy in decision.remedies),
            'figures': self._snapshot(check),
        }

    @api.model
    def _snapshot(self, check):
        """Return what the check knew, as plain JSON, enough to decide again."""
        return {
            'exposure': {**vars(check.exposure), 'exposure': check.exposure.exposure} if check.exposure else {},
            'terms': {name: value for name, value in vars(check.terms).items() if name != 'rules'}
            | {'rules': [vars(rule) for rule in check.terms.rules]},
            'document': vars(check.document),
            'outcome': check.decision.outcome,
            'reasons': [
                {'kind': reason.kind, 'action': reason.action, 'figures': reason.figures}
                for reason in check.decision.reasons
            ],
            'remedies': [vars(remedy) | {'covers': list(remedy.covers)} for remedy in check.decision.remedies],
        }

    def _mark_order(self, user):
        """Show on the order that it waits. What the customer signed or paid is no abandoned cart."""
        self.ensure_one()
        order = self.sale_order_id
        from_customer = (
            user.share
            or order.transaction_ids
            or order.signature
            or order._fields.get('website_id')
            and order.website_id
        )
        if order.state == 'draft' and from_customer:
            order.with_context(tracking_disable=True).write({'state': 'sent'})
        if order.credit_state != 'held':
            order.write({'credit_state': 'held'})
            order.message_post(
                body=self._text_html(self.env._("On credit hold."), self.reasons, self.remedies),
                author_id=user.partner_id.id,
            )

    def _tell_approver(self):
        """Give the approver an activity. Without an approver of the company: a credit manager who may work in it."""
        self.ensure_one()
        approver = self._find_approver()
        if approver:
            reader = approver._in_own_language(self)
            self.activity_schedule(
                'crm_credit.mail_activity_type_hold',
                user_id=approver.id,
                summary=reader.env._(
                    "Decide: %(order)s of %(customer)s", order=self.name, customer=self.partner_id.display_name
                ),
                note=reader._text_html('', reader.reasons_text or self.reasons, ''),
            )

    def _find_approver(self):
        approver = self.company_id.credit_approver_id
        if approver.active:
            return approver
        return self._credit_managers(self.company_id)[:1]

    @api.model
    def _credit_managers(self, company):
        """Return the credit managers of a company, administrators last."""
        managers = (
            self.env.ref('crm_credit.group_credit_manager')
            .sudo()
            .all_user_ids.filtered(lambda user: user.active and user.id != SUPERUSER_ID and company in user.company_ids)
        )
        return managers.sorted(lambda user: (user.has_group('base.group_system'), user.id))

    @api.model
    def _approver_names(self, company):
        """Return whom to ask, as text."""
        approver = company.credit_approver_id
        if approver.active:
            return approver.name
        managers = self._credit_managers(company)
        return listed(managers[:3].mapped('name'), self.env.lang) or self.env._("a credit manager")

    # ------------------------------------------------------------------ deciding

    def action_release(self, reason, date_expiry=None):
        """Let the held orders pass and confirm them, as was asked for when they were held.

        :param reason: why, for the ledger; required
        :param date_expiry: last day on which the release may be used, where the order isn't confirmed at once; the
            company's number of days from today when empty
        :raise AccessError: beyond the user's authority; names who may
        :raise UserError: no reason, not waiting any more, or the order has grown since
        """
        reason = self._check_reason(reason)
        date_expiry = self._check_expiry(date_expiry)
        for hold in self.sudo():
            hold.with_env(self.env)._check_authority()
            hold._release(reason, self.env.user, date_expiry=date_expiry)
        return True

    def action_reject(self, reason):
        """Say no. The order is a quotation again, free to be changed or cancelled.

        :param reason: why, for the requester; required
        """
        reason = self._check_reason(reason)
        for hold in self.sudo():
            hold.with_env(self.env)._check_authority()
            hold._check_waiting()
            hold._decide('rejected', reason, self.env.user)
            if hold.kind == 'order':
                hold.sale_order_id.write({'credit_state': 'rejected'})
            hold._tell_requester(self.env._("Credit release rejected: %s", reason))
        return True

    def action_open_release(self):
        """Ask for the reason of a release."""
        return self._open_decision('release', self.env._("Release"))

    def action_open_reject(self):
        """Ask for the reason of a rejection."""
        return self._open_decision('reject', self.env._("Reject"))

    def _open_decision(self, decision, name):
        return {
            'type': 'ir.actions.act_window',
            'name': name,
            'res_model': 'credit.hold.decide',
            'view_mode': 'form',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_hold_ids': self.ids, 'default_decision': decision},
        }

    def _check_reason(self, reason):
        reason = (reason or '').strip()
        if not reason:
            holds = self.sudo()
            raise UserError(
                self.env._(
                    "Order %(orders)s of %(customers)s: say why in “Reason”, it is kept with the decision.",
                    orders=listed(holds.mapped('name'), self.env.lang),
                    customers=listed(holds.partner_id.mapped('display_name'), self.env.lang),
                )
            )
        return reason

    def _check_expiry(self, date_expiry):
        date_expiry = fields.Date.to_date(date_expiry or False)
        if date_expiry and any(date_expiry < company._credit_today() for company in self.sudo().company_id):
            raise UserError(
                self.env._(
                    "Order %(orders)s: a release that ends on %(date)s would be void already. Choose today or a later "
                    "day.",
                    orders=listed(self.sudo().mapped('name'), self.env.lang),
                    date=format_date(self.env, date_expiry),
                )
            )
        return date_expiry

    def _check_waiting(self):
        self.ensure_one()
        if self.state != 'open':
            raise UserError(
                self.env._(
                    "The credit hold of %(order)s doesn't wait any more: it is %(state)s.",
                    order=self.name,
                    state=dict(self._fields['state']._description_selection(self.env))[self.state].lower(),
                )
            )

    def _check_authority(self):
        if error := self._authority_error():
            raise AccessError(error)

    def _authority_error(self):
        """Return why this user may not decide, or None."""
        self.ensure_one()
        if self.env.su:
            return None
        if not self.env.user.has_group('crm_credit.group_credit_manager'):
            return self.env._(
                "Only members of “%s” may release or reject held orders.",
                self.env.ref('crm_credit.group_credit_manager').sudo().full_name,
            )
        if self.company_id not in self.env.user.company_ids:
            return self.env._("You don't work for %s.", self.company_id.sudo().name)
        policy = self.env['credit.policy']._get_active(self.company_id)
        try:
            if policy:
                policy.with_user(self.env.user).sudo(False)._check_authority(self.sudo().amount, self.sudo().name)
        except AccessError as error:
            return str(error)
        return None

    def _release(self, reason, user, automatic=False, check=None, date_expiry=None):
        """Decide, then confirm the order unless its prices are too old."""
        self.ensure_one()
        self._check_waiting()
        order = self.sale_order_id
        if not self._is_for_confirmation():
            self._decide('released', reason, user, automatic, date_expiry=date_expiry)
            self._tell_requester(self.env._("Credit release granted: %s", reason))
            return
        if order.state not in ('draft', 'sent'):
            raise UserError(self.env._("Order %s is no longer a quotation.", order.name))
        check = check or self._check_again()
        self._decide('released', reason, user, automatic, check, date_expiry)
        order.write({'credit_state': 'released'})
        self._tell_requester(self.env._("Released from credit hold: %s", reason))
        if self._prices_too_old():
            self._ask_salesperson()
        else:
            order._credit_run_released(self)

    def _is_for_confirmation(self):
        """Whether a release confirms the order; the others are permissions that are used later."""
        return self.kind == 'order'

    def _check_again(self):
        """Lock the debtor, decide anew, and make sure that nobody releases more than was looked at."""
        order = self.sale_order_id
        documents = order._credit_documents()
        check = order._credit_decide(documents)[order]
        if check.document.amount > self.amount + self.currency_id.rounding / 2:
            raise UserError(
                self.env._(
                    "Order %(order)s has grown from %(before)s to %(now)s since it was held. Have it confirmed again: "
                    "the hold then shows today's figures.",
                    order=order.name,
                    before=self.currency_id.format(self.amount),
                    now=self.currency_id.format(check.document.amount),
                )
            )
        return check

    def _decide(self, state, reason, user, automatic=False, check=None, date_expiry=None):
        days = timedelta(days=self.company_id.credit_hold_days)
        self.write(
            {
                'state': state,
                'decision_reason': reason,
                'decided_by_id': user.id,
                'decided_at': fields.Datetime.now(),
                'automatic': automatic,
                'date_expiry': date_expiry or self.company_id._credit_today() + days,
                'figures_at_decision': self._snapshot(check) if check else False,
                'release_error': False,
            }
        )
        self.activity_ids.action_feedback(feedback=reason) if self.activity_ids else None

    def _is_valid(self):
        return not self.date_expiry or self.date_expiry >= self.company_id._credit_today()

    def _use(self):
        self.write({'used_at': fields.Datetime.now()})

    def _expire(self, reason):
        for hold in self:
            hold._decide('expired', reason, self.env.user, automatic=True)

    def _cause_gone(self):
        """The order was confirmed again, and nothing holds it now."""
        for hold in self:
            hold._decide('released', self.env._("The cause is gone."), self.env.user, automatic=True)
            hold._use()

    def _tell_requester(self, text):
        self.ensure_one()
        partners = (
            (self.requester_id | self.salesperson_id).filtered(lambda user: not user.share and user.active).partner_id
        )
        self.sale_order_id.message_post(
            body=text,
            partner_ids=(partners - self.env.user.partner_id).ids,
            author_id=self.env.user.partner_id.id,
            subtype_xmlid='mail.mt_note',
        )

    def _prices_too_old(self):
        days = self.company_id.credit_price_days
        return bool(days) and self.create_date < fields.Datetime.now() - timedelta(days=days)

    def _ask_salesperson(self):
        order = self.sale_order_id
        user = order.user_id or self.requester_id
        order.activity_schedule(
            'mail.mail_activity_data_todo',
            user_id=(user if not user.share else self.env.user).id,
            summary=user._in_own_language(self).env._("Released from credit hold: check the prices and confirm"),
        )

    # ------------------------------------------------------------------ release when the cause is gone

    @api.model
    def _try_release(self, partners):
        """Release waiting orders of these customers whose cause is gone, first come first served.

        Called where money came in or terms changed. Whatever goes wrong with an order stays with its hold; only
        serialisation errors, which are no record's fault, reach the caller.
        """
        debtors = partners.sudo().commercial_partner_id
        if not debtors:
            return
        Group = self.env['credit.group']
        waiting = Group._with_fellow_members(debtors.ids)
        holds = self.sudo().search(
            [('state', '=', 'open'), ('kind', '=', 'order'), ('partner_id', 'in', waiting)], order='create_date, id'
        )
        for group in holds.grouped(lambda hold: Group._sharing(hold.company_id.root_id, hold.partner_id.id)).values():
            group._release_what_is_clear()

    def _release_what_is_clear(self):
        """Decide about one debtor's or one group's waiting orders in turn, and confirm those that nothing holds."""
        waiting = self.filtered(lambda hold: hold.sale_order_id.state in ('draft', 'sent'))
        orders = waiting.sale_order_id
        self.env.flush_all()  # what the caller has written wrongly is the caller's error
        try:
            with self.env.cr.savepoint():
                checks = orders._credit_decide(orders._credit_documents(), queue=True)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:  # a broken rule must not stop the payment that called us
            _logger.exception("Credit holds of %s couldn't be looked at", self.partner_id.ids)
            waiting.write({'release_error': self.env._("The credit check failed: %s", error)})
            return
        for hold in waiting:
            check = checks[hold.sale_order_id]
            if check.decision.outcome != HOLD:
                hold._release_one(check)
            elif hold.release_error and hold._is_valid():  # what waited too long has the error of its expiry
                hold.release_error = False

    def _release_one(self, check):
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                system = self.with_user(SUPERUSER_ID)
                system._release(self.env._("The cause is gone."), system.env.user, automatic=True, check=check)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:  # e.g. a line without product: the order's problem, shown on its hold
            _logger.info("Order %s couldn't be confirmed after its credit hold: %s", self.sale_order_id.name, error)
            self.write({'release_error': str(error)})

    @api.model
    def _cron_release(self):
        """Expire what waited too long, and release what nothing holds any more.

        A batch of debtors is looked at together and without locks; then those of whom an order could pass are decided
        about one at a time, committed. Those looked at longest ago come first: a run that was cut off goes on there.
        """
        past = Domain.OR(
            Domain('company_id', 'child_of', root.id) & Domain('date_expiry', '<', root._credit_today())
            for root in self.env['res.company'].search([('parent_id', '=', False)])
        )
        self._schedule_run(past & Domain('state', '=', 'open'), self._expire_unanswered)
        self._schedule_run(
            past
            & Domain('state', '=', 'released')
            & Domain('used_at', '=', False)
            & Domain('kind', '=', 'order')
            & Domain('sale_order_id.state', 'in', ('draft', 'sent'))
            & Domain('sale_order_id.credit_state', 'in', ('held', 'released')),
            lambda hold: hold._back_to_quotation(),
        )
        debtors = self._debtors_to_check()
        done = set()
        self.env['ir.cron']._commit_progress(remaining=len(debtors))
        for ids in split_every(self._schedule_batch, debtors.ids):
            if not self._release_batch(debtors.browse(ids), done):
                break

    @api.model
    def _release_batch(self, debtors, done):
        """Release what nothing holds any more of a batch of debtors.

        :param done: ids of debtors looked at in this run; those of the batch are added
        :return: whether there is time left
        """
        Cron = self.env['ir.cron']
        promising = self._debtors_with_hope(debtors.filtered(lambda partner: partner.id not in done))
        for partner in promising:
            if partner.id not in done:
                self._cron_release_debtor(partner)
                done.update(self._note_checked(partner))
            if not Cron._commit_progress(processed=1):
                return False
        rest = debtors - promising
        if rest:
            done.update(self._note_checked(rest))
            return bool(Cron._commit_progress(processed=len(rest)))
        return True

    @api.model
    def _debtors_with_hope(self, debtors):
        """Return those of whom a waiting order could pass now, in a number of queries that they don't change.

        Without locks: whoever is found is decided about again, whoever isn't is looked at in the next run. Deliveries,
        and orders that couldn't be confirmed the last time, are always worth a look.
        """
        if not debtors:
            return debtors
        fellows = self.env['credit.group']._with_fellow_members
        holds = self.sudo().search(
            [('state', '=', 'open'), ('kind', '!=', 'edit'), ('partner_id', 'in', fellows(debtors.ids))],
            order='create_date, id',
        )
        hopeful = holds.filtered(lambda hold: hold.kind != 'order' or hold.release_error)
        waiting = (holds - hopeful).filtered(lambda hold: hold.sale_order_id.state in ('draft', 'sent'))
        orders = waiting.sale_order_id
        try:
            with self.env.cr.savepoint():
                checks = orders._credit_decide(orders._credit_documents(), queue=True, lock=False)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:  # looked at one by one, the error stays with whom it belongs to
            return debtors
        hopeful |= waiting.filtered(lambda hold: checks[hold.sale_order_id].decision.outcome != HOLD)
        hopeful_ids = set(fellows(hopeful.partner_id.ids))
        return debtors.filtered(lambda partner: partner.id in hopeful_ids)

    @api.model
    def _expire_unanswered(self, hold):
        hold._expire(self.env._("Nobody decided in time."))
        hold._back_to_quotation()

    @api.model
    def _debtors_to_check(self):
        """Return the debtors with waiting orders or deliveries, those looked at longest ago first.

        When the last run didn't get to all of them, only those that it left out.
        """
        rows = self._read_group(
            [('state', '=', 'open'), ('kind', '!=', 'edit')], ['partner_id'], ['checked_at:array_agg']
        )
        never = datetime.min
        rows = sorted((min(moment or never for moment in moments), partner.id) for partner, moments in rows)
        fresh = fields.Datetime.now() - timedelta(minutes=FRESH_MINUTES)
        left_out = [partner_id for moment, partner_id in rows if moment < fresh]
        return self.env['res.partner'].browse(left_out or [partner_id for _moment, partner_id in rows])

    @api.model
    def _note_checked(self, partners):
        """Note when these debtors' waiting holds, and those of whoever shares a limit with them, were looked at.

        :return: ids of these debtors
        """
        debtors = self.env['credit.group']._with_fellow_members(partners.ids)
        self.env.cr.execute(
            SQL(
                "UPDATE credit_hold SET checked_at = %s WHERE state = 'open' AND partner_id IN %s",
                fields.Datetime.now(),
                tuple(debtors),
            )
        )
        self.invalidate_model(['checked_at'], flush=False)
        return debtors

    def _schedule_tell(self, error):
        """Whoever decides about the hold has it on the list already; the hold shows the error."""

    @api.model
    def _cron_release_debtor(self, partner):
        for left in reversed(range(MAX_TRIES)):
            try:
                self._try_release(partner)
                self.env.cr.flush()
                return
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                self.env.cr.rollback()
                if not left:
                    _logger.info("Credit holds of partner %s are busy, next time", partner.id)

    def _back_to_quotation(self):
        for order in self.sale_order_id.filtered(lambda order: order.state in ('draft', 'sent')):
            if order.credit_state in ('held', 'released'):
                order.write({'credit_state': 'none'})

    # ------------------------------------------------------------------ words

    @api.model
    def _reason_lines(self, decision, currency):
        """Return the sentences of all reasons; where something holds, those that only warn say so."""
        lines = []
        for reason in decision.reasons:
            text = self._reason_text(reason, currency)
            if decision.outcome == HOLD and reason.action != 'hold':
                text = self.env._("%s This is a warning only.", text)
            lines.append(text)
        return lines

    @api.model
    def _reason_text(self, reason, currency):
        """Return one sentence with figures, in the user's language."""
        money = currency.format
        figures = reason.figures
        match reason.kind:
            case 'over_limit':
                text = self.env._(
                    "Credit limit exceeded by %(excess)s: limit %(limit)s, "
                    "exposure %(exposure)s, this order %(amount)s.",
                    excess=money(figures['excess']),
                    limit=money(figures['limit']),
                    exposure=money(figures['exposure']),
                    amount=money(figures['amount']),
                )
            case 'over_group_limit':
                text = self.env._(
                    "Limit of the group %(group)s exceeded by %(excess)s: limit %(limit)s, exposure of its members "
                    "%(exposure)s, this order %(amount)s.",
                    group=figures['group'],
                    excess=money(figures['excess']),
                    limit=money(figures['limit']),
                    exposure=money(figures['exposure']),
                    amount=money(figures['amount']),
                )
            case 'overdue_days':
                text = self.env._(
                    "Overdue for %(days)s days, at most %(threshold)s days are allowed. Overdue amount: %(overdue)s.",
                    days=figures['days'],
                    threshold=round(figures['threshold']),
                    overdue=money(figures['overdue']),
                )
            case 'overdue_amount':
                text = self.env._(
                    "%(overdue)s overdue, at most %(threshold)s is allowed.",
                    overdue=money(figures['overdue']),
                    threshold=money(figures['threshold']),
                )
            case 'grade':
                text = self.env._("Credit grade %s.", figures['grade'])
            case 'review_expired':
                text = self.env._(
                    "The credit review is %(days)s days late, at most %(threshold)s days are allowed.",
                    days=figures['days'],
                    threshold=round(figures['threshold']),
                )
            case 'guarantee_expired':
                text = self.env._("A guarantee has expired.")
            case 'no_assessment':
                text = self.env._("The customer was never assessed.")
            case 'order_maximum':
                text = self.env._(
                    "The order of %(total)s is larger than the maximum of %(threshold)s.",
                    total=money(figures['total']),
                    threshold=money(figures['threshold']),
                )
            case other:
                text = other
        return text

    @api.model
    def _remedy_text(self, remedy, decision, currency):
        amount = currency.format(remedy.amount)
        match remedy.kind:
            case 'pay_invoice':
                invoices = listed(remedy.ref.split(', '), self.env.lang)
                text = self.env._("Customer pays %(invoices)s: %(amount)s", invoices=invoices, amount=amount)
            case 'apply' if remedy.amount:
                text = self.env._(
                    "Accounting applies %(applied)s of unapplied payments to %(invoices)s, and the customer pays "
                    "%(amount)s",
                    applied=currency.format(remedy.applied),
                    invoices=listed(remedy.ref.split(', '), self.env.lang),
                    amount=amount,
                )
            case 'apply':
                text = self.env._(
                    "Accounting applies %(applied)s of unapplied payments to %(invoices)s",
                    applied=currency.format(remedy.applied),
                    invoices=listed(remedy.ref.split(', '), self.env.lang),
                )
            case 'pay_amount':
                text = self.env._("Customer pays %s on account", amount)
            case 'prepay':
                text = self.env._(
                    "Customer prepays %(percent)s %% of this order: %(amount)s",
                    percent=round(remedy.percent),
                    amount=amount,
                )
            case 'reduce':
                text = self.env._("Order %s less", amount)
            case 'assess':
                text = self.env._("A new credit assessment")
            case 'renew_guarantee':
                text = self.env._("Renew the guarantee")
            case 'release':
                text = self.env._("Release by a credit manager")
            case other:
                text = other
        if decision.outcome == HOLD and remedy.covers != decision.held_kinds:
            text = self.env._("%s (not enough alone)", text)
        return text

    @api.model
    def _message_text(self, decision, currency):
        """Return reasons and remedies as plain lines."""
        reasons = self._reason_lines(decision, currency)
        remedies = [self._remedy_text(remedy, decision, currency) for remedy in decision.remedies]
        if remedies:
            reasons.append(self.env._("Ways out: %s", ' · '.join(remedies)))
        return '\n'.join(reasons)

    def _kept_decision(self):
        """Return the decision that made this hold, as it was kept: its texts can then be said in any language."""
        self.ensure_one()
        kept = self.figures or {}
        return Decision(
            kept.get('outcome') or HOLD,
            tuple(Reason(**reason) for reason in kept.get('reasons', ())),
            tuple(Remedy(**remedy | {'covers': tuple(remedy['covers'])}) for remedy in kept.get('remedies', ())),
        )

    def _kept_message_html(self, intro):
        return self._message_html(self._kept_decision(), self.company_id.root_id.currency_id, intro)

    @api.depends('figures')
    @api.depends_context('lang')
    def _compute_texts(self):
        for hold in self:
            decision, currency = hold._kept_decision(), hold.company_id.root_id.currency_id
            hold.reasons_text = '\n'.join(self._reason_lines(decision, currency))
            hold.remedies_text = '\n'.join(self._remedy_text(way, decision, currency) for way in decision.remedies)

    @api.model
    def _message_html(self, decision, currency, intro):
        """Return intro, reasons and remedies as markup."""
        return self._text_html(
            intro,
            '\n'.join(self._reason_lines(decision, currency)),
            '\n'.join(self._remedy_text(remedy, decision, currency) for remedy in decision.remedies),
        )

    @api.model
    def _text_html(self, intro, reasons, remedies):
        html = Markup('<strong>%s</strong>') % intro if intro else Markup()
        if reasons:
            html += Markup('<ul class="mb-1">%s</ul>') % Markup().join(
                Markup('<li>%s</li>') % line for line in reasons.split('\n')
            )
        if remedies:
            html += Markup('<div><span class="text-muted">%s</span> %s</div>') % (
                self.env._("Ways out:"),
                ' · '.join(remedies.split('\n')),
            )
        return html
