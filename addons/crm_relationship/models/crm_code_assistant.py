from psycopg2.extensions import TransactionRollbackError

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError, ValidationError
from odoo.tools import SQL

from ..tools.listing import listed

NAMED = 5
"""Customers named in one refusal."""
# Set by the buttons only.
KEPT = {'company_id', 'user_id', 'date_done', 'state', 'line_ids'}


class CrmCodeAssistant(models.Model):
    """One check of all customers for missing and shared codes, and the assignment of codes that follows from it.

    The check lists every customer without a registered code with a proposal; nothing changes until a manager assigns.
    Many customers are done by a scheduled action in committed batches, which goes on where it stopped.
    """

    _name = 'crm.code.assistant'
    _description = 'Customer Code Check'
    _inherit = ['mail.thread', 'crm.job.progress.mixin']
    _order = 'id desc'

    # Up to this many customers are done at once; more in the background.
    _at_once = 200
    _assign_batch = 1000

    name = fields.Char(compute='_compute_name')
    company_id = fields.Many2one('res.company', required=True, readonly=True, default=lambda self: self.env.company)
    user_id = fields.Many2one(
        'res.users', string="Checked by", required=True, readonly=True, default=lambda self: self.env.user)
    date_done = fields.Datetime(string="Finished", readonly=True)
    state = fields.Selection(
        [('draft', 'To decide'), ('running', 'Assigning'), ('done', 'Done')],
        required=True, readonly=True, default='draft', index=True,
    )
    line_ids = fields.One2many('crm.code.assistant.line', 'assistant_id', string="Customers")
    shared_line_ids = fields.One2many(
        'crm.code.assistant.line', 'assistant_id', string="Shared Codes", domain=[('kind', '=', 'shared')])
    other_line_ids = fields.One2many(
        'crm.code.assistant.line', 'assistant_id', string="Without Code", domain=[('kind', '!=', 'shared')])
    blank_count = fields.Integer(string="Without a code", compute='_compute_counts')
    shared_count = fields.Integer(string="With a code that others have too", compute='_compute_counts')
    unregistered_count = fields.Integer(string="With a code that isn't registered yet", compute='_compute_counts')
    total_count = fields.Integer(string="To do in total", compute='_compute_counts')
    done_count = fields.Integer(string="Worked off", compute='_compute_counts')
    failed_count = fields.Integer(string="Not possible", compute='_compute_counts')
    progress = fields.Float(compute='_compute_counts', help="Customers done, in per cent of those to be done.")

    @api.depends('create_date')
    def _compute_name(self):
        for check in self:
            day = fields.Date.to_string(check.create_date) if check.create_date else ''
            check.name = self.env._("Code check of %(day)s", day=day)

    @api.depends('line_ids.state', 'line_ids.decision', 'line_ids.kind')
    def _compute_counts(self):
        kinds, states = {}, {}
        groups = self.env['crm.code.assistant.line']._read_group(
            [('assistant_id', 'in', self.ids)], ['assistant_id', 'kind', 'decision', 'state'], ['__count'])
        for check, kind, decision, state, count in groups:
            kinds[check, kind] = kinds.get((check, kind), 0) + count
            if decision != 'skip':
                states[check, state] = states.get((check, state), 0) + count
        for check in self:
            done, failed = states.get((check, 'done'), 0), states.get((check, 'failed'), 0)
            check.blank_count = kinds.get((check, 'blank'), 0)
            check.shared_count = kinds.get((check, 'shared'), 0)
            check.unregistered_count = kinds.get((check, 'unregistered'), 0)
            check.total_count = done + failed + states.get((check, 'todo'), 0)
            check.done_count, check.failed_count = done + failed, failed
            check.progress = 100 * (done + failed) / check.total_count if check.total_count else 0

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_kept(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_kept(vals)
        return super().write(vals)

    def _check_kept(self, vals):
        kept = KEPT.intersection(vals)
        if kept and not self.env.su:
            raise UserError(self.env._(
                "“%(field)s” of a code check isn't entered by hand: use its buttons.",
                field=self._fields[min(kept)]._description_string(self.env),
            ))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        if running := self.filtered(lambda check: check.state == 'running')[:1]:
            raise UserError(self.env._(
                "%(check)s is assigning codes right now. Stop it first, then delete it.", check=running.name))

    # ------------------------------------------------------------------ check

    def action_check(self):
        """Button of the list: look for customers without a code of their own and show what was found."""
        check = self.create({})
        found = check._scan()
        if not found:
            check.sudo().unlink()
            return {
                'type': 'ir.actions.client',
                'tag': 'display_notification',
                'params': {
                    'type': 'success', 'message': self.env._("Every customer has a code that nobody else has."),
                },
            }
        check._log_step(self.env._("Customers checked: %(count)s without a code of their own.", count=found))
        return check._action_form()

    def action_check_again(self):
        """Throw the open proposals away and look again, since customers were merged or corrected meanwhile."""
        self._check_state('draft')
        self.check_access('write')
        self.sudo().line_ids.filtered(lambda line: line.state != 'done').unlink()
        found = self._scan()
        self._log_step(self.env._("Customers checked: %(count)s without a code of their own.", count=found))

    def _action_form(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': self._name,
            'res_id': self.id,
            'view_mode': 'form',
            'views': [(False, 'form')],
        }

    def _scan(self):
        """List the customers without a registered code that the user may see. Returns how many there are.

        Among those that share a code, the one with the most business (Odoo's customer rank) is proposed to keep it,
        unless the register has given it to somebody else already.
        """
        self.ensure_one()
        self.env.flush_all()
        customers = self.env['res.partner'].with_context(active_test=False)._search(
            [('is_customer', '=', True), ('has_customer_code', '=', False)])
        rows = self.env.execute_query(SQL(
            """WITH found AS (
                   SELECT p.id, p.name, upper(trim(p.ref)) AS code
                     FROM res_partner p
                    WHERE p.id IN %(customers)s
                      AND NOT EXISTS (SELECT FROM crm_code_assistant_line l
                                       WHERE l.assistant_id = %(check)s AND l.partner_id = p.id)
               ), holders AS (
                   SELECT p.id, upper(trim(p.ref)) AS code, count(*) OVER group_of AS holder_count,
                          row_number() OVER (group_of ORDER BY p.active DESC, p.customer_rank DESC, p.id) AS place
                     FROM res_partner p
                    WHERE p.customer_rank > 0 AND (p.is_company OR p.parent_id IS NULL)
                      AND upper(trim(p.ref)) IN (SELECT code FROM found WHERE code <> '')
                   WINDOW group_of AS (PARTITION BY upper(trim(p.ref)))
               ), judged AS (
                   SELECT found.id, found.name, holders.place,
                          CASE WHEN COALESCE(found.code, '') = '' THEN 'blank'
                               WHEN holders.holder_count > 1 OR owner.id IS NOT NULL THEN 'shared'
                               ELSE 'unregistered' END AS kind,
                          owner.id IS NOT NULL AS taken, holders.holder_count
                     FROM found
                LEFT JOIN holders ON holders.id = found.id
                LEFT JOIN crm_customer_code owner
                       ON upper(owner.code) = found.code AND owner.partner_id IS DISTINCT FROM found.id
               )
               INSERT INTO crm_code_assistant_line
                      (assistant_id, partner_id, kind, ref, holder_count, decision, state,
                       create_uid, write_uid, create_date, write_date)
               SELECT %(check)s, judged.id, judged.kind, p.ref, judged.holder_count,
                      CASE WHEN judged.kind = 'unregistered' OR judged.kind = 'shared' AND place = 1 AND NOT taken
                           THEN 'keep' ELSE 'new' END,
                      'todo', %(uid)s, %(uid)s, %(now)s, %(now)s
                 FROM judged JOIN res_partner p ON p.id = judged.id
                ORDER BY upper(trim(p.ref)), judged.place, judged.id
            RETURNING id""",
            customers=customers.subselect(), check=self.id, uid=self.env.uid, now=self.env.cr.now(),
        ))
        self._propose()
        return len(rows)

    def _propose(self):
        """Write a free code to every line that has none yet, in a number of queries that doesn't depend on how many."""
        Code = self.env['crm.customer.code'].sudo()
        rows = self.env.execute_query(SQL(
            """SELECT l.id, p.name FROM crm_code_assistant_line l JOIN res_partner p ON p.id = l.partner_id
                WHERE l.assistant_id = %s AND l.state = 'todo' AND l.proposed_code IS NULL AND l.kind <> 'unregistered'
                ORDER BY l.id""", self.id,
        ))
        if rows:
            codes = Code._pick([(name, '', None) for _line_id, name in rows], self._proposed_codes())
            self.env.execute_query(SQL(
                """UPDATE crm_code_assistant_line l SET proposed_code = t.code
                     FROM unnest(%s, %s) AS t (id, code) WHERE l.id = t.id RETURNING l.id""",
                [line_id for line_id, _name in rows], codes,
            ))
        self.invalidate_recordset()
        self.env['crm.code.assistant.line'].invalidate_model(flush=False)

    def _proposed_codes(self):
        return {code for code, in self.env.execute_query(SQL(
            "SELECT upper(proposed_code) FROM crm_code_assistant_line"
            " WHERE assistant_id = %s AND state = 'todo' AND proposed_code IS NOT NULL", self.id,
        ))}

    # ------------------------------------------------------------------ assign

    def action_assign(self):
        """Do what was decided: few customers at once, many in the background."""
        self._check_state('draft')
        self._check_decisions()
        todo = self.env['crm.code.assistant.line'].search_count(self._todo_domain())
        if not todo:
            raise UserError(self.env._(
                "There is nothing to assign in %(check)s: every customer is left as it is. "
                "Choose “New code” or “Keep” for some of them.", check=self.name))
        self.check_access('write')
        self.sudo().state = 'running'
        self._log_step(self.env._("Codes of %(count)s customers are assigned.", count=todo))
        if todo > self._at_once:
            self.env.ref('crm_relationship.ir_cron_assign_codes').sudo()._trigger()
            return
        while self._work_off_batch():
            pass
        self._finish()

    def action_stop(self):
        """Stop after the batch under way; what is done stays done, assigning again goes on with the rest."""
        self._check_state('running')
        self.check_access('write')
        self.sudo().state = 'draft'
        self._log_step(self.env._("Stopped; %(count)s customers are done.", count=self.done_count))
        self._show_progress(self.user_id, self.name, 0, 0)

    def action_open_lines(self):
        """All customers of the check in a list, to filter and to decide for many at once."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_code_assistant_line_action')
        return {**action, 'domain': [('assistant_id', '=', self.id)]}

    def _log_step(self, text):
        """Note in the history who did what."""
        self._message_log(body=text)

    def _check_state(self, state):
        self.ensure_one()
        if self.state == state:
            return
        labels = dict(self._fields['state']._description_selection(self.env))
        raise UserError(self.env._(
            "%(check)s is “%(state)s”, not “%(wanted)s”. Open it again to see where it stands.",
            check=self.name, state=labels[self.state], wanted=labels[state]))

    def _check_decisions(self):
        """Refuse codes that two customers would get: kept by two, or typed for two."""
        self.env.flush_all()
        rows = self.env.execute_query(SQL(
            """SELECT code, array_agg(name ORDER BY id) FROM (
                   SELECT l.id, p.name, upper(trim(CASE l.decision WHEN 'keep' THEN p.ref ELSE l.proposed_code END))
                          AS code
                     FROM crm_code_assistant_line l JOIN res_partner p ON p.id = l.partner_id
                    WHERE l.assistant_id = %s AND l.state = 'todo' AND l.decision <> 'skip') given
                WHERE code <> '' GROUP BY code HAVING count(*) > 1 ORDER BY code LIMIT 1""", self.id,
        ))
        for code, names in rows:
            raise ValidationError(self.env._(
                "Code %(code)s would go to %(customers)s. Let one keep it, and choose “New code” or another proposal "
                "for the rest.", code=code, customers=listed(names[:NAMED], self.env.lang)))

    def _todo_domain(self):
        return [('assistant_id', '=', self.id), ('state', '=', 'todo'), ('decision', '!=', 'skip')]

    @api.model
    def _cron_assign(self):
        """Work off the checks being assigned, in committed batches; goes on where it stopped."""
        for check in self.search([('state', '=', 'running')], order='id'):
            remaining = self.env['crm.code.assistant.line'].search_count(check._todo_domain())
            time_left = self.env['ir.cron']._commit_progress(remaining=remaining)
            while time_left and check.state == 'running' and (count := check._work_off_batch()):
                check._show_progress(check.user_id, check.name, check.done_count, check.total_count)
                time_left = self.env['ir.cron']._commit_progress(count)
                self.env.invalidate_all()  # memory stays flat; the state may have been set by "Stop"
            if not time_left:
                return
            if check.state == 'running':
                check._finish()
                self.env['ir.cron']._commit_progress()

    def _work_off_batch(self):
        """Do the next lines in the caller's transaction. Returns how many were worked off.

        New codes come first: who keeps a shared code can be registered only once the others have let go of it.
        """
        lines = self.env['crm.code.assistant.line'].sudo().search(
            self._todo_domain(), order='decision DESC, id', limit=self._assign_batch)
        try:
            with self.env.cr.savepoint():
                lines._work_off()
        except (TransactionRollbackError, ConcurrencyError):
            raise
        except Exception:
            # One of them can't be done: find it, do the others.
            for line in lines:
                line._work_off_alone()
        return len(lines)

    def _finish(self):
        """Close the check and tell whoever started it."""
        self.sudo().write({'state': 'done', 'date_done': fields.Datetime.now()})
        if self.total_count > self._at_once:
            self._show_progress(self.user_id, self.name, self.total_count, self.total_count)
        done = self.done_count - self.failed_count
        message = self.env._("%(count)s customers have a code now.", count=done)
        if self.failed_count:
            message += ' ' + self.env._(
                "%(count)s could not be done: %(check)s says why.", count=self.failed_count, check=self.name)
        user = self.user_id.with_context(lang=self.user_id.lang)
        user.sudo()._bus_send('simple_notification', {
            'type': 'warning' if self.failed_count else 'success', 'title': self.name, 'message': message,
            'sticky': bool(self.failed_count),
        })
        # A comment, so that whoever started it finds it later as well.
        self.message_post(body=message, subtype_xmlid='mail.mt_comment')
