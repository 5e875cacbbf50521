from odoo import api, fields, models
from odoo.fields import Domain

from .crm_visit_plan import TOUCHPOINT_MODES


class MailActivity(models.Model):
    """Visits that a visit plan has put on a board."""

    _inherit = 'mail.activity'

    visit_plan_id = fields.Many2one(
        'crm.visit.plan', string="Visit Plan", readonly=True, ondelete='set null', copy=False,
    )
    visit_sequence = fields.Integer(
        string="Position in the Round", copy=False, help="Order of the visits of a day, on the day sheet.",
    )

    # Both columns: a plan may have one visit for each of many thousand customers.
    _visit_idx = models.Index("(visit_plan_id, res_id) WHERE visit_plan_id IS NOT NULL")

    def _filtered_for_contact_log(self):
        """What a visit plan asked for is a contact, whatever the settings of its activity type."""
        planned = self.filtered(lambda activity: activity.visit_plan_id and activity.board_partner_id)
        return super()._filtered_for_contact_log() | planned

    def _prepare_touchpoint_vals(self, feedback=False):
        vals = super()._prepare_touchpoint_vals(feedback)
        if not vals['mode']:
            vals['mode'] = TOUCHPOINT_MODES[self.visit_plan_id.mode]
        return vals

    @api.model
    def _visits_of_day(self, user, day):
        """Return the open visits and meetings of a person with customers on a day, in the order of the round."""
        visits = Domain('activity_type_id.touchpoint_mode', 'in', ('visit', 'meeting'))
        domain = Domain('user_id', '=', user.id) & Domain('date_deadline', '=', day) & visits
        return self.search(domain & Domain('board_partner_id', '!=', False))._sorted_for_day_sheet()

    def _sorted_for_day_sheet(self):
        """Sort by position in the round, what has none by the time of its meeting, the rest last."""
        return self.sorted(lambda visit: (
            visit.visit_sequence or 10**6,
            str(visit.calendar_event_id.start or '~'),
            visit.id,
        ))

    def unlink(self):
        planned = self.filtered('visit_plan_id')
        customers = planned.mapped('res_id')
        result = super().unlink()
        self.env['crm.visit.plan.line']._refresh_customers(customers)
        return result
