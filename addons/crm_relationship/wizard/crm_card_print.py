from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.crm_card_print_job import LANGUAGES, LAYOUTS, REPORTS


class CrmCardPrint(models.TransientModel):
    """What to print, how large and in which language; many cards go to the background."""

    _name = 'crm.card.print'
    _description = 'Print Cards'

    partner_ids = fields.Many2many('res.partner', string='Customers', required=True)
    count = fields.Integer(string='Cards', compute='_compute_count')
    in_background = fields.Boolean(compute='_compute_count')
    layout = fields.Selection(LAYOUTS, required=True, default='a4', help="Key customers get the fuller card on A4.")
    language = fields.Selection(LANGUAGES, required=True, default='customer')

    @api.depends('partner_ids')
    @api.depends_context('company')
    def _compute_count(self):
        limit = self.env.company.card_print_limit
        for dialog in self:
            dialog.count = len(dialog.partner_ids)
            dialog.in_background = dialog.count > limit

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get('active_model') == 'res.partner' and 'partner_ids' not in values:
            partners = self.env['res.partner'].browse(self.env.context.get('active_ids', []))
            values['partner_ids'] = [(6, 0, partners.commercial_partner_id.filtered('is_customer').ids)]
        return values

    def action_print(self):
        self.ensure_one()
        customers = self.partner_ids.commercial_partner_id.filtered('is_customer')
        if not customers:
            raise UserError(self.env._("None of the contacts chosen is a customer: there is no card to print."))
        self.env['report.crm_relationship.report_relationship_card']._check_names(customers)
        if self.layout != 'roster':
            self.env['crm.card.reading']._log_reading(customers, 'print')
        if len(customers) > self.env.company.card_print_limit:
            self.env['crm.card.print.job']._enqueue(customers, self.layout, self.language)
            return {
                'type': 'ir.actions.client', 'tag': 'display_notification',
                'params': {
                    'type': 'info', 'title': self.env._("Card print"),
                    'message': self.env._(
                        "%(count)s cards are printed in the background. You are told when the file is ready.",
                        count=len(customers),
                    ),
                    'next': {'type': 'ir.actions.act_window_close'},
                },
            }
        data = {
            'card_ids': customers.ids,
            'card_lang': self.env.user.lang if self.language == 'user' or self.layout == 'roster' else False,
        }
        action = self.env.ref(REPORTS[self.layout]).report_action(customers, data=data, config=False)
        return {**action, 'close_on_report_download': True}
