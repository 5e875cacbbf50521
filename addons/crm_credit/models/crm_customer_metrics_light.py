from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.crm_relationship.models.metrics_source import MetricsSource, MirroredFigure

from .credit_rule import softened
from .res_partner_credit import CREDIT_READERS
from .res_partner_exposure import NEARLY_FULL

RANKS = {'none': 0, 'warn': 1, 'hold': 2}


class CrmCustomerMetrics(models.Model):
    """The credit light of every customer as of the last refresh, for lists and for the customers' kanban.

    What ``decide`` says about the smallest further order, in SQL: the policy's rules become conditions, one set a
    grade. Customers with an exception of their own or a shared limit are few: for them the live light is asked.
    """

    _inherit = 'crm.customer.metrics'

    credit_light = fields.Selection(
        [
            ('green', 'Clear'),
            ('amber', 'Nearly used up or with a warning'),
            ('red', 'Would be held'),
        ],
        string='Credit light',
        readonly=True,
        groups=CREDIT_READERS,
        help='What would happen to a further order. Empty for customers of whom nothing is checked.',
    )

    @api.model
    def _metrics_population_sources(self):
        return super()._metrics_population_sources() + [
            MetricsSource('light', ('credit_light',), '_metrics_source_light', logged=True),
        ]

    @api.model
    def _metrics_mirrored(self):
        return super()._metrics_mirrored() + [MirroredFigure('credit_signal', 'credit_light')]

    @api.model
    def _metrics_always(self, scope):
        """Customers with exceptions of their own: the live light is asked."""
        return super()._metrics_always(scope) | set(self._light_excepted(scope).ids)

    # ------------------------------------------------------------------ SQL

    def _metrics_source_light(self, scope):
        policy = self.env['credit.policy']._decision_data(scope.root.id, scope.today)
        exceptions = self.env['credit.rule.exception'].sudo()
        _by_partner, by_grade = exceptions._in_force(scope.root, [], scope.today)
        codes = [None, *policy.on_breach]
        sets = {code: self._light_rules(policy, code, by_grade.get(code, {})) for code in codes}
        lights = {code: self._light_sql(scope, *rules) for code, rules in sets.items()}
        return SQL(
            """SELECT figures.partner_id, CASE WHEN special.partner_id IS NULL THEN %(light)s
                                               ELSE NULLIF(special.light, 'none') END
                 FROM (%(figures)s) figures
            LEFT JOIN (SELECT * FROM unnest(%(special)s::int[], %(special_lights)s::varchar[]))
                      special (partner_id, light) ON special.partner_id = figures.partner_id""",
            light=self._light_by_grade(lights),
            figures=self._light_figures_sql(scope),
            **self._light_special(scope),
        )

    @api.model
    def _light_by_grade(self, lights):
        cases = [SQL('WHEN %s THEN %s', code, light) for code, light in lights.items() if code is not None]
        if not cases:
            return lights[None]
        return SQL('CASE figures.code %s ELSE %s END', SQL(' ').join(cases), lights[None])

    @api.model
    def _light_rules(self, policy, code, effects):
        """Return (rules that apply to customers of a grade, what their exceeded limit leads to)."""
        return softened(policy.rules_for(code), effects), policy.breach_for(code)

    def _light_sql(self, scope, rules, on_breach):
        """The light of the customers that these rules apply to."""
        conditions = {'warn': [], 'hold': []}
        limits = [rule for rule in rules if rule.kind == 'over_limit']
        for rule in rules:
            action = min(rule.action, on_breach, key=RANKS.get) if rule.kind == 'over_limit' else rule.action
            if action != 'none':
                conditions[action].append(self._light_condition(scope, rule.kind, rule.threshold, rule.tolerance))
        if not limits and on_breach != 'none':
            conditions[on_breach].append(self._light_condition(scope, 'over_limit', 0.0, 0.0))
        limited = SQL("figures.control = 'limited'") if on_breach != 'none' else SQL('FALSE')
        checked = SQL('TRUE') if any(rule.action != 'none' for rule in rules) else limited
        return SQL(
            """CASE WHEN NOT %(checked)s THEN NULL WHEN %(hold)s THEN 'red'
                    WHEN %(warn)s OR figures.ceiling > 0 AND figures.exposure >= %(full)s * figures.ceiling
                         OR figures.ceiling <= 0 AND figures.exposure > 0 THEN 'amber' ELSE 'green' END""",
            checked=checked,
            hold=SQL(' OR ').join(conditions['hold']) if conditions['hold'] else SQL('FALSE'),
            warn=SQL('(%s)', SQL(' OR ').join(conditions['warn'])) if conditions['warn'] else SQL('FALSE'),
            full=NEARLY_FULL,
        )

    def _light_condition(self, scope, kind, threshold, tolerance):
        """When a rule is breached by the smallest further order; as ``tools.decision`` has it, kind by kind."""
        step = scope.root.currency_id.rounding
        allowed = threshold * (1 + tolerance)
        conditions = {
            'over_limit': SQL(
                "(figures.control = 'limited' AND figures.exposure + %s > figures.ceiling * %s)",
                step / 2,
                1 + tolerance,
            ),
            'over_group_limit': SQL('FALSE'),  # members are asked one by one
            'overdue_days': SQL('(figures.days > %s AND figures.overdue > %s)', threshold, step / 2),
            'overdue_amount': SQL('figures.overdue > %s', allowed + step / 2),
            'grade': SQL('TRUE'),
            'review_expired': SQL('figures.review_late > %s', threshold),
            'guarantee_expired': SQL('figures.guarantee_expired'),
            'no_assessment': SQL('NOT figures.assessed') if not threshold or step > threshold else SQL('FALSE'),
            'order_maximum': SQL('TRUE') if step > allowed + step / 2 else SQL('FALSE'),
        }
        return conditions[kind]

    def _light_figures_sql(self, scope):
        root, today = scope.root, scope.today
        Partner = self.env['res.partner'].sudo().with_company(root)
        Guarantee = self.env['credit.guarantee'].sudo()
        Assessment = self.env['credit.assessment'].sudo()
        return SQL(
            """SELECT m.partner_id, m.credit_control AS control, grade.code, m.overdue, m.max_days_overdue AS days,
                      m.receivable + m.uninvoiced - m.credit_prepaid AS exposure,
                      CASE WHEN m.credit_control = 'limited' THEN m.credit_limit + m.credit_secured END AS ceiling,
                      COALESCE(greatest(%(today)s::date - %(review)s, 0), 0) AS review_late,
                      m.partner_id IN %(expired)s AS guarantee_expired, m.partner_id IN %(assessed)s AS assessed
                 FROM crm_customer_metrics m
                 JOIN res_partner p ON p.id = m.partner_id
            LEFT JOIN credit_grade grade ON grade.id = m.credit_grade_id
                WHERE m.company_id = %(company)s AND %(partners)s""",
            partners=scope.in_scope(SQL.identifier('m', 'partner_id')),
            today=today,
            review=Partner._field_to_sql('p', 'credit_review_date'),
            expired=Guarantee._search(Guarantee._expired_domain(root, today)).subselect('partner_id'),
            assessed=Assessment._search([('company_id', '=', root.id), ('state', '=', 'approved')]).subselect(
                'partner_id'
            ),
            company=root.id,
        )

    def _light_special(self, scope):
        """Return the live lights of customers in scope with an exception of their own or a shared limit."""
        lights = {}
        if scope.partner_ids != ():
            special = {*self._light_excepted(scope).ids, *self.env['credit.group']._memberships(scope.root.id)}
            if scope.partner_ids is not None:
                special &= {*scope.partner_ids}
            lights = self.env['res.partner'].sudo().browse(special).exists()._credit_lights(scope.root)
        return {'special': list(lights), 'special_lights': list(lights.values())}

    def _light_excepted(self, scope):
        exceptions = self.env['credit.rule.exception'].sudo()
        in_force = exceptions._in_force_domain(scope.root, scope.today)
        return exceptions.search(in_force & Domain('partner_id', '!=', False)).partner_id
