from odoo.tests import tagged

from .common import CreditCase


@tagged('post_install', '-at_install')
class TestChinese(CreditCase):
    def test_what_credit_has_from_the_scorecard_is_translated_with_credit_itself(self):
        self.env['res.lang']._activate_lang('zh_CN')
        self.env['ir.module.module']._load_module_terms(['crm_credit'], ['zh_CN'])
        self.env.registry.clear_all_caches()
        for model, names in (
            ('credit.policy.factor', ('source', 'curve_kind', 'missing_policy', 'knock_out_operator')),
            ('credit.assessment.line', ('source', 'curve_kind')),
        ):
            fields = self.env[model].with_user(self.analyst).with_context(lang='zh_CN').fields_get(names)
            for name in names:
                for _value, label in fields[name]['selection']:
                    self.assertRegex(label, '[\u4e00-\u9fff]', f'{model}.{name}')
