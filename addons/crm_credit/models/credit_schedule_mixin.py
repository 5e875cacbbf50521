import logging

from psycopg2.extensions import TransactionRollbackError

from odoo import models
from odoo.fields import Domain

_logger = logging.getLogger(__name__)


class CreditScheduleMixin(models.AbstractModel):
    """Work through records in a scheduled action: in committed batches, one bad record doesn't stop the others."""

    _name = 'credit.schedule.mixin'
    _description = 'Scheduled Work on Credit Records'

    _schedule_batch = 100

    def _schedule_run(self, domain, step):
        """Call ``step(record)`` for every record of the domain, in id order.

        Each record has its own savepoint; an error goes to :meth:`_schedule_failed`. A serialisation error is no
        record's fault: it ends the run, and the scheduler tries again. ``step`` has to take the record out of the
        domain, so that the action may run twice and may be cut off.
        """
        last_id, remaining = 0, self.search_count(domain)
        while records := self.search(
            Domain(domain) & Domain('id', '>', last_id), order='id', limit=self._schedule_batch
        ):
            for record in records:
                self._schedule_step(record, step)
            last_id = records[-1].id
            remaining = max(0, remaining - len(records))
            if not self.env['ir.cron']._commit_progress(len(records), remaining=remaining):
                break

    def _schedule_step(self, record, step):
        try:
            with self.env.cr.savepoint():
                step(record)
        except TransactionRollbackError:
            raise
        except Exception as error:
            _logger.warning('%s: %s', record, error)
            record.invalidate_recordset()
            with self.env.cr.savepoint():
                record._schedule_failed(error)

    def _schedule_failed(self, error):
        """Keep the error on the record, where a person sees it."""
        self.write({'expiry_error': str(error)})
