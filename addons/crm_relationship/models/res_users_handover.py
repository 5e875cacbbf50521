from odoo import models
from odoo.exceptions import RedirectWarning, UserError

from ..tools.listing import listed


class ResUsers(models.Model):
    _inherit = 'res.users'

    def action_archive(self):
        """Archiving deletes a person's activities: whoever has customers or open work hands over first."""
        if self.env.context.get('crm_handover'):
            self.check_access('write')
            self._keep_open_activities()
            return super().action_archive()
        busy = self.env['crm.handover']._has_open_work(
            self.filtered(lambda user: user.active and not user.share)
        )
        if len(busy) == 1:
            raise RedirectWarning(
                self.env._(
                    "%(user)s still has customers or open work, which would be left without anybody. Hand them over "
                    "to a successor; the handover can archive the user.", user=busy.name,
                ),
                self.env.ref('crm_relationship.crm_handover_new_action').id,
                self.env._("Hand over to a successor"),
                {'default_from_user_id': busy.id, 'default_archive_user': True},
            )
        if busy:
            raise UserError(self.env._(
                "These users still have customers or open work: %(users)s. Archive them one at a time: each hands "
                "over to a successor.", users=listed(busy.mapped('name'), self.env.lang),
            ))
        return super().action_archive()

    def _keep_open_activities(self):
        """What was left out of the handover goes to whoever archives, since core would delete it."""
        activities = self.env['mail.activity'].sudo().search([('user_id', 'in', self.ids)])
        activities.with_context(mail_activity_quick_update=True).user_id = self.env.uid
