from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.crm_relationship.tools.listing import listed

# A guarantee's end is announced so many days before.
REMINDER_DAYS = 30
TRANSITIONS = {
    'draft': {'accepted'},
    'accepted': {'expired', 'closed'},
    'expired': {'accepted', 'closed'},
    'closed': set(),
}


class CreditGuarantee(models.Model):
    """Security for a customer's debt. Its covered amount raises what may be owed while it is accepted and valid."""

    _name = 'credit.guarantee'
    _description = 'Credit Guarantee'
    _inherit = ['credit.cover.mixin', 'mail.thread', 'mail.activity.mixin']
    _order = 'date_to, id desc'

    _guarded_by_odoo = ('approver_id', 'date_reminded', 'expiry_error')

    name = fields.Char(
        string='Reference', required=True, tracking=True, help='Number of the guarantee, policy or deposit.'
    )
    kind = fields.Selection(
        [
            ('bank', 'Bank guarantee'),
            ('parent', 'Parent company guarantee'),
            ('personal', 'Personal guarantee'),
            ('deposit', 'Deposit'),
            ('insurance', 'Credit insurance'),
            ('pledge', 'Pledge or mortgage'),
            ('other', 'Other'),
        ],
        required=True,
        default='bank',
        tracking=True,
    )
    issuer_id = fields.Many2one('res.partner', string='Given by', ondelete='restrict')
    coverage = fields.Float(
        string='Covered share',
        default=1.0,
        required=True,
        digits=(5, 4),
        tracking=True,
        help='Share of the amount that counts. Credit insurance often pays 90% of a loss.',
    )
    amount_company = fields.Monetary(
        string='Covered', help='Amount × coverage in company currency, at the rate of the first day.'
    )
    date_from = fields.Date(string='Valid from')
    date_to = fields.Date(string='Valid until', help='Last day. Empty: until further notice.')
    state = fields.Selection(
        [('draft', 'Draft'), ('accepted', 'Accepted'), ('expired', 'Expired'), ('closed', 'Closed')],
        required=True,
        default='draft',
        copy=False,
        index=True,
        tracking=True,
    )
    approver_id = fields.Many2one('res.users', string='Accepted by', readonly=True, copy=False)
    date_reminded = fields.Date(string='Reminded on', readonly=True, copy=False)
    note = fields.Text()

    @api.depends('coverage')
    def _compute_amount_company(self):
        super()._compute_amount_company()

    def _amount_that_counts(self):
        return super()._amount_that_counts() * self.coverage

    @api.constrains('amount', 'coverage')
    def _check_amount(self):
        for guarantee in self:
            if guarantee.amount <= 0:
                raise ValidationError(
                    self.env._(
                        'Guarantee %(name)s of %(customer)s needs an amount above zero, not %(amount)s.',
                        name=guarantee.name,
                        customer=guarantee.partner_id.display_name,
                        amount=guarantee.amount,
                    )
                )
            if not 0 < guarantee.coverage <= 1:
                raise ValidationError(
                    self.env._(
                        'Guarantee %(name)s of %(customer)s covers more than 0%% and at most 100%% of its amount, not '
                        '%(coverage)s%%.',
                        name=guarantee.name,
                        customer=guarantee.partner_id.display_name,
                        coverage=100 * guarantee.coverage,
                    )
                )

    @api.constrains('date_from', 'date_to')
    def _check_dates(self):
        for guarantee in self:
            if guarantee.date_from and guarantee.date_to and guarantee.date_to < guarantee.date_from:
                raise ValidationError(
                    self.env._(
                        'Guarantee %(name)s of %(customer)s ends on %(end)s, before it starts on %(start)s. '
                        'Correct one of the dates.',
                        name=guarantee.name,
                        customer=guarantee.partner_id.display_name,
                        end=guarantee.date_to,
                        start=guarantee.date_from,
                    )
                )

    # ------------------------------------------------------------------ CRUD

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get('state', 'draft') != 'draft':
                self._check_manager()
        guarantees = super().create(vals_list)
        counted = guarantees.filtered(lambda guarantee: guarantee.state != 'draft')
        for guarantee in counted.filtered(lambda guarantee: guarantee.state == 'accepted'):
            guarantee._check_authority()
        if counted:
            super(CreditGuarantee, counted.sudo()).write({'approver_id': self.env.uid})
        counted.partner_id._credit_recheck()
        return guarantees

    def write(self, vals):
        if 'state' in vals:
            self._check_transition(vals['state'])
        counted = self.filtered(lambda guarantee: guarantee.state != 'draft')
        if (
            counted
            and vals.keys()
            & {'partner_id', 'company_id', 'amount', 'coverage', 'currency_id', 'date_from', 'date_to', 'state'}
            or vals.get('state') == 'accepted'
        ):
            self._check_manager()
        partners = self.partner_id
        stamps = {'date_reminded': False} if 'date_to' in vals else {}
        if vals.get('state') == 'accepted':
            stamps['approver_id'] = self.env.uid
        result = super().write(vals)
        if stamps:
            super(CreditGuarantee, self.sudo()).write(stamps)
        if vals.get('state') == 'accepted':
            for guarantee in self:
                guarantee._check_authority()
        elif vals.keys() & {'amount', 'coverage', 'currency_id', 'date_from', 'company_id'}:
            for guarantee in self.filtered(lambda guarantee: guarantee.state == 'accepted'):
                guarantee._check_authority()
        (partners | self.partner_id)._credit_recheck()
        return result

    def _check_transition(self, state):
        """Refuse a state that can't follow: what was accepted stays on file."""
        states = dict(self._fields['state']._description_selection(self.env))
        for guarantee in self.filtered(lambda guarantee: guarantee.state != state):
            if state not in TRANSITIONS[guarantee.state]:
                raise UserError(
                    self.env._(
                        "Guarantee %(name)s of %(customer)s is “%(state)s” and can't become “%(target)s”. Enter a new "
                        'guarantee, or close this one.',
                        name=guarantee.name,
                        customer=guarantee.partner_id.display_name,
                        state=states[guarantee.state],
                        target=states.get(state, state),
                    )
                )

    def _check_authority(self):
        """What raises the amount that may be owed is within the authority of who lets it count; superuser code may."""
        self.ensure_one()
        policy = self.env['credit.policy']._get_active(self.company_id).with_env(self.env)
        policy._check_authority(
            self.amount_company,
            self.env._('Guarantee %(name)s of %(customer)s', name=self.name, customer=self.partner_id.display_name),
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_counted(self):
        for guarantee in self.filtered(lambda guarantee: guarantee.state != 'draft'):
            raise UserError(
                self.env._('Guarantee %s was accepted and stays on file. Close it instead.', guarantee.display_name)
            )

    def _check_manager(self):
        if not self.env.su and not self.env.user.has_group('crm_credit.group_credit_manager'):
            raise UserError(
                self.env._(
                    '%(guarantees)s: only %(group)s may accept, change or close a guarantee that counts.',
                    guarantees=listed(self.mapped('display_name'), self.env.lang),
                    group=self.env.ref('crm_credit.group_credit_manager').sudo().full_name,
                )
            )

    # ------------------------------------------------------------------ actions

    def action_accept(self):
        """Let the guarantee count from its first day; an expired one again, with the last day of its renewal."""
        for guarantee in self:
            if guarantee.state not in ('draft', 'expired'):
                raise UserError(self.env._("Guarantee %s isn't a draft.", guarantee.display_name))
            guarantee.write({'state': 'accepted'})
        self.activity_unlink(['crm_credit.mail_activity_type_credit_expiry'])

    def action_close(self):
        """Give the guarantee back: it no longer counts, and its expiry is settled."""
        self.write({'state': 'closed'})
        self.activity_unlink(['crm_credit.mail_activity_type_credit_expiry'])

    # ------------------------------------------------------------------ scheduled action

    @api.model
    def _cron_expire(self):
        """Mark the guarantees that ran out, remind of those that will, and tell who is responsible; once each."""
        accepted = Domain('state', '=', 'accepted')
        over = ending = Domain.FALSE
        for root in self.env['res.company'].search([('parent_id', '=', False)]):
            today, theirs = root._credit_today(), accepted & Domain('company_id', '=', root.id)
            over |= theirs & Domain('date_to', '<', today)
            soon = today + timedelta(days=REMINDER_DAYS)
            ending |= theirs & Domain('date_to', '>=', today) & Domain('date_to', '<=', soon)
        self._schedule_run(over, self._expire)
        self._schedule_run(ending & Domain('date_reminded', '=', False), self._remind)
        self._schedule_forget(over | ending)

    @api.model
    def _expire(self, guarantee):
        guarantee.write({'state': 'expired'})
        guarantee._tell_responsible(
            lambda env: env._('Guarantee %(name)s of %(customer)s has expired'), guarantee.date_to
        )

    @api.model
    def _remind(self, guarantee):
        guarantee.write({'date_reminded': guarantee.company_id._credit_today()})
        guarantee._tell_responsible(
            lambda env: env._('Guarantee %(name)s of %(customer)s expires'), guarantee.date_to
        )

    def _tell_responsible(self, text, deadline):
        self.ensure_one()
        self.activity_unlink(['crm_credit.mail_activity_type_credit_expiry'])
        responsible = self.user_id.active and self.user_id or self.approver_id
        if responsible:
            self.activity_schedule(
                'crm_credit.mail_activity_type_credit_expiry',
                user_id=responsible.id,
                date_deadline=deadline,
                summary=text(responsible._in_own_language(self).env)
                % {'name': self.name, 'customer': self.partner_id.display_name},
            )

    # ------------------------------------------------------------------ what counts

    @api.model
    def _in_force_domain(self, root, date):
        """Domain of the guarantees that count for a root company on a day."""
        return (
            Domain('company_id', '=', root.id)
            & Domain('state', '=', 'accepted')
            & Domain('date_from', '<=', date)
            & (Domain('date_to', '=', False) | Domain('date_to', '>=', date))
        )

    @api.model
    def _expired_domain(self, root, date):
        """Domain of the guarantees that ran out and weren't closed (or replaced) yet."""
        return Domain('company_id', '=', root.id) & (
            Domain('state', '=', 'expired') | Domain('state', '=', 'accepted') & Domain('date_to', '<', date)
        )
