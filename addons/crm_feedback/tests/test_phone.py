from odoo.tests import tagged

from odoo.addons.crm_relationship.tests.test_phone import OpensAsCards

from .common import FeedbackCase


@tagged('post_install', '-at_install')
class TestPhoneOfAgents(OpensAsCards, FeedbackCase):

    def test_every_list_of_an_agent_opens_as_cards_on_a_phone(self):
        self.assertCards(self.agent, 'crm_feedback')
