from odoo import fields, models
from odoo.tools import format_amount, format_date

from .card_section import CardSection

RECENT_FINDINGS = 5


class ResPartner(models.Model):
    """The dossier of a customer: findings, what we invested, and where the information comes from."""

    _inherit = 'res.partner'

    statistic_ids = fields.One2many('crm.customer.statistic', 'partner_id', string="Findings")
    investment_ids = fields.One2many('crm.customer.investment', 'partner_id', string="Investments")
    information_ids = fields.One2many('crm.customer.source', 'partner_id', string="Information")
    figures_contact_cost_12m = fields.Monetary(
        related='metrics_id.contact_cost_12m', currency_field='figures_currency_id', string="Contacts, 12 Months")
    figures_investment_12m = fields.Monetary(
        related='metrics_id.investment_12m', currency_field='figures_currency_id', string="Invested, 12 Months")
    figures_investment_return = fields.Float(related='metrics_id.investment_return', string="Sales ÷ Cost")

    def action_view_dossier_costs(self):
        """All that was spent on the customer, by kind and month."""
        return self._action_of_customer('crm_relationship.crm_investment_report_action')

    def _get_card_sections(self):
        sections = super()._get_card_sections()
        for get in (self._card_findings, self._card_costs):
            for partner_id, section in get().items():
                sections[partner_id].append(section)
        return sections

    def _card_findings(self):
        """The last findings about key customers."""
        Statistic = self.env['crm.customer.statistic']
        customers = self._filter_key_customers()
        if not customers or not Statistic.has_access('read'):
            return {}
        labels = {
            name: dict(Statistic._fields[name]._description_selection(self.env)) for name in ('kind', 'source', 'level')
        }
        findings = Statistic.search([('partner_id', 'in', customers.ids)])
        columns = [self.env._("Date"), self.env._("About"), self.env._("Finding"), self.env._("Source")]
        return {
            partner.id: CardSection(
                'findings', self.env._("Findings"), 50, key_only=True, columns=columns, lines=[
                    [
                        format_date(self.env, finding.date), labels['kind'][finding.kind],
                        ' · '.join(filter(None, (finding.name, labels['level'].get(finding.level)))),
                        labels['source'][finding.source],
                    ]
                    for finding in own[:RECENT_FINDINGS]
                ],
            )
            for partner, own in findings.grouped('partner_id').items()
        }

    def _card_costs(self):
        """Cost and return of key customers, as of the last refresh of the figures."""
        sections = {}
        for partner in self._filter_key_customers():
            metrics = partner.metrics_id
            cost = metrics.contact_cost_12m + metrics.investment_12m
            if not cost:
                continue
            sections[partner.id] = CardSection('cost', self.env._("What we invested"), 46, key_only=True, rows=[
                (self.env._("Cost of twelve months"), format_amount(self.env, cost, metrics.currency_id)),
                (
                    self.env._("Sales of twelve months"),
                    format_amount(self.env, metrics.sales_12m, metrics.currency_id),
                ),
                (self.env._("Sales ÷ cost"), f'{metrics.investment_return:.1f}'),
            ])
        return sections
