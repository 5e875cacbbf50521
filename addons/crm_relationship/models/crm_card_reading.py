from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.listing import listed

VISIT_MODES = ('visit', 'meeting')
NOTICE = timedelta(days=1)


class CrmCardReading(models.Model):
    """Somebody is to read a customer's card before a visit, or has opened or printed it."""

    _name = 'crm.card.reading'
    _description = 'Card Reading'
    _order = 'visit_date, id desc'
    _rec_name = 'partner_id'

    partner_id = fields.Many2one('res.partner', string='Customer', required=True, ondelete='cascade', index=True)
    user_id = fields.Many2one('res.users', string='Reader', required=True, ondelete='cascade', index=True)
    visit_date = fields.Date(
        string='Visit On', index='btree_not_null', help="The day of the visit that it is read for.",
    )
    read_on = fields.Datetime(help="When the card was opened or printed. Empty: still to be read.")
    kind = fields.Selection([('screen', "On screen"), ('print', "Printed")], string='How')

    @api.model
    def _visited(self, user, day):
        """Customers with a visit or meeting of ``user`` on ``day``, as far as the current user may read them."""
        ids = {partner_id for _user_id, partner_id, _day in self._visits(user, [day])}
        return self.env['res.partner'].browse(sorted(ids)).exists()._filtered_access('read').filtered('is_customer')

    @api.model
    def _visits(self, users, days):
        """``{(user_id, customer_id, day)}`` of the visits and meetings that ``users`` have on ``days``."""
        visits = {
            (activity.user_id.id, activity.board_partner_id.id, activity.date_deadline)
            for activity in self.env['mail.activity'].sudo().search_fetch(
                [
                    ('user_id', 'in', users.ids), ('date_deadline', 'in', days), ('board_partner_id', '!=', False),
                    ('activity_type_id.touchpoint_mode', 'in', VISIT_MODES),
                ],
                ['user_id', 'board_partner_id', 'date_deadline'],
            )
        }
        first, last = min(days) - NOTICE, max(days) + NOTICE
        events = self.env['calendar.event'].sudo().search([
            ('start', '>=', datetime.combine(first, time.min)), ('start', '<=', datetime.combine(last, time.max)),
            ('partner_ids.user_ids', 'in', users.ids), ('partner_ids.partner_share', '=', True),
        ])
        for event in events:
            customers = event.partner_ids.filtered('partner_share').commercial_partner_id
            for user in event.partner_ids.user_ids & users.sudo():
                zone = pytz.timezone(user.tz or 'UTC')
                day = event.start_date if event.allday else event.start.replace(tzinfo=pytz.utc).astimezone(zone).date()
                visits |= {(user.id, customer.id, day) for customer in customers if day in days}
        return visits

    @api.model
    def _log_reading(self, customers, kind):
        """The current user has opened or printed the cards of these customers: log it, once a day and customer."""
        now = fields.Datetime.now()
        mine = Domain('user_id', '=', self.env.uid) & Domain('partner_id', 'in', customers.ids)
        log = self.sudo()
        pending = log.search(mine & Domain('read_on', '=', False))
        pending.write({'read_on': now, 'kind': kind})
        today = datetime.combine(now.date(), time.min)
        known = pending.partner_id | log.search(mine & Domain('read_on', '>=', today)).partner_id
        log.create([
            {'partner_id': customer.id, 'user_id': self.env.uid, 'read_on': now, 'kind': kind}
            for customer in customers if customer not in known
        ])

    def action_read(self):
        return self.partner_id.action_read_card()

    @api.model
    def _cron_remind(self):
        """Put the cards of today's and tomorrow's visits that nobody has read lately on their visitors' lists."""
        group = self.env.ref('crm_relationship.group_relationship_user')
        users = self.env['res.users'].search([('share', '=', False), ('all_group_ids', 'in', group.ids)])
        self.env['ir.cron']._commit_progress(remaining=len(users))
        errors = self.env['crm.run.error.mixin']
        summary = self.env._("The cards to read before visits could not be listed")
        told = errors._told_run_errors(users.partner_id, summary).grouped('res_id')
        for user in users:
            error = errors._run_safely(user, self._remind, user)
            if error:
                manager = errors._run_error_manager(user.company_id)
                errors._tell_run_error(user.partner_id, manager, summary, str(error))
            elif user.partner_id.id in told:
                told[user.partner_id.id].unlink()
            if not self.env['ir.cron']._commit_progress(1):
                return

    @api.model
    def _remind(self, user):
        """Create what ``user`` has to read for the next visits, and say so; nothing is created twice."""
        before = user.company_id.card_reading_days
        if not before:
            return self
        today = fields.Date.context_today(self.with_context(tz=user.tz))
        visits = self._visits(user, [today, today + NOTICE])
        customers = self.env['res.partner'].browse({partner_id for _user_id, partner_id, _day in visits}).exists()
        customers = customers.filtered('is_customer')
        known = self.search([('user_id', '=', user.id), ('partner_id', 'in', customers.ids)])
        planned = {(row.partner_id.id, row.visit_date) for row in known}
        lately = {
            row.partner_id.id: row.read_on.date() for row in known.filtered('read_on').sorted('read_on')
        }
        wanted = self.create([
            {'partner_id': partner_id, 'user_id': user.id, 'visit_date': day}
            for _user_id, partner_id, day in sorted(visits)
            if partner_id in customers.ids and (partner_id, day) not in planned
            and (partner_id not in lately or lately[partner_id] < day - timedelta(days=before))
        ])
        if wanted:
            names = listed(wanted.partner_id.mapped('name'), self.env.lang)
            env = self.with_context(lang=user.lang).env
            self.env['mail.thread'].message_notify(
                partner_ids=user.partner_id.ids,
                subject=env._("Cards to read before your visits"),
                body=env._(
                    "You visit %(customers)s. Read their cards first: My Work → Cards to Read.", customers=names,
                ),
            )
        return wanted
