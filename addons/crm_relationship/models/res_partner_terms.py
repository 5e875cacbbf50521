from odoo import api, fields, models


class ResPartner(models.Model):
    """What rules of preferential terms did for a customer."""

    _inherit = 'res.partner'

    terms_application_ids = fields.One2many('crm.terms.application', 'partner_id', string="Changes of Terms")
    terms_note = fields.Char(
        string="Terms by Rule", compute='_compute_terms_note',
        help="Which rules set price list and payment term of this customer, and what is announced.")

    @api.depends('terms_application_ids.state')
    @api.depends_context('company', 'uid', 'lang')
    def _compute_terms_note(self):
        notes = {}
        Application = self.env['crm.terms.application']
        if Application.has_access('read'):
            for application in Application.search([
                ('partner_id', 'in', self._origin.ids), ('company_id', '=', self.env.company.root_id.id),
                ('state', 'in', ('applied', 'kept', 'proposed', 'announced')),
            ], order='id'):
                notes.setdefault(application.partner_id.id, []).append(application._short_note())
        for partner in self:
            partner.terms_note = ' · '.join(notes.get(partner._origin.id, ())) or False

    def action_open_terms_applications(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_terms_application_action')
        return {**action, 'domain': [('partner_id', '=', self.commercial_partner_id.id)], 'context': {}}
