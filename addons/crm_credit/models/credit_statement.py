from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_compare, format_date

from ..tools import altman


class CreditStatement(models.Model):
    """A customer's yearly financial statement, with the ratios that the capital factor reads."""

    _name = 'credit.statement'
    _description = "Customer's Financial Statement"
    _inherit = ['credit.customer.mixin', 'mail.thread']
    _order = 'partner_id, date_end desc, id desc'

    date_end = fields.Date(string='Year ended', required=True, tracking=True)
    source = fields.Selection(
        [
            ('audited', 'Audited'),
            ('filed', 'Public register'),
            ('agency', 'Credit agency'),
            ('customer', 'Customer, unaudited'),
        ],
        required=True,
        default='filed',
        tracking=True,
    )
    currency_id = fields.Many2one('res.currency', required=True, default=lambda self: self.env.company.currency_id)
    current_assets = fields.Monetary(required=True, tracking=True)
    total_assets = fields.Monetary(required=True, tracking=True)
    current_liabilities = fields.Monetary(required=True, tracking=True)
    total_liabilities = fields.Monetary(required=True, tracking=True)
    retained_earnings = fields.Monetary(tracking=True)
    equity = fields.Monetary(required=True, tracking=True)
    revenue = fields.Monetary(tracking=True)
    ebit = fields.Monetary(string='Profit before interest and tax', tracking=True)
    working_capital = fields.Monetary(compute='_compute_ratios', store=True)
    current_ratio = fields.Float(compute='_compute_ratios', store=True, digits=(16, 2), aggregator='avg')
    equity_ratio = fields.Float(
        string='Equity ratio (%)', compute='_compute_ratios', store=True, digits=(16, 1), aggregator='avg'
    )
    z_score = fields.Float(
        string='Altman Z″',
        compute='_compute_ratios',
        store=True,
        digits=(16, 2),
        aggregator='avg',
        help='6.56 working capital/assets + 3.26 retained earnings/assets + 6.72 '
        'EBIT/assets + 1.05 equity/liabilities. '
        'Above 2.6 safe, below 1.1 in distress.',
    )
    z_zone = fields.Selection(
        [('safe', 'Safe'), ('grey', 'Grey'), ('distress', 'Distress')],
        string='Zone',
        compute='_compute_ratios',
        store=True,
    )
    note = fields.Text()

    @api.depends('partner_id', 'date_end')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for statement in self:
            statement.display_name = ' '.join(
                filter(None, (statement.partner_id.display_name, format_date(self.env, statement.date_end)))
            )

    @api.depends(
        'current_assets',
        'total_assets',
        'current_liabilities',
        'total_liabilities',
        'retained_earnings',
        'equity',
        'ebit',
    )
    def _compute_ratios(self):
        for statement in self:
            statement.working_capital = statement.current_assets - statement.current_liabilities
            statement.current_ratio = (
                statement.current_liabilities and statement.current_assets / statement.current_liabilities
            )
            statement.equity_ratio = statement.total_assets and 100 * statement.equity / statement.total_assets
            result = None
            if statement.total_assets > 0 and statement.total_liabilities > 0:
                result = altman.z_double_prime(
                    working_capital=statement.working_capital,
                    retained_earnings=statement.retained_earnings,
                    ebit=statement.ebit,
                    equity=statement.equity,
                    total_assets=statement.total_assets,
                    total_liabilities=statement.total_liabilities,
                )
            statement.z_score = result.score if result else 0.0
            statement.z_zone = result.zone if result else False

    @api.constrains(
        'current_assets', 'total_assets', 'current_liabilities', 'total_liabilities', 'equity', 'currency_id'
    )
    def _check_balance(self):
        for statement in self:
            name, digits = statement.display_name, statement.currency_id.rounding or 0.01
            if statement.total_assets <= 0:
                raise ValidationError(self.env._('Statement %s: total assets must be above zero.', name))
            for part in ('current_assets', 'current_liabilities', 'total_liabilities'):
                if statement[part] < 0:
                    raise ValidationError(
                        self.env._(
                            "Statement %(name)s: %(part)s can't be negative (%(amount)s). Losses belong to the equity.",
                            name=name,
                            part=self._fields[part]._description_string(self.env),
                            amount=statement[part],
                        )
                    )
            for part, whole in (('current_assets', 'total_assets'), ('current_liabilities', 'total_liabilities')):
                if float_compare(statement[part], statement[whole], precision_rounding=digits) > 0:
                    raise ValidationError(
                        self.env._(
                            'Statement %(name)s: %(part)s of %(amount)s are more than %(whole)s of %(total)s.',
                            name=name,
                            part=self._fields[part]._description_string(self.env),
                            amount=statement[part],
                            whole=self._fields[whole]._description_string(self.env),
                            total=statement[whole],
                        )
                    )
            other_side = statement.total_liabilities + statement.equity
            if abs(statement.total_assets - other_side) > max(digits, 0.005 * statement.total_assets):
                raise ValidationError(
                    self.env._(
                        "Statement %(name)s doesn't balance: assets are %(assets)s, liabilities and equity %(other)s.",
                        name=name,
                        assets=statement.total_assets,
                        other=other_side,
                    )
                )

    @api.constrains('date_end')
    def _check_year_ended(self):
        today = fields.Date.context_today(self)
        for statement in self:
            if statement.date_end and statement.date_end > today:
                raise ValidationError(
                    self.env._(
                        "Statement of %(customer)s: the year can't have ended on %(end)s, which lies in the future. "
                        'Enter the last day of the year that the figures are of.',
                        customer=statement.partner_id.display_name,
                        end=format_date(self.env, statement.date_end),
                    )
                )

    @api.constrains('partner_id', 'company_id', 'date_end')
    def _check_one_a_year(self):
        for statement in self:
            if self.search_count(
                [
                    ('partner_id', '=', statement.partner_id.id),
                    ('company_id', '=', statement.company_id.id),
                    ('date_end', '=', statement.date_end),
                    ('id', '!=', statement.id),
                ],
                limit=1,
            ):
                raise ValidationError(
                    self.env._(
                        'There is a statement of %(customer)s for the year ended %(end)s already. Change that one.',
                        customer=statement.partner_id.display_name,
                        end=statement.date_end,
                    )
                )

    @api.model
    def _latest(self, company, partners):
        """Return {partner id: last statement}, in one query."""
        statements = self.search(
            [('company_id', '=', company.root_id.id), ('partner_id', 'in', partners.ids)], order='date_end, id'
        )
        return {statement.partner_id.id: statement for statement in statements}
