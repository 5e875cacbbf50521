from odoo import api, fields, models


class UtmSource(models.Model):
    """Ways of finding prospects are sources of leads, named in the language of the reader."""

    _inherit = 'utm.source'

    finding_method = fields.Selection(
        [
            ('door', "Door to door"),
            ('meeting', "Meeting"),
            ('place', "Place where prospects gather"),
            ('network', "Personal network"),
            ('data', "Data and directories"),
            ('referral', "Referral by a customer"),
            ('influence', "Centre of influence"),
            ('phone', "Cold call"),
            ('letter', "Letter"),
            ('sms', "Text message"),
            ('internet', "Internet research"),
            ('competitor', "Customer of a competitor"),
            ('advertising', "Advertising"),
            ('assistant', "Commissioned assistant"),
            ('fair', "Trade fair"),
            ('consultant', "Consultant"),
            ('activity', "Event of ours"),
        ],
        help="How the prospect was found, if the source is one of the usual methods.",
    )

    @api.depends('name', 'finding_method')
    @api.depends_context('lang')
    def _compute_display_name(self):
        super()._compute_display_name()
        labels = dict(self._fields['finding_method']._description_selection(self.env))
        for source in self.filtered('finding_method'):
            source.display_name = labels[source.finding_method]
