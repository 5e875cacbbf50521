from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from .credit_rule import KINDS


class CreditRuleException(models.Model):
    """A rule that doesn't apply, or only warns, for one customer or one grade, for a stated time and reason.

    It names the kind of rule, not the rule, so that it outlives a new version of the policy.
    """

    _name = 'credit.rule.exception'
    _description = 'Exception to a Credit Rule'
    _inherit = ['crm.guarded.mixin', 'mail.thread']
    _guarded_by_odoo = ('user_id',)
    _order = 'date_to desc, id desc'

    company_id = fields.Many2one(
        'res.company',
        required=True,
        index=True,
        default=lambda self: self.env.company.root_id,
        domain="[('parent_id', '=', False)]",
    )
    kind = fields.Selection(KINDS, string='Rule', required=True, tracking=True)
    partner_id = fields.Many2one(
        'res.partner',
        string='Customer',
        index='btree_not_null',
        ondelete='cascade',
        tracking=True,
        domain="[('parent_id', '=', False)]",
    )
    grade_code = fields.Char(
        string='Grade', tracking=True, help='Code of the grade. Leave empty for a single customer.'
    )
    effect = fields.Selection(
        [('skip', "Doesn't apply"), ('warn', 'Only warns')], required=True, default='skip', tracking=True
    )
    date_from = fields.Date(string='From', required=True, default=fields.Date.context_today, tracking=True)
    date_to = fields.Date(
        string='Until', required=True, index=True, tracking=True, help='Last day. An exception always ends.'
    )
    reason = fields.Text(required=True, tracking=True)
    user_id = fields.Many2one(
        'res.users', string='Granted by', required=True, readonly=True, default=lambda self: self.env.user
    )

    @api.depends('kind', 'partner_id', 'grade_code')
    @api.depends_context('lang')
    def _compute_display_name(self):
        kinds = dict(self._fields['kind']._description_selection(self.env))
        for exception in self:
            exception.display_name = self.env._(
                '%(exempt)s: %(rule)s',
                exempt=exception.partner_id.display_name or exception.grade_code or '',
                rule=kinds.get(exception.kind, ''),
            )

    @api.constrains('partner_id', 'grade_code', 'kind')
    def _check_target(self):
        for exception in self:
            if bool(exception.partner_id) == bool(exception.grade_code):
                raise ValidationError(
                    self.env._(
                        'The exception to “%(rule)s” names %(customer)s and grade %(grade)s: choose either a customer '
                        'or a grade.',
                        rule=dict(self._fields['kind']._description_selection(self.env))[exception.kind],
                        customer=exception.partner_id.display_name or self.env._('no customer'),
                        grade=exception.grade_code or self.env._('none'),
                    )
                )

    @api.constrains('date_from', 'date_to')
    def _check_dates(self):
        for exception in self:
            if exception.date_from and exception.date_to and exception.date_to < exception.date_from:
                raise ValidationError(
                    self.env._(
                        'The exception %(exception)s ends on %(end)s, before it begins on %(start)s. '
                        'Correct one of the dates.',
                        exception=exception.display_name,
                        end=exception.date_to,
                        start=exception.date_from,
                    )
                )

    @api.constrains('reason')
    def _check_reason(self):
        for exception in self:
            if not (exception.reason or '').strip():
                raise ValidationError(
                    self.env._('Say in “Reason” why the exception %s is granted.', exception.display_name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get('partner_id'):
                vals['partner_id'] = self.env['res.partner'].browse(vals['partner_id']).commercial_partner_id.id
            vals['user_id'] = self.env.uid
        exceptions = super().create(vals_list)
        exceptions.partner_id._credit_recheck()
        return exceptions

    def write(self, vals):
        result = super().write(vals)
        self.partner_id._credit_recheck()
        return result

    @api.model
    def _in_force_domain(self, root, date):
        return Domain('company_id', '=', root.id) & Domain('date_from', '<=', date) & Domain('date_to', '>=', date)

    @api.model
    def _in_force_sql(self, root, date, partner):
        """Return the SELECT of exceptions for a customer (SQL of its id) or for any grade."""
        query = self.sudo()._search(self._in_force_domain(root, date))
        query.add_where(
            SQL(
                '(%(own)s IS NULL OR %(own)s = %(partner)s)',
                own=SQL.identifier(self._table, 'partner_id'),
                partner=partner,
            )
        )
        return query.select()

    @api.model
    def _in_force(self, root, partner_ids, date):
        """Return the effects of the exceptions in force: ({partner id: {kind: effect}}, {grade code: {kind: effect}}).

        :param root: root company
        :param partner_ids: ids of commercial partners
        :param date: the day
        """
        by_partner, by_grade = {}, {}
        customers = Domain('partner_id', '=', False) | Domain('partner_id', 'in', list(partner_ids))
        for exception in self.sudo().search(self._in_force_domain(root, date) & customers):
            if exception.partner_id:
                effects = by_partner.setdefault(exception.partner_id.id, {})
            else:
                effects = by_grade.setdefault(exception.grade_code, {})
            if effects.get(exception.kind) != 'skip':  # the stronger one wins
                effects[exception.kind] = exception.effect
        return by_partner, by_grade
