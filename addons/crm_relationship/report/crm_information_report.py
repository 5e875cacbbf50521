from odoo import fields, models
from odoo.tools import SQL

from ..models.crm_information_source import CHANNELS


class CrmInformationReport(models.Model):
    """What the information sources cost and how good they were; quality is empty until somebody has rated it."""

    _name = 'crm.information.report'
    _description = "Information Sources Analysis"
    _auto = False
    _order = 'date desc, id desc'
    _rec_name = 'source_id'

    date = fields.Date(readonly=True)
    partner_id = fields.Many2one('res.partner', string="Customer", readonly=True)
    source_id = fields.Many2one('crm.information.source', string="Information Source", readonly=True)
    channel = fields.Selection(CHANNELS, readonly=True)
    kind = fields.Selection([('direct', "Direct source"), ('indirect', "Indirect source")], readonly=True)
    user_id = fields.Many2one('res.users', string="Noted By", readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    cost = fields.Monetary(readonly=True, help="In company currency, at the rate of the day.")
    quality = fields.Float(
        string="Average Quality", readonly=True, aggregator='avg',
        help="1 useless to 5 excellent, of the rated entries.",
    )

    @property
    def _table_query(self):
        return SQL(
            """SELECT e.id, e.date, e.partner_id, e.source_id, s.channel, s.kind, e.user_id, e.company_id,
                      e.company_cost AS cost, e.quality::float8 AS quality
                 FROM crm_customer_source e JOIN crm_information_source s ON s.id = e.source_id""",
        )
