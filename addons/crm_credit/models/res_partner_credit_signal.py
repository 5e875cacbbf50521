from odoo import api, fields, models
from odoo.tools import SQL

from .res_partner_exposure import FIGURE_READERS


class ResPartner(models.Model):
    """The credit light as it was last computed: stored, so that the customers' kanban can count and filter by it."""

    _inherit = 'res.partner'

    credit_signal = fields.Selection(
        [
            ('green', 'Clear'),
            ('amber', 'Nearly used up or with a warning'),
            ('red', 'Would be held'),
        ],
        string='Credit Light at Last Refresh',
        company_dependent=True,
        copy=False,
        readonly=True,
        groups=FIGURE_READERS,
        help="What would have happened to a further order when the customers' figures were last refreshed or the "
        'credit terms changed. Empty: nothing is checked for this customer. '
        'The page “Credit” shows the light of this minute.',
    )

    def _credit_lights(self, company):
        """Return {commercial partner id: live light} of these partners' debtors."""
        exposures, terms = self._credit_exposure(company), self._credit_terms(company)
        currency = company.root_id.currency_id
        return {
            partner_id: self._credit_light(exposures[partner_id], terms[partner_id], currency)
            for partner_id in terms
            if partner_id in exposures
        }

    @api.model
    def _credit_write_signals(self, root, lights):
        """Write lights to root company and branches where they differ.

        ``write_date`` stays: nobody edited the customers.

        :param lights: SELECT of (partner id, light or NULL)
        """
        keys = [str(company_id) for company_id in self._credit_companies(root).ids]
        self.flush_model(['credit_signal'])
        self.env.cr.execute(
            SQL(
                """UPDATE res_partner p
                      SET credit_signal = NULLIF((COALESCE(p.credit_signal, '{}'::jsonb) - %(keys)s::text[])
                          || CASE WHEN fresh.light IS NULL THEN '{}'::jsonb
                                  ELSE jsonb_build_object(%(pairs)s) END, '{}'::jsonb)
                     FROM (%(lights)s) fresh (partner_id, light)
                    WHERE p.id = fresh.partner_id AND (%(differs)s)""",
                keys=keys,
                pairs=SQL(', ').join(SQL('%s::text, fresh.light', key) for key in keys),
                lights=lights,
                differs=SQL(' OR ').join(
                    SQL('(p.credit_signal ->> %s) IS DISTINCT FROM fresh.light', key) for key in keys
                ),
            )
        )
        self.invalidate_model(['credit_signal'], flush=False)

    def _credit_recheck(self):
        """The terms changed: the stored light follows at once, for the others of the group too."""
        result = super()._credit_recheck()
        root = self.env.company.root_id
        partners = self.sudo().browse(
            self.env['credit.group']._with_fellow_members(self.commercial_partner_id.ids, root)
        )
        if lights := partners._credit_lights(root):
            self.sudo()._credit_write_signals(
                root,
                SQL(
                    "SELECT id, NULLIF(light, 'none') FROM unnest(%s::int[], %s::varchar[]) AS known (id, light)",
                    list(lights),
                    list(lights.values()),
                ),
            )
        return result
