from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.decision import LIMIT_KINDS, Rule

KINDS = [
    ('over_limit', 'Over the credit limit'),
    ('over_group_limit', "Over the group's limit"),
    ('overdue_days', 'Overdue for too long'),
    ('overdue_amount', 'Too much overdue'),
    ('grade', 'Credit grade'),
    ('review_expired', 'Review overdue'),
    ('guarantee_expired', 'Guarantee expired'),
    ('no_assessment', 'No approved assessment'),
    ('order_maximum', 'Order too large'),
]


def softened(rules, effects):
    """Return decision rules with the effects of exceptions applied.

    Exceeded limits have a consequence without any rule: an exception to them has to be a rule itself.

    :param rules: tuple of tools.decision.Rule
    :param effects: {kind: 'skip' | 'warn'}: left out, or a hold becomes a warning
    """
    if not effects:
        return rules
    kept = tuple(
        replace(rule, action='warn') if effects.get(rule.kind) == 'warn' and rule.action == 'hold' else rule
        for rule in rules
        if effects.get(rule.kind) != 'skip'
    )
    said = {rule.kind for rule in kept}
    return kept + tuple(
        Rule(kind, {'skip': 'none', 'warn': 'warn'}[effects[kind]])
        for kind in LIMIT_KINDS
        if kind in effects and kind not in said
    )


class CreditRule(models.Model):
    """One reason to warn or to hold an order. The decision itself is tools/decision.py."""

    _name = 'credit.rule'
    _description = 'Credit Rule'
    _inherit = ['credit.policy.line.mixin']
    _order = 'policy_id, sequence, id'

    name = fields.Char(required=True, translate=True, help='The salesperson reads this when the rule applies.')
    sequence = fields.Integer(default=10)
    kind = fields.Selection(KINDS, required=True, default='over_limit')
    action = fields.Selection([('warn', 'Warn'), ('hold', 'Hold')], required=True, default='hold')
    threshold = fields.Float(
        digits=(16, 2),
        help='Overdue for too long, review overdue: applies above this number of days. '
        'Too much overdue, order too large: applies above this amount. '
        "No approved assessment: orders up to this amount pass without one. Other kinds don't use it.",
    )
    tolerance = fields.Float(
        digits=(5, 4),
        help='By how much the limit or the amount may be exceeded: 5% lets a limit of 10,000 go to 10,500.',
    )
    grade_ids = fields.Many2many(
        'credit.grade',
        string='Only for grades',
        copy=False,
        domain="[('policy_id', '=', policy_id)]",
        help='Empty: for every customer. A rule of the kind “Credit grade” applies to exactly these grades.',
    )

    @api.constrains('threshold', 'tolerance')
    def _check_figures(self):
        for rule in self:
            for name in ('threshold', 'tolerance'):
                if rule[name] < 0:
                    raise ValidationError(
                        self.env._(
                            "Rule %(rule)s: %(field)s can't be negative (%(value)s).",
                            rule=rule.name,
                            field=self._fields[name]._description_string(self.env),
                            value=rule[name],
                        )
                    )

    @api.constrains('grade_ids', 'policy_id')
    def _check_grades(self):
        for rule in self:
            foreign = rule.grade_ids - rule.policy_id.grade_ids
            if foreign:
                raise ValidationError(
                    self.env._(
                        'Rule %(rule)s names grade %(grade)s of another policy.',
                        rule=rule.name,
                        grade=foreign[0].display_name,
                    )
                )

    def _to_decision(self):
        """Return this rule as tools.decision.Rule."""
        self.ensure_one()
        return Rule(
            kind=self.kind, action=self.action, threshold=self.threshold, tolerance=self.tolerance, name=self.name
        )
