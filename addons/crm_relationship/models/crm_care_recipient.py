import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import public_holidays
from .crm_care_programme import PERSONAL
from .crm_care_run import REPEAT_WITHIN
from .run_error_mixin import together_or_each

_logger = logging.getLogger(__name__)

SEND_BATCH = 100
# What comes from the programme; a person notes the reply only.
PROGRAMME_FIELDS = {
    'run_id', 'partner_id', 'user_id', 'years', 'send_date', 'state', 'reason', 'error', 'date_sent', 'mail_id',
    'activity_id', 'touchpoint_id', 'cost', 'company_cost', 'send_key',
    'programme_id', 'kind_id', 'company_id', 'occasion_date', 'customer_id', 'country_id', 'response_count',
}
# Reasons that listing anew doesn't take back.
FIRM_REASONS = ('manual', 'merged', 'cancelled', 'late')
REACHED = ('scheduled', 'sent')
# Of merged recipients, the first of these keeps the key of the occasion.
KEEPS_KEY = ('sent', 'scheduled', 'failed', 'planned', 'excluded')
QUIET = {'mail_create_nolog': True, 'mail_create_nosubscribe': True, 'mail_activity_quick_update': True,
         'tracking_disable': True}
ACTIVITY_TYPES = {
    'phone': 'mail.mail_activity_data_call',
    'visit': 'crm_relationship.mail_activity_type_visit',
    'letter': 'crm_relationship.mail_activity_type_letter',
}


