from odoo import api, fields, models

from odoo.addons.crm_relationship.models.res_partner import VALUE_CLASSES
from odoo.addons.crm_relationship.tools.listing import listed

from ..tools import dispatch
from .crm_complaint import SEVERITY_PRIORITY
from .selections import CHANNELS, KINDS, PRIORITIES, SEVERITIES, label


class CrmComplaintRule(models.Model):
    """Priority and dispatch rules: the first matching rule that says something on a point decides it."""
    _name = 'crm.complaint.rule'
    _description = "Priority and Dispatch Rule"
    _order = 'sequence, id'
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one('res.company', help="Empty: every company.")
    kind = fields.Selection(KINDS, help="Empty: any kind.")
    channel = fields.Selection(CHANNELS, help="Empty: any channel.")
    category_ids = fields.Many2many('crm.complaint.category', string="Categories", help="Empty: any category.")
    severity_from = fields.Selection(SEVERITIES, string="From severity", help="Empty: any severity.")
    value_class = fields.Selection(VALUE_CLASSES, string="Customer class", help="Empty: any customer.")
    grade_ids = fields.Many2many('crm.grade', string="Customer grades", help="Empty: any customer.")
    keywords = fields.Char(
        help="Words or phrases separated by commas; one of them in subject or description is enough.")
    priority = fields.Selection(PRIORITIES, string="Set priority")
    team_id = fields.Many2one('crm.complaint.team', string="Set team", check_company=True)
    assign_to = fields.Selection([
        ('balanced', "Member with the fewest open complaints"), ('leader', "Team leader"),
        ('person', "A certain person"), ('nobody', "Nobody: the team picks"),
    ], string="Assign to")
    user_id = fields.Many2one('res.users', string="Person", domain="[('share', '=', False)]", check_company=True)
    sla_policy_id = fields.Many2one('crm.sla.policy', string="Set service level", check_company=True)

    _person_check = models.Constraint(
        "CHECK (assign_to IS DISTINCT FROM 'person' OR user_id IS NOT NULL)", "Say to which person the rule assigns.",
    )

    @api.model
    def _dispatch(self, complaints):
        """Fill in priority, team, service level and person where the caller gave none, and say why."""
        load = self._open_load()
        for company, group in complaints.filtered('is_open').grouped('company_id').items():
            plain_rules = self._of_company(company)._as_plain_rules()
            policies = self.env['crm.sla.policy']._of_company(company)
            teams = self.env['crm.complaint.team']._of_company(company)
            for complaint in group:
                decisions = dispatch.decide(plain_rules, complaint._as_case())
                notes = [
                    self._set_priority(complaint, decisions),
                    self._set_team(complaint, decisions, teams),
                    self._set_policy(complaint, decisions, policies),
                    self._set_person(complaint, decisions, load),
                ]
                complaint.dispatch_note = "\n".join(filter(None, notes))

    def _of_company(self, company):
        return self.search([('company_id', 'in', (False, company.id))])

    def _as_plain_rules(self):
        return [
            dispatch.Rule(
                rule,
                kinds=frozenset(filter(None, [rule.kind])), channels=frozenset(filter(None, [rule.channel])),
                categories=frozenset(rule.category_ids.ids), value_classes=frozenset(filter(None, [rule.value_class])),
                grades=frozenset(rule.grade_ids.ids),
                severity_from=int(rule.severity_from) if rule.severity_from else None,
                keywords=dispatch.parse_keywords(rule.keywords),
                outcome=tuple((name, value) for name, value in (
                    ('priority', rule.priority), ('team', rule.team_id), ('person', rule.assign_to),
                    ('policy', rule.sla_policy_id)) if value))
            for rule in self]

    def _open_load(self):
        """Open complaints by user id."""
        groups = self.env['crm.complaint']._read_group(
            [('is_open', '=', True), ('user_id', '!=', False)], ['user_id'], ['__count'])
        return {user.id: count for user, count in groups}

    # -- one decision each: set it, return the words ------------------------

    def _set_priority(self, complaint, decisions):
        why = self.env._("given at registration.")
        if not complaint.priority:
            value, rule = decisions.get('priority', (SEVERITY_PRIORITY[complaint.severity], None))
            complaint._sla_write({'priority': value})
            why = rule.key._reason(complaint) if rule else self.env._("follows the severity.")
        return self.env._("Priority %(priority)s: %(why)s", priority=label(complaint, 'priority'), why=why)

    def _set_team(self, complaint, decisions, teams):
        why = self.env._("given at registration.")
        if not complaint.team_id:
            team, rule = decisions.get('team', (teams[:1], None))
            if not team:
                return self.env._("No team: there is none for this company.")
            complaint._sla_write({'team_id': team.id})
            why = rule.key._reason(complaint) if rule else self.env._("no rule names another.")
        return self.env._("Team %(team)s: %(why)s", team=complaint.team_id.name, why=why)

    def _set_policy(self, complaint, decisions, policies):
        if complaint.sla_policy_id:
            complaint._sla_apply(complaint.sla_policy_id)
            return self.env._("Service level %(level)s: given at registration.", level=complaint.sla_policy_id.name)
        policy, why = self._policy_for(complaint, decisions, policies)
        complaint._sla_apply(policy)
        return why

    def _policy_for(self, complaint, decisions=None, policies=None):
        """The service level for a complaint and why: a rule's, or the first whose conditions are met."""
        if decisions is None:
            plain_rules = self._of_company(complaint.company_id)._as_plain_rules()
            decisions = dispatch.decide(plain_rules, complaint._as_case())
            policies = self.env['crm.sla.policy']._of_company(complaint.company_id)
        if 'policy' in decisions:
            policy, rule = decisions['policy']
            why = rule.key._reason(complaint)
        else:
            policy = next((policy for policy in policies if policy._applies_to(complaint)), policies.browse())
            why = self.env._("the first whose conditions are met.")
        if not policy:
            return policy, self.env._("No service level: none applies, so there are no deadlines.")
        return policy, self.env._("Service level %(level)s: %(why)s", level=policy.name, why=why)

    def _set_person(self, complaint, decisions, load):
        if complaint.user_id:
            return self.env._("%(person)s: given at registration.", person=complaint.user_id.name)
        team = complaint.team_id
        mode, rule = decisions.get('person', (team.assign_to, None))
        why = rule.key._reason(complaint) if rule else self.env._("as the team's setting says.")
        user = self.env['res.users']
        if mode == 'person':
            user = rule.key.user_id.filtered('active')
        elif mode == 'leader':
            user = team.leader_id.filtered('active')
        elif mode == 'balanced':
            members = team._available_members(complaint.company_id)
            user = members.browse(dispatch.least_loaded(members.ids, load))
            why = self.env._("fewest open complaints (%(count)s); %(why)s", count=load.get(user.id, 0), why=why)
        if not user:
            return self.env._("Nobody assigned: %(why)s", why=why)
        complaint.user_id = user
        load[user.id] = load.get(user.id, 0) + 1
        return self.env._("%(person)s: %(why)s", person=user.name, why=why)

    def _reason(self, complaint):
        """Words for the conditions that made this rule match."""
        parts = [label(self, name) for name in ('kind', 'channel', 'value_class') if self[name]]
        if self.severity_from:
            parts.append(self.env._("severity %(severity)s", severity=label(complaint, 'severity')))
        if self.grade_ids:
            grade = complaint._customer().customer_grade_id
            parts.append(self.env._("customer grade %(grade)s", grade=grade.display_name))
        if self.category_ids:
            parts.append(complaint.category_id.name)
        if self.keywords:
            word = dispatch.found_keyword(dispatch.parse_keywords(self.keywords), complaint._as_case().text)
            parts.append(self.env._("keyword “%(word)s”", word=word))
        if not parts:
            return self.env._("rule “%(rule)s”.", rule=self.name)
        return self.env._("rule “%(rule)s” (%(conditions)s).", rule=self.name, conditions=listed(parts, self.env.lang))
