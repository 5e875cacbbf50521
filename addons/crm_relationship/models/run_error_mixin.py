import logging

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)

# No record's fault: two transactions met, or the database is gone. The run is rolled back and repeated.
NOBODYS_FAULT = (OperationalError, ConcurrencyError)
WARNING = 'mail.mail_activity_data_warning'


def together_or_each(env, items, step, fail):
    """Call ``step(items)`` for all together; if that fails for each on its own, so that a bad one stops no other.

    :param items: records or a list
    :param step: called with some of ``items``, in a savepoint
    :param fail: called with the one item for which the step failed, and the error
    :raise Exception: an error that is nobody's fault, so that the run is rolled back and repeated
    """
    try:
        with env.cr.savepoint():
            step(items)
            env.flush_all()
        return
    except NOBODYS_FAULT:
        raise
    except Exception as error:
        env.invalidate_all(flush=False)
        if len(items) == 1:
            fail(items[0], error)
            return
    for number in range(len(items)):
        together_or_each(env, items[number:number + 1], step, fail)


class RunErrorMixin(models.AbstractModel):
    """Record that scheduled actions work on: what went wrong with it stands on it, and somebody is told, once."""

    _name = 'crm.run.error.mixin'
    _description = "Record of Scheduled Work"
    _inherit = ['mail.activity.mixin']

    run_error = fields.Text(
        string="Problem of the Last Run", readonly=True, copy=False,
        help="Why the scheduled action could not treat this record. The next run that can removes it.",
    )

    @api.model
    def _run_safely(self, document, step, *args):
        """Call ``step(*args)`` in a savepoint. Returns the error, or None; a warning of ``document`` goes to the log.

        Serialisation errors leave it: they are no record's fault.
        """
        try:
            with self.env.cr.savepoint():
                step(*args)
                self.env.flush_all()
        except NOBODYS_FAULT:
            raise
        except Exception as error:
            _logger.warning("Scheduled work on %s failed", document, exc_info=True)
            self.env.invalidate_all(flush=False)
            return error
        return None

    def _note_run_error(self, error):
        """Keep why the run failed and tell somebody; without an error, forget that it ever did."""
        for record in self:
            text = str(error) if error else False
            if not text and not record.run_error:
                continue
            record.run_error = text
            if text:
                user = record._run_error_user()
                record._tell_run_error(record, user, user._in_own_language(record)._run_error_summary(), text)
            else:
                record._told_run_errors(record).unlink()

    def _run_error_summary(self):
        self.ensure_one()
        return self.env._("%(record)s: the scheduled action could not treat it", record=self.display_name)

    def _run_error_user(self):
        """Return who is told: who set the record up, as long as they are there, else a manager of the company."""
        self.ensure_one()
        own = self.create_uid.filtered(lambda user: user.active and not user.share and user._is_internal())
        own = own.filtered(lambda user: user.has_group('crm_relationship.group_relationship_manager'))
        return own[:1] or self._run_error_manager('company_id' in self and self.company_id)

    @api.model
    def _run_error_manager(self, company=None):
        """Return a sales manager of the company, or of any; the last one set up, since the first is the installer."""
        managers = self.env.ref('crm_relationship.group_relationship_manager').sudo().all_user_ids.filtered(
            lambda user: user.active and user._is_internal() and user.id != self.env.ref('base.user_root').id
        )
        of_company = managers.filtered(lambda user: not company or company in user.company_ids)
        return (of_company or managers).sorted('id', reverse=True)[:1]

    @api.model
    def _tell_run_error(self, document, user, summary, text):
        """Put a warning about ``document`` on the board of ``user``, unless the same one is there already."""
        if user and not self._told_run_errors(document, summary):
            document.sudo().activity_schedule(WARNING, user_id=user.id, summary=summary, note=text)

    @api.model
    def _told_run_errors(self, document, summary=None):
        """Return the warnings about ``document``; about a document of another model those of one kind of work."""
        domain = Domain('res_model', '=', document._name) & Domain('res_id', 'in', document.ids)
        domain &= Domain('automated', '=', True) & Domain('activity_type_id', '=', self.env.ref(WARNING).id)
        if summary:
            domain &= Domain('summary', '=', summary)
        return self.env['mail.activity'].sudo().search(domain)
