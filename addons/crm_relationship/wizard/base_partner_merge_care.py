from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merged customers keep what they refused and their clubs, and nobody is reached twice for one occasion."""

    _inherit = 'base.partner.merge.automatic.wizard'

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        partners = self.env['res.partner'].browse(partner_ids).exists()
        refusing = any(partners.sudo().mapped('no_care'))
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        remaining = partners.exists()
        if refusing and len(remaining) == 1:
            remaining.sudo().no_care = True
        self.env['crm.care.recipient']._settle_merged(remaining)
        self.env['crm.club.member']._settle_merged(remaining)
        return result
