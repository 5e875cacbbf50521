import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import format_datetime

from .selections import label
from .working_time import WorkingTime

_logger = logging.getLogger(__name__)
RETRY = timedelta(hours=1)


class CrmComplaint(models.Model):
    _inherit = 'crm.complaint'

    @api.model
    def _cron_escalate(self, batch=20):
        """Bring the deadlines' states up to now and escalate what is due, each level once for each clock."""
        self._refresh_sla_state()
        now = fields.Datetime.now()
        domain = [('is_open', '=', True), ('next_escalation_at', '<=', now)]
        self.env['ir.cron']._commit_progress(remaining=self.search_count(domain))
        while complaints := self.search(domain, limit=batch, order='next_escalation_at, id'):
            complaints._escalate(now)
            if not self.env['ir.cron']._commit_progress(len(complaints)):
                break

    def _escalate(self, now):
        """Escalate each record in a savepoint of its own; what fails is noted on it and tried again in an hour."""
        working_time = WorkingTime(self.env)
        for complaint in self:
            try:
                with self.env.cr.savepoint():
                    complaint._escalate_one(working_time, now)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception as error:
                _logger.info("Escalation of complaint %s failed", complaint.id, exc_info=True)
                complaint.invalidate_recordset()
                complaint.write({'escalation_error': str(error), 'next_escalation_at': now + RETRY})

    def _escalate_one(self, working_time, now):
        """Mark every level that is due as reached; who is meant by several hears of the highest."""
        self.ensure_one()
        reached, told = dict(self.sla_escalated or {}), {}
        for level, start, moment in self._escalations(working_time, self._sla_clocks()):
            if moment <= now:
                reached[str(level.id)] = [start, fields.Datetime.to_string(now)]
                user = level._recipient(self)
                if level.level >= told.get(user, level).level:
                    told[user] = level
        for user, level in told.items():
            self._tell(level, user)
        self.write({
            'sla_escalated': reached, 'escalated_at': now, 'escalation_error': False,
            'escalation_level': max([self.escalation_level, *(level.level for level in told.values())])})

    def _tell(self, level, user):
        """Note the level in the words of its reader, plan the activity (it notifies by itself), hand over."""
        tz = user.tz or self.company_id.resource_calendar_id.tz or 'UTC'
        env = self.with_context(lang=user.lang).env
        text = env._(
            "Escalation, level %(level)s: %(deadline)s of %(number)s (%(customer)s), due %(due)s.",
            level=level.level, deadline=label(level.with_env(env), 'clock'), number=self.name,
            customer=self.partner_id.display_name,
            due=format_datetime(env, self[f'{level.clock}_due'], tz=tz, dt_format='short'))
        if level.do_assign and user != self.user_id:
            self.user_id = user
        robot = self.env.ref('base.partner_root').id
        if level.do_activity:
            self._message_log(body=text, author_id=robot)
            self.activity_schedule('mail.mail_activity_data_todo', user_id=user.id, summary=text)
        else:
            self.message_post(
                body=text, subtype_xmlid='mail.mt_note', partner_ids=user.partner_id.ids, author_id=robot)
