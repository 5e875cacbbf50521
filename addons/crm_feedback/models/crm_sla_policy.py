from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.crm_relationship.models.res_partner import VALUE_CLASSES

from .selections import KINDS, PRIORITIES


class CrmSlaPolicy(models.Model):
    """How fast customers are answered, in working hours of a calendar. Deadlines already promised stay as they are."""
    _name = 'crm.sla.policy'
    _description = "Service Level"
    _order = 'sequence, id'
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one('res.company', help="Empty: every company.")
    calendar_id = fields.Many2one(
        'resource.calendar', string="Working hours",
        help="Hours that count, with their lunch breaks and public holidays. Empty: the working hours of the "
             "complaint's company; if it has none, every hour counts.")
    first_response_hours = fields.Float(
        string="First response", default=4.0, help="Working hours until the first answer; 0: no deadline.")
    next_response_hours = fields.Float(
        string="Next response", default=8.0,
        help="Working hours until each further message of the customer is answered; 0: no deadline.")
    resolution_hours = fields.Float(
        string="Resolution", default=40.0,
        help="Working hours until the resolution, without the time spent waiting for the customer; 0: no deadline.")
    reopen_hours = fields.Float(
        string="After reopening", default=8.0,
        help="Least working hours that a reopened complaint gets, however little was left when it was resolved.")
    at_risk_percent = fields.Integer(
        string="At risk after (%)", default=75, help="Share of the allowed time after which a deadline is at risk.")
    priority_from = fields.Selection(PRIORITIES, string="From priority", help="Empty: any priority.")
    kind = fields.Selection(KINDS, help="Empty: any kind.")
    value_class = fields.Selection(VALUE_CLASSES, string="Customer class", help="Empty: any customer.")
    partner_ids = fields.Many2many(
        'res.partner', string="Only for customers", domain="[('parent_id', '=', False)]",
        help="Empty: any customer.")
    escalation_ids = fields.One2many('crm.sla.escalation', 'policy_id', string="Escalation", copy=True)

    _hours_check = models.Constraint(
        'CHECK (least(first_response_hours, next_response_hours, resolution_hours, reopen_hours) >= 0)',
        "Hours must not be negative.",
    )
    _at_risk_check = models.Constraint(
        'CHECK (at_risk_percent BETWEEN 1 AND 100)', "The share at risk lies between 1 and 100 per cent.",
    )

    @api.constrains('calendar_id')
    def _check_calendar(self):
        for policy in self:
            calendar = policy.calendar_id
            if calendar and not calendar.flexible_hours and not calendar._get_global_attendances():
                raise ValidationError(self.env._(
                    "The working hours %(calendar)s are empty: no deadline could ever be reached.",
                    calendar=calendar.display_name))

    def _of_company(self, company):
        return self.search([('company_id', 'in', (False, company.id))])

    def _applies_to(self, complaint):
        """Whether a complaint meets every condition of this policy."""
        self.ensure_one()
        return (
            self.company_id.id in (False, complaint.company_id.id)
            and (not self.priority_from or complaint.priority >= self.priority_from)
            and self.kind in (False, complaint.kind)
            and self.value_class in (False, complaint.value_class)
            and (not self.partner_ids or complaint.commercial_partner_id in self.partner_ids)
        )

    def _deadline_values(self, company):
        """Values that a complaint keeps of this policy: later changes of the policy don't move its deadlines."""
        return {
            'sla_policy_id': self.id,
            'sla_calendar_id': (self.calendar_id or company.resource_calendar_id).id,
            'first_response_minutes': self.first_response_hours * 60,
            'next_response_minutes': self.next_response_hours * 60,
            'resolution_minutes': self.resolution_hours * 60,
            'at_risk_share': self.at_risk_percent / 100,
        }

    def _speed(self):
        """Sort key: the smaller, the faster the service; no policy is the slowest."""
        never = float('inf')
        return self.resolution_hours or never, self.first_response_hours or never
