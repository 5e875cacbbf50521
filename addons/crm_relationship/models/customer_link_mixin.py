from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CustomerLinkMixin(models.AbstractModel):
    """A dated record on a customer that may come from one of the customer's documents."""

    _name = 'crm.customer.link.mixin'
    _description = "Record of a Customer"
    _inherit = ['crm.import.mixin', 'crm.guarded.mixin']

    partner_id = fields.Many2one(
        'res.partner', string="Customer", required=True, index=True, ondelete='restrict', tracking=True,
        help="The customer. A contact entered here becomes the contact of its company.",
    )
    contact_id = fields.Many2one(
        'res.partner', string="Contact", index='btree_not_null', ondelete='set null',
        domain="[('id', 'child_of', partner_id), ('id', '!=', partner_id)]",
        help="The person at the customer.",
    )
    company_id = fields.Many2one(
        'res.company', required=True, index=True, default=lambda self: self.env.company,
    )
    res_model = fields.Char(string="Document Model", readonly=True)
    res_id = fields.Many2oneReference(string="Document ID", model_field='res_model', readonly=True)
    document_name = fields.Char(string="Source Document", compute='_compute_document_name', compute_sudo=False)

    _document_idx = models.Index("(res_model, res_id) WHERE res_id IS NOT NULL")

    @api.depends('res_model', 'res_id')
    @api.depends_context('uid', 'lang')
    def _compute_document_name(self):
        for model, records in self.grouped('res_model').items():
            names = {}
            if model in self.env:
                documents = self.env[model].browse(set(records.mapped('res_id')) - {0}).exists()
                names = {document.id: document.display_name for document in documents._filtered_access('read')}
            for record in records:
                record.document_name = names.get(record.res_id, False)

    @api.constrains('partner_id', 'company_id')
    def _check_partner_company(self):
        for record in self:
            owner = record.partner_id.company_id
            if owner and owner not in record.company_id.sudo().parent_ids:
                raise ValidationError(self.env._(
                    "%(customer)s belongs to %(owner)s and can't be used by %(company)s.",
                    customer=record.partner_id.display_name, owner=owner.display_name,
                    company=record.company_id.display_name,
                ))

    @api.constrains('partner_id', 'contact_id')
    def _check_contact(self):
        for record in self:
            if record.contact_id and record.contact_id.commercial_partner_id != record.partner_id.commercial_partner_id:
                raise ValidationError(self.env._(
                    "%(contact)s isn't a contact of %(customer)s.",
                    contact=record.contact_id.display_name, customer=record.partner_id.display_name,
                ))

    @api.onchange('partner_id')
    def _onchange_partner_id(self):
        self.update(self._customer_vals({'partner_id': self.partner_id.id}))
        if self.contact_id.commercial_partner_id != self.partner_id:
            self.contact_id = False

    @api.model_create_multi
    def create(self, vals_list):
        partners = self.env['res.partner'].browse({vals['partner_id'] for vals in vals_list if vals.get('partner_id')})
        partners.sudo().fetch(['commercial_partner_id'])  # read together, not one by one below
        return super().create([self._customer_vals(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._customer_vals(vals))

    @api.model
    def _customer_vals(self, vals):
        """Return ``vals`` with a contact in ``partner_id`` split into its customer and the contact."""
        partner = self.env['res.partner'].browse(vals.get('partner_id'))
        customer = partner.sudo().commercial_partner_id
        if not partner or partner == customer:
            return vals
        return {**vals, 'partner_id': customer.id, 'contact_id': vals.get('contact_id') or partner.id}

    @api.model
    def _default_document(self, record):
        """Return the context with which a dialog opens for ``record``: its customer, itself as the origin."""
        partner = record if record._name == 'res.partner' else record.partner_id
        context = {'default_partner_id': partner.id}
        if record._name != 'res.partner':
            context.update(default_res_model=record._name, default_res_id=record.id)
        return context

    def action_open_document(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': self.res_model,
            'res_id': self.res_id,
            'views': [(False, 'form')],
        }
