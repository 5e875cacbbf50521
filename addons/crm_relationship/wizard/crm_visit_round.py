from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ..tools import route


class CrmVisitRound(models.TransientModel):
    """Plan one day of visits: choose customers, put them in order, get the activities."""

    _name = 'crm.visit.round'
    _description = "Plan My Round"

    day = fields.Date(required=True, default=lambda self: self._default_day())
    user_id = fields.Many2one(
        'res.users', string="Visited By", required=True, default=lambda self: self.env.user,
        domain=[('share', '=', False)],
    )
    plan_id = fields.Many2one(
        'crm.visit.plan', string="Visit Plan", domain=[('state', '=', 'running')],
        help="Only customers of this plan. Empty: all customers of the person.",
    )
    area = fields.Char(help="Start of the postcode or of the city's name. Empty: anywhere.")
    only_due = fields.Boolean(
        string="Only Those Due", default=True, help="Customers whose visit falls due by that day under a visit plan.",
    )
    limit = fields.Integer(string="At Most", default=8)
    purpose = fields.Char(default=lambda self: self.env._("Visit"), required=True)
    line_ids = fields.One2many('crm.visit.round.line', 'round_id', string="Customers in Order")
    day_note = fields.Char(compute='_compute_day_note')

    @api.model
    def _default_day(self):
        today = fields.Date.context_today(self)
        days = self.env['mail.activity']._board_workdays(self.env.user, today)
        return min((day for day in days if day > today), default=today)

    @api.depends('day', 'user_id')
    def _compute_day_note(self):
        for plan in self:
            notes = []
            if plan.day and plan.user_id:
                days = self.env['mail.activity']._board_workdays(plan.user_id, plan.day)
                if days and plan.day not in days:
                    notes.append(self.env._(
                        "%(person)s doesn't work on %(day)s.",
                        person=plan.user_id.name, day=format_date(self.env, plan.day),
                    ))
                planned = len(self.env['mail.activity']._visits_of_day(plan.user_id, plan.day))
                if planned:
                    notes.append(self.env._("%(count)s visits are planned on that day already.", count=planned))
            plan.day_note = ' '.join(notes)

    @api.constrains('limit')
    def _check_limit(self):
        for assistant in self:
            if assistant.limit < 0:
                raise ValidationError(self.env._(
                    "At most %(limit)s visits on %(day)s can't be planned. Enter how many there may be, or 0 for all "
                    "that are due.",
                    limit=assistant.limit, day=format_date(self.env, assistant.day),
                ))

    # ------------------------------------------------------------------ buttons

    def action_propose(self):
        """Fill the list with customers that lie near each other, the most urgent and its neighbours."""
        self.ensure_one()
        found = self._candidates()
        if not found:
            raise UserError(self._nobody_message())
        visits = route.plan_rounds(
            self._stops(found), {self.day: self.limit or len(found)}, start=self._start_point(),
        )
        self.line_ids = [Command.clear()] + [
            Command.create({'partner_id': visit.key, 'sequence': visit.position}) for visit in visits
        ]
        return self._reopen()

    def action_order(self):
        """Put the customers that are in the list in order of their places."""
        self.ensure_one()
        due = dict.fromkeys(self.line_ids.partner_id.ids, self.day)
        positions = {
            stop.key: number for number, stop in enumerate(route.order_round(self._stops(due), self._start_point()), 1)
        }
        for line in self.line_ids:
            line.sequence = positions[line.partner_id.id]
        return self._reopen()

    def action_plan(self):
        """Put the visits on the board in this order and open the board."""
        self._plan()
        return self.env['ir.actions.act_window']._for_xml_id('crm_relationship.mail_activity_action_my_week')

    def action_plan_and_print(self):
        self._plan()
        return self.env['crm.day.sheet'].create({'day': self.day, 'user_id': self.user_id.id}).action_print()

    def _plan(self):
        """Create the visits, or move those that a plan has put on the board; return the activities."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        if self.day < today:
            raise UserError(self.env._(
                "%(day)s is over. Choose today or a later day.", day=format_date(self.env, self.day),
            ))
        lines = self.line_ids.sorted(lambda line: (line.sequence, line.id))
        if not lines:
            raise UserError(self.env._("Choose the customers of the round first, or press “Propose customers”."))
        self._check_no_customer_twice()
        planned = {
            line.partner_id: line for line in self.env['crm.visit.plan.line'].search([
                ('partner_id', 'in', lines.partner_id.ids), ('user_id', '=', self.user_id.id),
                ('plan_id.state', '=', 'running'), ('plan_id.mode', '=', 'visit'),
            ], order='due_date desc, id desc')
        }
        vals_list = []
        activities = self.env['mail.activity']
        for number, line in enumerate(lines, 1):
            plan_line = planned.get(line.partner_id)
            existing = plan_line.activity_id if plan_line else activities
            if existing.active:
                existing.write({'date_deadline': self.day, 'visit_sequence': number})
                activities |= existing
            else:
                vals_list.append(self._prepare_visit_vals(line.partner_id, number, plan_line))
        created = self.env['mail.activity'].create(vals_list)
        self.env['crm.visit.plan.line']._refresh_customers(lines.partner_id.ids)
        return activities | created

    def _check_no_customer_twice(self):
        for customer, lines in self.line_ids.grouped('partner_id').items():
            if len(lines) > 1:
                raise UserError(self.env._(
                    "%(customer)s is in the round of %(day)s %(count)s times. Leave one line and remove the others.",
                    customer=customer.display_name, day=format_date(self.env, self.day), count=len(lines),
                ))

    def _prepare_visit_vals(self, partner, number, plan_line):
        plan = plan_line.plan_id if plan_line else self.env['crm.visit.plan']
        return {
            'activity_type_id': self.env.ref('crm_relationship.mail_activity_type_visit').id,
            'summary': plan.name or self.purpose,
            'note': plan.note,
            'date_deadline': self.day,
            'user_id': self.user_id.id,
            'res_model_id': self.env['ir.model']._get_id('res.partner'),
            'res_id': partner.id,
            'visit_plan_id': plan.id,
            'visit_sequence': number,
        }

    # ------------------------------------------------------------------ who

    def _candidates(self):
        """Return ``{customer id: day on which the visit is due}``."""
        area = self._area_domain()
        if self.only_due or self.plan_id:
            domain = Domain('user_id', '=', self.user_id.id) & Domain('plan_id.state', '=', 'running')
            domain &= Domain('plan_id.mode', '=', 'visit')
            if self.plan_id:
                domain &= Domain('plan_id', '=', self.plan_id.id)
            if self.only_due:
                domain &= Domain('due_date', '<=', self.day)
            if area:
                domain &= Domain('partner_id', 'any', area)
            lines = self.env['crm.visit.plan.line'].search(domain, order='due_date desc, id')
            return {line.partner_id.id: line.due_date for line in lines}
        domain = Domain('is_customer', '=', True) & Domain('user_id', '=', self.user_id.id)
        return dict.fromkeys(self.env['res.partner'].search(domain & (area or Domain.TRUE)).ids, self.day)

    def _area_domain(self):
        area = (self.area or '').strip()
        if not area:
            return None
        return Domain('zip', '=ilike', f'{area}%') | Domain('city', '=ilike', f'{area}%')

    def _nobody_message(self):
        if self.only_due:
            return self.env._(
                "No customer of %(person)s is due by %(day)s here. Untick “Only Those Due” or widen the area.",
                person=self.user_id.name, day=format_date(self.env, self.day),
            )
        return self.env._(
            "%(person)s has no customers here. Widen the area, or choose customers by hand.", person=self.user_id.name,
        )

    def _stops(self, due_by_customer):
        return [
            route.Stop(
                partner.id, partner.country_id.code or '', partner.zip or '', partner.city or '', partner.street or '',
                route.point_of(partner.partner_latitude, partner.partner_longitude), due_by_customer[partner.id],
            )
            for partner in self.env['res.partner'].browse(due_by_customer)
        ]

    def _start_point(self):
        start = self.plan_id.start_partner_id or self.user_id.company_id.sudo().partner_id
        return route.point_of(start.partner_latitude, start.partner_longitude)

    def _reopen(self):
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Plan My Round"), 'res_model': self._name,
            'res_id': self.id, 'views': [(False, 'form')], 'target': 'new',
        }
