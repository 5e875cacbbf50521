from odoo import api, fields, models

from .res_partner_exposure import FIGURE_READERS

GROUP_FIGURES = ('credit_group_name', 'credit_group_limit', 'credit_group_exposure', 'credit_group_available')


class ResPartner(models.Model):
    """The limit that a customer shares with others, on its page “Credit”."""

    _inherit = 'res.partner'

    credit_group_name = fields.Char(
        string='Credit Group', compute='_compute_credit_figures', compute_sudo=True, groups=FIGURE_READERS
    )
    credit_group_limit = fields.Monetary(
        string='Shared Limit',
        compute='_compute_credit_figures',
        compute_sudo=True,
        currency_field='credit_currency_id',
        groups=FIGURE_READERS,
    )
    credit_group_exposure = fields.Monetary(
        string='Exposure of the Group',
        compute='_compute_credit_figures',
        compute_sudo=True,
        currency_field='credit_currency_id',
        groups=FIGURE_READERS,
    )
    credit_group_available = fields.Monetary(
        string='Available to the Group',
        compute='_compute_credit_figures',
        compute_sudo=True,
        currency_field='credit_currency_id',
        groups=FIGURE_READERS,
        help='What all members together may still order.',
    )

    @api.depends('commercial_partner_id')
    @api.depends_context('company')
    def _compute_credit_figures(self):
        for partner in self:
            partner.update(dict.fromkeys(GROUP_FIGURES, False))
        return super()._compute_credit_figures()

    @api.model
    def _credit_figures(self, exposure, terms, currency):
        return {
            **super()._credit_figures(exposure, terms, currency),
            'credit_group_name': terms.group,
            'credit_group_limit': terms.group_limit or 0.0,
            'credit_group_exposure': exposure.of_group if terms.group else 0.0,
            'credit_group_available': terms.group_available(exposure) or 0.0,
        }

    def _credit_recheck(self):
        """A member may have another parent now, or be merged with another customer."""
        groups = self.env['credit.group']._memberships(self.env.company.root_id.id)
        if groups and any(partner in groups for partner in self.ids):
            self.env.registry.clear_cache()
        return super()._credit_recheck()
