from odoo import fields, models


class CrmLead(models.Model):
    _inherit = 'crm.lead'

    complaint_id = fields.Many2one(
        'crm.complaint', string="Raised by Request", index='btree_not_null', ondelete='set null', copy=False,
        help="The complaint or request that this opportunity came from.",
    )

    def _merge_get_fields(self):
        return super()._merge_get_fields() + ['complaint_id']
