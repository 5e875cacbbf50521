from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.crm_relationship.tools.listing import listed

TRANSITIONS = {'draft': {'approved', 'rejected'}, 'approved': {'ended'}, 'ended': set(), 'rejected': set()}


class CreditExtension(models.Model):
    """Credit above the limit for a stated time. It ends by itself."""

    _name = 'credit.extension'
    _description = 'Temporary Credit Extension'
    _inherit = ['credit.cover.mixin', 'mail.thread', 'mail.activity.mixin']
    _order = 'date_to desc, id desc'

    _guarded_by_odoo = ('approver_id', 'expiry_error')

    amount_company = fields.Monetary(string='In company currency', help='At the rate of the first day.')
    date_from = fields.Date(string='From')
    date_to = fields.Date(string='Until', required=True, help='Last day.')
    reason = fields.Text(tracking=True)
    state = fields.Selection(
        [('draft', 'Requested'), ('approved', 'Approved'), ('ended', 'Ended'), ('rejected', 'Rejected')],
        required=True,
        default='draft',
        copy=False,
        index=True,
        tracking=True,
    )
    approver_id = fields.Many2one('res.users', string='Approved by', readonly=True, copy=False)

    @api.depends('partner_id', 'amount', 'currency_id', 'date_to')
    def _compute_display_name(self):
        for extension in self:
            amount = extension.currency_id.format(extension.amount) if extension.currency_id else extension.amount
            extension.display_name = self.env._(
                '%(customer)s: %(amount)s until %(end)s',
                customer=extension.partner_id.display_name or '',
                amount=amount,
                end=extension.date_to or '',
            )

    @api.constrains('amount')
    def _check_amount(self):
        for extension in self:
            if extension.amount <= 0:
                raise ValidationError(
                    self.env._(
                        'The extension of %(customer)s needs an amount above zero, not %(amount)s.',
                        customer=extension.partner_id.display_name,
                        amount=extension.amount,
                    )
                )

    @api.constrains('date_from', 'date_to')
    def _check_dates(self):
        for extension in self:
            if extension.date_from and extension.date_to and extension.date_to < extension.date_from:
                raise ValidationError(
                    self.env._(
                        'The extension of %(customer)s ends on %(end)s, before it starts on %(start)s. '
                        'Correct one of the dates.',
                        customer=extension.partner_id.display_name,
                        end=extension.date_to,
                        start=extension.date_from,
                    )
                )

    @api.constrains('state', 'reason')
    def _check_reason(self):
        for extension in self:
            if extension.state == 'approved' and not (extension.reason or '').strip():
                raise ValidationError(
                    self.env._(
                        'Say why %s gets a temporary extension before approving it.', extension.partner_id.display_name
                    )
                )

    # ------------------------------------------------------------------ CRUD

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get('state', 'draft') != 'draft':
                raise UserError(self.env._('A temporary extension starts as a request. Approve it with its button.'))
        return super().create(vals_list)

    def write(self, vals):
        if 'state' in vals and len(vals) > 1:
            # What is decided about is what will stand there: the other values first, then the decision on them.
            self.write({name: value for name, value in vals.items() if name != 'state'})
            return self.write({'state': vals['state']})
        decided = self.filtered(lambda extension: extension.state != 'draft')
        fixed = vals.keys() & {'partner_id', 'company_id', 'amount', 'currency_id', 'date_from', 'date_to', 'reason'}
        if decided and fixed:
            raise UserError(
                self.env._(
                    "The extension of %(customer)s is decided: %(fields)s can't be "
                    'changed. End it and request another one.',
                    customer=decided[0].partner_id.display_name,
                    fields=listed(
                        (self._fields[name]._description_string(self.env) for name in sorted(fixed)), self.env.lang
                    ),
                )
            )
        if 'state' in vals:
            self._check_transition(vals['state'])
        if vals.get('state') == 'approved':
            self.sudo().approver_id = self.env.uid
        result = super().write(vals)
        if 'state' in vals:
            self.partner_id._credit_recheck()
        return result

    def _check_transition(self, state):
        """Refuse a state that can't follow or that the user may not set, however it is written."""
        for extension in self.filtered(lambda extension: extension.state != state):
            if state not in TRANSITIONS[extension.state]:
                raise UserError(self.env._('The extension %s is decided already.', extension.display_name))
            policy = self.env['credit.policy']
            if state == 'approved':
                policy = policy._get_active(extension.company_id).with_env(self.env)
                policy._check_authority(extension.amount_company, extension.display_name)
            else:
                policy._check_manager()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        for extension in self.filtered(lambda extension: extension.state != 'draft'):
            raise UserError(self.env._('The extension %s is decided and stays on file.', extension.display_name))

    # ------------------------------------------------------------------ actions

    def action_approve(self):
        self.write({'state': 'approved'})

    def action_reject(self):
        self.write({'state': 'rejected'})

    def action_end(self):
        """End an approved extension before its last day."""
        self.write({'state': 'ended'})

    # ------------------------------------------------------------------ scheduled action

    @api.model
    def _cron_end(self):
        """End the extensions that ran out, and tell who is responsible."""
        over = Domain.FALSE
        for root in self.env['res.company'].search([('parent_id', '=', False)]):
            theirs = Domain('company_id', '=', root.id) & Domain('date_to', '<', root._credit_today())
            over |= theirs & Domain('state', '=', 'approved')
        self._schedule_run(over, self._end_by_itself)
        self._schedule_forget(over)

    @api.model
    def _end_by_itself(self, extension):
        extension.write({'state': 'ended'})
        responsible = extension.user_id.active and extension.user_id or extension.approver_id
        if responsible:
            extension.activity_schedule(
                'crm_credit.mail_activity_type_credit_expiry',
                user_id=responsible.id,
                summary=responsible._in_own_language(self).env._(
                    'The extension of %s has ended', extension.partner_id.display_name
                ),
            )

    # ------------------------------------------------------------------ what counts

    @api.model
    def _in_force_domain(self, root, date):
        """Domain of the extensions that count for a root company on a day."""
        return (
            Domain('company_id', '=', root.id)
            & Domain('state', '=', 'approved')
            & Domain('date_from', '<=', date)
            & Domain('date_to', '>=', date)
        )
