import base64
import logging

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.tools.pdf import merge_pdf

_logger = logging.getLogger(__name__)

PART = 25
KEEP_DAYS = 30
LAYOUTS = [('a4', "Sheet (A4)"), ('a6', "Card (A6 across)"), ('roster', "Customer roster (list)")]
LANGUAGES = [('customer', "Of each customer"), ('user', "Mine")]
REPORTS = {
    'a4': 'crm_relationship.action_report_relationship_card',
    'a6': 'crm_relationship.action_report_relationship_card_small',
    'roster': 'crm_relationship.action_report_customer_roster',
}


class CrmCardPrintJob(models.Model):
    """Many cards, printed in the background part by part; who asked for them is told when the file is there."""

    _name = 'crm.card.print.job'
    _description = 'Card Print'
    _inherit = 'crm.job.progress.mixin'
    _order = 'id desc'

    name = fields.Char(compute='_compute_name')
    user_id = fields.Many2one('res.users', string='For', required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one('res.company', required=True, readonly=True)
    layout = fields.Selection(LAYOUTS, required=True, readonly=True)
    language = fields.Selection(LANGUAGES, required=True, readonly=True)
    partner_ids = fields.Many2many('res.partner', string='Customers', readonly=True)
    done_ids = fields.Many2many(
        'res.partner', 'crm_card_print_job_done_rel', 'job_id', 'partner_id', string='Printed', readonly=True,
    )
    total_count = fields.Integer(string='Cards', compute='_compute_progress')
    done_count = fields.Integer(string='Cards Printed', compute='_compute_progress')
    progress = fields.Integer(compute='_compute_progress', aggregator=False)
    state = fields.Selection(
        [
            ('queued', "Waiting"), ('running', "Printing"), ('done', "Done"), ('failed', "Failed"),
            ('cancelled', "Cancelled"),
        ],
        required=True, default='queued', readonly=True, index=True,
    )
    error = fields.Text(readonly=True)
    attachment_id = fields.Many2one('ir.attachment', string='File', readonly=True, ondelete='set null')

    @api.depends('create_date', 'layout')
    @api.depends_context('lang', 'tz')
    def _compute_name(self):
        layouts = dict(self._fields['layout']._description_selection(self.env))
        for job in self:
            created = fields.Datetime.context_timestamp(job, job.create_date or fields.Datetime.now())
            job.name = f'{layouts.get(job.layout, "")} {created:%Y-%m-%d %H:%M}'

    @api.depends('partner_ids', 'done_ids')
    def _compute_progress(self):
        for job in self:
            job.total_count, job.done_count = len(job.partner_ids), len(job.done_ids)
            job.progress = round(100 * job.done_count / job.total_count) if job.total_count else 0

    @api.model
    def _enqueue(self, customers, layout, language):
        """Have the cards of these customers printed in the background, for the current user."""
        job = self.sudo().create({
            'user_id': self.env.uid, 'company_id': self.env.company.id, 'layout': layout, 'language': language,
            'partner_ids': [(6, 0, customers.ids)],
        })
        self.env.ref('crm_relationship.ir_cron_card_print')._trigger()
        job._show_printed()
        return job.with_env(self.env)

    def action_download(self):
        self.ensure_one()
        url = f'/web/content/{self.attachment_id.id}?download=true'
        return {'type': 'ir.actions.act_url', 'url': url, 'target': 'self'}

    def action_cancel(self):
        self.check_access('read')
        self.sudo().filtered(lambda job: job.state in ('queued', 'running')).state = 'cancelled'
        self.sudo()._parts().unlink()
        for job in self.sudo():
            job._show_progress(job.user_id, job.name, 0, 0)

    def action_retry(self):
        """Print what is left of a failed job once more."""
        self.check_access('read')
        self.sudo().filtered(lambda job: job.state == 'failed').write({'state': 'queued', 'error': False})
        self.env.ref('crm_relationship.ir_cron_card_print')._trigger()

    @api.model
    def _cron_print(self):
        """Print waiting jobs part by part; each part is committed, so that a stopped run goes on where it was."""
        jobs = self.search([('state', 'in', ('queued', 'running'))], order='id')
        self.env['ir.cron']._commit_progress(remaining=sum(len(job.partner_ids - job.done_ids) for job in jobs))
        for job in jobs:
            job = job.with_context(lang=job.user_id.lang)
            while job.state in ('queued', 'running'):
                printed = job._print_part_safely()
                if not self.env['ir.cron']._commit_progress(printed):
                    return

    def _print_part_safely(self):
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                return self._print_part()
        except OperationalError:
            raise  # a serialisation failure is nobody's fault: the run is repeated
        except Exception as error:  # whatever it is, its owner must see it
            _logger.info("Card print %s failed", self.id, exc_info=True)
            self.write({'state': 'failed', 'error': str(error)})
            self._show_progress(self.user_id, self.name, 0, 0)
            self._notify(self.env._("Your cards couldn't be printed: %(error)s", error=error), 'danger')
            return 0

    def _print_part(self):
        """Print the next customers into a part; with the last one the parts become the file. Returns how many."""
        roster = self.layout == 'roster'
        batch = (self.partner_ids - self.done_ids)[:None if roster else PART]
        if batch:
            self._store(self._render(batch), f'part-{len(self.done_ids):06}.pdf')
            self.write({'state': 'running', 'done_ids': [(4, partner.id) for partner in batch]})
        self._show_printed()
        if not self.partner_ids - self.done_ids:
            self._finish()
        return len(batch)

    def _render(self, customers):
        """The PDF of these customers' cards, with the rights and in the company of who asked for it."""
        user = self.user_id
        company = self.company_id
        report = self.env.ref(REPORTS[self.layout]).with_user(user).with_company(company).with_context(
            allowed_company_ids=company.ids, lang=user.lang, tz=user.tz, card_print_job=self.id,
        )
        lang = user.lang if self.language == 'user' else None
        return report._render_qweb_pdf(report.report_name, customers.ids, data={'card_lang': lang})[0]

    def _parts(self):
        return self.env['ir.attachment'].search([
            ('res_model', '=', self._name), ('res_id', 'in', self.ids), ('name', '=like', 'part-%'),
        ], order='name')

    def _store(self, content, name):
        return self.env['ir.attachment'].create({
            'name': name, 'datas': base64.b64encode(content), 'mimetype': 'application/pdf',
            'res_model': self._name, 'res_id': self.id,
        })

    def _finish(self):
        parts = self._parts()
        content = merge_pdf([part.raw for part in parts]) if len(parts) > 1 else parts.raw
        title = {'roster': self.env._("Customer roster")}.get(self.layout, self.env._("Relationship cards"))
        self.attachment_id = self._store(content, f'{title} {fields.Date.to_string(self.create_date)}.pdf')
        self.state = 'done'
        parts.unlink()
        self._notify(self.env._(
            "%(count)s cards are ready: My Work → Card Prints → Download", count=self.total_count,
        ), 'success')

    def _show_printed(self):
        title = self.env._("Printing cards")
        self._show_progress(self.user_id, title, self.done_count, self.total_count)

    def _notify(self, message, kind='info'):
        self.user_id._bus_send('simple_notification', {
            'title': self.env._("Card print"), 'message': message, 'type': kind, 'sticky': kind != 'info',
        })

    @api.autovacuum
    def _gc_jobs(self):
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=KEEP_DAYS)
        jobs = self.search([('create_date', '<', limit), ('state', 'not in', ('queued', 'running'))], limit=1000)
        self.env['ir.attachment'].search([('res_model', '=', self._name), ('res_id', 'in', jobs.ids)]).unlink()
        jobs.unlink()
