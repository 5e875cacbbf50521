from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools import aging
from .res_partner_credit import CREDIT_READERS
from .res_partner_exposure import FIGURE_READERS

PANEL = (
    'credit_used_percent',
    'credit_extension_total',
    'credit_guarantee_total',
    'credit_panel',
    'credit_summary',
)
# Figures of the panel that lead to the documents behind them.
OPEN_ITEM_PARTS = ('receivable', 'overdue', 'disputed', *aging.BUCKET_CODES)
LINKED_PARTS = (*OPEN_ITEM_PARTS, 'unapplied', 'uninvoiced', 'extension', 'guarantee', 'group')

# Overdue for longer than this is serious.
SERIOUS_DAYS = 30


class ResPartner(models.Model):
    """What the page “Credit” of a customer shows besides the live figures, and where its buttons lead."""

    _inherit = 'res.partner'

    credit_used_percent = fields.Integer(
        string='Used', compute='_compute_credit_figures', compute_sudo=True, groups=CREDIT_READERS
    )
    credit_extension_total = fields.Monetary(
        string='Credit Extensions',
        compute='_compute_credit_figures',
        compute_sudo=True,
        currency_field='credit_currency_id',
        groups=CREDIT_READERS,
        help='Temporary extensions in force today.',
    )
    credit_guarantee_total = fields.Monetary(
        string='Credit Guarantees',
        compute='_compute_credit_figures',
        compute_sudo=True,
        currency_field='credit_currency_id',
        groups=CREDIT_READERS,
        help='Covered amounts of accepted guarantees valid today.',
    )
    credit_panel = fields.Json(
        string='Credit Panel',
        compute='_compute_credit_figures',
        compute_sudo=True,
        groups=CREDIT_READERS,
        help='Terms, exposure and receivable by age, as the panel on customer, order and invoice shows them.',
    )
    credit_summary = fields.Json(
        string='Credit Summary',
        compute='_compute_credit_figures',
        compute_sudo=True,
        groups=FIGURE_READERS,
        help='Traffic light, available credit and utilisation: what a salesperson sees.',
    )

    @api.depends('commercial_partner_id')
    @api.depends_context('company', 'lang')
    def _compute_credit_figures(self):
        for partner in self:
            partner.update(dict.fromkeys(PANEL, False))
        return super()._compute_credit_figures()

    @api.model
    def _credit_figures(self, exposure, terms, currency):
        return {
            **super()._credit_figures(exposure, terms, currency),
            'credit_used_percent': round(100 * (terms.utilization(exposure) or 0.0)),
            'credit_extension_total': terms.extension,
            'credit_guarantee_total': terms.guarantee,
            'credit_panel': self._credit_panel(exposure, terms, currency),
            'credit_summary': self._credit_summary(exposure, terms, currency),
        }

    # ------------------------------------------------------------------ panel

    @api.model
    def _credit_summary(self, exposure, terms, currency):
        """Return what a salesperson sees of the panel, or False for customers of whom nothing is ever checked."""
        light = self._credit_light(exposure, terms, currency)
        if light == 'none':
            return False
        available = terms.available(exposure)
        return {
            'light': light,
            'label': dict(self._fields['credit_light']._description_selection(self.env))[light],
            'available': False if available is None else currency.format(available),
            'used': False if available is None else round(100 * terms.utilization(exposure)),
        }

    @api.model
    def _credit_panel(self, exposure, terms, currency):
        """Return the whole panel as plain JSON: figures with their labels, and bars of the receivable by age."""
        return {
            'summary': self._credit_summary(exposure, terms, currency),
            'rows': [
                {
                    'part': part,
                    'label': label,
                    'amount': currency.format(amount),
                    'link': part in LINKED_PARTS and not currency.is_zero(amount),
                }
                for part, label, amount in self._credit_panel_figures(exposure, terms)
            ],
            'bars': self._credit_ageing_bars(exposure, currency),
        }

    @api.model
    def _credit_panel_figures(self, exposure, terms):
        """Return (part, label, amount) of the figures to show; what is zero and usually is zero is left out."""
        limited, shared = terms.ceiling is not None, terms.group_limit is not None
        return [
            (part, label, amount)
            for part, label, amount, shown in (
                ('limit', self.env._('Limit'), terms.limit, limited),
                ('guarantee', self.env._('Guarantees'), terms.guarantee, terms.guarantee),
                ('extension', self.env._('Extension'), terms.extension, terms.extension),
                ('receivable', self.env._('Receivable'), exposure.receivable, True),
                ('uninvoiced', self.env._('Not invoiced yet'), exposure.uninvoiced, True),
                ('transactions', self.env._('Paid, not posted yet'), -exposure.transactions, exposure.transactions),
                ('exposure', self.env._('Exposure'), exposure.exposure, True),
                ('group_limit', self.env._('Limit of %s', terms.group), terms.group_limit, shared),
                ('group', self.env._('Exposure of the group'), exposure.of_group, shared),
                ('group_available', self.env._('Available to the group'), terms.group_available(exposure), shared),
                ('available', self.env._('Available'), terms.available(exposure), limited or shared),
                ('overdue', self.env._('Overdue'), exposure.overdue, exposure.overdue),
                ('disputed', self.env._('In dispute'), exposure.disputed, exposure.disputed),
            )
            if shown
        ]

    @api.model
    def _credit_ageing_bars(self, exposure, currency):
        """Return bars of the receivable by age, none when nothing is open."""
        amounts = [(code, getattr(exposure, code)) for code in (*aging.BUCKET_CODES, 'unapplied')]
        longest = max(abs(amount) for _code, amount in amounts)
        if not longest:
            return []
        labels = self._credit_ageing_labels()
        return [
            {
                'part': code,
                'label': labels[code],
                'amount': currency.format(amount),
                'width': round(100 * abs(amount) / longest),
                'late': code not in ('not_due', 'unapplied'),
                'link': not currency.is_zero(amount),
            }
            for code, amount in amounts
            if amount or code != 'unapplied'
        ]

    @api.model
    def _credit_ageing_labels(self):
        return {
            'not_due': self.env._('Not due'),
            'overdue_1_30': self.env._('1–30 days'),
            'overdue_31_60': self.env._('31–60 days'),
            'overdue_61_90': self.env._('61–90 days'),
            'overdue_91_120': self.env._('91–120 days'),
            'overdue_over_120': self.env._('Over 120 days'),
            'unapplied': self.env._('Unapplied payments'),
        }

    # ------------------------------------------------------------------ documents behind the figures

    def action_open_credit_part(self, part, company_id=None):
        """Open the documents behind a figure of the panel.

        :param part: one of ``LINKED_PARTS``
        :param company_id: whose figures were shown; the current company's root by default
        """
        self.ensure_one()
        self.check_access('read')
        company = self.env['res.company'].browse(company_id) if company_id else self.env.company
        company.check_access('read')
        if part in ('extension', 'guarantee'):
            return self._credit_open_action(f'crm_credit.credit_{part}_action')
        if part == 'uninvoiced':
            return self._credit_orders_action(company)
        if part == 'group':
            return self._credit_group_action(company)
        if part == 'unapplied':
            return self._credit_unapplied_action(company)
        if part in OPEN_ITEM_PARTS:
            return self._credit_invoices_action(company, part)
        raise UserError(self.env._('There are no documents behind “%s”.', part))

    def _credit_open_line_domain(self, company, part):
        """Return the domain of the open receivable items that make up a figure."""
        today = company._credit_today()
        domain = (
            Domain('account_type', '=', 'asset_receivable')
            & Domain('partner_id.commercial_partner_id', '=', self.commercial_partner_id.id)
            & Domain('parent_state', '=', 'posted')
            & Domain('reconciled', '=', False)
            & Domain('amount_residual', '<' if part == 'unapplied' else '!=' if part == 'receivable' else '>', 0)
            & Domain('company_id', 'child_of', company.sudo().root_id.id)
        )
        if part == 'disputed':
            return domain & Domain('move_id.credit_disputed', '=', True)
        if part == 'overdue':
            return domain & Domain('move_id.credit_disputed', '=', False) & self._credit_due_domain(today, 1, None)
        for code, first, last in aging.BUCKETS:
            if code == part:
                domain &= self._credit_due_domain(today, first, last)
        return domain

    @api.model
    def _credit_due_domain(self, today, first, last):
        """Return the domain of items ``first`` to ``last`` days past due (None: open).

        Without a due date their own date counts.
        """

        def between(field):
            domain = Domain.TRUE
            if first is not None:
                domain &= Domain(field, '<=', today - timedelta(days=first))
            if last is not None:
                domain &= Domain(field, '>=', today - timedelta(days=last))
            return domain

        return Domain('date_maturity', '!=', False) & between('date_maturity') | (
            Domain('date_maturity', '=', False) & between('date')
        )

    def _credit_invoices_action(self, company, part):
        label = (
            self._credit_ageing_labels().get(part)
            or {
                'receivable': self.env._('Receivable'),
                'overdue': self.env._('Overdue'),
                'disputed': self.env._('In dispute'),
            }[part]
        )
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._(
                '%(customer)s: %(figure)s', customer=self.commercial_partner_id.display_name, figure=label
            ),
            'res_model': 'account.move',
            'views': [(self.env.ref('crm_credit.account_move_view_list_receivable').id, 'list'), (False, 'form')],
            'domain': [('line_ids', 'any', list(self._credit_open_line_domain(company, part)))],
            'context': {'default_move_type': 'out_invoice', 'create': False},
        }

    def _credit_unapplied_action(self, company):
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._('%s: unapplied payments', self.commercial_partner_id.display_name),
            'res_model': 'account.move.line',
            'views': [(self.env.ref('crm_credit.account_move_line_view_list_unapplied').id, 'list')],
            'domain': list(self._credit_open_line_domain(company, 'unapplied')),
            'context': {'create': False},
        }

    def _credit_orders_action(self, company):
        companies = self._credit_scope(company.sudo()).companies
        debtors = self._credit_debtor_condition(self.commercial_partner_id.ids)
        orders = self.env['sale.order.line']._credit_open_order_ids(companies, debtors)
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._('%s: not invoiced yet', self.commercial_partner_id.display_name),
            'res_model': 'sale.order',
            'views': [(False, 'list'), (False, 'form')],
            'domain': [('id', 'in', orders)],
            'context': {'create': False},
        }

    def _credit_group_action(self, company):
        group = self.env['credit.group']._memberships(company.sudo().root_id.id).get(self.commercial_partner_id.id)
        if not group:
            raise UserError(self.env._('%s shares no limit with others.', self.commercial_partner_id.display_name))
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'credit.group',
            'res_id': group.group_id,
            'views': [(False, 'form')],
        }

    # ------------------------------------------------------------------ attention

    def _get_attention_items(self):
        """Overdue invoices; two queries for any number of customers."""
        items = super()._get_attention_items()
        debtors = self.filtered(lambda partner: partner == partner.commercial_partner_id)._origin
        if not debtors:
            return items
        company = self.env.company
        currency = company.root_id.currency_id
        for debtor, exposure in self._credit_exposure_query(company, debtors.ids, ('receivable',)).items():
            if currency.compare_amounts(exposure.overdue, 0) > 0:
                level = 'danger' if exposure.max_days_overdue > SERIOUS_DAYS else 'warning'
                items.setdefault(debtor, []).append(
                    (
                        10,
                        level,
                        self.env._(
                            '%(amount)s overdue, oldest %(days)s days',
                            amount=currency.format(exposure.overdue),
                            days=exposure.max_days_overdue,
                        ),
                    )
                )
        return items

    # ------------------------------------------------------------------ actions

    def action_open_receivables(self):
        """Open customer invoices and credit notes of the debtor, oldest first."""
        self.ensure_one()
        debtor = self.commercial_partner_id
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._('Open invoices of %s', debtor.display_name),
            'res_model': 'account.move',
            'views': [(self.env.ref('crm_credit.account_move_view_list_receivable').id, 'list'), (False, 'form')],
            'domain': list(
                Domain('commercial_partner_id', '=', debtor.id)
                & Domain('move_type', 'in', ('out_invoice', 'out_refund'))
                & Domain('state', '=', 'posted')
                & Domain('amount_residual', '!=', 0)
            ),
            'context': {'default_move_type': 'out_invoice', 'create': False},
            'help': self.env._('Nothing is open.'),
        }

    def action_new_credit_assessment(self):
        """Continue the open assessment of the customer, or begin one."""
        self.ensure_one()
        root, debtor = self.env.company.root_id, self.commercial_partner_id
        Assessment = self.env['credit.assessment']
        assessment = Assessment.search(
            [('partner_id', '=', debtor.id), ('company_id', '=', root.id), ('state', 'in', ('draft', 'submitted'))],
            limit=1,
        )
        if not assessment:
            assessment = Assessment.create({'partner_id': debtor.id})
            assessment.action_fill()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'credit.assessment',
            'res_id': assessment.id,
            'views': [(False, 'form')],
        }

    def action_open_credit_assessments(self):
        return self._credit_open_action('crm_credit.credit_assessment_action', view_mode='list,form')

    def action_open_credit_guarantees(self):
        return self._credit_open_action('crm_credit.credit_guarantee_action')

    def action_new_credit_extension(self):
        return self._credit_open_action('crm_credit.credit_extension_action')

    def _credit_open_action(self, xmlid, **values):
        """The window of ``xmlid`` on this customer's records."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(xmlid)
        debtor = self.commercial_partner_id
        if 'view_mode' in values:
            action['views'] = [(False, mode) for mode in values['view_mode'].split(',')]
        return {
            **action,
            **values,
            'domain': [('partner_id', '=', debtor.id)],
            'context': {'default_partner_id': debtor.id},
        }
