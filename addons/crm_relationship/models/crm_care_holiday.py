from datetime import date

from odoo import api, fields, models

from ..tools import public_holidays
from ..tools.listing import listed

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
    regions = fields.Char(readonly=True, help="Only in these regions of the country. Empty: in the whole country.")
    next_month_day = fields.Char(string="Month and Day", readonly=True, help="Of the next time, as 05-01.")

    _key_uniq = models.Constraint('UNIQUE (country_id, key)', "This holiday of the country is known already.")

    @api.depends('name', 'country_id', 'regions')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for holiday in self:
            place = holiday.country_id.name
            if holiday.regions:
                regions = listed(holiday.regions.split(', '), self.env.lang)
                place = self.env._("%(country)s: %(regions)s", country=place, regions=regions)
            holiday.display_name = self.env._("%(holiday)s (%(place)s)", holiday=holiday.name, place=place)

    @api.model
    def _load_countries(self, countries):
        """Note the holidays of these countries and of the regions where customers are, with their local names.

        Idempotent.
        """
        countries = countries.filtered(lambda country: public_holidays.is_supported(country.code))
        regions = self._get_regions(countries)
        known = {
            (holiday.country_id, holiday.key): holiday
            for holiday in self.sudo().search([('country_id', 'in', countries.ids)])
        }
        found = {}
        for country in countries:
            found.update(self._find_holidays(country, regions.get(country, ())))
        missing = {key: values for key, values in found.items() if key not in known}
        for key, holiday in known.items():
            places = ', '.join(found.get(key, (None, ()))[1]) or False
            if key in found and holiday.regions != places:
                holiday.regions = places
        created = self.sudo().with_context(lang='en_US').create([
            {'name': name, 'key': name, 'country_id': country.id, 'next_month_day': f'{day:%m-%d}',
             'regions': ', '.join(places)}
            for (country, name), (day, places) in missing.items()
        ])
        languages = [code for code, _name in self.env['res.lang'].get_installed() if not code.startswith('en_')]
        for holiday, ((country, name), (day, places)) in zip(created, missing.items(), strict=True):
            for language in languages:
                local = public_holidays.holiday_name(country.code, day, name, language, next(iter(places), None))
                if local != name:
                    holiday.with_context(lang=language).name = local
        return created

    @api.model
    def _get_regions(self, countries):
        """Return ``{country: [region, …]}`` of those regions with a calendar of their own where customers are."""
        groups = self.env['res.partner'].sudo()._read_group(
            [('country_id', 'in', countries.ids), ('state_id', '!=', False), ('is_customer', '=', True)],
            ['country_id', 'state_id'])
        regions = {}
        for country, state in groups:
            if state.country_id == country and (region := state._get_holiday_region()):
                regions.setdefault(country, set()).add(region)
        return {country: sorted(codes) for country, codes in regions.items()}

    @api.model
    def _find_holidays(self, country, regions):
        """Return ``{(country, name): (next day, [region, …])}``, without regions for holidays of the whole country."""
        today = fields.Date.today()
        end = date(today.year + YEARS_AHEAD, 12, 31)
        found = {}
        for day, name in public_holidays.statutory_holidays(country.code, today, end):
            found.setdefault((country, name), (day, []))
        national = set(found)
        for region in regions:
            for day, name in public_holidays.statutory_holidays(country.code, today, end, region):
                if (country, name) not in national:
                    places = found.setdefault((country, name), (day, []))[1]
                    if region not in places:
                        places.append(region)
        return found
