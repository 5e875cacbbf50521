import logging
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import public_holidays
from ..tools.listing import listed
from .crm_care_programme import PERSONAL

_logger = logging.getLogger(__name__)

# Regions named in the name of a date.
NAMED = 3
OPEN_STATES = ('planned', 'listed', 'sending')
# A person whose birthday was corrected isn't greeted twice in one year.
REPEAT_WITHIN = timedelta(days=300)


class CrmCareRun(models.Model):
    """One date of a care programme, with its recipients."""

    _name = 'crm.care.run'
    _description = "Date of a Care Programme"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'send_date, id'

    programme_id = fields.Many2one('crm.care.programme', required=True, index=True, ondelete='cascade')
    kind_id = fields.Many2one(related='programme_id.kind_id', store=True, index=True)
    channel = fields.Selection(related='programme_id.channel')
    is_invitation = fields.Boolean(related='programme_id.is_invitation')
    company_id = fields.Many2one(related='programme_id.company_id', store=True, index=True)
    user_id = fields.Many2one(related='programme_id.user_id', store=True, index=True)
    occasion_date = fields.Date(string="Occasion On", required=True, index=True)
    send_date = fields.Date(
        string="Due", compute='_compute_send_date', store=True, readonly=False, index=True,
        help="When it goes out: the days before the occasion that the programme states. Days off of the country are "
             "avoided.",
    )
    country_id = fields.Many2one('res.country', index='btree_not_null', help="Only customers of this country.")
    holiday_key = fields.Char(string="Holiday in English", readonly=True)
    regional_key = fields.Char(
        readonly=True, help="Holiday of some regions only: a date of its own beside those of the whole country.",
    )
    state_ids = fields.Many2many(
        'res.country.state', string="Regions", readonly=True,
        help="Only customers there: it is no holiday in the rest of the country.",
    )
    occasion_name = fields.Char(string="Occasion", compute='_compute_occasion_name')
    label = fields.Char(help="Name of the occasion, when it is entered by hand.", translate=True)
    is_manual = fields.Boolean(readonly=True, help="Entered by a person; planning leaves it alone.")
    state = fields.Selection(
        [
            ('planned', "Planned"), ('listed', "Recipients listed"), ('sending', "Going out"), ('done', "Done"),
            ('missed', "Missed"), ('cancelled', "Cancelled"),
        ],
        required=True, readonly=True, default='planned', index=True, copy=False, tracking=True,
    )
    expected_count = fields.Integer(string="Expected", readonly=True, help="Persons known when the date was planned.")
    recipient_ids = fields.One2many('crm.care.recipient', 'run_id')
    planned_count = fields.Integer(string="To Reach", compute='_compute_counts')
    sent_count = fields.Integer(string="Sent", compute='_compute_counts')
    excluded_count = fields.Integer(string="Left Out", compute='_compute_counts')
    failed_count = fields.Integer(string="Failed", compute='_compute_counts')
    response_count = fields.Integer(string="Responded", compute='_compute_counts')
    response_rate = fields.Float(
        compute='_compute_counts', help="Share of those reached who replied, came, or got in touch.",
    )
    list_error = fields.Char(readonly=True, copy=False, help="Why the last listing of the recipients failed.")

    _occasion_uniq = models.UniqueIndex(
        "(programme_id, occasion_date, COALESCE(country_id, 0), COALESCE(regional_key, ''))",
        "The programme has this date already.",
    )

    @api.depends('occasion_date', 'country_id', 'programme_id.lead_days', 'programme_id.avoid_days_off')
    def _compute_send_date(self):
        for run in self:
            programme = run.programme_id
            if not run.occasion_date or run.state not in OPEN_STATES:
                run.send_date = run.send_date
                continue
            day = run.occasion_date - timedelta(days=programme.lead_days)
            if programme.avoid_days_off and run.country_id:
                day = public_holidays.workday_before(run.country_id.code, day)
            run.send_date = day

    @api.depends('label', 'holiday_key', 'country_id', 'state_ids', 'occasion_date', 'programme_id.occasion')
    @api.depends_context('lang')
    def _compute_occasion_name(self):
        occasions = dict(self.env['crm.care.programme']._fields['occasion']._description_selection(self.env))
        for run in self:
            run.occasion_name = run.label or run._get_holiday_name() or (
                occasions.get(run.programme_id.occasion) if run.programme_id.occasion in PERSONAL
                else run.programme_id.name
            )

    def _get_holiday_name(self):
        return self.holiday_key and public_holidays.holiday_name(
            self.country_id.code, self.occasion_date, self.holiday_key, self.env.lang or 'en_US',
            self.state_ids[:1]._get_holiday_region() if self.state_ids else None)

    @api.depends('occasion_name', 'programme_id.name', 'country_id', 'state_ids')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for run in self:
            name = run.programme_id.name
            states = run.state_ids.mapped('name')
            place = run.country_id.name
            if states:
                shown = listed(states[:NAMED], self.env.lang)
                if len(states) > NAMED:
                    shown = self.env._("%(names)s …", names=shown)
                place = self.env._("%(country)s (%(states)s)", country=place, states=shown)
            parts = (run.occasion_name != name and run.occasion_name, place, name)
            run.display_name = " · ".join(filter(None, parts))

    @api.depends('recipient_ids.state', 'recipient_ids.response_count')
    def _compute_counts(self):
        counts, responses = {}, {}
        for run, state, count, responded in self.env['crm.care.recipient']._read_group(
            [('run_id', 'in', self.ids)], ['run_id', 'state'], ['__count', 'response_count:sum'],
        ):
            counts[run, state] = count
            responses[run] = responses.get(run, 0) + responded
        for run in self:
            origin = run._origin
            run.planned_count = counts.get((origin, 'planned'), 0)
            run.sent_count = counts.get((origin, 'sent'), 0) + counts.get((origin, 'scheduled'), 0)
            run.excluded_count = counts.get((origin, 'excluded'), 0)
            run.failed_count = counts.get((origin, 'failed'), 0)
            reached = counts.get((origin, 'sent'), 0)
            run.response_count = responses.get(origin, 0)
            run.response_rate = reached and run.response_count / reached

    @api.constrains('occasion_date', 'send_date')
    def _check_dates(self):
        for run in self:
            if run.send_date and run.send_date > run.occasion_date:
                raise UserError(self.env._(
                    "%(run)s is due on %(due)s, after its occasion on %(occasion)s. Choose an earlier day.",
                    run=run.display_name, due=run.send_date, occasion=run.occasion_date,
                ))

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [{**vals, 'is_manual': True} for vals in vals_list]
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_begun(self):
        for run in self:
            if run.sent_count or run.state in ('sending', 'done'):
                raise UserError(self.env._(
                    "%(run)s has begun to go out and stays on record. Cancel it instead.", run=run.display_name,
                ))

    def _get_plan_key(self):
        """Return what tells one planned date of a programme from the others."""
        return self.occasion_date, self.country_id.id, self.regional_key or False

    def _update_plan(self, holiday, count, states):
        values = {'holiday_key': holiday or False, 'expected_count': count or 0}
        if any(self[fname] != value for fname, value in values.items()):
            self.write(values)
        if self.state_ids != states:
            self.state_ids = states

    def _drop_if_untouched(self):
        """An obsolete date goes if nothing of it has gone out and nobody has released it."""
        if self.state in ('planned', 'listed'):
            self.recipient_ids.unlink()
            self.unlink()

    def _drop(self):
        for run in self:
            run.recipient_ids.filtered(lambda item: item.state in ('planned', 'failed'))._exclude('cancelled')
            if run.sent_count:
                run.state = 'done'
            elif run.is_manual:
                run.state = 'cancelled'
            else:
                run.sudo()._drop_if_untouched()
                if run.exists():
                    run.state = 'cancelled'
            run.exists().activity_unlink(['crm_relationship.mail_activity_type_care_check'])

    # ------------------------------------------------------------------ buttons

    def action_preview(self):
        """List the recipients as of now and show them, those left out with their reasons."""
        self.ensure_one()
        self.check_access('write')
        if self.state in OPEN_STATES:
            self.sudo()._list_recipients()
        return self.action_open_recipients()

    def action_open_recipients(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_care_recipient_action')
        action['display_name'] = self.env._("Recipients: %(run)s", run=self.display_name)
        action['domain'] = [('run_id', '=', self.id)]
        action['context'] = {'search_default_group_state': 1, 'default_run_id': self.id}
        if self.env.context.get('care_replied'):
            action['context'] = {'search_default_replied': 1}
        return action

    def action_release(self):
        """Let this date go out: at once what is due, the rest on its day."""
        for run in self:
            if run.programme_id.state != 'running':
                raise UserError(self.env._(
                    "“%(programme)s” isn't running. Start it, then release its dates.", programme=run.programme_id.name,
                ))
            if run.state not in ('planned', 'listed'):
                raise UserError(self.env._("%(run)s was released or closed already.", run=run.display_name))
            run.sudo()._list_recipients()
        self.write({'state': 'sending'})
        self.activity_feedback(['crm_relationship.mail_activity_type_care_check'])
        self.env.ref('crm_relationship.ir_cron_care')._trigger()

    def action_cancel(self):
        """This date doesn't take place; what has gone out stays on record."""
        for run in self:
            run.recipient_ids.filtered(lambda item: item.state in ('planned', 'failed'))._exclude('cancelled')
        self.write({'state': 'cancelled'})
        self.activity_unlink(['crm_relationship.mail_activity_type_care_check'])

    # ------------------------------------------------------------------ recipients

    def _list_recipients(self):
        """Bring the recipients in line with the audience of now. Those already reached are never touched."""
        self.ensure_one()
        programme = self.programme_id
        partners = self._get_partners()
        recipients = self.env['crm.care.recipient']
        known = {recipient.partner_id: recipient for recipient in self.recipient_ids}
        taken = recipients.search([
            ('programme_id', '=', programme.id), ('occasion_date', '=', self.occasion_date), ('run_id', '!=', self.id),
            ('partner_id', 'in', partners.ids),
        ]).partner_id
        missing = partners.filtered(lambda partner: partner not in known and partner not in taken)
        recipients.create([{'run_id': self.id, 'partner_id': partner.id} for partner in missing])
        self.invalidate_recordset(['recipient_ids'])
        waiting = self.recipient_ids.filtered(lambda item: item.state in ('planned', 'excluded'))
        waiting._judge(partners)
        if self.state == 'planned':
            self.state = 'listed'
        if self.list_error:
            self.list_error = False

    def _get_partners(self):
        """Return whom this date means, before anybody is left out."""
        self.ensure_one()
        programme = self.programme_id
        partners = programme._get_candidates()
        if self.country_id:
            partners = partners.filtered(lambda partner: (
                partner.commercial_partner_id.country_id == self.country_id
            ))
        elif programme.country_ids and programme.occasion == 'holiday':
            partners = partners.filtered(lambda partner: (
                partner.commercial_partner_id.country_id in programme.country_ids
            ))
        if self.regional_key:
            partners = partners.filtered(lambda partner: self._is_holiday_of(partner))
        if programme.occasion in PERSONAL and not self.is_manual:
            days = programme._personal_days(partners)
            partners = partners.filtered(lambda partner: partner.id in days and public_holidays.in_year(
                days[partner.id], self.occasion_date.year) == self.occasion_date)
        return partners

    def _is_holiday_of(self, partner):
        """Whether this regional holiday is one where the customer is."""
        region = partner._get_holiday_region()
        day = self.occasion_date
        return bool(region) and (day, self.regional_key) in public_holidays.statutory_holidays(
            self.country_id.code, day, day, region)

    # ------------------------------------------------------------------ the scheduled action

    @api.model
    def _of_running(self, states):
        return self.search([('programme_id.state', '=', 'running'), ('state', 'in', states)])

    @api.model
    def _miss_late(self):
        """Close dates whose occasion is over for longer than the days of grace; return those that can't be closed."""
        failed = self.browse()
        for run in self._of_running(OPEN_STATES):
            error = self.env['crm.run.error.mixin']._run_safely(run, run._miss_when_late)
            if error:
                run.list_error = str(error)
                failed |= run
        return failed

    def _miss_when_late(self):
        if self.occasion_date + timedelta(days=self.programme_id.late_days) >= self.company_id._care_today():
            return
        late = self.recipient_ids.filtered(lambda item: item.state == 'planned')
        if not late and self.state == 'sending':
            return
        late._exclude('late')
        self.state = 'done' if self.sent_count or self.failed_count else 'missed'

    @api.model
    def _list_due(self, left_out=()):
        """List the recipients of dates that are near; ask for release, or release what goes out by itself.

        Returns whether there is time left for more.
        """
        today = {company: company._care_today() for company in self.env['res.company'].sudo().search([])}
        runs = self._of_running(('planned', 'listed')).filtered(lambda run: (
            run not in left_out
            and run.send_date - timedelta(days=run.programme_id.check_days) <= today[run.company_id]
        ))
        for done, run in enumerate(runs, start=1):
            run._list_safely(today[run.company_id])
            if not self.env['ir.cron']._commit_progress(1, remaining=len(runs) - done):
                return done == len(runs)
        return True

    def _list_safely(self, today):
        try:
            with self.env.cr.savepoint():
                self._list_recipients()
                self._release_or_ask(today)
                self.env.flush_all()
        except OperationalError:
            raise
        except Exception as error:
            _logger.warning("Recipients of care run %s could not be listed", self.id, exc_info=True)
            self.env.invalidate_all(flush=False)
            self.list_error = str(error)

    def _release_or_ask(self, today):
        programme = self.programme_id
        if programme.is_automatic:
            if self._first_due() <= today:
                self.state = 'sending'
            return
        check = 'crm_relationship.mail_activity_type_care_check'
        responsible = programme.user_id if programme.user_id.active else programme.create_uid
        if responsible.active and not self.activity_search([check]) and self.planned_count:
            reader = responsible._in_own_language(self)
            self.activity_schedule(
                check, date_deadline=max(self._first_due(), today), user_id=responsible.id,
                summary=reader.env._("Release: %(run)s", run=reader.display_name),
            )

    def _first_due(self):
        """Return the first day on which something of this date is due; days off can bring single ones forward."""
        dates = [item.send_date for item in self.recipient_ids if item.state == 'planned' and item.send_date]
        return min([self.send_date, *dates])

    @api.model
    def _finish_complete(self):
        """Dates of which nothing more has to go out are done."""
        runs = self._of_running(('sending',))
        runs.filtered(lambda run: not run.planned_count).write({'state': 'done'})
