from odoo import models


class ResourceCalendar(models.Model):
    _inherit = 'resource.calendar'

    def write(self, vals):
        if 'tz' in vals:
            self.env.registry.clear_cache()  # res.company._credit_tz
        return super().write(vals)
