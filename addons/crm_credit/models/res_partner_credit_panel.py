from odoo import api, fields, models
from odoo.fields import Domain

from ..tools import aging
from .res_partner_credit import CREDIT_READERS

PANEL = ('credit_used_percent', 'credit_extension_total', 'credit_guarantee_total', 'credit_ageing')

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
    credit_ageing = fields.Html(
        string='Receivable by age',
        compute='_compute_credit_figures',
        compute_sudo=True,
        sanitize=False,
        groups=CREDIT_READERS,
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
            'credit_ageing': self._credit_ageing_html(exposure, currency),
        }

    @api.model
    def _credit_ageing_html(self, exposure, currency):
        """Bars of the receivable by age, or False when nothing is open."""
        amounts = [(code, getattr(exposure, code)) for code in (*aging.BUCKET_CODES, 'unapplied')]
        if not any(amount for _code, amount in amounts):
            return False
        longest = max(abs(amount) for _code, amount in amounts)
        labels = self._credit_ageing_labels()
        bars = [
            {
                'label': labels[code],
                'amount': currency.format(amount),
                'width': round(100 * abs(amount) / longest),
                'late': code not in ('not_due', 'unapplied'),
            }
            for code, amount in amounts
            if amount or code != 'unapplied'
        ]
        return self.env['ir.qweb']._render('crm_credit.credit_ageing_bars', {'bars': bars})

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
