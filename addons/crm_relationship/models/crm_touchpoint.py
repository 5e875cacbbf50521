from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

MODES = [
    ('phone', "Phone"),
    ('email', "E-mail"),
    ('meeting', "Meeting"),
    ('visit', "Visit"),
    ('fax', "Fax"),
    ('web', "Web"),
    ('letter', "Letter"),
    ('exhibition', "Exhibition"),
    ('notification', "Notification"),
]


class CrmTouchpoint(models.Model):
    _name = 'crm.touchpoint'
    _description = "Customer Contact"
    _inherit = ['crm.customer.link.mixin', 'mail.thread']
    _order = 'date desc, id desc'
    _rec_name = 'summary'
    _mail_post_access = 'read'

    summary = fields.Char(required=True)
    date = fields.Datetime(required=True, index=True, default=fields.Datetime.now, tracking=True)
    duration = fields.Float(help="Hours spent with the customer.")
    mode = fields.Selection(MODES, required=True, default='phone', index=True)
    mode_icon = fields.Char(compute='_compute_mode_icon')
    direction = fields.Selection(
        [('out', "We contacted them"), ('in', "They contacted us")], required=True, default='out',
    )
    user_id = fields.Many2one(
        'res.users', string="By", index=True, default=lambda self: self.env.user, ondelete='set null', tracking=True,
        domain=[('share', '=', False)],
    )
    participant_ids = fields.Many2many('res.users', string="Also There", domain=[('share', '=', False)])
    location = fields.Char(string="Place")
    body = fields.Text(string="Notes")
    objection = fields.Text(string="Objections", help="What the customer objected to.")
    objection_answer = fields.Text(string="Answer Given")
    concession = fields.Text(string="Concessions and Gifts", help="What the customer was granted or given.")
    cost = fields.Monetary(help="What this contact cost: travel, hospitality, gift.")
    currency_id = fields.Many2one(
        'res.currency', required=True, default=lambda self: self.env.company.currency_id,
    )
    company_currency_id = fields.Many2one('res.currency', related='company_id.currency_id', string="Company Currency")
    company_cost = fields.Monetary(
        string="Cost in Company Currency", compute='_compute_company_cost', store=True,
        currency_field='company_currency_id', help="Cost at the rate of the day of the contact.",
    )
    lead_id = fields.Many2one(
        'crm.lead', string="Opportunity", index='btree_not_null', ondelete='set null',
        help="The opportunity that the contact was about, or the one that came out of it.",
    )
    raised_lead_ids = fields.One2many('crm.lead', 'touchpoint_id', string="Opportunities Raised")
    raised_lead_count = fields.Integer(compute='_compute_raised_lead_count')
    activity_id = fields.Many2one(
        'mail.activity', string="Done Activity", readonly=True, ondelete='set null', copy=False,
    )
    event_id = fields.Many2one(
        'calendar.event', string="Meeting Held", readonly=True, index='btree_not_null', ondelete='set null', copy=False,
    )
    next_step = fields.Char(help="What happens next. It becomes an activity on the date beside.")
    next_date = fields.Date(string="Next Step On")
    next_activity_id = fields.Many2one(
        'mail.activity', string="Next Activity", readonly=True, ondelete='set null', copy=False,
    )
    card_verified = fields.Boolean(
        string="Card Still Correct", copy=False, help="The relationship card was checked with the customer and holds.",
    )
    card_changes = fields.Text(
        string="To Change on the Card", copy=False,
        help="Facts that have changed. They stay on your board as an activity until the card is updated.",
    )

    _activity_uniq = models.UniqueIndex(
        "(activity_id) WHERE activity_id IS NOT NULL", "This activity is in the contact log already.",
    )
    _check_cost = models.Constraint('CHECK (cost >= 0)', "The cost of a contact can't be negative.")
    _check_duration = models.Constraint('CHECK (duration >= 0)', "A contact can't last less than nothing.")

    @api.depends('mode')
    def _compute_mode_icon(self):
        icons = {
            'phone': 'fa-phone', 'email': 'fa-envelope', 'meeting': 'fa-users', 'visit': 'fa-map-marker',
            'fax': 'fa-fax', 'web': 'fa-globe', 'letter': 'fa-envelope-o',
            'exhibition': 'fa-building-o', 'notification': 'fa-bell',
        }
        for touchpoint in self:
            touchpoint.mode_icon = icons.get(touchpoint.mode)

    @api.depends('cost', 'currency_id', 'company_id', 'date')
    def _compute_company_cost(self):
        for touchpoint in self:
            company, currency = touchpoint.company_id, touchpoint.currency_id
            if not touchpoint.cost or not currency or currency == company.currency_id:
                touchpoint.company_cost = touchpoint.cost
                continue
            touchpoint.company_cost = currency._convert(
                touchpoint.cost, company.currency_id, company, fields.Date.to_date(touchpoint.date),
            )

    @api.depends('raised_lead_ids')
    def _compute_raised_lead_count(self):
        counts = dict(self.env['crm.lead']._read_group(
            [('touchpoint_id', 'in', self.ids)], ['touchpoint_id'], ['__count'],
        ))
        for touchpoint in self:
            touchpoint.raised_lead_count = counts.get(touchpoint, 0)

    @api.constrains('date')
    def _check_date(self):
        latest = fields.Datetime.now() + timedelta(hours=1)
        for touchpoint in self:
            if touchpoint.date and touchpoint.date > latest:
                raise ValidationError(self.env._(
                    "“%(summary)s” lies in the future. Log a contact when it is over; until then, plan an activity.",
                    summary=touchpoint.summary,
                ))

    @api.constrains('cost', 'currency_id', 'company_id')
    def _check_currency(self):
        for touchpoint in self:
            touchpoint.currency_id._check_rate_known(touchpoint.company_id, touchpoint.cost, touchpoint.summary)

    @api.constrains('next_step', 'next_date')
    def _check_next_step(self):
        for touchpoint in self:
            if bool(touchpoint.next_step) != bool(touchpoint.next_date):
                raise ValidationError(self.env._(
                    "The next step of “%(summary)s” needs both a text and a date.", summary=touchpoint.summary,
                ))

    @api.model_create_multi
    def create(self, vals_list):
        touchpoints = super().create(vals_list)
        touchpoints._plan_next_step()
        touchpoints._note_card_check()
        return touchpoints

    def write(self, vals):
        result = super().write(vals)
        if vals.get('next_date'):
            self._plan_next_step()
        if vals.get('card_verified') or vals.get('card_changes'):
            self._note_card_check()
        return result

    def _plan_next_step(self):
        """Schedule an activity for each next step that has none yet."""
        for touchpoint in self.filtered(lambda item: item.next_step and item.next_date and not item.next_activity_id):
            touchpoint.next_activity_id = touchpoint._schedule(touchpoint.next_step, touchpoint.next_date)

    def _note_card_check(self):
        """Mark the card as verified, or keep what has changed as an activity until the card is updated."""
        for touchpoint in self:
            if touchpoint.card_changes:
                touchpoint._schedule(
                    self.env._("Update the card: %(changes)s", changes=touchpoint.card_changes),
                    fields.Date.context_today(touchpoint), on_customer=True,
                )
            elif touchpoint.card_verified:
                day = fields.Date.context_today(touchpoint, touchpoint.date)
                touchpoint.partner_id._mark_card_verified(touchpoint.user_id, day)

    def _schedule(self, summary, deadline, on_customer=False):
        """Create an activity of the person who had the contact, on the opportunity or else on the customer."""
        self.ensure_one()
        document = self.partner_id if on_customer or not self.lead_id else self.lead_id
        return document.activity_schedule(
            'mail.mail_activity_data_todo', date_deadline=deadline, summary=summary,
            user_id=(self.user_id if self.user_id.active else self.env.user).id,
        )

    def action_raise_opportunity(self):
        """Create an opportunity that keeps this contact as its source, and open it."""
        self.ensure_one()
        lead = self.env['crm.lead'].create(self._prepare_opportunity_vals())
        if not self.lead_id:
            self.sudo().lead_id = lead  # whoever may raise an opportunity may link it, also on a colleague's contact
        return {'type': 'ir.actions.act_window', 'res_model': 'crm.lead', 'res_id': lead.id, 'views': [(False, 'form')]}

    def _prepare_opportunity_vals(self):
        return {
            'name': self.summary,
            'type': 'opportunity',
            'partner_id': (self.contact_id or self.partner_id).id,
            'user_id': self.env.uid,
            'company_id': self.company_id.id,
            'touchpoint_id': self.id,
        }

    def action_view_raised_leads(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm.crm_lead_opportunities')
        action.update(domain=[('touchpoint_id', '=', self.id)], context={'default_touchpoint_id': self.id})
        return action

    @api.model
    def _action_log(self, record, mode):
        """Return the dialog in which a contact with the customer of ``record`` is logged in one line."""
        context = {**self._default_document(record), 'default_mode': mode}
        if record._name == 'crm.lead':
            context['default_lead_id'] = record.id
        titles = {'visit': self.env._("Log a visit"), 'phone': self.env._("Log a call")}
        return {
            'type': 'ir.actions.act_window',
            'name': titles.get(mode, self.env._("Log a contact")),
            'res_model': self._name,
            'views': [(self.env.ref('crm_relationship.crm_touchpoint_view_form_quick').id, 'form')],
            'target': 'new',
            'context': context,
        }

    @api.model
    def _log_done_activities(self, activities, feedback=False):
        """Write done calls, meetings and visits on customers into the log, each activity once; return the new ones.

        A meeting that the log already has from the calendar gets the feedback instead of a second entry.
        """
        activities = activities.sudo()._filtered_for_contact_log()
        log = self.sudo()
        known = log.search_fetch([('activity_id', 'in', activities.ids)], ['activity_id']).activity_id
        held = {
            (touchpoint.event_id, touchpoint.partner_id): touchpoint
            for touchpoint in log.search([('event_id', 'in', activities.calendar_event_id.ids)])
        }
        vals_list = []
        for activity in activities - known:
            touchpoint = held.get((activity.calendar_event_id, activity.board_partner_id))
            if touchpoint:
                body = '\n'.join(filter(None, (touchpoint.body, feedback)))
                touchpoint.write({'activity_id': activity.id, 'body': body})
            else:
                vals_list.append(activity._prepare_touchpoint_vals(feedback))
        return log.create(vals_list).with_env(self.env)
