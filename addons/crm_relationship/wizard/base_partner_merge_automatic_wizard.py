from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """The codes of the merged partners stay registered and find the one that is left."""
        # While both exist they may show the same reference: the register is put in order afterwards.
        if dst_partner:
            dst_partner = dst_partner.with_context(customer_codes_reserved=True)
        wizard = self.with_context(customer_codes_reserved=True)
        result = super(BasePartnerMergeAutomaticWizard, wizard)._merge(partner_ids, dst_partner, extra_checks)
        self.env['res.partner'].browse(partner_ids).exists()._settle_merged_codes()
        return result
