from odoo.tests import HttpCase, new_test_user, tagged


@tagged('post_install', '-at_install')
class TestCareTour(HttpCase):

    def test_a_sales_manager_previews_starts_and_releases_care(self):
        manager = new_test_user(
            self.env, login='care_manager', name='Cara Manager', email='cara@example.com',
            groups='base.group_user,base.group_partner_manager,sales_team.group_sale_manager')
        self.env['res.partner'].create([
            {'name': name, 'is_company': True, 'customer_rank': 1, 'email': f'{number}@example.com', 'no_care': refuses,
             'comment': 'tour of care'}
            for number, (name, refuses) in enumerate((('Grateful Ltd', False), ('Reluctant Ltd', True)))])
        programme = self.env['crm.care.programme'].with_user(manager).create({
            'name': "Tour of greetings", 'kind_id': self.env.ref('crm_relationship.care_kind_greeting').id,
            'occasion': 'yearly', 'occasion_date': '2026-01-02',
            'audience_domain': "[('comment', 'ilike', 'tour of care')]",
            'mail_template_id': self.env.ref('crm_relationship.mail_template_care_greeting').id})
        self.start_tour('/odoo/care', 'crm_relationship_care', login='care_manager')
        run = programme.run_ids
        self.assertEqual((programme.state, run.state), ('running', 'sending'))
        self.assertEqual((run.planned_count, run.excluded_count), (1, 1))
