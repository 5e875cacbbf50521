from odoo import api, models
from odoo.tools import format_date


class ReportHandoverDossier(models.AbstractModel):
    """What a successor gets to read: each customer with what is open, as one HTML document."""

    _name = 'report.crm_relationship.report_handover_dossier'
    _description = "Handover Dossier"

    @api.model
    def _get_report_values(self, docids, data=None):
        handovers = self.env['crm.handover'].browse(docids).exists()
        handovers.check_access('read')
        return {
            'doc_ids': handovers.ids,
            'doc_model': 'crm.handover',
            'docs': handovers,
            'dossiers': {handover.id: self._dossier(handover) for handover in handovers},
        }

    @api.model
    def _dossier(self, handover):
        """Customers in the order of their names with figures, last contact and open records, in few queries."""
        lines = handover.line_ids
        # The successor answers for these customers now; what their own rights hide would be missing from the dossier.
        customers = lines.partner_id.sudo().with_company(handover.company_id)
        last = dict(self.env['crm.touchpoint'].sudo()._read_group(
            [('partner_id', 'in', customers.ids)], ['partner_id'], ['date:max'],
        ))
        metrics = self._metrics_for(handover)
        figures = {
            row.partner_id: row for row in metrics.search([
                ('company_id', '=', handover.company_id.root_id.id), ('partner_id', 'in', customers.ids),
            ])
        } if metrics is not None else {}
        work = lines.filtered(lambda line: line.res_model != 'res.partner').grouped('partner_id')
        return {
            'counts': [(part.name, part.moved_count) for part in handover.part_ids if part.moved_count],
            'customers': [
                self._customer(partner, figures.get(partner), last.get(partner), work.get(partner, ()))
                for partner in customers.sorted(lambda partner: partner.name or '')
            ],
            'others': work.get(self.env['res.partner'], ()),
        }

    @api.model
    def _metrics_for(self, handover):
        """All figures for the successor, while it lasts; others see those of the customers that are theirs to see."""
        metrics = self.env['crm.customer.metrics']
        if handover.to_user_id == self.env.user and handover.state in ('done', 'acknowledged'):
            return metrics.sudo()
        return metrics if metrics.has_access('read') else None

    @api.model
    def _customer(self, partner, figures, last, work):
        def label(name):
            return partner[name] and dict(partner._fields[name]._description_selection(self.env))[partner[name]]
        return {
            'name': partner.name, 'code': partner.ref, 'phone': partner.phone, 'city': partner.city,
            'class': label('value_class'), 'stage': label('relationship_stage'),
            'sales': figures and figures.sales_12m, 'currency': figures and figures.currency_id,
            'last': last and format_date(self.env, last), 'work': work,
        }
