from odoo import api, fields, models
from odoo.tools import format_date


class ResPartner(models.Model):
    """Contracts with a customer."""

    _inherit = 'res.partner'

    contract_ids = fields.One2many('crm.contract', 'partner_id', string="Contracts")
    contract_count = fields.Integer(compute='_compute_contract_count', help="Contracts in force and drafts.")

    @api.depends('contract_ids.state')
    @api.depends_context('uid', 'company')
    def _compute_contract_count(self):
        contracts = self.env['crm.contract']
        counts = dict(contracts._read_group(
            [('partner_id', 'in', self.commercial_partner_id.ids), ('state', 'in', ('draft', 'active'))],
            ['partner_id'], ['__count'],
        ) if contracts.has_access('read') else ())
        for partner in self:
            partner.contract_count = counts.get(partner.commercial_partner_id._origin, 0)

    def action_view_contracts(self):
        return self._action_of_customer('crm_relationship.crm_contract_action')

    def _get_attention_items(self):
        """Add contracts whose end is near."""
        items = super()._get_attention_items()
        contracts = self.env['crm.contract']
        if self._is_known_without('crm.contract') or not contracts.has_access('read'):
            return items
        today = fields.Date.context_today(self)
        ending = contracts.search_fetch(
            [
                ('partner_id', 'in', self.commercial_partner_id.ids), ('state', '=', 'active'),
                ('date_reminder', '<=', today), ('date_end', '>=', today), ('renewal', '!=', 'auto'),
                ('next_ids', '=', False),
            ],
            ['partner_id', 'name', 'date_end'], order='date_end',
        )
        by_customer = ending.grouped('partner_id')
        for partner in self:
            for contract in by_customer.get(partner.commercial_partner_id._origin, ())[:1]:
                items.setdefault(partner._origin.id, []).append((45, 'info', self.env._(
                    "contract %(contract)s ends on %(date)s",
                    contract=contract.name, date=format_date(self.env, contract.date_end),
                )))
        return items
