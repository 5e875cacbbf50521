import logging
from datetime import timedelta

from psycopg2.extensions import TransactionRollbackError

from odoo import api, fields, models
from odoo.tools import format_datetime

from .crm_customer_metrics import RefreshBusy

_logger = logging.getLogger(__name__)

# A run that was cut off by the time limit goes on where it stopped, unless it is older than this.
RESUME_WITHIN = timedelta(hours=20)
KEEP_FOR = timedelta(days=90)
ATTEMPTS = 3


class CrmMetricsRun(models.Model):
    """One refresh of the figures of one root company: how far it got, what it wrote, what went wrong."""

    _name = 'crm.metrics.run'
    _description = 'Refresh of Customer Figures'
    _inherit = ['mail.activity.mixin']
    _order = 'id desc'
    _rec_name = 'date_start'

    company_id = fields.Many2one('res.company', required=True, readonly=True, ondelete='cascade', index=True)
    user_id = fields.Many2one('res.users', string="Started by", readonly=True)
    date_start = fields.Datetime(string="Started", required=True, readonly=True)
    date_end = fields.Datetime(string="Finished", readonly=True)
    state = fields.Selection(
        [('running', 'Running'), ('done', 'Done'), ('failed', 'Failed')],
        required=True,
        readonly=True,
        default='running',
    )
    rows_written = fields.Integer(readonly=True)
    last_partner_id = fields.Integer(string="Done up to customer", readonly=True, aggregator=None)
    error = fields.Text(readonly=True)
    basis = fields.Char(
        readonly=True,
        help="Digest of the statements of this refresh: the next one with the same needs changed customers only.",
    )

    # ------------------------------------------------------------------ what is known of the last refresh

    @api.model
    def _as_of(self, root):
        """Time of the figures of a root company, or False."""
        return self.sudo().search([('company_id', '=', root.id), ('state', '=', 'done')], limit=1).date_end

    @api.model
    def _title(self, name, root):
        """A screen's name with the time of its figures."""
        as_of = self._as_of(root)
        if not as_of:
            return self.env._("%(screen)s (not computed yet)", screen=name)
        return self.env._(
            "%(screen)s (as of %(time)s)", screen=name, time=format_datetime(self.env, as_of, dt_format='short')
        )

    # ------------------------------------------------------------------ keeping the record

    @api.model
    def _start(self, root):
        return self.sudo().create({
            'company_id': root.id, 'user_id': self.env.uid, 'date_start': fields.Datetime.now(), 'state': 'running'})

    def _prepare(self, scope):
        """Note what this refresh rests on. Returns whether customers that aren't in the log of changes may be left out:
        their figures are those of the last refresh.
        """
        metrics, changes = self.env['crm.customer.metrics'], self.env['crm.metrics.change'].sudo()
        basis = metrics._basis(scope)
        if self.last_partner_id:
            if self.basis != basis:
                self.basis = False  # customers of different days or settings: the next refresh computes all of them
            return False
        self.basis = basis
        if (
            self._last_basis() == basis
            and not scope.root._is_class_cut_due(scope.today)
            and changes._is_complete()
            and changes._tells_some(scope, metrics._refresh_changed_at_most)
        ):
            return True
        changes._take_everybody(scope)
        return False

    def _last_basis(self):
        """What the figures in place rest on; False while another refresh, or one that failed, has got half of them."""
        recent = fields.Datetime.now() - RESUME_WITHIN
        last = self.search([
            ('company_id', '=', self.company_id.id), ('id', '!=', self.id),
            '|', ('state', '!=', 'running'), ('date_start', '>', recent),
        ], order='date_end desc, id desc', limit=1)
        return last.state == 'done' and last.basis

    def _finish(self, written):
        self.write({'state': 'done', 'date_end': fields.Datetime.now(), 'rows_written': written, 'error': False})
        self.search([('company_id', '=', self.company_id.id), ('state', '=', 'failed')]).activity_ids.sudo().unlink()

    def _fail(self, error):
        """Keep the error and tell a manager, once until the next success."""
        self.write({'state': 'failed', 'date_end': fields.Datetime.now(), 'error': str(error)})
        told = self.search([('company_id', '=', self.company_id.id), ('activity_ids', '!=', False)], limit=1)
        manager = self._manager_to_tell()
        if not told and manager:
            self.activity_schedule(
                'mail.mail_activity_data_warning',
                user_id=manager.id,
                summary=manager._in_own_language(self).env._(
                    "Customer figures of %(company)s could not be refreshed", company=self.company_id.name
                ),
                note=str(error),
            )

    def _manager_to_tell(self):
        managers = self.env.ref('crm_relationship.group_relationship_manager').sudo().all_user_ids
        managers = managers.filtered(
            lambda user: user.active and self.company_id in user.company_ids and user._is_internal()
        )
        return managers.sorted('id', reverse=True)[:1]

    @api.autovacuum
    def _gc_runs(self):
        limit = fields.Datetime.now() - KEEP_FOR
        self.search([('date_start', '<', limit), ('state', '!=', 'running')], order='id').unlink()

    # ------------------------------------------------------------------ the scheduled action

    @api.model
    def _refresh_in_batches(self, root):
        """Refresh one company in committed batches. Returns whether there is time left for another one."""
        run = self._resume(root) or self._start(root)
        time_left = self.env['ir.cron']._commit_progress(remaining=1)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return run._work(time_left)
            except TransactionRollbackError as error:
                # Two writers met: nobody's fault, the batch is done again.
                self.env.cr.rollback()
                failure = error
            except RefreshBusy:
                self.env.cr.rollback()
                run.unlink()
                return self.env['ir.cron']._commit_progress(1) > 0
            except Exception as error:
                self.env.cr.rollback()
                _logger.exception("Customer figures of company %s could not be refreshed", root.id)
                failure = error
                break
            _logger.info("Customer figures of company %s: attempt %s met another writer", root.id, attempt)
        run._fail(failure)
        return self.env['ir.cron']._commit_progress(1) > 0

    def _work(self, time_left):
        metrics = self.env['crm.customer.metrics']
        scope = metrics._scope(self.company_id)
        if self._prepare(scope):
            self._finish(metrics._refresh_changed(scope))
            return self.env['ir.cron']._commit_progress(1) > 0
        for batch in list(metrics._batches(scope, after=self.last_partner_id)):
            if time_left <= 0:
                return False
            written = metrics._refresh_scope(batch)
            self.write({'last_partner_id': batch.partner_range[1], 'rows_written': self.rows_written + written})
            time_left = self.env['ir.cron']._commit_progress(1, remaining=1)
        self._finish(self.rows_written + metrics._refresh_population(scope))
        return self.env['ir.cron']._commit_progress(1) > 0

    def _resume(self, root):
        recent = fields.Datetime.now() - RESUME_WITHIN
        return self.search([
            ('company_id', '=', root.id), ('state', '=', 'running'), ('date_start', '>', recent)], limit=1)
