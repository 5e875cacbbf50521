from odoo import models

from ..tools import public_holidays


class ResCountryState(models.Model):
    _inherit = 'res.country.state'

    def _get_holiday_region(self):
        """Return the code under which the calendar library knows this state, or None: then the country's days count."""
        self.ensure_one()
        state = self.sudo()
        return public_holidays.subdivision(state.country_id.code, state.code, state.name)
