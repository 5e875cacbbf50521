from datetime import datetime
from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import TransactionCase, new_test_user

MONDAY = datetime(2026, 1, 12, 8, 0)    # 09:00 in Berlin


class FeedbackCase(TransactionCase):
    """A team of two agents with a leader, and a company that works Mon–Fri 9–17 in Berlin.

    The clock stands at Monday, 12 January 2026, 09:00 in Berlin until `at(…)` moves it. Times are naive UTC.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True, no_reset_password=True))
        cls.agent, cls.other_agent = (
            new_test_user(cls.env, login=login, name=name, email=f'{login}@example.com',
                          groups='base.group_user,crm_feedback.group_feedback_agent')
            for login, name in (('fb_agent', 'Ada Agent'), ('fb_other_agent', 'Olga Other')))
        cls.manager = new_test_user(
            cls.env, login='fb_manager', name='Max Manager', email='fb_manager@example.com',
            groups='base.group_user,crm_feedback.group_feedback_manager')
        cls.salesperson, cls.other_salesperson = (
            new_test_user(cls.env, login=login, name=name, email=f'{login}@example.com',
                          groups='base.group_user,sales_team.group_sale_salesman')
            for login, name in (('fb_sales', 'Sally Seller'), ('fb_other_sales', 'Oscar Other')))
        cls.company = cls.env.company
        cls.calendar = cls._make_calendar()
        cls.env['crm.complaint.rule'].search([]).active = False
        cls.env['crm.sla.policy'].search([]).active = False
        cls.env['crm.complaint.team'].search([]).active = False
        cls.team = cls.env['crm.complaint.team'].create({
            'name': 'Service', 'leader_id': cls.manager.id,
            'member_ids': [Command.set((cls.agent + cls.other_agent).ids)]})
        cls.policy = cls.env['crm.sla.policy'].create({
            'name': 'Test level', 'calendar_id': cls.calendar.id, 'first_response_hours': 1, 'next_response_hours': 3,
            'resolution_hours': 16, 'reopen_hours': 4, 'sequence': 50})
        cls.customer = cls.env['res.partner'].create({
            'name': 'Deco Addict', 'is_company': True, 'email': 'deco@example.com', 'user_id': cls.salesperson.id})
        cls.cause = cls.env['crm.complaint.cause'].create({'name': 'Late truck'})

    @classmethod
    def _make_calendar(cls, spans=((9, 17),), tz='Europe/Berlin', days='01234'):
        return cls.env['resource.calendar'].create({
            'name': 'Office', 'tz': tz, 'company_id': cls.company.id,
            'attendance_ids': [Command.clear()] + [
                Command.create({'name': f'{day} {start}', 'dayofweek': day, 'hour_from': start, 'hour_to': end,
                                'day_period': 'morning' if start < 12 else 'afternoon'})
                for day in days for start, end in spans]})

    def setUp(self):
        super().setUp()
        self.now = MONDAY
        self.startPatcher(patch.object(fields.Datetime, 'now', lambda *args: self.now))

    def at(self, moment):
        """Move the clock: a datetime or 'YYYY-MM-DD HH:MM' in UTC."""
        self.now = fields.Datetime.to_datetime(f'{moment}:00') if isinstance(moment, str) else moment

    def register(self, user=None, **values):
        """Register a complaint as an agent (or another user)."""
        values = {'subject': 'Desk scratched', 'partner_id': self.customer.id, **values}
        return self.env['crm.complaint'].with_user(user or self.agent).create(values)

    def resolve(self, complaint, **values):
        """Fill in what a resolution needs and resolve."""
        complaint.write({'verdict': 'justified', 'cause_id': self.cause.id, 'resolution': 'New desk sent', **values})
        complaint.action_resolve()

    @staticmethod
    def due(text):
        return fields.Datetime.to_datetime(f'{text}:00')
