"""Working time of calendars as the plain intervals that ``tools/sla.py`` reads."""
from datetime import datetime, timedelta

from pytz import utc

CHUNK = timedelta(weeks=8)
HORIZON = timedelta(days=3 * 365)
EPOCH = datetime(2001, 1, 1)
ONE_MICROSECOND = timedelta(microseconds=1)


class WorkingTime:
    """Reads calendars in chunks, each chunk once for all records that share a calendar and company.

    Times are naive UTC like Odoo's. Holidays are those of the calendar, or of all calendars, that belong to the
    calendar's company, the record's, one of its parents or to nobody: under superuser `resource.calendar` alone would
    count every company's.
    """

    def __init__(self, env):
        self.env = env
        self._chunks = {}

    def stream(self, calendar, company, start):
        """Return a re-iterable of the working intervals from ``start`` on, three years at most.

        Without a calendar every hour counts.
        """
        return _Stream(self, calendar, company, start)

    def chunk(self, calendar, company, number):
        """Return the working intervals of one chunk as ``[(start, end), …]``."""
        key = (calendar.id, company.id, number)
        if key not in self._chunks:
            begin = EPOCH + number * CHUNK
            if calendar:
                self._chunks[key] = self._read(calendar, company, begin, begin + CHUNK)
            else:
                self._chunks[key] = [(begin, begin + CHUNK)]
        return self._chunks[key]

    def _read(self, calendar, company, begin, end):
        domain = [
            ('time_type', '=', 'leave'),
            ('company_id', 'in', [False, calendar.sudo().company_id.id, *company.sudo().parent_ids.ids]),
        ]
        work = calendar.sudo()._work_intervals_batch(
            begin.replace(tzinfo=utc), end.replace(tzinfo=utc), domain=domain)[False]
        return [(self._naive(start), self._naive(stop)) for start, stop, _attendance in work]

    @staticmethod
    def _naive(moment):
        """Naive UTC; a day that ends at 24:00 comes as one microsecond before midnight."""
        moment = moment.astimezone(utc).replace(tzinfo=None)
        return moment + ONE_MICROSECOND if moment.microsecond == 999999 else moment


class _Stream:
    def __init__(self, working_time, calendar, company, start):
        self.args = working_time, calendar, company, start

    def __iter__(self):
        working_time, calendar, company, start = self.args
        first = (start - EPOCH) // CHUNK
        for number in range(first, first + HORIZON // CHUNK + 1):
            yield from working_time.chunk(calendar, company, number)
