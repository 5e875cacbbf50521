"""What an addon hands to the metrics engine: columns with one SQL source, and the scope that it is asked for."""

from dataclasses import dataclass
from datetime import date

from odoo.tools import SQL


@dataclass(frozen=True)
class MetricsSource:
    """Columns of ``crm.customer.metrics`` and the method that returns the SELECT which fills them.

    ``method`` takes a :class:`MetricsScope` and returns ``SELECT partner_id, <columns in this order> …`` with at
    most one
    row per commercial partner. Customers without a row get 0 in numeric columns; NULL in dates, texts and
    ``nullable`` ones.

    ``logged`` (sources of one customer's records): triggers of ``crm.metrics.change`` tell of every change of what the
    statement reads, so that only customers in that log are computed again on the same day. ``figures_only``
    (population sources): the statement reads this company's rows of figures only, so that its result stays while none
    of them changes.
    """

    name: str
    columns: tuple[str, ...]
    method: str
    nullable: tuple[str, ...] = ()
    logged: bool = False
    figures_only: bool = False


@dataclass(frozen=True)
class MetricsTrigger:
    """A table whose changes are written to the log ``crm.metrics.change``.

    ``columns`` are those whose update counts. ``customers`` is a SELECT of (commercial partner, company) for a row of
    the table, which it calls ``row``; an update logs those of the row before and after. ``topic`` tells several
    triggers of one table apart.
    """

    table: str
    columns: tuple[str, ...]
    customers: str
    events: tuple[str, ...] = ('INSERT', 'UPDATE', 'DELETE')
    topic: str = ''

    @property
    def name(self):
        return '_'.join(filter(None, (self.table, self.topic)))

    def body(self):
        """Source of the trigger's function in PL/pgSQL."""
        lines = ['BEGIN']
        if 'UPDATE' in self.events:
            old, new = (', '.join(f'{row}.{column}' for column in self.columns) for row in ('OLD', 'NEW'))
            lines.append(
                f"IF TG_OP = 'UPDATE' AND ROW({old}) IS NOT DISTINCT FROM ROW({new}) THEN RETURN NULL; END IF;"
            )
        for row, other in (('OLD', 'INSERT'), ('NEW', 'DELETE')):
            if any(event != other for event in self.events):
                customers = self.customers.replace('row.', f'{row}.')
                lines.append(
                    f"IF TG_OP <> '{other}' THEN INSERT INTO crm_metrics_change (customer, company)"
                    f' SELECT customer, company FROM ({customers}) logged (customer, company)'
                    ' WHERE customer IS NOT NULL; END IF;'
                )
        return '\n'.join([*lines, 'RETURN NULL;', 'END'])


@dataclass(frozen=True)
class MetricsScope:
    """What one statement covers: a root company with its branches, a day, and all or some of the partners.

    ``root`` is a res.company record, ``company_ids`` holds it and its branches, ``today`` is the day at the company.
    ``partner_range`` (first and last id, inclusive) or ``partner_ids`` limit the partners.
    """

    root: object
    company_ids: tuple[int, ...]
    today: date
    timezone: str = 'UTC'
    partner_range: tuple[int, int] | None = None
    partner_ids: tuple[int, ...] | None = None

    def in_scope(self, column: SQL) -> SQL:
        """Condition that keeps commercial partners (a column with their ids) within the scope."""
        if self.partner_ids is not None:
            return SQL("%s = ANY(%s)", column, list(self.partner_ids))
        if self.partner_range is not None:
            return SQL("%s BETWEEN %s AND %s", column, *self.partner_range)
        return SQL("TRUE")

    def in_companies(self, column: SQL) -> SQL:
        """Condition that keeps the root company and its branches (a column with company ids)."""
        return SQL("%s IN %s", column, self.company_ids)

    def day(self, column: SQL) -> SQL:
        """The company's calendar day of a UTC time stamp."""
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", column, self.timezone)
