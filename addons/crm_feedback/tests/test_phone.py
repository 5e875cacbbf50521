from odoo.tests import tagged

from odoo.addons.crm_relationship.tests.test_phone import OpensWell

from .common import FeedbackCase


@tagged('post_install', '-at_install')
class TestPhoneOfAgents(OpensWell, FeedbackCase):

    def test_every_list_of_an_agent_opens_as_cards_on_a_phone(self):
        self.assertCards(self.agent, 'crm_feedback')

    def test_every_empty_screen_of_an_agent_and_a_manager_says_what_to_do(self):
        self.assertSaysWhatToDo(self.agent, 'crm_feedback')
        self.assertSaysWhatToDo(self.manager, 'crm_feedback')
