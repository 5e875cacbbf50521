from odoo import api, fields, models
from odoo.exceptions import UserError

FROZEN_FIELDS = frozenset(('complaint_id', 'kind', 'amount', 'currency_id', 'note'))


class CrmComplaintSettlement(models.Model):
    """What the customer gets: proposed by an agent, approved by a manager, then carried out."""
    _name = 'crm.complaint.settlement'
    _description = "Settlement"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'create_date desc, id desc'
    _check_company_auto = True

    complaint_id = fields.Many2one('crm.complaint', required=True, ondelete='restrict', index=True, check_company=True)
    company_id = fields.Many2one(related='complaint_id.company_id', store=True, index=True)
    partner_id = fields.Many2one(related='complaint_id.partner_id', string="Customer", store=True, index=True)
    kind = fields.Selection([
        ('refund', "Refund or credit note"), ('replacement', "Replacement or return"), ('discount', "Discount"),
        ('goodwill', "Goodwill payment"),
    ], string="Type", required=True, default='refund', tracking=True)
    amount = fields.Monetary(required=True, tracking=True, help="Value in company currency, tax included.")
    currency_id = fields.Many2one(related='company_id.currency_id')
    note = fields.Char(string="Details")
    state = fields.Selection([
        ('draft', "Draft"), ('proposed', "Proposed"), ('approved', "Approved"), ('rejected', "Rejected"),
        ('done', "Carried out"),
    ], default='draft', required=True, copy=False, tracking=True)
    approved_by = fields.Many2one('res.users', string="Decided by", readonly=True, copy=False)
    approved_at = fields.Datetime(string="Decided on", readonly=True, copy=False)
    move_id = fields.Many2one(
        'account.move', string="Credit note", check_company=True, copy=False,
        domain="[('move_type', '=', 'out_refund'), ('company_id', '=', company_id)]",
        help="The document that carries the settlement out.")

    _amount_check = models.Constraint('CHECK (amount >= 0)', "The amount of a settlement must not be negative.")

    @api.depends('complaint_id', 'kind')
    def _compute_display_name(self):
        kinds = dict(self._fields['kind']._description_selection(self.env))
        for settlement in self:
            settlement.display_name = f"{settlement.complaint_id.name} {kinds.get(settlement.kind, '')}"

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get('state', 'draft') != 'draft' for vals in vals_list) and not self._may_decide():
            raise UserError(self.env._("A settlement starts as a draft; a feedback manager decides on it."))
        return super().create(vals_list)

    def write(self, vals):
        if FROZEN_FIELDS & vals.keys() and any(s.state in ('approved', 'rejected', 'done') for s in self):
            raise UserError(self.env._("This settlement is decided: its content can't be changed any more."))
        if vals.get('state') in ('approved', 'rejected') or {'approved_by', 'approved_at'} & vals.keys():
            self._require_manager()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        if any(settlement.state in ('approved', 'done') for settlement in self):
            raise UserError(self.env._("An approved settlement stays on file."))

    def _may_decide(self):
        return self.env.su or self.env.user.has_group('crm_feedback.group_feedback_manager')

    def _require_manager(self):
        if not self._may_decide():
            raise UserError(self.env._("Only a feedback manager can decide on a settlement."))

    def _require_state(self, *allowed):
        for settlement in self:
            if settlement.state not in allowed:
                raise UserError(self.env._(
                    "%(settlement)s has moved on in the meantime; please reload.", settlement=settlement.display_name))

    def action_propose(self):
        """Ask a manager to approve."""
        self._require_state('draft', 'rejected')
        self.write({'state': 'proposed'})
        for settlement in self:
            leader = settlement.complaint_id.team_id.leader_id
            if leader and leader != self.env.user:
                settlement.activity_schedule(
                    'mail.mail_activity_data_todo', user_id=leader.id,
                    summary=leader._in_own_language(self).env._(
                        "Decide on the settlement of %(number)s", number=settlement.complaint_id.name))

    def action_approve(self):
        """Approve, as a feedback manager."""
        self._decide('approved')

    def action_reject(self):
        """Reject, as a feedback manager."""
        self._decide('rejected')

    def _decide(self, state):
        self._require_manager()
        self._require_state('proposed')
        self.write({'state': state, 'approved_by': self.env.uid, 'approved_at': fields.Datetime.now()})
        self.activity_feedback(['mail.mail_activity_data_todo'])

    def action_done(self):
        """Note that the customer has got it."""
        self._require_state('approved')
        self.write({'state': 'done'})
