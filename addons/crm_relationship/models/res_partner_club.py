from odoo import api, fields, models
from odoo.fields import Domain


class ResPartner(models.Model):
    """Clubs and panels of a customer or person."""

    _inherit = 'res.partner'

    club_ids = fields.Many2many(
        'crm.club', string="Clubs", compute='_compute_club_ids', search='_search_club_ids',
        help="Clubs and panels of which the customer, or a person at the customer, is a member now.",
    )
    club_count = fields.Integer(compute='_compute_club_ids', string="Number of Clubs")

    @api.depends_context('uid', 'company')
    def _compute_club_ids(self):
        members = self.env['crm.club.member']
        clubs = {}
        if members.has_access('read'):
            found = members._read_group(
                [('customer_id', 'in', self.commercial_partner_id._origin.ids), ('is_current', '=', True)],
                ['customer_id'], ['club_id:recordset'])
            clubs = dict(found)
        for partner in self:
            partner.club_ids = clubs.get(partner.commercial_partner_id._origin, False)
            partner.club_count = len(partner.club_ids)

    @api.model
    def _search_club_ids(self, operator, value):
        if operator not in ('in', 'any', 'any!'):
            return NotImplemented
        if operator != 'in':
            return Domain('commercial_partner_id', 'in', self._club_customers(Domain('club_id', operator, value)).ids)
        wanted = Domain('club_id', 'in', [item for item in value if item])
        domain = Domain('commercial_partner_id', 'in', self._club_customers(wanted).ids)
        if False in value:
            domain |= Domain('commercial_partner_id', 'not in', self._club_customers(Domain.TRUE).ids)
        return domain

    @api.model
    def _club_customers(self, domain):
        """Return the customers with a current membership that matches."""
        return self.env['crm.club.member'].search(Domain('is_current', '=', True) & domain).customer_id

    def action_open_clubs(self):
        """The memberships of the customer and its contacts, past ones too."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_club_member_action')
        action['domain'] = [('customer_id', '=', self.commercial_partner_id.id)]
        action['context'] = {'default_partner_id': self.id}
        return action
