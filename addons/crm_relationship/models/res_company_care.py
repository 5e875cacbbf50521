from pytz import UTC, all_timezones_set, timezone

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    def _care_today(self):
        """Return today's date in the time zone of the company (its own, else that of its working hours)."""
        self.ensure_one()
        company = self.sudo()
        candidates = (company.partner_id.tz, company.resource_calendar_id.tz)
        name = next((tz for tz in candidates if tz in all_timezones_set), 'UTC')
        return UTC.localize(fields.Datetime.now()).astimezone(timezone(name)).date()
