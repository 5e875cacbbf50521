from odoo import api, fields, models

CHANNELS = [
    ('survey', "Survey"), ('marketing', "Marketing"), ('service', "Service"), ('pos', "Point of sale"),
    ('fair', "Fairs and meetings"), ('website', "Website"), ('call_centre', "Call centre"),
    ('media', "Media"), ('authority', "Authorities"), ('bank', "Banks"), ('consultancy', "Consultancies"),
    ('database', "Database owners"), ('other', "Other"),
]
DIRECT = {'survey', 'marketing', 'service', 'pos', 'fair', 'website', 'call_centre'}


class CrmInformationSource(models.Model):
    """A channel through which we learn about customers: our own contact with them, or somebody else."""

    _name = 'crm.information.source'
    _description = "Information Source"
    _order = 'kind, sequence, name, id'

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    channel = fields.Selection(CHANNELS, required=True, default='other')
    kind = fields.Selection(
        [('direct', "Direct source"), ('indirect', "Indirect source")], compute='_compute_kind', store=True,
        help="Direct: from our own dealings with customers. Indirect: from third parties.",
    )
    entry_ids = fields.One2many('crm.customer.source', 'source_id', string="Entries")
    entry_count = fields.Integer(compute='_compute_entry_count', string="Customers Known From It")

    @api.depends('channel')
    def _compute_kind(self):
        for source in self:
            source.kind = 'direct' if source.channel in DIRECT else 'indirect'

    @api.depends('entry_ids')
    def _compute_entry_count(self):
        counts = dict(self.env['crm.customer.source']._read_group(
            [('source_id', 'in', self.ids)], ['source_id'], ['partner_id:count_distinct'],
        ))
        for source in self:
            source.entry_count = counts.get(source, 0)

    def action_view_entries(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_customer_source_action')
        return {**action, 'domain': [('source_id', '=', self.id)], 'context': {'default_source_id': self.id}}
