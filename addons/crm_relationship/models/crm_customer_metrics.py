from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256

from pytz import UTC, all_timezones_set, timezone

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .metrics_source import MetricsScope
from .res_partner import RELATIONSHIP_STAGES, VALUE_CLASSES

NUMERIC_TYPES = ('integer', 'float', 'monetary')
LAST_ID = 2**31 - 1


class RefreshBusy(UserError):
    """Another refresh of the same company is under way."""


class CrmCustomerMetrics(models.Model):
    """Figures of a customer for one root company and its branches, written set-wise in SQL by the scheduled refresh.

    An addon adds columns, and a source that fills them (``_metrics_sources``, ``_metrics_population_sources``); it
    never loops over partners. A refresh runs the sources in ranges of partner ids, then the population sources once per
    company.

    Again on the same day, sources that are ``logged`` are computed for customers in the log of changes only
    (``crm.metrics.change``), and those that compare customers where a figure changed. That holds while the statements
    are the same as in the last complete refresh, word for word and with their parameters: those name the day,
    accounts, companies and settings that figures depend on.
    """

    _name = 'crm.customer.metrics'
    _description = 'Customer Figures'
    _order = 'sales_12m desc, id'
    _rec_name = 'partner_id'
    _log_access = True

    # Partners per statement: large enough that fixed costs vanish, small enough to commit every second or so.
    _refresh_batch = 20_000
    # With more customers in the log of changes than these, computing all of them anew is faster.
    _refresh_changed_at_most = 5_000
    # Users of these groups may start a refresh; addons with own screens on the figures add theirs.
    _refresh_groups = ('crm_relationship.group_relationship_manager',)

    company_id = fields.Many2one('res.company', required=True, readonly=True, ondelete='cascade')
    partner_id = fields.Many2one(
        'res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade')
    user_id = fields.Many2one(related='partner_id.user_id', string="Salesperson", store=True)
    currency_id = fields.Many2one('res.currency', readonly=True)

    sales_12m = fields.Monetary(
        string="Sales, 12 months", readonly=True,
        help="Untaxed posted customer invoices less credit notes of the last twelve months, in company currency.")
    sales_total = fields.Monetary(
        string="Sales, total", readonly=True,
        help="Untaxed posted customer invoices less credit notes, in company currency.")
    order_count = fields.Integer(
        string="Purchases", readonly=True,
        help="Days with a purchase: a confirmed order, or a posted invoice without one. Several on one day count once.")
    order_count_12m = fields.Integer(
        string="Purchases, 12 months", readonly=True, help="Days with a purchase in the last twelve months.")
    first_order_date = fields.Date(string="First Purchase", readonly=True)
    last_order_date = fields.Date(string="Last Purchase", readonly=True)
    repurchase_rate = fields.Float(
        readonly=True, aggregator='avg',
        help="Share of the customer's twelve-month periods since the first purchase, the current one included, "
             "with a second purchase. Empty before the first purchase.")

    sales_rank = fields.Integer(
        readonly=True, aggregator='min', help="Rank by sales of the last twelve months, 1 is the largest.")
    sales_share = fields.Float(
        readonly=True, digits=(9, 6), help="Share of the company's sales of the last twelve months.")
    sales_cumulative_share = fields.Float(
        string="Cumulative Share", readonly=True, digits=(9, 6), aggregator='max',
        help="Share of this customer and all larger ones together.")
    rfm_recency = fields.Integer(
        string="Recency",
        readonly=True,
        aggregator='avg',
        help="Fifth of the customers by last purchase, 5 is the latest.",
    )
    rfm_frequency = fields.Integer(
        string="Frequency", readonly=True, aggregator='avg',
        help="Fifth of the customers by purchases of the last twelve months, 5 is the most.")
    rfm_monetary = fields.Integer(
        string="Monetary", readonly=True, aggregator='avg',
        help="Fifth of the customers by sales of the last twelve months, 5 is the highest.")
    relationship_stage = fields.Selection(RELATIONSHIP_STAGES, string="Stage", readonly=True)
    value_class_sales = fields.Selection(
        VALUE_CLASSES,
        string="Class by Sales",
        readonly=True,
        help="From the cumulative share of sales at the monthly cut; it changes only when the customer is "
        "clearly beyond a limit.",
    )
    value_class = fields.Selection(
        VALUE_CLASSES, readonly=True, help="Class by sales, unless an override is in force.")

    as_of = fields.Datetime(
        compute='_compute_as_of', help="Time of the last complete refresh of the company's figures."
    )

    _company_partner_uniq = models.Constraint(
        'UNIQUE (company_id, partner_id)', "A customer has one row of figures per company."
    )

    def init(self):
        # Room on each page for the population pass, which rewrites many rows without touching an index (HOT updates).
        self.env.cr.execute("ALTER TABLE crm_customer_metrics SET (fillfactor = 50)")

    def _compute_as_of(self):
        times = {company: self.env['crm.metrics.run']._as_of(company) for company in self.company_id}
        for metrics in self:
            metrics.as_of = times.get(metrics.company_id)

    # ------------------------------------------------------------------ what addons extend

    @api.model
    def _metrics_sources(self):
        """Sources of columns that need one customer's own records only: list of ``MetricsSource``."""
        return []

    @api.model
    def _metrics_population_sources(self):
        """Sources of columns that compare customers (rank, share, quintiles); they read the columns of the others."""
        return []

    @api.model
    def _metrics_always(self, scope):
        """Ids of customers to compute although they aren't in the log of changes: few whose figures depend on what no
        trigger tells. Returns a set.
        """
        return set()

    @api.model
    def _metrics_after_refresh(self, scope):
        """Called once per company after both passes, to pass figures on: of the customers in scope. Returns nothing."""

    # ------------------------------------------------------------------ refresh

    @api.model
    def refresh(self, partner_ids=None):
        """Bring the figures up to date, of all customers or of those given (contacts stand for their company).

        For the companies of the user, or for all of them when no user and no companies are given (superuser).
        Returns the number of rows written. Does not commit.
        """
        self._check_may_refresh()
        if partner_ids is not None:
            partner_ids = tuple(self.env['res.partner'].sudo().browse(partner_ids).commercial_partner_id.ids)
        metrics = self.sudo()
        return sum(metrics._refresh_company(root, partner_ids) for root in self._refresh_roots())

    def action_refresh(self):
        """Button: refresh all and open the list again, with its new time in the title."""
        written = self.env['crm.customer.metrics'].refresh()
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'success',
                'message': self.env._("Figures refreshed: %(count)s changed.", count=written),
                'next': self.action_open_figures(),
            },
        }

    @api.model
    def action_open_figures(self):
        """The list of figures; its title says as of when they are."""
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_customer_metrics_action')
        return self._action_as_of(action, action['name'], 'customer-figures')

    @api.model
    def _action_as_of(self, action, name, path):
        """Return a window action titled as of when the figures are.

        :param path: address of the server action that leads here: opened again from it, in another tab or from a
            bookmark, the title is made anew; at the window action's own address it would be lost
        """
        title = self.env['crm.metrics.run']._title(name, self.env.company.root_id)
        return {**action, 'name': title, 'display_name': title, 'path': path}

    def action_open_partner(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'res.partner',
            'res_id': self.partner_id.id,
            'view_mode': 'form',
            'views': [(False, 'form')],
        }

    @api.model
    def _cron_refresh(self):
        """Refresh company by company in committed batches; what fails is on the run and doesn't stop the others."""
        for root in self._all_roots():
            if not self.env['crm.metrics.run']._refresh_in_batches(root):
                break

    @api.model
    def _check_may_refresh(self):
        if self.env.su or any(self.env.user.has_group(group) for group in self._refresh_groups):
            return
        raise AccessError(
            self.env._("Only managers of the customer file may refresh the figures; they are refreshed every night.")
        )

    @api.model
    def _refresh_roots(self):
        if self.env.su and not self.env.context.get('allowed_company_ids'):
            return self._all_roots()
        return self.env.companies.root_id.sudo()

    @api.model
    def _all_roots(self):
        return self.env['res.company'].sudo().search([('parent_id', '=', False)])

    def _refresh_company(self, root, partner_ids=None):
        """Both passes for one root company in the caller's transaction. Returns the number of rows written."""
        scope = self._scope(root, partner_ids)
        if partner_ids is not None:
            # They may differ in day or settings from the last refresh of all, which the next one would rely on.
            self.env['crm.metrics.change']._add(scope)
            return self._refresh_some(scope)
        run = self.env['crm.metrics.run']._start(root)
        if run._prepare(scope):
            written = self._refresh_changed(scope)
        else:
            written = sum(self._refresh_scope(batch) for batch in self._batches(scope))
            written += self._refresh_population(scope)
        run._finish(written)
        return written

    def _scope(self, root, partner_ids=None):
        branches = self.env['res.company'].sudo().with_context(active_test=False).search([('id', 'child_of', root.id)])
        name = root.partner_id.tz if root.partner_id.tz in all_timezones_set else 'UTC'
        # Odoo's own clock (which tests may stop) in the company's time zone.
        today = UTC.localize(fields.Datetime.now()).astimezone(timezone(name)).date()
        return MetricsScope(root, tuple(branches.ids), today, name, partner_ids=partner_ids)

    def _batches(self, scope, after=0):
        """Scopes of about ``_refresh_batch`` customers that together cover every partner id above ``after``."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "SELECT partner_id FROM (SELECT partner_id, row_number() OVER (ORDER BY partner_id) AS "
                "position FROM (%s) base"
                " WHERE partner_id > %s) numbered WHERE position %% %s = 0 ORDER BY partner_id",
                self._base_query(scope),
                after,
                self._refresh_batch,
            )
        )
        ends = [row[0] for row in self.env.cr.fetchall()]
        starts = [after, *ends]
        for start, end in zip(starts, [*ends, LAST_ID], strict=False):
            yield replace(scope, partner_range=(start + 1, end))

    def _basis(self, scope):
        """What the figures rest on, beside the documents: a digest of the statements themselves, for no customer."""
        self.env.flush_all()
        nobody = replace(scope, partner_ids=())
        sources = [source for source in self._metrics_sources() if source.logged]
        sources += [source for source in self._metrics_population_sources() if source.logged or source.figures_only]
        digest = sha256(repr((self._base_query(nobody), scope.root.currency_id.id)).encode())
        for source in sources:
            digest.update(repr((source, getattr(self, source.method)(nobody))).encode())
        return digest.hexdigest()

    def _refresh_changed(self, scope):
        """Both passes for the customers in the log of changes, and for all where a source isn't logged.

        Returns the number of rows written.
        """
        with self._writing(scope.root):
            changed = self.env['crm.metrics.change'].sudo()._take(scope)
            written = 0
            if unlogged := [source for source in self._metrics_sources() if not source.logged]:
                written, _inserted = self._write_rows(scope, unlogged, self._base_query(scope), whole_rows=False)
            some = replace(scope, partner_ids=tuple(changed))
            return written + self._write_some(some, figures_changed=bool(changed or written))

    def _refresh_some(self, scope):
        """Both passes for the customers in scope. Returns the number of rows written."""
        with self._writing(scope.root):
            return self._write_some(scope)

    def _refresh_scope(self, scope):
        """Per-customer columns of the partners in scope. Returns the number of rows written."""
        with self._writing(scope.root):
            self.env['crm.metrics.change'].sudo()._take(scope)
            return self._write_customers(scope)

    def _refresh_population(self, scope):
        """Columns that follow from those of the first pass, of all customers. Returns the number of rows written."""
        with self._writing(scope.root):
            return self._write_population(replace(scope, partner_range=None, partner_ids=None))

    def _write_some(self, scope, figures_changed=True):
        """Both passes for the customers in scope and those that are always computed."""
        customers = sorted({*scope.partner_ids, *self._metrics_always(scope)})
        some = replace(scope, partner_ids=tuple(customers))
        written = self._write_customers(some) if customers else 0
        return written + self._write_population(some, figures_changed or bool(written))

    def _write_customers(self, scope):
        written, _inserted = self._write_rows(scope, self._metrics_sources(), self._base_query(scope), whole_rows=True)
        return written

    def _write_population(self, scope, figures_changed=True):
        """Columns that follow from those of the first pass, then what follows from them.

        With some customers in scope, those that compare customers are computed for all of them, where a figure
        changed; those that follow from a customer's own figures for those in scope.
        """
        sources = self._metrics_population_sources()
        if scope.partner_ids is None:
            written = self._write_figures(scope, sources)
        else:
            compared = [source for source in sources if not source.logged]
            if not figures_changed:
                compared = [source for source in compared if not source.figures_only]
            written = self._write_figures(replace(scope, partner_ids=None), compared)
            if scope.partner_ids:
                written += self._write_figures(scope, [source for source in sources if source.logged])
        if scope.partner_ids != ():
            self._metrics_after_refresh(scope)
        return written

    def _write_figures(self, scope, sources):
        """Columns of rows that are there, of the customers in scope. Returns the number of rows written."""
        if not sources:
            return 0
        base = SQL(
            "SELECT m.partner_id FROM crm_customer_metrics m WHERE m.company_id = %s AND %s",
            scope.root.id, scope.in_scope(SQL.identifier('m', 'partner_id')),
        )
        if scope.partner_ids is not None:
            return self._write_rows(scope, sources, base, whole_rows=False)[0]
        # Rows just written have no statistics yet: PostgreSQL takes them for few and would loop over them in nested
        # loops.
        self.env.cr.execute("SET LOCAL enable_nestloop = off")
        written, _inserted = self._write_rows(scope, sources, base, whole_rows=False)
        self.env.cr.execute("SET LOCAL enable_nestloop TO DEFAULT")
        return written

    @contextmanager
    def _writing(self, root):
        """Two refreshes of one company at a time would undo each other's work: the second is told to wait.

        What a refresh writes itself to customers isn't logged as their change; what waits to be written is, before.
        """
        self.env.flush_all()
        self.env.cr.execute(SQL(
            """SELECT pg_try_advisory_xact_lock(hashtext('crm_customer_metrics'), %s),
                      set_config('crm_metrics.refreshing', 'on', TRUE)""",
            root.id,
        ))
        if not self.env.cr.fetchone()[0]:
            raise RefreshBusy(self.env._(
                "The figures of %(company)s are being refreshed right now. Try again in a minute.", company=root.name))
        yield
        self.env.cr.execute("SELECT set_config('crm_metrics.refreshing', '', TRUE)")
        self.invalidate_model(flush=False)

    # ------------------------------------------------------------------ SQL

    def _base_query(self, scope):
        """Who has a row: commercial partners visible to the company that are customers, or have a confirmed order.

        ``is_company OR parent_id IS NULL`` is what makes a commercial partner; comparing ``commercial_partner_id = id``
        instead is badly estimated by PostgreSQL.
        """
        return SQL(
            """SELECT p.id AS partner_id, p.user_id
                 FROM res_partner p
                WHERE (p.is_company OR p.parent_id IS NULL)
                  AND (p.company_id IS NULL OR %(visible)s)
                  AND %(partners)s
                  AND (p.customer_rank > 0 OR p.id IN (
                       SELECT invoiced.commercial_partner_id
                         FROM sale_order so
                         JOIN res_partner invoiced ON invoiced.id = so.partner_invoice_id
                        WHERE so.state = 'sale' AND %(orders)s AND %(debtors)s))""",
            visible=scope.in_companies(SQL.identifier('p', 'company_id')),
            partners=scope.in_scope(SQL.identifier('p', 'id')),
            orders=scope.in_companies(SQL.identifier('so', 'company_id')),
            debtors=scope.in_scope(SQL.identifier('invoiced', 'commercial_partner_id')),
        )

    def _write_rows(self, scope, sources, base, whole_rows):
        """Compute into a temporary table, then update what differs and, for whole rows, insert what is missing and
        delete what is left over.

        PostgreSQL never computes a statement that writes rows with several processes, but it does fill a new table so.
        An upsert would burn an id and WAL for every unchanged row. Returns the number of rows written and the partners
        of inserted ones.
        """
        columns = [column for source in sources for column in source.columns]
        own = ['user_id', 'currency_id'] if whole_rows else []
        if not columns:
            return 0, []
        self.env.cr.execute(
            SQL(
                "CREATE TEMPORARY TABLE crm_customer_metrics_fresh ON COMMIT DROP AS"
                " WITH base AS (%(base)s) SELECT base.partner_id, %(values)s FROM base %(joins)s",
                base=base,
                values=SQL(", ").join([*self._own_values(scope, own), *self._source_values(sources)]),
                joins=SQL(" ").join(self._source_joins(scope, sources)),
            )
        )
        self.env.cr.execute(
            SQL(
                """WITH updated AS (%(update)s RETURNING 1)
                        %(rest)s
                   SELECT %(count)s""",
                update=self._update_query(scope, [*own, *columns]),
                rest=self._insert_and_delete_queries(scope, [*own, *columns]) if whole_rows else SQL(""),
                count=SQL(
                    "(SELECT count(*) FROM updated) + (SELECT count(*) FROM deleted),"
                    " ARRAY(SELECT partner_id FROM inserted)"
                )
                if whole_rows
                else SQL("count(*), '{}'::int[] FROM updated"),
            )
        )
        written, inserted = self.env.cr.fetchone()
        self.env.cr.execute("DROP TABLE crm_customer_metrics_fresh")
        return written + len(inserted), inserted

    def _own_values(self, scope, own):
        return [SQL("base.user_id AS user_id"), SQL("%s AS currency_id", scope.root.currency_id.id)] if own else []

    def _source_values(self, sources):
        for index, source in enumerate(sources):
            for column in source.columns:
                field = self._fields[column]
                value = SQL.identifier(f'source{index}', column)
                if field.type in NUMERIC_TYPES and column not in source.nullable:
                    value = SQL("COALESCE(%s, 0)", value)
                yield SQL("%s::%s AS %s", value, SQL(field.column_type[1]), SQL.identifier(column))

    def _source_joins(self, scope, sources):
        for index, source in enumerate(sources):
            yield SQL(
                "LEFT JOIN (%s) AS %s (%s) ON %s = base.partner_id",
                getattr(self, source.method)(scope),
                SQL.identifier(f'source{index}'),
                SQL(", ").join(SQL.identifier(column) for column in ('partner_id', *source.columns)),
                SQL.identifier(f'source{index}', 'partner_id'),
            )

    def _update_query(self, scope, columns):
        return SQL(
            """UPDATE crm_customer_metrics m
                  SET %(assignments)s, write_uid = %(uid)s, write_date = now() AT TIME ZONE 'UTC'
                 FROM crm_customer_metrics_fresh fresh
                WHERE m.company_id = %(company)s AND m.partner_id = fresh.partner_id AND %(in_scope)s
                  AND (%(old)s) IS DISTINCT FROM (%(new)s)""",
            assignments=SQL(", ").join(
                SQL("%s = %s", SQL.identifier(column), SQL.identifier('fresh', column)) for column in columns),
            uid=self.env.uid,
            company=scope.root.id,
            in_scope=scope.in_scope(SQL.identifier('m', 'partner_id')),
            old=SQL(", ").join(SQL.identifier('m', column) for column in columns),
            new=SQL(", ").join(SQL.identifier('fresh', column) for column in columns),
        )

    def _insert_and_delete_queries(self, scope, columns):
        """Rows of new customers, and rows of partners that no longer are customers of their own (now a contact,
        say).
        """
        return SQL(
            """, inserted AS (
                INSERT INTO crm_customer_metrics
                       (company_id, partner_id, %(columns)s, create_uid, write_uid, create_date, write_date)
                SELECT %(company)s, fresh.partner_id, %(values)s, %(uid)s, %(uid)s,
                       now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                  FROM crm_customer_metrics_fresh fresh
                 WHERE NOT EXISTS (SELECT FROM crm_customer_metrics m
                                    WHERE m.company_id = %(company)s AND m.partner_id = fresh.partner_id
                                      AND %(in_scope)s)
                    ON CONFLICT (company_id, partner_id) DO NOTHING
                RETURNING partner_id
            ), deleted AS (
                DELETE FROM crm_customer_metrics m
                 WHERE m.company_id = %(company)s AND %(in_scope)s
                   AND NOT EXISTS (SELECT FROM crm_customer_metrics_fresh fresh WHERE fresh.partner_id = m.partner_id)
                RETURNING 1
            )""",
            columns=SQL(", ").join(SQL.identifier(column) for column in columns),
            values=SQL(", ").join(SQL.identifier('fresh', column) for column in columns),
            company=scope.root.id,
            uid=self.env.uid,
            in_scope=scope.in_scope(SQL.identifier('m', 'partner_id')),
        )

    # ------------------------------------------------------------------ reading

    @api.model
    def _read_figures(self, root, partner_ids, names):
        """Figures with their NULLs (the ORM reads an empty number as 0).

        Returns ``({partner_id: {name: value or None}}, date as of)``; partners without a row are absent.
        """
        names = sorted(name for name in names if name in self._fields)
        as_of = self.env['crm.metrics.run']._as_of(root) or fields.Datetime.now()
        if not names or not partner_ids:
            return {}, as_of
        self.flush_model()
        self.env.cr.execute(SQL(
            "SELECT partner_id, %s FROM crm_customer_metrics WHERE company_id = %s AND partner_id = ANY(%s)",
            SQL(", ").join(SQL.identifier(name) for name in names), root.id, list(partner_ids),
        ))
        return {
            partner_id: {
                name: float(value) if value is not None and self._fields[name].type in NUMERIC_TYPES else value
                for name, value in zip(names, values, strict=False)
            } for partner_id, *values in self.env.cr.fetchall()
        }, as_of
