from odoo import models


class ResUsers(models.Model):
    _inherit = 'res.users'

    def write(self, vals):
        result = super().write(vals)
        if vals.get('active') is False:
            self._hand_back_complaints()
        return result

    def _hand_back_complaints(self):
        """Open complaints of people who leave go to the team leader, without one back to the unassigned."""
        complaints = self.env['crm.complaint'].sudo().search([('user_id', 'in', self.ids), ('is_open', '=', True)])
        for complaint in complaints:
            leader = complaint.team_id.leader_id
            if leader.active and leader not in self:
                complaint.user_id = leader
            else:
                complaint._move_to('new')
            complaint.message_post(body=self.env._("The person responsible has left: please take over."))
