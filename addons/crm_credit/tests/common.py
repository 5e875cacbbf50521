from odoo import Command
from odoo.tests import new_test_user

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


class CreditCase(AccountTestInvoicingCommon):
    """A company with a chart of accounts and one user of each role that has to do with credit.

    ``analyst`` and ``credit_manager`` have the credit groups, ``accountant`` does invoices, ``salesperson`` sells.
    ``policy`` is a draft; ``activate_policy()`` puts it in force.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.env = cls.env(su=True, context=dict(cls.env.context, no_reset_password=True))
        cls.company = cls.company.with_env(cls.env)
        cls.analyst = cls._make_user('credit_analyst', 'Anna Analyst', 'crm_credit.group_credit_analyst')
        cls.credit_manager = cls._make_user('credit_manager', 'Carl Manager', 'crm_credit.group_credit_manager')
        cls.other_manager = cls._make_user('credit_manager_2', 'Dora Manager', 'crm_credit.group_credit_manager')
        cls.accountant = cls._make_user(
            'credit_accountant', 'Ada Accountant', 'base.group_partner_manager,account.group_account_invoice'
        )
        cls.salesperson = cls._make_user(
            'credit_salesperson', 'Sally Seller', 'base.group_partner_manager,sales_team.group_sale_salesman'
        )
        cls.term_30 = cls.env.ref('account.account_payment_term_30days')
        cls.term_immediate = cls.env.ref('account.account_payment_term_immediate')
        cls.policy = cls._make_policy()
        cls.customer = cls.env['res.partner'].create(
            {'name': 'Steady Stores GmbH', 'is_company': True, 'customer_rank': 1, 'user_id': cls.salesperson.id}
        )

    @classmethod
    def _make_user(cls, login, name, groups):
        return new_test_user(
            cls.env,
            login=login,
            password=login,
            name=name,
            email=f'{login}@example.com',
            groups=f'base.group_user,{groups}',
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def _make_policy(cls, **values):
        """A draft with grades A (from 80), B (60), C (40), D (0), two rules (limit, overdue 30 days), authority."""
        Policy = cls.env['credit.policy']
        grades = [
            # code, score, months, ceiling, term, on_breach
            ('A', 80, 3, 100000, cls.term_30, 'warn'),
            ('B', 60, 2, 50000, cls.term_30, 'hold'),
            ('C', 40, 1, 10000, cls.term_30, 'hold'),
            ('D', 0, 0, 0, cls.term_immediate, 'hold'),
        ]
        return Policy.create(
            {
                'name': 'Test policy',
                'company_id': cls.company.root_id.id,
                'date_from': '2020-01-01',
                'default_control': 'unlimited',
                'grade_ids': [
                    Command.create(
                        {
                            'code': code,
                            'name': f'Grade {code}',
                            'min_score': score,
                            'limit_months': months,
                            'max_limit': ceiling,
                            'limit_rounding': 100,
                            'payment_term_id': term.id,
                            'on_breach': on_breach,
                        }
                    )
                    for code, score, months, ceiling, term, on_breach in grades
                ],
                'rule_ids': [
                    Command.create({'name': 'Over the limit', 'kind': 'over_limit', 'action': 'hold'}),
                    Command.create({'name': 'Overdue', 'kind': 'overdue_days', 'action': 'hold', 'threshold': 30}),
                ],
                'authority_ids': [
                    Command.create({'group_id': cls.env.ref('crm_credit.group_credit_manager').id, 'max_amount': 50000})
                ],
                'factor_ids': [
                    Command.create(
                        {
                            'dimension': 'conditions',
                            'code': 'conditions',
                            'name': 'Trade and outlook',
                            'weight': 50,
                            'sequence': 10,
                        }
                    ),
                    Command.create(
                        {'dimension': 'coverage', 'code': 'coverage', 'name': 'Insurance', 'weight': 50, 'sequence': 20}
                    ),
                ],
                **values,
            }
        )

    @classmethod
    def activate_policy(cls, policy=None):
        policy = policy or cls.policy
        policy.action_activate()
        return policy

    @classmethod
    def set_terms(cls, partner, limit=None, control='limited', grade=None, company=None):
        """Give a customer terms as the credit department would."""
        values = {'credit_control': control}
        if limit is not None:
            values['credit_limit'] = limit
        if grade:
            values['credit_grade_id'] = cls.policy._get_grade(grade).id
        partner._set_credit_terms(company or cls.company, values)

    @classmethod
    def make_invoice(cls, partner, amount, date='2026-01-10', due=None, post=True, move_type='out_invoice', **values):
        """A customer invoice over ``amount`` without tax, due on ``due`` (its date when not given)."""
        move = cls.env['account.move'].create(
            {
                'move_type': move_type,
                'partner_id': partner.id,
                'invoice_date': date,
                'invoice_date_due': due or date,
                'invoice_payment_term_id': False,
                'invoice_line_ids': [
                    Command.create({'name': 'Goods', 'quantity': 1, 'price_unit': amount, 'tax_ids': [Command.clear()]})
                ],
                **values,
            }
        )
        if post:
            move.action_post()
        return move

    @classmethod
    def pay(cls, invoices, date, amount=None):
        """Pay invoices through the payment register, on ``date``."""
        values = {'payment_date': date}
        if amount is not None:
            values['amount'] = amount
        return (
            cls.env['account.payment.register']
            .with_context(active_model='account.move', active_ids=invoices.ids)
            .create(values)
            ._create_payments()
        )
