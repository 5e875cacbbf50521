from odoo import api, fields, models
from odoo.exceptions import UserError

from .selections import CLOCKS


class CrmSlaEscalation(models.Model):
    """One level of escalation: when it is reached, and who then hears of it or takes over."""
    _name = 'crm.sla.escalation'
    _description = "Escalation Level"
    _order = 'policy_id, level, id'

    policy_id = fields.Many2one('crm.sla.policy', string="Service level", required=True, ondelete='cascade', index=True)
    level = fields.Integer(default=1, required=True)
    clock = fields.Selection(CLOCKS, string="Deadline", required=True, default='resolution')
    trigger = fields.Selection(
        [('percent', "Before: share of the time used"), ('after', "After: working minutes past the deadline")],
        required=True, default='after')
    percent = fields.Integer(string="Share used (%)", default=75)
    delay_minutes = fields.Integer(string="Minutes late", default=0)
    target = fields.Selection(
        [('owner', "Person responsible"), ('leader', "Team leader"), ('user', "A certain person")],
        required=True, default='leader')
    user_id = fields.Many2one('res.users', string="Person", domain="[('share', '=', False)]")
    do_activity = fields.Boolean(string="Activity", default=True, help="Plan an activity for today.")
    do_assign = fields.Boolean(string="Hand over", help="Make this person responsible.")

    _percent_check = models.Constraint(
        "CHECK (trigger != 'percent' OR percent BETWEEN 1 AND 100)", "The share used lies between 1 and 100 per cent.",
    )
    _delay_check = models.Constraint('CHECK (delay_minutes >= 0)', "Minutes late must not be negative.")
    _user_check = models.Constraint(
        "CHECK (target != 'user' OR user_id IS NOT NULL)", "Say which person hears of this escalation.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        levels = super().create(vals_list)
        levels._replan_open_complaints()
        return levels

    def write(self, vals):
        result = super().write(vals)
        self._replan_open_complaints()
        return result

    def unlink(self):
        complaints = self._open_complaints()
        result = super().unlink()
        complaints._plan_escalation()
        return result

    def _open_complaints(self):
        return self.env['crm.complaint'].sudo().search(
            [('sla_policy_id', 'in', self.policy_id.ids), ('is_open', '=', True)])

    def _replan_open_complaints(self):
        self._open_complaints()._plan_escalation()

    def _recipient(self, complaint):
        """The user who hears of this level; who is missing is replaced by the team leader, then by a manager.

        :raises UserError: nobody can be told
        """
        self.ensure_one()
        team = complaint.team_id
        candidates = {
            'owner': (complaint.user_id, team.leader_id),
            'leader': (team.leader_id,),
            'user': (self.user_id, team.leader_id),
        }[self.target]
        managers = self.env.ref('crm_feedback.group_feedback_manager').all_user_ids
        for user in (*candidates, *managers.sorted('id')):
            if user.active and not user.share and complaint.company_id in user.company_ids:
                return user
        raise UserError(self.env._(
            "Nobody can be told: team %(team)s has no leader and the company no feedback manager.",
            team=team.name or self.env._("(none)")))
