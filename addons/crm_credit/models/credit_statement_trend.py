from odoo import api, models
from odoo.tools.misc import formatLang

from ..tools import altman


class CreditStatement(models.Model):
    """Several years' statements of one customer side by side, as the chart of assessments and investigations has it."""

    _inherit = 'credit.statement'

    def _trend_data(self):
        """Return the years of these statements, oldest first, as plain JSON; False without any."""
        statements = self.sorted('date_end')
        if not statements:
            return False
        zones = dict(self._fields['z_zone']._description_selection(self.env))
        return {
            'distress': altman.Z_DOUBLE_PRIME.distress_below,
            'safe': altman.Z_DOUBLE_PRIME.safe_above,
            'zones': zones,
            'years': [
                {
                    'id': statement.id,
                    'label': str(statement.date_end.year),
                    'z': statement.z_score if statement.z_zone else None,
                    'z_text': formatLang(self.env, statement.z_score, digits=2) if statement.z_zone else '',
                    'zone': statement.z_zone or '',
                    'zone_text': zones.get(statement.z_zone, ''),
                    'equity_ratio': formatLang(self.env, statement.equity_ratio, digits=1),
                    'current_ratio': formatLang(self.env, statement.current_ratio, digits=2),
                    'revenue': statement.currency_id.format(statement.revenue),
                    'ebit': statement.currency_id.format(statement.ebit),
                    'equity': statement.currency_id.format(statement.equity),
                }
                for statement in statements
            ],
        }

    @api.model
    def _of_customers(self, partners, companies):
        """Return {(customer id, company id): its statements, oldest first}, in one search."""
        statements = self.search(
            [('partner_id', 'in', partners.ids), ('company_id', 'in', companies.ids)], order='date_end, id'
        )
        return statements.grouped(lambda statement: (statement.partner_id.id, statement.company_id.id))
