from odoo import api, models


class ResourceCalendarLeaves(models.Model):
    _inherit = 'resource.calendar.leaves'

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves._move_complaint_deadlines()
        return leaves

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {'date_from', 'date_to', 'calendar_id', 'resource_id', 'time_type', 'company_id'}:
            self._move_complaint_deadlines()
        return result

    def unlink(self):
        holidays = self._public_holidays()
        calendars, everywhere = holidays.calendar_id, any(not leave.calendar_id for leave in holidays)
        result = super().unlink()
        self.env['crm.complaint']._replan_open(calendars, everywhere)
        return result

    def _public_holidays(self):
        return self.filtered(lambda leave: not leave.resource_id)

    def _move_complaint_deadlines(self):
        """A public holiday entered late still counts for what is open."""
        holidays = self._public_holidays()
        self.env['crm.complaint']._replan_open(
            holidays.calendar_id, any(not leave.calendar_id for leave in holidays))
