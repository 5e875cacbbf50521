from odoo import models

from ..models.res_partner_grade import MERGING


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merging loses neither figures nor evaluations: rows of figures are freed and computed again for who remains."""

    _inherit = 'base.partner.merge.automatic.wizard'

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        partners = self.env['res.partner'].browse(partner_ids).exists()
        companies = partners.commercial_partner_id
        metrics = self.env['crm.customer.metrics'].sudo()
        # The row is unique per company and customer: core would drop the merged ones when repointing them fails.
        metrics.search([('partner_id', 'in', partners.ids)]).unlink()
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        remaining = (partners | companies).sudo().exists().commercial_partner_id
        if remaining:
            self.env['crm.evaluation'].sudo()._regrade(remaining)
            for root in metrics._all_roots():
                metrics._refresh_company(root, tuple(remaining.ids))
        return result

    def _update_values(self, src_partners, dst_partner):
        return super()._update_values(src_partners, dst_partner.with_context(customer_grade_merge=MERGING))
