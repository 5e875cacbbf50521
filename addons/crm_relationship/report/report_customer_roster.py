from odoo import api, models

COLUMN_FIELDS = ('customer_type', 'value_class', 'relationship_stage')


class ReportCustomerRoster(models.AbstractModel):
    """The customer roster: a line for each customer."""

    _name = 'report.crm_relationship.report_customer_roster'
    _description = 'Customer Roster'

    @api.model
    def _get_report_values(self, docids, data=None):
        data = data or {}
        docids = docids or data.get('card_ids') or self.env.context.get('active_ids') or []
        partners = self.env['res.partner'].with_context(lang=data.get('card_lang') or self.env.lang)
        customers = partners.browse(docids).exists().commercial_partner_id.filtered('is_customer')
        card = self.env['report.crm_relationship.report_relationship_card']
        card._check_names(customers)
        card._check_print(customers)
        labels = {
            name: dict(customers._fields[name]._description_selection(customers.env)) for name in COLUMN_FIELDS
        }
        return {
            'doc_ids': customers.ids,
            'doc_model': 'res.partner',
            'docs': customers,
            'lang': customers.env.lang,
            'lines': [
                {
                    'customer': customer,
                    'address': ''.join(text for _label, text in customer._card_address_rows()),
                    'contact': customer.child_ids.filtered(lambda child: child.type == 'contact')[:1],
                    **{name: labels[name].get(customer[name], '') for name in COLUMN_FIELDS},
                }
                for customer in customers.sorted(lambda partner: (partner.ref or '', partner.name))
            ],
        }
