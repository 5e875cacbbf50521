import logging

from psycopg2.extensions import TransactionRollbackError

from odoo import models
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import plaintext2html

_logger = logging.getLogger(__name__)

ERROR_ACTIVITY = 'crm_credit.mail_activity_type_credit_error'
# No record's fault: the run ends, and the scheduler tries again.
NOBODYS_FAULT = (TransactionRollbackError, *PG_CONCURRENCY_EXCEPTIONS_TO_RETRY)


class CreditScheduleMixin(models.AbstractModel):
    """Work through records in a scheduled action: in committed batches, one bad record doesn't stop the others.

    What goes wrong is kept on the record, which its list can be filtered by, and is put on a credit manager's list of
    activities once; the next good run takes both away.
    """

    _name = 'credit.schedule.mixin'
    _description = 'Scheduled Work on Credit Records'

    _schedule_batch = 100
    # Fields for the errors of this model's scheduled actions, one for each; the first where none is named.
    _schedule_errors = ('expiry_error',)

    def _schedule_run(self, domain, step, error_field=None):
        """Call ``step(record)`` for every record of the domain, in id order; see :meth:`_schedule_step`.

        ``step`` has to take the record out of the domain, so that the action may run twice and may be cut off.
        """
        last_id, remaining = 0, self.search_count(domain)
        while records := self.search(
            Domain(domain) & Domain('id', '>', last_id), order='id', limit=self._schedule_batch
        ):
            for record in records:
                self._schedule_step(record, step, error_field)
            last_id = records[-1].id
            remaining = max(0, remaining - len(records))
            if not self.env['ir.cron']._commit_progress(len(records), remaining=remaining):
                break

    def _schedule_step(self, record, step, error_field=None):
        """Call ``step(record)`` in a savepoint of its own, and keep or take away its error.

        A serialisation error is no record's fault and reaches the caller.
        """
        name = error_field or record._schedule_errors[0]
        try:
            with self.env.cr.savepoint():
                step(record)
        except NOBODYS_FAULT:
            raise
        except Exception as error:
            _logger.warning('%s: %s', record, error)
            record.invalidate_recordset()
            self._schedule_keep(record, error, name)
        else:
            record.sudo()._schedule_succeeded(name)

    def _schedule_keep(self, record, error, name):
        """A record so broken that not even its error can be written is left to the log; the others go on."""
        try:
            with self.env.cr.savepoint():
                record.sudo()._schedule_failed(error, name)
        except NOBODYS_FAULT:
            raise
        except Exception:
            _logger.exception("The error of %s can't be kept", record)
            record.invalidate_recordset()

    def _schedule_forget(self, domain, error_field=None):
        """Take away the errors of records outside of ``domain``: somebody settled it, no run looks at them again."""
        wrong = Domain(error_field or self._schedule_errors[0], '!=', False)
        for record in self.search(wrong) - self.search(wrong & Domain(domain)):
            record.sudo()._schedule_succeeded(error_field or self._schedule_errors[0])

    def _schedule_failed(self, error, name):
        """Keep the error on the record, where a person sees it, and tell a credit manager."""
        self.write({name: str(error)})
        self._schedule_tell(error)

    def _schedule_succeeded(self, name):
        if self[name]:
            self.write({name: False})
            if not any(self[other] for other in self._schedule_errors):
                self.activity_unlink([ERROR_ACTIVITY])

    def _schedule_tell(self, error):
        """One activity for a credit manager of the record's company, until it is mended."""
        company = 'company_id' in self._fields and self.company_id or self.env.company
        manager = self.env['credit.hold']._credit_managers(company)[:1]
        known = self.env.ref(ERROR_ACTIVITY)
        if manager and known not in self.activity_ids.activity_type_id:
            env = self.with_context(lang=manager.lang).env
            self.activity_schedule(
                ERROR_ACTIVITY,
                user_id=manager.id,
                summary=env._("A scheduled action failed: %s", self.display_name),
                note=plaintext2html(str(error)),
            )
