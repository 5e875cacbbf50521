from odoo import api, models
from odoo.exceptions import AccessError

from .report_credit_assessment import YEARS

# Events of the archive on the paper; the screen has all of them.
EVENTS = 200


class ReportCreditFile(models.AbstractModel):
    """The credit file of customers on paper: terms, exposure, security, statements, investigations and the archive.

    For the credit department. Bank references aren't printed: they were given in confidence.
    """

    _name = 'report.crm_credit.report_credit_file'
    _description = 'Credit File'

    @api.model
    def _get_report_values(self, docids, data=None):
        if not self.env.user.has_group('crm_credit.group_credit_analyst'):
            raise AccessError(
                self.env._(
                    'The credit file of a customer is printed by the credit department (members of “%s”). '
                    'Ask one of them.',
                    self.env.ref('crm_credit.group_credit_analyst').sudo().full_name,
                )
            )
        lang = self.env.user.lang or self.env.lang or 'en_US'
        customers = self.env['res.partner'].with_context(lang=lang).browse(docids).exists().commercial_partner_id
        customers.check_access('read')
        return {
            'doc_ids': customers.ids,
            'doc_model': 'res.partner',
            'docs': customers,
            'paper_lang': lang,
            'root': self.env.company.root_id,
            'papers': self._papers(customers),
        }

    @api.model
    def _papers(self, customers):
        """One dict a customer: each kind of document is read once for all of them."""
        found = {
            'guarantees': self._by_customer('credit.guarantee', customers, [('state', 'in', ('accepted', 'expired'))]),
            'extensions': self._by_customer('credit.extension', customers, [('state', '=', 'approved')]),
            'statements': self._by_customer('credit.statement', customers, [], 'date_end, id'),
            'investigations': self._by_customer('credit.investigation', customers, []),
            'assessments': self._by_customer('credit.assessment', customers, [('state', '!=', 'draft')]),
            'events': self._by_customer('credit.archive', customers, []),
        }
        trend = self.env['report.crm_credit.report_credit_assessment']._trend
        papers = []
        for customer in customers:
            paper = {name: documents.get(customer.id, ()) for name, documents in found.items()}
            paper['events'] = paper['events'][:EVENTS]
            statements = (paper['statements'] or self.env['credit.statement'])[-YEARS:]
            papers.append({**paper, 'doc': customer, 'statements': statements, 'trend': trend(statements)})
        return papers

    @api.model
    def _by_customer(self, model, customers, domain, order=None):
        """Return {customer id: its documents of the current root company}."""
        documents = (
            self.env[model]
            .with_context(lang=customers.env.lang)
            .search(
                [
                    ('partner_id', 'in', customers.ids),
                    ('company_id', 'child_of', self.env.company.root_id.id),
                    *domain,
                ],
                order=order,
            )
        )
        return {partner.id: found for partner, found in documents.grouped('partner_id').items()}
