from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL

from ..models.res_partner import RELATIONSHIP_STAGES, VALUE_CLASSES

SETTINGS = (
    'stage_dormant_days', 'stage_lost_days', 'stage_loyal_purchases',
    'class_vip_share', 'class_major_share', 'class_regular_share', 'class_margin',
)
POINTS = 120
"""Points of the curve: enough for a smooth line, whatever the number of customers."""


class CrmClassPreview(models.TransientModel):
    """Limits of stages and value classes, with what they would change before they are saved."""

    _name = 'crm.class.preview'
    _description = 'Stages and Value Classes'

    company_id = fields.Many2one(
        'res.company', required=True, readonly=True, default=lambda self: self.env.company.root_id)
    stage_dormant_days = fields.Integer(string="Dormant after", required=True)
    stage_lost_days = fields.Integer(string="Lost after", required=True)
    stage_loyal_purchases = fields.Integer(string="Loyal from", required=True)
    class_vip_share = fields.Float(string="VIP up to", required=True)
    class_major_share = fields.Float(string="Major up to", required=True)
    class_regular_share = fields.Float(string="Regular up to", required=True)
    class_margin = fields.Float(
        string="Margin", help="Percentage points by which a customer must be beyond a limit before its class changes.")
    apply_now = fields.Boolean(
        string="Apply now",
        help="Otherwise stages follow in the coming night, and classes at the next monthly cut.")
    preview = fields.Json(compute='_compute_preview')

    @api.model
    def default_get(self, fields_list):
        root = self.env.company.root_id.sudo()
        return {**{name: root[name] for name in SETTINGS if name in fields_list}, **super().default_get(fields_list)}

    @api.depends(*SETTINGS, 'company_id')
    def _compute_preview(self):
        for wizard in self:
            wizard._check_own_company()
            problem = wizard._problem()
            wizard.preview = {'problem': problem} if problem else wizard._preview()

    def action_save(self):
        """Keep the limits, for the whole company with its branches."""
        self.ensure_one()
        if not self.env.user.has_group('crm_relationship.group_relationship_manager'):
            raise AccessError(self.env._("Only managers of the customer file may change stages and classes."))
        self._check_own_company()
        if problem := self._problem():
            raise ValidationError(problem)
        root = self.company_id.sudo()
        changed = {name: self[name] for name in SETTINGS if self[name] != root[name]}
        root.write(changed)
        if self.apply_now:
            root.class_last_cut = False
            metrics = self.env['crm.customer.metrics'].sudo()
            metrics._refresh_population(metrics._scope(root))
        now = self.env._("Saved. Stages and classes were changed at once.")
        later = self.env._("Saved. Stages follow in the coming night, classes at the next monthly cut.")
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'success',
                'message': now if self.apply_now else later,
                'next': {'type': 'ir.actions.act_window_close'},
            },
        }

    def _check_own_company(self):
        if not self.env.su and self.company_id not in self.env.user.sudo().company_ids.root_id:
            raise AccessError(self.env._("You have no access to the stages and classes of this company."))

    # ------------------------------------------------------------------ preview

    def _problem(self):
        """What is wrong with the limits, or nothing; the same as the company's constraints."""
        if not 0 < self.class_vip_share < self.class_major_share < self.class_regular_share <= 100:
            return self.env._("The shares must rise from VIP to Regular and stay within 100 %.")
        if self.class_margin < 0:
            return self.env._("The margin can't be negative.")
        if not 0 < self.stage_dormant_days < self.stage_lost_days:
            return self.env._("A customer must be dormant before it is lost.")
        if self.stage_loyal_purchases < 2:
            return self.env._("A loyal customer has bought at least twice.")
        return None

    def _preview(self):
        """Curve of the cumulative sales and customers per class and stage, now and with these limits.

        A fixed number of queries; only counts and a sample of the curve leave the database.
        """
        root = self.company_id.sudo()
        metrics = self.env['crm.customer.metrics'].sudo()
        scope = metrics._scope(root)
        metrics.flush_model()
        cutoffs = [share / 100 for share in (self.class_vip_share, self.class_major_share, self.class_regular_share)]
        points, buyers = self._curve(metrics, scope)
        counts = self._class_counts(metrics, scope, cutoffs)
        names = dict(self.env['res.partner']._fields['value_class']._description_selection(self.env))
        classes = []
        for number, (key, _label) in enumerate(VALUE_CLASSES, start=1):
            before, after = counts.get((number, 'before'), (0, 0)), counts.get((number, 'after'), (0, 0))
            classes.append({
                'key': key, 'label': names[key], 'before': before[0], 'after': after[0], 'sales': after[1],
                'up_to': 100 * (cutoffs[number - 1] if number <= len(cutoffs) else 1),
                'up_to_before': 100 * (*root._class_cutoffs(), 1)[number - 1],
            })
        return {
            'points': points,
            'buyers': buyers,
            'classes': classes,
            'stages': self._stage_rows(metrics, scope),
            'moved': counts.get('moved', 0),
            'overrides': self.env['crm.value.class.override'].search_count([
                ('company_id', '=', root.id), ('date_from', '<=', scope.today),
                '|', ('date_to', '=', False), ('date_to', '>=', scope.today)]),
        }

    def _curve(self, metrics, scope):
        """Return ``([[customers in %, sales in %], …], number of customers with sales)``, largest customer first."""
        rows = self.env.execute_query(SQL(
            """SELECT place, buyers, running FROM (
                   SELECT row_number() OVER largest AS place, count(*) OVER () AS buyers,
                          sum(sales_12m) OVER largest / sum(sales_12m) OVER () AS running
                     FROM crm_customer_metrics WHERE company_id = %(company)s AND sales_12m > 0
                   WINDOW largest AS (ORDER BY sales_12m DESC, partner_id ROWS UNBOUNDED PRECEDING)) curve
                WHERE place %% greatest(1, buyers / %(points)s) = 0 OR place IN (1, buyers) ORDER BY place""",
            company=scope.root.id, points=POINTS,
        ))
        if not rows:
            return [], 0
        return [[0, 0]] + [
            [round(100 * place / buyers, 3), round(100 * float(running), 3)] for place, buyers, running in rows
        ], rows[0][1]

    def _class_counts(self, metrics, scope, cutoffs):
        rows = self.env.execute_query(SQL(
            """SELECT array_position(%(classes)s::varchar[], m.value_class_sales) AS before, %(after)s AS after,
                      count(*), sum(m.sales_12m)
                 FROM (%(placed)s) m WHERE m.last_order_date IS NOT NULL OR m.sales_12m > 0 GROUP BY 1, 2""",
            classes=[key for key, _label in VALUE_CLASSES],
            after=metrics._steady_number(cutoffs, self.class_margin / 100, cut_due=True),
            placed=metrics._placed_query(scope),
        ))
        counts = {'moved': 0}
        for before, after, count, sales in rows:
            for number, when in ((before, 'before'), (after, 'after')):
                if number:
                    have = counts.get((number, when), (0, 0))
                    counts[number, when] = (have[0] + count, have[1] + float(sales or 0))
            if before and before != after:
                counts['moved'] += count
        return counts

    def _stage_rows(self, metrics, scope):
        rows = self.env.execute_query(SQL(
            """SELECT m.relationship_stage, staged.stage, count(*)
                 FROM crm_customer_metrics m JOIN (%(staged)s) staged ON staged.partner_id = m.partner_id
                WHERE m.company_id = %(company)s GROUP BY 1, 2""",
            staged=metrics._stage_query(
                scope, self.stage_dormant_days, self.stage_lost_days, self.stage_loyal_purchases),
            company=scope.root.id,
        ))
        names = dict(self.env['res.partner']._fields['relationship_stage']._description_selection(self.env))
        return [
            {
                'key': key, 'label': names[key],
                'before': sum(count for before, _after, count in rows if before == key),
                'after': sum(count for _before, after, count in rows if after == key),
            } for key, _label in RELATIONSHIP_STAGES
        ]
