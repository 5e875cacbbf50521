from odoo import fields, models


class ResPartner(models.Model):
    """The credit file of a customer: investigations and yearly statements."""

    _inherit = 'res.partner'

    credit_investigation_count = fields.Integer(
        string='Investigations',
        compute='_compute_credit_investigation_count',
        groups='crm_credit.group_credit_analyst',
    )

    def _compute_credit_investigation_count(self):
        debtors = self.commercial_partner_id._origin
        groups = self.env['credit.investigation']._read_group(
            [('partner_id', 'in', debtors.ids), ('company_id', '=', self.env.company.root_id.id)],
            ['partner_id'],
            ['__count'],
        )
        counts = {partner.id: count for partner, count in groups}
        for partner in self:
            partner.credit_investigation_count = counts.get(partner.commercial_partner_id._origin.id, 0)

    def action_open_credit_investigations(self):
        return self._credit_open_action('crm_credit.credit_investigation_action')

    def action_open_credit_statements(self):
        return self._credit_open_action('crm_credit.credit_statement_action')
