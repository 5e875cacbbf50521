from odoo import api, fields, models


class AudienceMixin(models.AbstractModel):
    """A record meant for some of the customers: those of a saved segment, of a filter of its own, or of both."""

    _name = 'crm.audience.mixin'
    _description = "Record with an Audience"
    _inherit = ['crm.customer.filter.mixin']

    segment_id = fields.Many2one(
        'crm.segment', string="Segment", ondelete='restrict', index='btree_not_null',
        help="Saved filter of customers. The filter beside it narrows it further.",
    )

    @api.depends('segment_id.audience_domain')
    def _compute_audience_count(self):
        super()._compute_audience_count()

    def _audience_sources(self):
        return [*self.segment_id, *super()._audience_sources()]
