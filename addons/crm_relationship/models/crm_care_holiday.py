from datetime import date

from odoo import api, fields, models

from ..tools import public_holidays

# Years looked at for names: some holidays don't come every year.
YEARS_AHEAD = 3


class CrmCareHoliday(models.Model):
    """A statutory holiday of a country, by the name that the calendar library gives it."""

    _name = 'crm.care.holiday'
    _description = "Statutory Holiday"
    _order = 'country_id, next_month_day, id'

    name = fields.Char(required=True, readonly=True, translate=True)
    key = fields.Char(required=True, readonly=True, help="English name in the calendar of the country.")
    country_id = fields.Many2one('res.country', required=True, readonly=True, index=True, ondelete='cascade')
    next_month_day = fields.Char(string="Month and Day", readonly=True, help="Of the next time, as 05-01.")

    _key_uniq = models.Constraint('UNIQUE (country_id, key)', "This holiday of the country is known already.")

    @api.depends('name', 'country_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for holiday in self:
            holiday.display_name = f'{holiday.name} ({holiday.country_id.name})'

    @api.model
    def _load_countries(self, countries):
        """Note the holidays of these countries, with their names in the installed languages. Idempotent."""
        today = fields.Date.today()
        countries = countries.filtered(lambda country: public_holidays.is_supported(country.code))
        holidays = self.sudo()
        known = {
            (holiday.country_id.id, holiday.key) for holiday in holidays.search([('country_id', 'in', countries.ids)])
        }
        first_days = {}
        for country in countries:
            end = date(today.year + YEARS_AHEAD, 12, 31)
            for day, name in public_holidays.statutory_holidays(country.code, today, end):
                if (country.id, name) not in known:
                    first_days.setdefault((country, name), day)
        created = holidays.with_context(lang='en_US').create([
            {'name': name, 'key': name, 'country_id': country.id, 'next_month_day': f'{day:%m-%d}'}
            for (country, name), day in first_days.items()
        ])
        languages = [code for code, _name in self.env['res.lang'].get_installed() if not code.startswith('en_')]
        for holiday, ((country, name), day) in zip(created, first_days.items(), strict=True):
            for language in languages:
                local = public_holidays.holiday_name(country.code, day, name, language)
                if local != name:
                    holiday.with_context(lang=language).name = local
        return created
