from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date


class PeriodMixin(models.AbstractModel):
    """A record with a first and a last day: the refusal of a wrong one names the record, both days and the way out."""

    _name = 'crm.period.mixin'
    _description = "Record with a Period"

    _period = ('date_start', 'date_end')

    @api.constrains(lambda self: self._period)
    def _check_period(self):
        for record in self:
            start, end = (record[name] for name in self._period)
            if start and end and end < start:
                raise ValidationError(self.env._(
                    "%(record)s: “%(end_field)s” (%(end)s) is before “%(start_field)s” (%(start)s). Correct one of the "
                    "two dates.",
                    record=record._period_name(),
                    end=format_date(self.env, end), start=format_date(self.env, start),
                    **{
                        f'{which}_field': self._fields[name]._description_string(self.env)
                        for which, name in zip(('start', 'end'), self._period, strict=True)
                    },
                ))

    def _period_name(self):
        """How the refusal calls the record."""
        self.ensure_one()
        return self.display_name or self.env['ir.model']._get(self._name).name