class CrmCareRecipient(models.Model):
    """One customer or person on one date of a care programme: reached, left out with a reason, or failed."""

    _name = 'crm.care.recipient'
    _description = "Recipient of Care"
    _inherit = ['mail.thread']
    _order = 'occasion_date desc, id'
    _rec_name = 'partner_id'
    _mail_post_access = 'read'

    run_id = fields.Many2one(
        'crm.care.run', string="Date", required=True, readonly=True, index=True, ondelete='cascade',
    )
    programme_id = fields.Many2one(related='run_id.programme_id', store=True, index=True)
    kind_id = fields.Many2one(related='run_id.kind_id', store=True, index=True)
    channel = fields.Selection(related='programme_id.channel')
    is_invitation = fields.Boolean(related='programme_id.is_invitation')
    company_id = fields.Many2one(related='run_id.company_id', store=True, index=True)
    occasion_date = fields.Date(related='run_id.occasion_date', store=True, index=True, string="Occasion On")
    occasion_name = fields.Char(related='run_id.occasion_name')
    partner_id = fields.Many2one(
        'res.partner', string="Recipient", required=True, readonly=True, index=True, ondelete='cascade',
    )
    customer_id = fields.Many2one(
        related='partner_id.commercial_partner_id', store=True, index=True, string="Customer",
    )
    country_id = fields.Many2one(related='customer_id.country_id', store=True, string="Country")
    email = fields.Char(related='partner_id.email', string="E-mail")
    user_id = fields.Many2one(
        'res.users', string="Salesperson", index=True, readonly=True, ondelete='set null',
        help="Who looks after the customer, and gets the activity.",
    )
    years = fields.Integer(readonly=True, aggregator=None, help="Which anniversary it is.")
    send_date = fields.Date(string="Due", readonly=True, index=True)
    state = fields.Selection(
        [
            ('planned', "To reach"), ('scheduled', "Handed on"), ('sent', "Reached"),
            ('excluded', "Left out"), ('failed', "Failed"),
        ],
        required=True, readonly=True, default='planned', index=True,
    )
    reason = fields.Selection(
        [
            ('no_care', "Wants no care"),
            ('refused', "Refuses this kind"),
            ('blacklist', "E-mail address is on the blacklist"),
            ('no_email', "No e-mail address"),
            ('bad_email', "E-mail address can't be right"),
            ('same_email', "Same e-mail address as another recipient"),
            ('no_address', "No postal address"),
            ('repeated', "Reached for this occasion within the year"),
            ('not_meant', "No longer in the audience"),
            ('merged', "Merged with another recipient"),
            ('late', "Days of grace are over"),
            ('cancelled', "Date was cancelled"),
            ('manual', "Taken out by hand"),
        ],
        string="Why Left Out", readonly=True, index='btree_not_null',
    )
    error = fields.Char(readonly=True, help="What went wrong. Put it right, then try again.")
    date_sent = fields.Datetime(string="Reached On", readonly=True)
    mail_id = fields.Many2one('mail.mail', readonly=True, index='btree_not_null', ondelete='set null')
    activity_id = fields.Many2one('mail.activity', readonly=True, index='btree_not_null', ondelete='set null')
    touchpoint_id = fields.Many2one(
        'crm.touchpoint', string="Contact Log", readonly=True, index='btree_not_null', ondelete='set null',
    )
    currency_id = fields.Many2one(related='programme_id.currency_id')
    cost = fields.Monetary(readonly=True, help="What reaching this recipient costs.")
    company_currency_id = fields.Many2one('res.currency', related='company_id.currency_id', string="Company Currency")
    company_cost = fields.Monetary(
        string="Cost in Company Currency", readonly=True, currency_field='company_currency_id',
        help="Cost of what has gone out, at the rate of its day.",
    )
    reply = fields.Selection(
        [
            ('responded', "Got in touch"), ('accepted', "Accepted"), ('declined', "Declined"),
            ('attended', "Came"), ('absent', "Didn't come"),
        ],
    )
    reply_date = fields.Date(string="Replied On", compute='_compute_reply_date', store=True, readonly=False)
    reply_note = fields.Char(string="What They Said")
    guest_count = fields.Integer(string="Guests", help="How many people come with this invitation.")
    award_note = fields.Char(string="Award", help="Which award this customer presents, and to whom.")
    response_count = fields.Integer(string="Responded", compute='_compute_response_count', store=True)
    send_key = fields.Char(
        readonly=True, copy=False,
        help="Programme, occasion and recipient: nobody is reached twice. Empty for records of merged recipients.",
    )

    _send_key_uniq = models.UniqueIndex(
        "(send_key) WHERE send_key IS NOT NULL", "This recipient is listed for this occasion already.",
    )
    _check_guest_count = models.Constraint('CHECK (guest_count >= 0)', "The number of persons can't be negative.")

    @api.depends('reply')
    def _compute_reply_date(self):
        for recipient in self:
            if not recipient.reply:
                recipient.reply_date = False
            elif not recipient.reply_date:
                recipient.reply_date = fields.Date.context_today(recipient)

    @api.depends('reply')
    def _compute_response_count(self):
        for recipient in self:
            recipient.response_count = int(recipient._has_responded())

    def _has_responded(self):
        self.ensure_one()
        return bool(self.reply)

    @api.model_create_multi
    def create(self, vals_list):
        recipients = super(CrmCareRecipient, self.with_context(**QUIET)).create(vals_list)
        for recipient in recipients:
            recipient.send_key = recipient._get_send_key()
        return recipients.with_env(self.env)

    def write(self, vals):
        foreign = self._programme_fields().intersection(vals)
        if foreign and not self.env.su:
            field = self._fields[sorted(foreign)[0]]
            raise UserError(self.env._(
                "“%(field)s” of a recipient can't be changed: it comes from the programme. Note the reply, or use the "
                "buttons.", field=field._description_string(self.env),
            ))
        if not self.env.su:
            self._check_replied(vals)
        return super().write(vals)

    @api.model
    def _programme_fields(self):
        """Return the fields that nobody changes by hand."""
        return PROGRAMME_FIELDS

    def _check_replied(self, vals):
        for recipient in self:
            if vals.get('reply') and recipient.state not in REACHED:
                raise UserError(self.env._(
                    "%(recipient)s wasn't reached by %(run)s: there is nothing to reply to.",
                    recipient=recipient.partner_id.display_name, run=recipient.run_id.display_name,
                ))
            if vals.get('reply') in ('accepted', 'declined', 'attended', 'absent') and not recipient.is_invitation:
                raise UserError(self.env._(
                    "“%(programme)s” is no invitation: note that %(recipient)s got in touch instead.",
                    programme=recipient.programme_id.name, recipient=recipient.partner_id.display_name,
                ))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_reached(self):
        if any(recipient.state in REACHED for recipient in self):
            raise UserError(self.env._("What has reached a customer stays on record."))

    def _get_send_key(self):
        return f'{self.programme_id.id}:{self.occasion_date}:{self.partner_id.id}'

    # ------------------------------------------------------------------ who is reached and who isn't

    def _judge(self, partners):
        """Say of each recipient whether it is reached, or why not; ``partners`` are those who are meant now."""
        if not self:
            return
        programme = self.programme_id
        days = programme._personal_days(self.partner_id) if programme.occasion in PERSONAL else {}
        facts = self._get_facts(partners)
        for recipient in self:
            if recipient.reason in FIRM_REASONS:
                continue
            reason = recipient._get_reason(facts)
            values = {'state': 'excluded' if reason else 'planned', 'reason': reason}
            if not reason:
                values.update(recipient._prepare_delivery_vals(days))
            changed = {fname: value for fname, value in values.items()
                       if recipient._fields[fname].convert_to_write(recipient[fname], recipient) != value}
            if changed:
                recipient.write(changed)

    def _get_facts(self, partners=None):
        """Read at once what the reasons are found from."""
        programme = self.programme_id
        people = self.partner_id.sudo()
        blacklist = set()
        if programme._is_by_mail():
            emails = [email for email in people.mapped('email_normalized') if email]
            blacklist = set(self.env['mail.blacklist'].sudo().search([('email', 'in', emails)]).mapped('email'))
        reached = self.run_id.recipient_ids.filtered(lambda item: item.state in REACHED)
        repeated = self.browse()
        if programme.occasion in PERSONAL:
            day = self.run_id.occasion_date
            repeated = self.sudo().search([
                ('programme_id', '=', programme.id), ('partner_id', 'in', people.ids), ('state', 'in', REACHED),
                ('occasion_date', '>', day - REPEAT_WITHIN), ('occasion_date', '<', day + REPEAT_WITHIN),
                ('run_id', '!=', self.run_id.id),
            ])
        return {
            'meant': None if partners is None else set(partners.ids),
            'blacklist': blacklist,
            'emails': set(reached.partner_id.sudo().mapped('email_normalized')),
            'repeated': set(repeated.partner_id.ids),
        }

    def _get_reason(self, facts):
        """Return why this recipient is left out, or False. Remembers the e-mail addresses that are taken."""
        programme, person = self.programme_id, self.partner_id.sudo()
        customer = person.commercial_partner_id
        if facts['meant'] is not None and person.id not in facts['meant']:
            return 'not_meant'
        if refusal := self._get_refusal():
            return refusal
        if person.id in facts['repeated']:
            return 'repeated'
        if programme._is_by_mail():
            return self._get_mail_reason(person, facts)
        if programme.channel != 'email' and programme.activity_mode == 'letter':
            place = person if person.city or person.street else customer
            return not (place.city or place.street) and 'no_address'
        return False

    def _get_refusal(self):
        """Return whether this person or customer wants no care, or none of this kind."""
        person = self.partner_id.sudo()
        customer = person.commercial_partner_id
        if person.no_care or customer.no_care:
            return 'no_care'
        if self.programme_id.kind_id in (person.care_refused_kind_ids | customer.care_refused_kind_ids):
            return 'refused'
        return False

    def _get_mail_reason(self, person, facts):
        email = person.email_normalized
        if not email:
            return 'bad_email' if person.email else 'no_email'
        if email in facts['blacklist']:
            return 'blacklist'
        if email in facts['emails']:
            return 'same_email'
        facts['emails'].add(email)
        return False

    def _prepare_delivery_vals(self, days):
        """Return when and by whom the recipient is reached, and at which cost."""
        programme, run = self.programme_id, self.run_id
        send_date = run.send_date
        region = self.partner_id._get_holiday_region()
        if programme.avoid_days_off and self.country_id and (region or not run.country_id):
            send_date = public_holidays.workday_before(self.country_id.code, send_date, region=region)
        user = next((
            user for user in (self.partner_id.sudo().user_id, self.customer_id.sudo().user_id, programme.user_id)
            if user.active
        ), programme.create_uid)
        day = days.get(self.partner_id.id)
        return {
            'send_date': send_date, 'user_id': user.id, 'cost': programme.unit_cost,
            'years': run.occasion_date.year - day.year if day and programme.occasion == 'anniversary' else 0,
        }

    def _exclude(self, reason):
        self.sudo().write({'state': 'excluded', 'reason': reason})

    def action_exclude(self):
        """Take recipients out by hand."""
        self._check_manager()
        reached = self.filtered(lambda recipient: recipient.state in REACHED)
        if reached:
            raise UserError(self.env._(
                "%(recipient)s was reached already and stays on record.", recipient=reached[0].partner_id.display_name,
            ))
        self._exclude('manual')

    def action_include(self):
        """Take back what was taken out by hand; the other reasons are looked at again."""
        self._check_manager()
        for run, recipients in self.filtered(lambda item: item.reason == 'manual').grouped('run_id').items():
            recipients.sudo().write({'reason': False})
            run.sudo()._list_recipients()

    def action_retry(self):
        """Try failed recipients again on the next occasion of the scheduled action, which is now."""
        self._check_manager()
        failed = self.filtered(lambda recipient: recipient.state == 'failed').sudo()
        failed.mail_id.filtered(lambda mail: mail.state != 'sent').cancel()
        failed.write(failed._prepare_retry_vals())
        failed.run_id.filtered(lambda run: run.state in ('done', 'missed', 'cancelled')).state = 'sending'
        self.env.ref('crm_relationship.ir_cron_care')._trigger()

    def _prepare_retry_vals(self):
        return {'state': 'planned', 'error': False, 'mail_id': False, 'activity_id': False}

    def _check_manager(self):
        if not self.env.su:
            self.run_id.check_access('write')

    # ------------------------------------------------------------------ replies

    def action_responded(self):
        self.write({'reply': 'responded'})

    def action_accept(self):
        self.write({'reply': 'accepted'})

    def action_decline(self):
        self.write({'reply': 'declined'})

    def action_attend(self):
        self.write({'reply': 'attended'})

    def action_absent(self):
        self.write({'reply': 'absent'})

    def message_update(self, msg_dict, update_vals=None):
        """An e-mail that answers a care mail counts as a response. The mail gateway comes as superuser, nobody else."""
        if self.env.su:
            self.filtered(lambda item: item.state in REACHED and not item.reply).write({'reply': 'responded'})
        return super().message_update(msg_dict, update_vals)

    # ------------------------------------------------------------------ going out

    @api.model
    def _send_due(self):
        """Let out what is due, in committed batches; what fails is noted on its recipient and stops nothing."""
        runs = self.env['crm.care.run']._of_running(('sending',))
        for company, company_runs in runs.grouped('company_id').items():
            domain = [
                ('run_id', 'in', company_runs.ids), ('state', '=', 'planned'),
                ('send_date', '<=', company._care_today()),
            ]
            remaining, last_id = self.search_count(domain), 0
            while batch := self.search([*domain, ('id', '>', last_id)], order='id', limit=SEND_BATCH):
                last_id = batch[-1].id
                for part in batch.grouped('run_id').values():
                    part._send_safely()
                remaining = max(0, remaining - len(batch))
                self.env.flush_all()
                if not self.env['ir.cron']._commit_progress(len(batch), remaining=remaining):
                    return

    def _send_safely(self):
        """Reach recipients of one date; a bad one fails visibly and stops no other."""
        together_or_each(self.env, self, lambda recipients: recipients._send(), lambda item, error: item._fail(error))

    def _fail(self, error):
        _logger.warning("Recipient of care %s could not be reached", self.id, exc_info=True)
        self.write({'state': 'failed', 'error': str(error)})

    def _send(self):
        """Reach those who still may be reached, by the channel of the programme."""
        facts = self._get_facts()
        ready = self.browse()
        for recipient in self:
            reason = recipient._get_reason(facts)
            if reason:
                recipient._exclude(reason)
            else:
                ready |= recipient
        if ready:
            getattr(ready.with_context(**QUIET), f'_send_by_{self.programme_id.channel}')()

    def _send_by_email(self):
        template = self.programme_id.mail_template_id
        mails = template.with_context(lang=None).send_mail_batch(
            self.ids, email_layout_xmlid='mail.mail_notification_light')
        by_recipient = {mail.res_id: mail for mail in mails}
        for recipient in self:
            mail = by_recipient[recipient.id]
            if not mail.recipient_ids and not mail.email_to:
                mail.recipient_ids = recipient.partner_id
            recipient.mail_id = mail
        self._mark_reached()
        self._log_contacts('email')

    def _send_by_activity(self):
        self._hand_over()

    def _send_by_gift(self):
        self._hand_over()

    def _hand_over(self):
        """Put one activity a recipient on the board of the salesperson."""
        activities = self.env['mail.activity'].create([recipient._prepare_activity_vals() for recipient in self])
        for recipient, activity in zip(self, activities, strict=True):
            recipient.activity_id = activity
        self.write({'state': 'scheduled', 'error': False})

    def _prepare_activity_vals(self):
        programme = self.programme_id
        today = self.company_id._care_today()
        return {
            'res_model_id': self.env['ir.model']._get_id('res.partner'),
            'res_id': self.partner_id.id,
            'activity_type_id': self.env.ref(ACTIVITY_TYPES[programme.activity_mode]).id,
            'user_id': self.user_id.id or programme.user_id.id,
            'date_deadline': max(self.send_date, today),
            'summary': self._get_subject(),
            'note': programme.description,
        }

    def _get_subject(self):
        """Return what it is about in one line, in the language of who does it."""
        recipient = self.with_context(lang=self.user_id.lang or self.env.lang)
        programme = recipient.programme_id
        gift = programme.channel == 'gift' and (programme.gift_note or programme.gift_product_id.display_name)
        name = recipient.run_id.occasion_name or programme.name
        return recipient.env._("%(occasion)s: give %(gift)s", occasion=name, gift=gift) if gift else name

    def _mark_reached(self):
        now = fields.Datetime.now()
        for recipient in self:
            company = recipient.company_id
            recipient.company_cost = recipient.cost and recipient.currency_id._convert(
                recipient.cost, company.currency_id, company, fields.Date.to_date(now))
        self.write({'state': 'sent', 'date_sent': now, 'error': False})

    def _log_contacts(self, mode):
        """Note in the contact log that the recipients were reached, and what it cost."""
        touchpoints = self.env['crm.touchpoint'].sudo().with_context(**QUIET).create(
            [recipient._prepare_touchpoint_vals(mode) for recipient in self])
        for recipient, touchpoint in zip(self, touchpoints, strict=True):
            recipient.touchpoint_id = touchpoint

    def _prepare_touchpoint_vals(self, mode):
        return {
            'partner_id': self.partner_id.id,
            'summary': self._get_subject(),
            'mode': mode,
            'date': self.date_sent,
            'user_id': (self.user_id or self.programme_id.user_id).id,
            'company_id': self.company_id.id,
            'res_model': self._name,
            'res_id': self.id,
            **self._prepare_cost_vals(),
        }

    def _prepare_cost_vals(self):
        """Return what the contact log says of cost and gift."""
        programme = self.programme_id
        return {
            'cost': self.cost,
            'currency_id': self.currency_id.id,
            'concession': programme.channel == 'gift' and (
                programme.gift_note or programme.gift_product_id.display_name),
        }

    # ------------------------------------------------------------------ what became of it

    @api.model
    def _done_by_activities(self, activities):
        """A done activity means that its recipient was reached; its cost goes into the contact log."""
        recipients = self.sudo().search([('activity_id', 'in', activities.ids), ('state', '=', 'scheduled')])
        if not recipients:
            return
        recipients = recipients.with_context(**QUIET)
        recipients._mark_reached()
        touchpoints = self.env['crm.touchpoint'].sudo().search([('activity_id', 'in', recipients.activity_id.ids)])
        logged = {touchpoint.activity_id: touchpoint for touchpoint in touchpoints}
        for recipient in recipients:
            touchpoint = logged.get(recipient.activity_id)
            if touchpoint:
                recipient.touchpoint_id = touchpoint
                values = recipient._prepare_cost_vals()
                if not recipient.cost:
                    del values['cost'], values['currency_id']
                touchpoint.write(values)
        for programme, rest in recipients.filtered(lambda item: not item.touchpoint_id).grouped('programme_id').items():
            rest._log_contacts(programme.activity_mode)

    @api.model
    def _collect_results(self):
        """Notice mails that didn't get through, and activities that are gone."""
        running = [('programme_id.state', '!=', 'draft')]
        errors = self.env['crm.run.error.mixin']
        for recipient in self.search([*running, ('state', '=', 'sent'), ('mail_id.state', '=', 'exception')]):
            reason = recipient.mail_id.failure_reason or self.env._("The mail server refused the mail.")
            error = errors._run_safely(recipient, recipient._mark_failed, reason)
            if error:
                recipient.error = str(error)
        gone = self.search([*running, *self._lost_activity_domain()])
        orphans = gone.filtered(lambda item: not item.user_id.active)
        for recipient in orphans:  # who had it has left: it goes to the successor
            error = errors._run_safely(recipient, recipient._plan_for_successor)
            if error:
                recipient.write({'state': 'failed', 'error': str(error)})
        orphans.run_id.filtered(lambda run: run.state == 'done').state = 'sending'
        (gone - orphans).write({
            'state': 'failed', 'error': self.env._("The activity was deleted before it was done."),
        })

    def _plan_for_successor(self):
        self.write({'state': 'planned', **self._prepare_delivery_vals({})})

    @api.model
    def _lost_activity_domain(self):
        """Recipients whose activity is gone before it was done."""
        return [('state', '=', 'scheduled'), ('activity_id', '=', False)]

    def _mark_failed(self, error):
        """It didn't arrive: neither contact nor cost are kept."""
        self.touchpoint_id.sudo().unlink()
        self.write({'state': 'failed', 'date_sent': False, 'company_cost': 0, 'error': error})

    # ------------------------------------------------------------------ merging customers

    @api.model
    def _settle_merged(self, partners):
        """Keep every record of merged recipients; only one of each occasion holds the key, the reached one first."""
        recipients = self.sudo().search([('partner_id', 'in', partners.ids), ('reason', '!=', 'merged')])
        for group in recipients.grouped(lambda item: (item.programme_id, item.occasion_date, item.partner_id)).values():
            keeper, *others = group.sorted(lambda item: (KEEPS_KEY.index(item.state), item.id))
            others = self.sudo().browse([item.id for item in others])
            others.send_key = False
            others.filtered(lambda item: item.state not in REACHED).write({'state': 'excluded', 'reason': 'merged'})
            self.env.flush_all()
            keeper.send_key = keeper._get_send_key()
