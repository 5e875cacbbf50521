from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmDebriefing(models.Model):
    """What a manager and a salesperson noted about the dealings of a day."""

    _name = 'crm.debriefing'
    _description = "Debriefing"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'date desc, id desc'
    _mail_post_access = 'read'

    name = fields.Char(compute='_compute_name')
    date = fields.Date(
        string="Dealings Of", required=True, index=True,
        default=lambda self: fields.Date.context_today(self) - timedelta(days=1),
    )
    user_id = fields.Many2one(
        'res.users', string="Salesperson", required=True, index=True, ondelete='restrict',
        domain=[('share', '=', False)], default=lambda self: self.env.user,
    )
    manager_id = fields.Many2one(
        'res.users', index=True, ondelete='set null', domain=[('share', '=', False)],
        default=lambda self: self.env.user.sale_team_id.user_id or self.env.user,
    )
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company)
    touchpoint_ids = fields.Many2many('crm.touchpoint', string="Contacts of the Day", compute='_compute_touchpoint_ids')
    result = fields.Text(string="What Came Out", required=True)
    agreed = fields.Text(string="What Was Agreed")

    @api.depends('date', 'user_id')
    def _compute_name(self):
        for debriefing in self:
            debriefing.name = f'{debriefing.user_id.name} · {debriefing.date}'

    @api.depends('date', 'user_id')
    def _compute_touchpoint_ids(self):
        # On forms only: one query a debriefing.
        for debriefing in self:
            if not debriefing.date or not debriefing.user_id:
                debriefing.touchpoint_ids = False
                continue
            zone = pytz.timezone(debriefing.user_id.tz or 'UTC')
            start = zone.localize(datetime.combine(debriefing.date, time.min)).astimezone(pytz.utc).replace(tzinfo=None)
            debriefing.touchpoint_ids = self.env['crm.touchpoint'].search([
                ('user_id', '=', debriefing.user_id.id), ('date', '>=', start),
                ('date', '<', start + timedelta(days=1)),
            ])

    @api.constrains('date')
    def _check_date(self):
        today = fields.Date.context_today(self)
        for debriefing in self:
            if debriefing.date > today:
                raise ValidationError(self.env._(
                    "Debriefing of %(user)s: %(date)s lies in the future. Note what has happened.",
                    user=debriefing.user_id.name, date=debriefing.date,
                ))
