from odoo import api, fields, models


class CrmMaintenanceSchemeObject(models.Model):
    """Customers that a scheme looks after: existing, future or potential ones."""

    _name = 'crm.maintenance.scheme.object'
    _description = "Object of a Maintenance Scheme"
    _inherit = ['crm.audience.mixin']
    _order = 'scheme_id, sequence, id'
    _rec_name = 'kind'

    scheme_id = fields.Many2one('crm.maintenance.scheme', required=True, index=True, ondelete='cascade')
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(related='scheme_id.company_id', store=True)
    state = fields.Selection(related='scheme_id.state')
    kind = fields.Selection(
        [('existing', "Existing customers"), ('future', "Future customers"), ('potential', "Potential customers")],
        required=True, default='existing',
        help="Existing customers have bought, future ones are being won, potential ones may be won one day.",
    )
    goal = fields.Text(help="What is to be reached with them.")
    measures = fields.Text(help="What is done for them.")
    approved_count = fields.Integer(
        string="At Approval", readonly=True, copy=False, help="Number of customers meant when the scheme was approved.",
    )

    @api.depends('kind', 'scheme_id.name')
    @api.depends_context('lang')
    def _compute_display_name(self):
        labels = dict(self._fields['kind']._description_selection(self.env))
        for item in self:
            kind, scheme = labels.get(item.kind), item.scheme_id.name
            item.display_name = self.env._(
                "%(kind)s, %(scheme)s", kind=kind, scheme=scheme) if kind and scheme else kind or scheme

    @api.model_create_multi
    def create(self, vals_list):
        items = super().create(vals_list)
        items.scheme_id._check_draft()
        return items

    def write(self, vals):
        if not self.env.su or set(vals) != {'approved_count'}:
            self.scheme_id._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_of_drafts(self):
        self.scheme_id._check_draft()
