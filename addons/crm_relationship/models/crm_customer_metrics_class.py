from odoo import api, models
from odoo.tools import SQL

from .metrics_source import MetricsSource, MirroredFigure
from .res_partner import VALUE_CLASSES


class CrmCustomerMetrics(models.Model):
    """Stage and value class: derived from the figures, then mirrored to the partners of the company and its
    branches.
    """

    _inherit = 'crm.customer.metrics'

    @api.model
    def _metrics_mirrored(self):
        """Figures to show on the customers: list of ``MirroredFigure``."""
        return [
            MirroredFigure('relationship_stage', 'relationship_stage', default='potential', history=True),
            MirroredFigure('value_class', 'value_class', history=True),
        ]

    @api.model
    def _metrics_population_sources(self):
        return super()._metrics_population_sources() + [
            MetricsSource('stage', ('relationship_stage',), '_metrics_source_stage', logged=True),
            MetricsSource('class', ('value_class_sales', 'value_class'), '_metrics_source_class', logged=True),
        ]

    @api.model
    def _metrics_after_refresh(self, scope):
        super()._metrics_after_refresh(scope)
        if scope.partner_ids is None:
            scope.root._mark_class_cut(scope.today)
        self._mirror_to_partners(scope)

    def _metrics_source_stage(self, scope):
        """Distance of the customer, from its purchases; before the first one, whether somebody goes for it.

        Target: marked so by the salesperson, or an open opportunity or quotation.
        """
        root = scope.root
        return self._stage_query(
            scope, root.stage_dormant_days, root.stage_lost_days, root.stage_loyal_purchases)

    def _stage_query(self, scope, dormant, lost, loyal):
        """SELECT partner_id, stage with the given limits (days, days, purchases)."""
        return SQL(
            """SELECT m.partner_id, CASE
                      WHEN m.last_order_date IS NULL AND (
                           'target' IN (%(marks)s) OR courted.partner_id IS NOT NULL) THEN 'target'
                      WHEN m.last_order_date IS NULL THEN 'potential'
                      WHEN %(today)s::date - m.last_order_date > %(lost)s THEN 'lost'
                      WHEN %(today)s::date - m.last_order_date > %(dormant)s THEN 'dormant'
                      WHEN m.order_count >= %(loyal)s THEN 'loyal'
                      WHEN m.order_count > 1 THEN 'repeat'
                      ELSE 'first' END AS stage
                 FROM crm_customer_metrics m
                 JOIN res_partner p ON p.id = m.partner_id
            LEFT JOIN (%(courted)s) courted ON courted.partner_id = m.partner_id
                WHERE m.company_id = %(company)s AND %(partners)s""",
            partners=scope.in_scope(SQL.identifier('m', 'partner_id')),
            marks=SQL(", ").join(SQL("p.relationship_stage->>%s", str(company_id)) for company_id in scope.company_ids),
            company=scope.root.id,
            today=scope.today,
            lost=lost,
            dormant=dormant,
            loyal=loyal,
            courted=self._courted_query(scope),
        )

    def _courted_query(self, scope):
        """Customers with an open opportunity or quotation."""
        return SQL(
            """SELECT p.commercial_partner_id AS partner_id
                 FROM crm_lead l JOIN res_partner p ON p.id = l.partner_id
                WHERE l.active AND l.type = 'opportunity' AND l.won_status = 'pending'
                  AND (l.company_id IS NULL OR %(lead_companies)s) AND %(partners)s
                UNION
               SELECT p.commercial_partner_id
                 FROM sale_order so JOIN res_partner p ON p.id = so.partner_id
                WHERE so.state IN ('draft', 'sent') AND %(order_companies)s AND %(partners)s""",
            partners=scope.in_scope(SQL.identifier('p', 'commercial_partner_id')),
            lead_companies=scope.in_companies(SQL.identifier('l', 'company_id')),
            order_companies=scope.in_companies(SQL.identifier('so', 'company_id')),
        )

    def _metrics_source_class(self, scope):
        """Class by sales (kept between the monthly cuts, steady within the margin) and the class in force.

        As ``tools.rfm.abc_class_steady`` has it. Customers that never bought have none; those that bought, but not
        within twelve months, are in the last class. The cut is made when all are computed: between cuts only customers
        whose own purchases change get or lose a class.
        """
        root = scope.root
        # Shares are computed here again: those of the row are written by the same statement, and rounded.
        cut_due = scope.partner_ids is None and root._is_class_cut_due(scope.today)
        steady = self._steady_number(root._class_cutoffs(), root.class_margin / 100, cut_due)
        return SQL(
            """SELECT classed.partner_id, classed.by_sales, COALESCE(override.value_class, classed.by_sales)
                 FROM (SELECT m.partner_id,
                              CASE WHEN m.last_order_date IS NOT NULL OR m.sales_12m > 0
                                   THEN (%(classes)s::varchar[])[%(steady)s] END AS by_sales
                         FROM (%(placed)s) m) classed
            LEFT JOIN (%(overrides)s) override ON override.partner_id = classed.partner_id
                WHERE %(partners)s""",
            partners=scope.in_scope(SQL.identifier('classed', 'partner_id')),
            classes=[key for key, _label in VALUE_CLASSES],
            steady=steady,
            placed=self._placed_query(scope),
            overrides=self.env['crm.value.class.override']._in_force_query(scope.root, scope.today),
        )

    def _steady_number(self, cutoffs, margin, cut_due):
        """Number from 1 (best) of the class of a row ``m`` of ``_placed_query``: a new one only where a cut is due."""
        before = SQL("m.share_before")
        current = SQL("array_position(%s::varchar[], m.value_class_sales)", [key for key, _label in VALUE_CLASSES])
        if not cut_due:
            return SQL("COALESCE(%s, %s)", current, self._class_number(before, cutoffs, 0))
        return SQL(
            "CASE WHEN %(current)s IS NULL THEN %(plain)s WHEN %(rising)s < %(current)s THEN %(rising)s"
            " ELSE greatest(%(current)s, %(falling)s) END",
            current=current,
            plain=self._class_number(before, cutoffs, 0),
            rising=self._class_number(before, cutoffs, margin),
            falling=self._class_number(before, cutoffs, -margin),
        )

    def _placed_query(self, scope):
        """Rows with ``share_before``, the share (0–1) of all larger customers; 1 without sales.

        With some customers in scope all are ranked only where one of these needs a first class.
        """
        in_scope = scope.in_scope(SQL.identifier('placed', 'partner_id'))
        needed = SQL("TRUE")
        if scope.partner_ids is not None:
            needed = SQL(
                "EXISTS (SELECT FROM crm_customer_metrics placed WHERE placed.company_id = %s AND %s"
                " AND placed.value_class_sales IS NULL AND placed.sales_12m > 0)",
                scope.root.id, in_scope,
            )
        return SQL(
            """SELECT placed.partner_id, placed.sales_12m, placed.last_order_date, placed.value_class_sales,
                      COALESCE(ranked.share_before, 1) AS share_before
                 FROM crm_customer_metrics placed
            LEFT JOIN (SELECT partner_id, (sum(sales_12m) OVER (
                                  ORDER BY sales_12m DESC, partner_id ROWS UNBOUNDED PRECEDING) - sales_12m)
                              / sum(sales_12m) OVER () AS share_before
                         FROM crm_customer_metrics WHERE company_id = %(company)s AND sales_12m > 0 AND %(needed)s
                      ) ranked ON ranked.partner_id = placed.partner_id
                WHERE placed.company_id = %(company)s AND %(partners)s""",
            company=scope.root.id,
            needed=needed,
            partners=in_scope,
        )

    def _class_number(self, before, cutoffs, shift):
        """Number from 1 (best) of the class by the share of all larger customers."""
        steps = SQL(" + ").join(SQL("(%s + %s >= %s)::int", before, shift, cutoff) for cutoff in cutoffs)
        return SQL("(1 + %s)", steps)

    def _mirror_to_partners(self, scope):
        """Write the mirrored figures of the customers in scope to the company-dependent fields of res.partner for root
        and branches, only where they differ.

        Each change of stage and class at the root becomes a line of the customer's history, with person and reason
        where an override made it; a first class is none, and nobody moved when a company's figures are computed for the
        first time. ``write_date`` of the partner stays: nobody edited it.
        """
        mirrored = self._metrics_mirrored()
        self.env.cr.execute(
            SQL(
                """WITH changed AS (
                   SELECT p.id, %(values)s
                     FROM crm_customer_metrics m
                     JOIN res_partner p ON p.id = m.partner_id
                    WHERE m.company_id = %(root)s AND %(partners)s AND (%(differs)s)
               ), updated AS (
                   UPDATE res_partner p SET %(assignments)s FROM changed WHERE changed.id = p.id
               )
               INSERT INTO crm_customer_movement
                      (company_id, partner_id, kind, date, from_value, to_value, user_id, note, create_uid, write_uid,
                      create_date, write_date)
               SELECT %(root)s, changed.id, moved.kind, %(today)s, moved.from_value, moved.to_value,
                      override.user_id, override.reason, %(uid)s, %(uid)s,
                      now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                 FROM changed
           CROSS JOIN LATERAL (VALUES %(moves)s) AS moved (kind, from_value, to_value)
            LEFT JOIN (%(overrides)s) override
                   ON moved.kind = 'value_class' AND override.partner_id = changed.id
                  AND override.value_class = moved.to_value
                WHERE %(known_before)s
                  AND moved.from_value IS DISTINCT FROM moved.to_value AND moved.from_value IS NOT NULL""",
                known_before=bool(self.env['crm.metrics.run']._as_of(scope.root)),
                values=SQL(", ").join(self._mirror_values(scope, figure) for figure in mirrored),
                root=scope.root.id,
                partners=scope.in_scope(SQL.identifier('m', 'partner_id')),
                differs=SQL(" OR ").join(
                    SQL(
                        "p.%s->>%s IS DISTINCT FROM %s",
                        SQL.identifier(figure.field),
                        str(company_id),
                        self._mirror_value(figure),
                    )
                    for figure in mirrored
                    for company_id in scope.company_ids
                ),
                assignments=SQL(", ").join(self._mirror_assignment(scope, figure) for figure in mirrored),
                today=scope.today,
                uid=self.env.uid,
                overrides=self.env['crm.value.class.override']._in_force_query(scope.root, scope.today),
                moves=SQL(", ").join(
                    SQL(
                        "(%s, %s, %s)",
                        figure.field,
                        SQL.identifier(f'old_{figure.field}'),
                        SQL.identifier(f'new_{figure.field}'),
                    )
                    for figure in mirrored
                    if figure.history
                ),
            )
        )
        self.env['res.partner'].invalidate_model([figure.field for figure in mirrored], flush=False)
        self.env['crm.customer.movement'].invalidate_model(flush=False)

    def _mirror_value(self, figure):
        """The figure as it is stored on the partner: the default of ir.default isn't written."""
        if figure.default is None:
            return SQL.identifier('m', figure.column)
        return SQL("NULLIF(%s, %s)", SQL.identifier('m', figure.column), figure.default)

    def _mirror_values(self, scope, figure):
        return SQL(
            "%(stored)s AS %(value)s, m.%(column)s AS %(new)s, COALESCE(p.%(name)s->>%(root)s, %(default)s) AS %(old)s",
            stored=self._mirror_value(figure),
            value=SQL.identifier(f'value_{figure.field}'),
            column=SQL.identifier(figure.column),
            name=SQL.identifier(figure.field),
            new=SQL.identifier(f'new_{figure.field}'),
            old=SQL.identifier(f'old_{figure.field}'),
            root=str(scope.root.id),
            default=figure.default,
        )

    def _mirror_assignment(self, scope, figure):
        keys = [str(company_id) for company_id in scope.company_ids]
        value = SQL.identifier('changed', f'value_{figure.field}')
        return SQL(
            """%(name)s = NULLIF((COALESCE(p.%(name)s, '{}'::jsonb) - %(keys)s::text[])
                   || CASE WHEN %(value)s IS NULL THEN '{}'::jsonb ELSE jsonb_build_object(%(pairs)s) END,
                   '{}'::jsonb)""",
            name=SQL.identifier(figure.field),
            keys=keys,
            value=value,
            pairs=SQL(", ").join(SQL("%s::text, %s", key, value) for key in keys),
        )
