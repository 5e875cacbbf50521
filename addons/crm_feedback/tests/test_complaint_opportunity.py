from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import FeedbackCase


@tagged('post_install', '-at_install')
class TestComplaintOpportunity(FeedbackCase):
    def test_an_agent_raises_an_opportunity_for_the_customers_salesperson(self):
        complaint = self.register(subject='Asks for lamps', kind='request')
        action = complaint.action_raise_opportunity()
        lead = self.env['crm.lead'].search([('complaint_id', '=', complaint.id)])
        self.assertRecordValues(lead, [{
            'name': 'Asks for lamps', 'user_id': self.salesperson.id, 'partner_id': self.customer.id,
            'type': 'opportunity',
        }])
        self.assertEqual(complaint.raised_lead_count, 1)
        # The agent may not read the pipeline: a word instead of the form.
        self.assertEqual(action['tag'], 'display_notification')
        with self.assertRaises(AccessError):
            lead.with_user(self.agent).read(['name'])

    def test_the_report_knows_what_came_from_complaints(self):
        complaint = self.register()
        complaint.action_raise_opportunity()
        row = self.env['crm.lead.origin.report'].search([('lead_id.complaint_id', '=', complaint.id)])
        self.assertEqual(row.origin, 'complaint')
