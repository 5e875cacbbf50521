from odoo import api, fields, models


class CrmCareMailingFigures(models.AbstractModel):
    """How the mailings of a date, or of all dates of a programme, were received."""

    _name = 'crm.care.mailing.figures'
    _description = "Figures of Care Mailings"
    # Field of the recipient that leads here.
    _figures_field = None

    mailing_waiting_count = fields.Integer(
        string="Waiting for the Mailing", compute='_compute_mailing_figures',
        help="On the mailing list; the mailing to it hasn't gone out yet.",
    )
    mailing_sent_count = fields.Integer(
        string="Mailed", compute='_compute_mailing_figures', help="Recipients to whom a mailing has gone out.")
    mailing_opened_count = fields.Integer(
        string="Opened", compute='_compute_mailing_figures',
        help="Opened the mailing, clicked in it or replied to it.",
    )
    mailing_clicked_count = fields.Integer(
        string="Clicked", compute='_compute_mailing_figures', help="Followed a link of the mailing.")
    mailing_replied_count = fields.Integer(string="Replied", compute='_compute_mailing_figures')
    mailing_bounced_count = fields.Integer(
        string="Bounced", compute='_compute_mailing_figures', help="Returned by the recipient's mail server.")
    mailing_opened_rate = fields.Float(
        string="Opened (%)", compute='_compute_mailing_figures', help="Of those to whom a mailing has gone out.")
    mailing_clicked_rate = fields.Float(
        string="Clicked (%)", compute='_compute_mailing_figures', help="Of those to whom a mailing has gone out.")

    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_mailing_figures(self):
        counts = {}
        for record, state, count, opened, clicked, replied in self.env['crm.care.recipient']._read_group(
            [(self._figures_field, 'in', self.ids), ('mailing_state', '!=', False)],
            [self._figures_field, 'mailing_state'],
            ['__count', 'mailing_opened_on:count', 'mailing_clicked_on:count', 'mailing_replied_on:count'],
        ):
            figures = counts.setdefault(record, {'sent': 0, 'opened': 0, 'clicked': 0, 'replied': 0})
            figures[f'state_{state}'] = count
            figures['sent'] += count if state in ('sent', 'opened', 'clicked', 'replied', 'bounced') else 0
            figures['opened'] += opened
            figures['clicked'] += clicked
            figures['replied'] += replied
        for record in self:
            figures = counts.get(record._origin, {})
            sent = figures.get('sent', 0)
            record.mailing_waiting_count = figures.get('state_waiting', 0)
            record.mailing_sent_count = sent
            record.mailing_opened_count = figures.get('opened', 0)
            record.mailing_clicked_count = figures.get('clicked', 0)
            record.mailing_replied_count = figures.get('replied', 0)
            record.mailing_bounced_count = figures.get('state_bounced', 0)
            record.mailing_opened_rate = sent and record.mailing_opened_count / sent
            record.mailing_clicked_rate = sent and record.mailing_clicked_count / sent

    def action_open_mailing_recipients(self):
        """The recipients of the mailings, of one result if the button names it."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_care_recipient_action')
        action['domain'] = [(self._figures_field, '=', self.id), ('mailing_state', '!=', False)]
        result = self.env.context.get('mailing_result')
        action['context'] = {f'search_default_mailing_{result}': 1} if result else {}
        return action
