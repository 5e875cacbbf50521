from odoo.tests import tagged

from odoo.addons.crm_relationship.tests.test_care import CareCase


@tagged('post_install', '-at_install')
class TestCareMailing(CareCase):

    def test_recipients_become_a_mailing_list_and_nobody_stands_on_it_twice(self):
        azure = self.customer('Azure Interior')
        self.make_customer('Mailless', comment='care test')
        programme = self.start(channel='mailing', unit_cost=1)
        mailing_list = programme.run_ids.mailing_list_id.sudo()
        self.assertEqual(mailing_list.contact_ids.mapped('email'), [azure.email])
        self.assertEqual(self.outcome(programme), {'Azure Interior': 'sent', 'Mailless': 'no_email'})
        self.assertEqual(programme.cost_total, 1)
        action = programme.run_ids.action_write_mailing()
        self.assertEqual(action['context']['default_contact_list_ids'], mailing_list.ids)
        again = self.start(channel='mailing', mailing_list_id=mailing_list.id)
        self.assertEqual(self.outcome(again)['Azure Interior'], 'sent')
        self.assertEqual(len(mailing_list.contact_ids), 1)

    def test_who_has_left_the_list_is_left_out(self):
        self.customer('Azure Interior')
        newsletter = self.env['mailing.list'].create({'name': "Newsletter"})
        self.env['mailing.contact'].create({
            'name': 'Azure', 'email': 'azure.interior@example.com',
            'subscription_ids': [(0, 0, {'list_id': newsletter.id, 'opt_out': True})]})
        programme = self.start(channel='mailing', mailing_list_id=newsletter.id)
        self.assertEqual(self.outcome(programme), {'Azure Interior': 'refused'})
