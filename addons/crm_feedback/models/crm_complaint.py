from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import html2plaintext

from odoo.addons.crm_relationship.models.res_partner import VALUE_CLASSES
from odoo.addons.crm_relationship.tools.listing import listed

from ..tools import dispatch
from .selections import CHANNELS, KINDS, PRIORITIES, SEVERITIES, STATES, VERDICTS, label

DONE_STATES = ('resolved', 'closed', 'cancelled')
# In the context of a write that sets off nothing; an object, so that no remote call can bring it.
PLAIN = object()
SEVERITY_PRIORITY = {'0': '1', '1': '1', '2': '2', '3': '3'}
FROZEN_FIELDS = frozenset((
    'subject', 'description', 'partner_id', 'contact_id', 'kind', 'channel', 'category_id', 'severity', 'priority',
    'date_received', 'product_id', 'sale_order_id', 'invoice_ids', 'remedy', 'remedy_note', 'verdict', 'cause_id',
    'resolution', 'sla_policy_id', 'first_response_at', 'company_id'))

HANDLING_FIELDS = frozenset((
    'verdict', 'cause_id', 'resolution', 'sla_policy_id', 'first_response_at', 'resolved_at', 'closed_at',
    'closed_how'))


class CrmComplaint(models.Model):
    """What a customer tells us: complaint, claim, request, suggestion or praise, until it is closed.

    The state changes by the methods `action_…` only; writing `state` (a dragged card) calls them.
    """
    _name = 'crm.complaint'
    _description = "Complaint"
    _inherit = ['mail.thread', 'mail.activity.mixin', 'crm.sla.mixin']
    _order = 'priority desc, date_received desc, id desc'
    _rec_names_search = ['name', 'subject', 'partner_id']
    _check_company_auto = True
    _mail_post_access = 'read'

    name = fields.Char(string="Number", readonly=True, copy=False, default='/', index='trigram')
    subject = fields.Char(required=True, tracking=True)
    description = fields.Html()
    kind = fields.Selection(KINDS, required=True, default='complaint', tracking=True)
    channel = fields.Selection(CHANNELS, required=True, default='phone')
    category_id = fields.Many2one('crm.complaint.category', ondelete='restrict', tracking=True, index=True)
    severity = fields.Selection(SEVERITIES, required=True, default='1', tracking=True)
    priority = fields.Selection(
        PRIORITIES, tracking=True,
        help="Set by the priority rules, else by the severity. Raising it can shorten the deadlines.")
    state = fields.Selection(
        STATES, required=True, default='new', copy=False, tracking=True, index=True,
        group_expand='_expand_states')
    is_open = fields.Boolean(compute='_compute_is_open', store=True, index=True)

    partner_id = fields.Many2one(
        'res.partner', string="Customer", required=True, ondelete='restrict', tracking=True, index=True,
        check_company=True)
    commercial_partner_id = fields.Many2one(
        related='partner_id.commercial_partner_id', string="Company of the customer", store=True, index=True)
    contact_id = fields.Many2one(
        'res.partner', string="Contact", check_company=True,
        domain="[('commercial_partner_id', '=', commercial_partner_id)]", help="Who turned to us.")
    value_class = fields.Selection(
        VALUE_CLASSES, string="Customer class", readonly=True, help="The customer's class when the complaint came in.")
    product_id = fields.Many2one('product.product', check_company=True, index='btree_not_null', tracking=True)
    sale_order_id = fields.Many2one(
        'sale.order', check_company=True, index='btree_not_null', tracking=True,
        domain="[('partner_id.commercial_partner_id', '=', commercial_partner_id)]")
    invoice_ids = fields.Many2many(
        'account.move', string="Invoices", check_company=True,
        domain="[('move_type', 'in', ('out_invoice', 'out_refund')), ('state', '=', 'posted'),"
               " ('commercial_partner_id', '=', commercial_partner_id)]")
    remedy = fields.Selection([
        ('refund', "Refund"), ('replacement', "Replacement"), ('repair', "Repair"), ('discount', "Discount"),
        ('explanation', "Explanation or apology"), ('other', "Other"),
    ], string="Remedy sought")
    remedy_note = fields.Char(string="Remedy in detail")

    team_id = fields.Many2one(
        'crm.complaint.team', check_company=True, ondelete='restrict', tracking=True, index=True)
    user_id = fields.Many2one(
        'res.users', string="Responsible", check_company=True, domain="[('share', '=', False)]", tracking=True,
        index=True)
    dispatch_note = fields.Text(
        string="Why so", readonly=True, copy=False, help="Which rules set priority, team, person and service level.")

    verdict = fields.Selection(VERDICTS, tracking=True, copy=False)
    cause_id = fields.Many2one(
        'crm.complaint.cause', string="Root cause", ondelete='restrict', tracking=True, copy=False, index=True)
    resolution = fields.Text(
        string="What Was Done", copy=False, help="What was done, in words that the customer may read.")
    action_ids = fields.One2many('crm.complaint.action', 'complaint_id', string="Actions")
    settlement_ids = fields.One2many('crm.complaint.settlement', 'complaint_id', string="Settlements")
    currency_id = fields.Many2one(related='company_id.currency_id')
    settlement_amount = fields.Monetary(
        string="Settled", compute='_compute_settlement_amount', store=True, compute_sudo=True,
        help="Approved and carried out settlements.")
    closed_at = fields.Datetime(string="Closed", readonly=True, copy=False)
    closed_how = fields.Selection(
        [('confirmed', "Confirmed by the customer"), ('grace', "No objection within the grace period")],
        readonly=True, copy=False)

    # -- computes and checks ------------------------------------------------

    def _expand_states(self, _states, _domain):
        """Columns that the kanban always shows."""
        return [state for state, _name in STATES if state not in ('closed', 'cancelled')]

    @api.depends('state')
    def _compute_is_open(self):
        for complaint in self:
            complaint.is_open = complaint.state not in DONE_STATES

    @api.depends('name', 'subject')
    def _compute_display_name(self):
        for complaint in self:
            number = complaint.name if complaint.name != '/' else ''
            complaint.display_name = f"{number} {complaint.subject or ''}".strip() or self.env._("New complaint")

    @api.depends('settlement_ids.state', 'settlement_ids.amount')
    def _compute_settlement_amount(self):
        for complaint in self:
            agreed = complaint.settlement_ids.filtered(lambda line: line.state in ('approved', 'done'))
            complaint.settlement_amount = sum(agreed.mapped('amount'))

    @api.constrains('date_received')
    def _check_date_received(self):
        latest = fields.Datetime.now() + timedelta(minutes=5)
        for complaint in self:
            if complaint.date_received > latest:
                raise ValidationError(self.env._("A complaint can't have been received in the future."))

    @api.constrains('state', 'verdict', 'cause_id', 'resolution')
    def _check_resolution(self):
        self.filtered(lambda c: c.state in ('resolved', 'closed'))._raise_if_incomplete()

    def _raise_if_incomplete(self):
        for complaint in self:
            missing = complaint._missing_for_resolution()
            if missing:
                raise ValidationError(self.env._(
                    "%(number)s can't be resolved yet. Please add: %(missing)s.",
                    number=complaint.name, missing=listed(missing, self.env.lang)))

    @api.constrains('invoice_ids', 'partner_id', 'sale_order_id')
    def _check_invoice_ids(self):
        for complaint in self.sudo():
            strange = complaint.invoice_ids.filtered(
                lambda move, c=complaint: move.commercial_partner_id != c.commercial_partner_id
            ) - complaint.sale_order_id.invoice_ids
            if strange:
                raise ValidationError(self.env._(
                    "%(invoices)s: not an invoice of %(customer)s or of the order.",
                    invoices=listed(strange.mapped('display_name'), self.env.lang),
                    customer=complaint.commercial_partner_id.display_name))

    def _missing_for_resolution(self):
        """Labels of what is still to be filled in before a resolution."""
        self.ensure_one()
        needed = ['resolution']
        if self.kind in ('complaint', 'claim'):
            needed.append('verdict')
            if self.verdict in ('justified', 'partly'):
                needed.append('cause_id')
        labels = self.fields_get(needed, ['string'])
        return [labels[name]['string'] for name in needed if not (self[name] or '') or not str(self[name]).strip()]

    @api.onchange('partner_id')
    def _onchange_partner_id(self):
        for complaint in self:
            customer = complaint.partner_id.commercial_partner_id
            if complaint.contact_id.commercial_partner_id != customer:
                complaint.contact_id = False
            if complaint.sale_order_id.partner_id.commercial_partner_id != customer:
                complaint.sale_order_id = False
            complaint.invoice_ids = complaint.invoice_ids.filtered(
                lambda move, customer=customer: move.commercial_partner_id == customer)

    @api.onchange('sale_order_id')
    def _onchange_sale_order_id(self):
        for complaint in self.filtered('sale_order_id'):
            for name, value in complaint.sale_order_id._complaint_values().items():
                if not complaint[name]:
                    complaint[name] = value

    @api.onchange('category_id')
    def _onchange_category_id(self):
        for complaint in self:
            if complaint.category_id.severity:
                complaint.severity = complaint.category_id.severity

    # -- create, write, delete ----------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._check_may_handle(vals_list)
        for vals in vals_list:
            if vals.get('name', '/') in (False, '/'):
                vals['name'] = self.env['ir.sequence'].sudo().next_by_code('crm.complaint') or '/'
        complaints = super().create(vals_list)
        received = complaints.sudo()
        received._set_value_class()
        self.env['crm.complaint.rule'].sudo()._dispatch(received)
        for complaint in received:
            complaint._complete_imported_state()
            contact = complaint.contact_id or complaint.partner_id
            if contact.email and complaint.is_open:
                complaint.message_subscribe(partner_ids=contact.ids)
        return complaints

    def write(self, vals):
        if self.env.context.get('complaint_write') is PLAIN:
            return super().write(vals)
        self._check_frozen(vals)
        state = vals.get('state')
        vals = {name: value for name, value in vals.items() if name != 'state'}
        priorities = {complaint: complaint.priority or '0' for complaint in self}
        result = super().write(vals) if vals else True
        if 'partner_id' in vals:
            self.sudo()._set_value_class()
        if 'sla_policy_id' in vals:
            self._sla_apply(self.env['crm.sla.policy'].browse(vals['sla_policy_id']))
        elif {'priority', 'kind', 'partner_id'} & vals.keys():
            self._reselect_policy(priorities)
        if 'user_id' in vals:
            self.filtered(lambda c: c.state == 'new' and c.user_id)._set_state('assigned')
            self.filtered(lambda c: c.state == 'assigned' and not c.user_id)._set_state('new')
        if state:
            self.filtered(lambda c: c.state != state)._move_to(state)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_handled(self):
        for complaint in self:
            if complaint.state not in ('new', 'assigned', 'cancelled') or complaint.settlement_amount:
                raise UserError(self.env._(
                    "%(number)s has been worked on and stays on file. Cancel it if it was registered by mistake.",
                    number=complaint.name))

    def _check_may_handle(self, vals_list):
        """Salespeople register only: what follows from handling (a verdict disputes invoices) is for agents."""
        if self.env.su or self.env.user.has_group('crm_feedback.group_feedback_agent'):
            return
        for vals in vals_list:
            given = {name for name in HANDLING_FIELDS & vals.keys() if vals[name]}
            if given or vals.get('state', 'new') != 'new':
                raise AccessError(self.env._("Only feedback agents decide on a complaint. Please leave it to them."))

    def _check_frozen(self, vals):
        frozen = FROZEN_FIELDS & vals.keys()
        for complaint in self if frozen else ():
            if complaint.state in ('closed', 'cancelled'):
                labels = complaint.fields_get(list(frozen), ['string'])
                raise UserError(self.env._(
                    "%(number)s is closed: %(fields)s can't be changed any more. Reopen it first.",
                    number=complaint.name,
                    fields=listed(sorted(label['string'] for label in labels.values()), self.env.lang)))

    def _set_value_class(self):
        for complaint in self:
            complaint.value_class = complaint._customer().value_class

    def _customer(self):
        """The customer as the complaint's company sees it (class and grade differ by company)."""
        return self.commercial_partner_id.with_company(self.company_id)

    def _as_case(self):
        """What the rules may look at."""
        self.ensure_one()
        text = f"{self.subject or ''}\n{html2plaintext(self.description or '')}"
        return dispatch.Case(
            self.kind, self.channel, int(self.severity), self.category_id.id, self.value_class or None, text,
            self._customer().customer_grade_id.id)

    def _write_plain(self, values):
        """Write without the checks of a user's change and without what it would set off."""
        return self.with_context(complaint_write=PLAIN).write(values)

    def _sla_write(self, values):
        return self._write_plain(values)

    def _complete_imported_state(self):
        """Give a record that is created in a later state (an import) the dates that belong to the state."""
        self.ensure_one()
        if self.state in ('resolved', 'closed') and not (self.first_resolved_at and self.resolution_hours):
            resolved_at = self.resolved_at or self.closed_at or fields.Datetime.now()
            self._write_plain({'resolved_at': False})
            self._sla_resolve(resolved_at)
        if self.state == 'closed' and not self.closed_at:
            self._write_plain({'closed_at': self.resolved_at})
        if self.state == 'waiting':
            self._sla_pause(fields.Datetime.now())
        if self.state == 'new' and self.user_id:
            self._set_state('assigned')

    def _reselect_policy(self, priorities):
        """Choose the service level anew; a raised priority never brings a slower one."""
        for complaint in self.sudo().filtered('is_open'):
            policy, note = self.env['crm.complaint.rule'].sudo()._policy_for(complaint)
            raised = (complaint.priority or '0') > priorities[complaint]
            if raised and complaint.sla_policy_id._speed() < policy._speed():
                continue
            if policy and policy != complaint.sla_policy_id:
                complaint._sla_apply(policy)
                complaint.dispatch_note = "\n".join(filter(None, (complaint.dispatch_note, note)))

    # -- states -------------------------------------------------------------

    def _set_state(self, state, **values):
        return self._write_plain({'state': state, **values})

    def _move_to(self, state):
        """Do what the button for a state does (a card dragged to a column)."""
        if state in ('assigned', 'in_progress') and any(not complaint.is_open for complaint in self):
            return self.action_reopen()
        return {
            'new': self._action_unassign, 'assigned': self._action_assign, 'in_progress': self.action_start,
            'waiting': self.action_wait, 'resolved': self.action_resolve, 'closed': self.action_close,
            'cancelled': self.action_cancel,
        }[state]()

    def _require_state(self, allowed):
        for complaint in self:
            if complaint.state not in allowed:
                raise UserError(self.env._(
                    "%(number)s is “%(state)s”. This is only possible for: %(allowed)s.",
                    number=complaint.name, state=label(complaint, 'state'),
                    allowed=listed((label(complaint, 'state', state) for state in allowed), self.env.lang)))

    def _action_unassign(self):
        self._require_state(('assigned', 'in_progress', 'waiting'))
        self._sla_resume(fields.Datetime.now())
        self._set_state('new', user_id=False)

    def _action_assign(self):
        self._require_state(('new', 'in_progress', 'waiting'))
        self._sla_resume(fields.Datetime.now())
        for complaint in self:
            complaint._set_state('assigned', user_id=(complaint.user_id or self.env.user).id)

    def action_assign_to_me(self):
        """Take the complaint over."""
        self._require_state(('new', 'assigned', 'in_progress', 'waiting'))
        self.write({'user_id': self.env.uid})

    def action_start(self):
        """Begin (or go on) to work on it; whoever does so without an owner becomes the owner."""
        self._require_state(('new', 'assigned', 'waiting'))
        self._sla_resume(fields.Datetime.now())
        for complaint in self:
            complaint._set_state('in_progress', user_id=(complaint.user_id or self.env.user).id)

    def action_wait(self):
        """Wait for the customer: the resolution clock stands still until they answer."""
        self._require_state(('new', 'assigned', 'in_progress'))
        self._sla_pause(fields.Datetime.now())
        for complaint in self:
            complaint._set_state('waiting', user_id=(complaint.user_id or self.env.user).id)

    def action_set_first_response(self):
        """Note that the customer was answered outside the system (a call, a letter)."""
        for complaint in self.filtered(lambda c: c.is_open and not c.first_response_at):
            complaint.first_response_at = fields.Datetime.now()

    def action_open_resolve(self):
        """Open the few fields that a resolution needs."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Resolve %(number)s", number=self.name),
            'res_model': self._name, 'res_id': self.id, 'target': 'new', 'view_mode': 'form',
            'views': [(self.env.ref('crm_feedback.crm_complaint_view_form_resolve').id, 'form')],
        }

    def action_resolve(self):
        """Mark as resolved; needs the resolution, and for complaints and claims verdict and cause."""
        self._require_state(('new', 'assigned', 'in_progress', 'waiting'))
        self._raise_if_incomplete()
        for complaint in self:
            complaint._sla_resolve(fields.Datetime.now())
            complaint._set_state('resolved', user_id=(complaint.user_id or self.env.user).id)
        self._end_reminders()
        return {'type': 'ir.actions.act_window_close'}

    def _end_reminders(self):
        """What was planned by itself (escalations) is done with; what people planned stays."""
        self.sudo().activity_feedback(['mail.mail_activity_data_todo'])

    def action_close(self):
        """Close after the customer has confirmed."""
        return self._close('confirmed')

    def _close(self, how):
        self._require_state(('resolved',))
        self._set_state('closed', closed_at=fields.Datetime.now(), closed_how=how)
        self._end_reminders()

    def action_reopen(self):
        """Go on with a resolved, closed or cancelled complaint: a new round, counted, with its own deadline."""
        self._require_state(DONE_STATES)
        self._sla_reopen(fields.Datetime.now())
        for complaint in self:
            complaint._set_state(
                'in_progress' if complaint.user_id else 'new', closed_at=False, closed_how=False)

    def action_cancel(self):
        """Registered by mistake or withdrawn."""
        self._require_state(('new', 'assigned', 'in_progress', 'waiting'))
        self._sla_resume(fields.Datetime.now())
        self._set_state('cancelled', closed_at=fields.Datetime.now())
        self._end_reminders()

    # -- mail ---------------------------------------------------------------

    def _mail_get_partner_fields(self, introspect_fields=False):
        return ['contact_id', 'partner_id']

    def _message_post_after_hook(self, message, msg_values):
        result = super()._message_post_after_hook(message, msg_values)
        internal = message.is_internal or message.sudo().subtype_id.internal
        if message.message_type in ('comment', 'email') and not internal:
            author = message.sudo().author_id
            if author and not author.partner_share:
                self.sudo()._on_public_answer()
            else:
                self.sudo()._on_customer_message()
        return result

    def _on_public_answer(self):
        values = {'awaiting_reply_since': False}
        if self.is_open and not self.first_response_at:
            values['first_response_at'] = fields.Datetime.now()
        self._write_plain(values)
        if self.state == 'assigned':
            self.action_start()

    def _on_customer_message(self):
        if not self.awaiting_reply_since:
            self._write_plain({'awaiting_reply_since': fields.Datetime.now()})
        if self.state == 'waiting':
            self._sla_resume(fields.Datetime.now())
            self._set_state('in_progress' if self.user_id else 'new')
        elif not self.is_open and self.state != 'cancelled' and self.user_id:
            self.activity_schedule(
                'mail.mail_activity_data_todo', user_id=self.user_id.id,
                summary=self.user_id._in_own_language(self).env._("The customer has written again: answer or reopen"))

    # -- scheduled actions --------------------------------------------------

    @api.model
    def _cron_close(self, batch=200):
        """Close what was resolved and met no objection within its team's grace period."""
        done = self.search_count(self._grace_domain())
        self.env['ir.cron']._commit_progress(remaining=done)
        while complaints := self.search(self._grace_domain(), limit=batch, order='resolved_at, id'):
            complaints._close('grace')
            if not self.env['ir.cron']._commit_progress(len(complaints)):
                break

    def _grace_domain(self):
        now = fields.Datetime.now()
        teams = self.env['crm.complaint.team'].with_context(active_test=False).search([('grace_days', '>', 0)])
        over = fields.Domain.OR([
            fields.Domain([('team_id', '=', team.id), ('resolved_at', '<=', now - timedelta(days=team.grace_days))])
            for team in teams])
        return over & fields.Domain('state', '=', 'resolved') & fields.Domain('awaiting_reply_since', '=', False)
