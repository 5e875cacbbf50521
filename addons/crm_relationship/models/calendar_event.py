from datetime import timedelta

from odoo import api, fields, models

# Meetings that ended longer ago than this were never looked at: an imported calendar doesn't fill the log.
CONTACT_LOG_WINDOW = timedelta(days=7)
CONTACT_LOG_BATCH = 200


class CalendarEvent(models.Model):
    _inherit = 'calendar.event'

    contact_logged = fields.Boolean(
        copy=False, readonly=True, help="This meeting is in the contact log.",
    )
    contact_log_error = fields.Text(
        string="Not in the Contact Log", copy=False, readonly=True,
        help="Why this meeting could not be written into the contact log.",
    )

    @api.model
    def _cron_log_meetings(self):
        """Write meetings with customers that are over into the contact log, once each."""
        events = self.search(self._held_meetings_domain(), order='stop, id')
        remaining = len(events)
        for start in range(0, len(events), CONTACT_LOG_BATCH):
            batch = events[start:start + CONTACT_LOG_BATCH]
            for event in batch:
                event._log_meeting_safely()
            remaining -= len(batch)
            if not self.env['ir.cron']._commit_progress(len(batch), remaining=remaining):
                break

    @api.model
    def _held_meetings_domain(self):
        now = fields.Datetime.now()
        return [
            ('contact_logged', '=', False), ('stop', '<=', now), ('stop', '>', now - CONTACT_LOG_WINDOW),
            ('privacy', '!=', 'private'), ('user_id', '!=', False),
            ('partner_ids.partner_share', '=', True),
        ]

    def _log_meeting_safely(self):
        self.ensure_one()
        errors = self.env['crm.run.error.mixin']
        error = errors._run_safely(self, self._log_meeting)
        if not error and not self.contact_log_error:
            return
        customer = self.partner_ids.filtered('partner_share').commercial_partner_id[:1]
        summary = self.env._("“%(meeting)s” could not be written into the contact log", meeting=self.name)
        # By SQL as below: the guests needn't know.
        self.env.cr.execute(
            'UPDATE calendar_event SET contact_log_error = %s WHERE id = %s', [str(error) if error else None, self.id],
        )
        self.invalidate_recordset(['contact_log_error'], flush=False)
        if error:
            user = self.user_id if self.user_id.active else errors._run_error_manager(self.user_id.company_id)
            errors._tell_run_error(customer, user, summary, self.contact_log_error)
        else:
            errors._told_run_errors(customer, summary).unlink()

    def _log_meeting(self):
        """Write one entry a customer who took part; one that its activity has written already stays as it is."""
        Touchpoint = self.env['crm.touchpoint'].sudo()
        known = Touchpoint.search([('event_id', '=', self.id)]).partner_id
        guests = self.attendee_ids.filtered(lambda attendee: attendee.state != 'declined').partner_id
        for customer, contacts in guests.filtered('partner_share').grouped('commercial_partner_id').items():
            if customer not in known:
                Touchpoint.create(self._prepare_touchpoint_vals(customer, contacts))
        # no mail to the guests, no synchronisation: nothing that they see has changed
        self.env.cr.execute('UPDATE calendar_event SET contact_logged = TRUE WHERE id = %s', [self.id])
        self.invalidate_recordset(['contact_logged'], flush=False)

    def _prepare_touchpoint_vals(self, customer, contacts):
        self.ensure_one()
        company = customer.company_id or self.user_id.company_id
        return {
            'partner_id': customer.id,
            'contact_id': (contacts - customer)[:1].id,
            'summary': self.name,
            'mode': 'meeting',
            'date': self.start,
            'duration': self.duration,
            'location': self.location,
            'user_id': self.user_id.id,
            'participant_ids': (self.partner_ids.user_ids.filtered(lambda user: not user.share) - self.user_id).ids,
            'company_id': company.id,
            'currency_id': company.currency_id.id,
            'lead_id': self.opportunity_id.id,
            'event_id': self.id,
        }
