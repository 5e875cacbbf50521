from odoo import fields, models

KINDS = [
    ('attitude', "Attitude to us"),
    ('opinion', "Opinion of us"),
    ('performance', "Contract performance"),
    ('friction', "Friction"),
    ('credit', "Credit"),
    ('competitor', "Dealings with competitors"),
    ('demand', "Demand characteristics"),
    ('potential', "Demand potential"),
    ('research', "Purchased research"),
]


class CrmCustomerStatistic(models.Model):
    """Something found out about a customer: dated, with its source and author, and its price when it was bought."""

    _name = 'crm.customer.statistic'
    _description = "Customer Finding"
    _inherit = ['crm.dossier.mixin']

    name = fields.Char(string="Finding", required=True, tracking=True)
    kind = fields.Selection(KINDS, required=True, default='attitude', index=True, tracking=True)
    source = fields.Selection(
        [
            ('survey', "Survey"), ('bank', "Bank"), ('agency', "Agency"), ('association', "Trade association"),
            ('internal', "Internal"),
        ],
        required=True, default='internal', tracking=True, help="Where the finding comes from.",
    )
    level = fields.Selection(
        [('1', "Very poor"), ('2', "Poor"), ('3', "Fair"), ('4', "Good"), ('5', "Very good")],
        help="How good or bad the finding is for us.",
    )
    value = fields.Float(
        aggregator='avg', help="The figure, when the finding is one: a volume, a share, a number of cases.",
    )
    unit = fields.Char(help="What the figure counts, such as tons a year or %.")
    note = fields.Text(string="Details")
    attachment_ids = fields.Many2many('ir.attachment', string="Documents", help="The report, the survey, the letter.")
