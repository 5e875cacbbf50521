from odoo import api, fields, models


class ResPartner(models.Model):
    """What a customer or contact wants of care, and what it got."""

    _inherit = 'res.partner'

    no_care = fields.Boolean(
        string="No Care Actions", tracking=True,
        help="This person or company wants no greetings, news, invitations or gifts. For a company it holds for all "
             "its contacts.",
    )
    care_refused_kind_ids = fields.Many2many(
        'crm.care.kind', 'res_partner_care_refused_rel', 'partner_id', 'kind_id', string="Refused Kinds of Care",
        help="Kinds of care that this person or company doesn't want. For a company it holds for all its contacts.",
    )
    care_recipient_count = fields.Integer(string="Care", compute='_compute_care_recipient_count')

    def _get_holiday_region(self):
        """Return the region whose holidays the customer keeps, or None: then those of its country."""
        self.ensure_one()
        customer = self.sudo().commercial_partner_id
        state = customer.state_id
        return state._get_holiday_region() if state and state.country_id == customer.country_id else None

    @api.depends_context('company', 'uid')
    def _compute_care_recipient_count(self):
        recipients = self.env['crm.care.recipient']
        counts = {}
        if recipients.has_access('read'):
            domain = [('customer_id', 'in', self.commercial_partner_id._origin.ids), ('state', '=', 'sent')]
            counts = dict(recipients._read_group(domain, ['customer_id'], ['__count']))
        for partner in self:
            partner.care_recipient_count = counts.get(partner.commercial_partner_id._origin, 0)

    def action_open_care(self):
        """The care that the customer and its contacts got or will get."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_care_recipient_action')
        action['domain'] = [('customer_id', '=', self.commercial_partner_id.id), ('state', '!=', 'excluded')]
        action['context'] = {}
        return action
