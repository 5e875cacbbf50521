from odoo import models
from odoo.tools import SQL

from odoo.addons.crm_relationship.tools.listing import listed

from ..models.res_partner_credit import TERM_FIELDS


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merging customers never hands one's credit terms to the other: a new assessment is asked for."""

    _inherit = 'base.partner.merge.automatic.wizard'

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        partners = self.env['res.partner'].browse(partner_ids).exists()
        if len(partners) < 2:
            return super()._merge(partner_ids, dst_partner, extra_checks)
        if not (dst_partner and dst_partner in partners):
            dst_partner = self._get_ordered_partner(partners.ids)[-1]
        sources = partners - dst_partner
        names = sources.sudo()._credit_drop_terms_before_merge(dst_partner)
        result = super()._merge(partner_ids, dst_partner, extra_checks)
        if names:
            dst_partner.sudo()._credit_ask_for_review(
                lambda env: env._(
                    'Merged with %s, whose credit terms were not taken over. Assess the customer again.',
                    listed(names, env.lang),
                )
            )
        self.env.registry.clear_cache()  # who is in which group
        self.env['credit.group'].sudo()._note_merged(dst_partner)
        dst_partner.commercial_partner_id._credit_recheck()
        return result


class ResPartner(models.Model):
    _inherit = 'res.partner'

    def _credit_drop_terms_before_merge(self, destination):
        """Take terms, approved assessments and extensions from partners that are about to be merged away.

        Where neither side is controlled, Odoo merges payment terms as ever.

        :return: names of those that had terms
        """
        controlled = self._credit_with_own_terms()
        if not controlled and not destination.sudo()._credit_with_own_terms():
            return []
        self.env['credit.assessment'].sudo().search([('partner_id', 'in', self.ids), ('state', '=', 'approved')]).write(
            {'state': 'superseded'}
        )
        self.env['credit.extension'].sudo().search([('partner_id', 'in', self.ids), ('state', '=', 'approved')]).write(
            {'state': 'ended'}
        )
        self.flush_recordset(TERM_FIELDS)
        self.env.execute_query(
            SQL(
                'UPDATE res_partner SET %s WHERE id IN %s',
                SQL(', ').join(SQL('%s = NULL', SQL.identifier(name)) for name in TERM_FIELDS),
                tuple(self.ids),
            )
        )
        self.invalidate_recordset(TERM_FIELDS, flush=False)
        return controlled.mapped('display_name')

    def _credit_with_own_terms(self):
        """Return the partners that have credit terms of their own in any company."""
        self.flush_recordset(TERM_FIELDS)
        return self.browse(
            [
                row[0]
                for row in self.env.execute_query(
                    SQL(
                        """SELECT id FROM res_partner WHERE id IN %s
                  AND (credit_control IS NOT NULL OR credit_grade_id IS NOT NULL OR credit_review_date IS NOT NULL)""",
                        tuple(self.ids),
                    )
                )
            ]
        )
