from odoo import fields, models


class CrmCustomerSource(models.Model):
    """What a source told us about a customer, what that cost, and how good it was."""

    _name = 'crm.customer.source'
    _description = "Information on a Customer"
    _inherit = ['crm.dossier.mixin']
    _rec_name = 'source_id'

    source_id = fields.Many2one(
        'crm.information.source', string="Information Source", required=True, index=True, ondelete='restrict',
        tracking=True,
    )
    kind = fields.Selection(related='source_id.kind', store=True)
    quality = fields.Selection(
        [('1', "1 – useless"), ('2', "2 – doubtful"), ('3', "3 – usable"), ('4', "4 – good"), ('5', "5 – excellent")],
        help="How true, new and useful the information turned out to be.",
    )
    user_id = fields.Many2one(string="Noted By")
    note = fields.Char(string="What We Learned")
