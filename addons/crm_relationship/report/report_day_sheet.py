from odoo import api, models
from odoo.tools import format_date

from ..tools.listing import in_one_line


class ReportDaySheet(models.AbstractModel):
    """The visits of one person on one day in their order, and the cards of those customers: one HTML document."""

    _name = 'report.crm_relationship.report_day_sheet'
    _description = 'Day Sheet'

    @api.model
    def _get_report_values(self, docids, data=None):
        visits = self.env['mail.activity'].browse(docids).exists()._sorted_for_day_sheet()
        customers = visits.board_partner_id
        return {
            'doc_ids': visits.ids,
            'doc_model': 'mail.activity',
            'docs': visits,
            'person': visits.user_id[:1].sudo().name,
            'day': visits[:1].date_deadline,
            'rows': self._rows(visits),
            'cards': self.env['report.crm_relationship.report_relationship_card']._cards(
                customers.filtered('is_customer'),
            ),
        }

    @api.model
    def _rows(self, visits):
        """One dict a visit; last contacts and promises are read for all customers together."""
        customers = visits.board_partner_id
        promises = dict(self.env['crm.promise']._read_group(
            [('partner_id', 'in', customers.ids), ('state', '=', 'open')], ['partner_id'], ['name:array_agg'],
        ))
        rows = []
        for number, visit in enumerate(visits, 1):
            customer = visit.board_partner_id
            rows.append({
                'number': number,
                'visit': visit,
                'customer': customer,
                'time': visit.calendar_event_id.start,
                'address': in_one_line((customer.street, customer.zip, customer.city), self.env.lang),
                'last_contact': customer.last_contact_date and format_date(self.env, customer.last_contact_date),
                'promises': promises.get(customer, []),
            })
        return rows
