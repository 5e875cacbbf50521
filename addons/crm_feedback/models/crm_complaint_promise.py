from odoo import fields, models


class CrmComplaint(models.Model):
    _inherit = 'crm.complaint'

    standing_promise_id = fields.Many2one(
        'crm.standing.promise', string="Promise Concerned", index='btree_not_null', ondelete='set null', tracking=True,
        help="The standing promise that the customer says wasn't kept.",
    )
