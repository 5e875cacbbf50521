from odoo import fields, models


class CrmCareProgramme(models.Model):
    _name = 'crm.care.programme'
    _inherit = ['crm.care.programme', 'crm.care.mailing.figures']
    _figures_field = 'programme_id'

    channel = fields.Selection(
        selection_add=[('mailing', "Mailing list")], ondelete={'mailing': 'set default'},
    )
    mailing_list_id = fields.Many2one(
        'mailing.list', ondelete='restrict',
        help="Recipients are put on this list. Empty: each date gets a list of its own.",
    )

    def _is_by_mail(self):
        return super()._is_by_mail() or self.channel == 'mailing'
