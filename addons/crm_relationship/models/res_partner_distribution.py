from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResPartner(models.Model):
    """Customers that an intermediary serves, and the intermediaries that serve a customer."""

    _inherit = 'res.partner'

    served_link_ids = fields.One2many('crm.distribution.link', 'intermediary_id', string="Customers Served")
    served_by_link_ids = fields.One2many('crm.distribution.link', 'partner_id', string="Served By")
    served_count = fields.Integer(
        string="Customers Served Now", compute='_compute_distribution', help="End customers served today.",
    )
    served_by_count = fields.Integer(string="Intermediaries Now", compute='_compute_distribution')
    sell_through_currency_id = fields.Many2one(
        'res.currency', compute='_compute_sell_through_12m', string="Company Currency of Sell-Through",
    )
    sell_through_12m = fields.Monetary(
        string="Sold Through, 12 Months", compute='_compute_sell_through_12m',
        currency_field='sell_through_currency_id',
        help="Untaxed sales of the last twelve months to customers of this intermediary: our invoices and open orders "
             "that name it, and what it reported itself.",
    )
    bought_through_12m = fields.Monetary(
        string="Bought Through Intermediaries, 12 Months", compute='_compute_sell_through_12m',
        currency_field='sell_through_currency_id',
    )

    @api.depends('served_link_ids', 'served_by_link_ids')
    @api.depends_context('uid', 'company')
    def _compute_distribution(self):
        links = self.env['crm.distribution.link']
        allowed = links.has_access('read')
        for side, other, fname in (
            ('intermediary_id', 'partner_id', 'served_count'), ('partner_id', 'intermediary_id', 'served_by_count'),
        ):
            counts = dict(links._read_group(
                [(side, 'in', self._origin.ids), ('is_current', '=', True)], [side], [f'{other}:count_distinct'],
            ) if allowed else ())
            for partner in self:
                partner[fname] = counts.get(partner._origin, 0)

    @api.depends_context('uid', 'company', 'allowed_company_ids')
    def _compute_sell_through_12m(self):
        report = self.env['crm.sell.through.report']
        allowed = report.has_access('read')
        since = fields.Date.context_today(self) - relativedelta(months=12)
        for side, fname, kind in (
            ('intermediary_id', 'sell_through_12m', 'sold_through'),
            ('partner_id', 'bought_through_12m', 'bought_through'),
        ):
            amounts = dict(report._read_group(
                [(side, 'in', self._origin.ids), ('date', '>', since), ('company_id', '=', self.env.company.id)],
                [side], ['amount:sum'],
            ) if allowed and self._origin.ids and not self._is_known_without(kind) else ())
            for partner in self:
                partner[fname] = amounts.get(partner._origin, 0.0)
        self.sell_through_currency_id = self.env.company.currency_id

    def action_view_served(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_distribution_link_action')
        action.update(
            display_name=self.display_name, domain=[('intermediary_id', '=', self.id)],
            context={'default_intermediary_id': self.id, 'search_default_current': 1},
        )
        return action

    def action_view_served_by(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_distribution_link_action')
        action.update(
            display_name=self.display_name, domain=[('partner_id', '=', self.id)],
            context={'default_partner_id': self.id, 'search_default_current': 1},
        )
        return action

    def action_view_sell_through(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_sell_through_report_action')
        action.update(
            display_name=self.display_name,
            domain=['|', ('intermediary_id', '=', self.id), ('partner_id', '=', self.id)],
            context={'search_default_last_12m': 1},
        )
        return action

    def _check_is_intermediary(self):
        """Refuse to link customers to somebody who doesn't sell on."""
        for partner in self.filtered(lambda item: item.customer_type != 'intermediary'):
            types = dict(self._fields['customer_type']._description_selection(self.env))
            raise ValidationError(self.env._(
                "%(customer)s is no intermediary (customer type: %(type)s). Set its customer type to “%(wanted)s” "
                "first, or choose another one.",
                customer=partner.display_name, type=types.get(partner.customer_type) or self.env._("none"),
                wanted=types['intermediary'],
            ))
