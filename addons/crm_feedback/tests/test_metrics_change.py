from odoo.tests import tagged

from ..hooks import uninstall_hook
from .common import FeedbackCase


@tagged('post_install', '-at_install')
class TestMetricsChange(FeedbackCase):

    def logged(self):
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM crm_metrics_change RETURNING customer")
        return {customer for customer, in self.env.cr.fetchall()}

    def test_complaints_and_what_came_of_them_are_logged_and_no_questions(self):
        self.logged()
        complaint = self.register()
        self.assertIn(self.customer.id, self.logged())
        complaint.verdict = 'justified'
        self.assertIn(self.customer.id, self.logged())
        complaint.description = 'Both sides'
        self.assertNotIn(self.customer.id, self.logged())
        self.register(kind='request')
        self.assertNotIn(self.customer.id, self.logged())

    def test_uninstalling_takes_the_trigger_away(self):
        self.assertTrue(self.env['crm.metrics.change']._is_complete())
        uninstall_hook(self.env)
        self.assertFalse(self.env['crm.metrics.change']._is_complete())
        self.logged()
        self.register()
        self.assertNotIn(self.customer.id, self.logged())
