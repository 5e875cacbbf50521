"""What an addon hands to the metrics engine: columns with one SQL source, and the scope that it is asked for."""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from odoo.tools import SQL


@dataclass(frozen=True)
class MetricsSource:
    """Columns of ``crm.customer.metrics`` and the method that returns the SELECT which fills them.

    ``method`` takes a :class:`MetricsScope` and returns ``SELECT partner_id, <columns in this order> …`` with at
    most one
    row per commercial partner. Customers without a row get 0 in numeric columns; NULL in dates, texts and
    ``nullable`` ones.

    ``logged``: what the statement reads of a customer are this company's row of figures and tables whose changes the
    triggers of ``crm.metrics.change`` tell of (or it is named by ``_metrics_always``), so that only customers in that
    log are computed again on the same day. ``figures_only`` (population sources): the statement compares customers by
    their rows of figures and reads nothing else, so that its result stays while none of them changes.
    """

    name: str
    columns: tuple[str, ...]
    method: str
    nullable: tuple[str, ...] = ()
    logged: bool = False
    figures_only: bool = False


@dataclass(frozen=True)
class MirroredFigure:
    """A ``column`` of ``crm.customer.metrics`` that is also a company-dependent ``field`` of the customer.

    ``default`` stands for an empty one there (ir.default) and isn't written. ``history``: its changes are lines of
    ``crm.customer.movement``.
    """

    field: str
    column: str
    default: str | None = None
    history: bool = False


# Condition of triggers that the refresh itself would set off: it says by a setting of its transaction that it writes.
BY_OTHERS = "current_setting('crm_metrics.refreshing', TRUE) IS DISTINCT FROM 'on'"


@dataclass(frozen=True)
class MetricsTrigger:
    """A table whose changes are written to the log ``crm.metrics.change``.

    ``columns`` are those whose update counts; an expression calls the row ``row``. ``customers`` is a SELECT of
    (commercial partner, company) for a ``row`` of the table, with partner 0 where all customers are meant; an update
    logs those of the row before and after. Rows to which ``condition`` doesn't apply before or after are passed over.
    ``topic`` tells several triggers of one table apart; ``by_others``: what the refresh writes itself isn't logged.

    Columns are compared in the function and not in the trigger's WHEN: PostgreSQL refuses to change the type of a
    column that a WHEN names.
    """

    table: str
    columns: tuple[str, ...]
    customers: str
    events: tuple[str, ...] = ('INSERT', 'UPDATE', 'DELETE')
    topic: str = ''
    condition: str = ''
    by_others: bool = False

    @property
    def name(self):
        return '_'.join(filter(None, (self.table, self.topic)))

    @property
    def digest(self):
        """What tells a function that is in place from one that an update has changed."""
        return sha256(repr((self, self.body())).encode()).hexdigest()

    def body(self):
        """Source of the trigger's function in PL/pgSQL."""
        lines = ['BEGIN']
        for event in self.events:
            rows = {'INSERT': ('NEW',), 'UPDATE': ('OLD', 'NEW'), 'DELETE': ('OLD',)}[event]
            tests = [f"TG_OP = '{event}'"]
            if self.condition:
                tests.append(f"({' OR '.join(f'({self._of(row, self.condition)})' for row in rows)})")
            if event == 'UPDATE':
                old, new = (', '.join(self._column(row, column) for column in self.columns) for row in rows)
                tests.append(f'ROW({old}) IS DISTINCT FROM ROW({new})')
            customers = ' UNION '.join(f'({self._of(row, self.customers)})' for row in rows)
            lines.append(
                f"IF {' AND '.join(tests)} THEN INSERT INTO crm_metrics_change (customer, company)"
                f' SELECT customer, company FROM ({customers}) logged (customer, company)'
                ' WHERE customer IS NOT NULL; END IF;'
            )
        return '\n'.join([*lines, 'RETURN NULL;', 'END'])

    def _of(self, row, expression):
        return expression.replace('row.', f'{row}.')

    def _column(self, row, column):
        return self._of(row, column if 'row.' in column else f'row.{column}')


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
