from odoo import api, fields, models


class CreditCustomerMixin(models.AbstractModel):
    """A record of a customer's credit file: about the debtor, for a root company and its branches."""

    _name = 'credit.customer.mixin'
    _description = "Record of a Customer's Credit"
    _inherit = ['crm.import.mixin', 'crm.guarded.mixin']

    partner_id = fields.Many2one(
        'res.partner',
        string='Customer',
        required=True,
        index=True,
        ondelete='restrict',
        domain="[('parent_id', '=', False)]",
    )
    company_id = fields.Many2one(
        'res.company',
        required=True,
        index=True,
        default=lambda self: self.env.company.root_id,
        domain="[('parent_id', '=', False)]",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Contacts owe nothing: the record is about the customer behind them."""
        for vals in vals_list:
            if vals.get('partner_id'):
                vals['partner_id'] = self.env['res.partner'].browse(vals['partner_id']).commercial_partner_id.id
        return super().create(vals_list)
