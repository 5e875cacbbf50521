from odoo import fields, models


class CrmSegment(models.Model):
    """A saved filter of customers, reused as the audience of plans, programmes and rules."""

    _name = 'crm.segment'
    _description = "Customer Segment"
    _inherit = ['crm.customer.filter.mixin']
    _order = 'name, id'

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one('res.company', help="Empty: usable in every company, for its own customers.")
    description = fields.Text(help="What the customers of this segment have in common and what it is used for.")
