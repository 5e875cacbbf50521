from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .res_partner import VALUE_CLASSES


class CrmValueClassOverride(models.Model):
    """A value class given by hand for some time, with the reason; it wins over the class by sales while it is in
    force.
    """

    _name = 'crm.value.class.override'
    _description = 'Value Class Override'
    _inherit = ['crm.import.mixin', 'crm.guarded.mixin', 'crm.period.mixin', 'mail.thread']
    _guarded_by_odoo = ('user_id',)
    _order = 'date_from desc, id desc'
    _rec_name = 'partner_id'

    partner_id = fields.Many2one(
        'res.partner',
        string="Customer",
        required=True,
        index=True,
        ondelete='cascade',
        domain=[('is_customer', '=', True)],
    )
    company_id = fields.Many2one(
        'res.company', required=True, default=lambda self: self.env.company.root_id, domain=[('parent_id', '=', False)])
    value_class = fields.Selection(VALUE_CLASSES, required=True, tracking=True)
    date_from = fields.Date(required=True, default=fields.Date.context_today, tracking=True)
    date_to = fields.Date(string="Until", tracking=True, help="Last day; empty without end.")
    reason = fields.Char(required=True, tracking=True)
    user_id = fields.Many2one(
        'res.users', string="Decided by", required=True, readonly=True, default=lambda self: self.env.user)

    _period = ('date_from', 'date_to')

    @api.constrains('reason')
    def _check_reason(self):
        for override in self:
            if not (override.reason or '').strip():
                raise ValidationError(self.env._(
                    "Say in “Reason” why %(customer)s is “%(value_class)s” by hand: it is kept in the history.",
                    customer=override.partner_id.display_name,
                    value_class=dict(self._fields['value_class']._description_selection(self.env)).get(
                        override.value_class, '')))

    @api.constrains('company_id')
    def _check_company_is_root(self):
        for override in self:
            if override.company_id.parent_id:
                raise ValidationError(self.env._(
                    "Value classes belong to %(root)s and all its branches, not to %(branch)s alone.",
                    root=override.company_id.root_id.name, branch=override.company_id.name))

    @api.model_create_multi
    def create(self, vals_list):
        overrides = super().create([{**vals, 'user_id': self.env.uid} for vals in vals_list])
        overrides._apply()
        return overrides

    def write(self, vals):
        before = {override: override.partner_id for override in self}
        result = super().write(vals)
        self._apply(partners=self.env['res.partner'].union(*before.values()))
        return result

    def unlink(self):
        partners, roots = self.partner_id, self.company_id
        result = super().unlink()
        self.browse()._apply(partners, roots)
        return result

    def _apply(self, partners=None, roots=None):
        """Put the class in force on the customers at once instead of at the next refresh."""
        partners = (partners or self.env['res.partner']) | self.partner_id
        metrics = self.env['crm.customer.metrics'].sudo()
        for root in (roots or self.env['res.company']) | self.company_id:
            metrics._refresh_company(root.sudo(), tuple(partners.commercial_partner_id.ids))

    @api.model
    def _in_force_query(self, root, today):
        """SELECT partner_id, value_class, user_id, reason of the overrides in force that day; the last begun wins."""
        self.flush_model()
        return SQL(
            """SELECT DISTINCT ON (p.commercial_partner_id) p.commercial_partner_id AS partner_id, o.value_class,
                      o.user_id, o.reason
                 FROM crm_value_class_override o JOIN res_partner p ON p.id = o.partner_id
                WHERE o.company_id = %s AND o.date_from <= %s AND (o.date_to IS NULL OR o.date_to >= %s)
                ORDER BY p.commercial_partner_id, o.date_from DESC, o.id DESC""",
            root.id, today, today,
        )
