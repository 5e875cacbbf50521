import logging

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.crm_relationship.models.crm_care_recipient import QUIET
from odoo.addons.crm_relationship.models.run_error_mixin import together_or_each

_logger = logging.getLogger(__name__)

COLLECT_BATCH = 500
MAILING_FIELDS = {
    'mailing_contact_id', 'mailing_trace_floor', 'mailing_state', 'mailing_sent_on', 'mailing_opened_on',
    'mailing_clicked_on', 'mailing_replied_on',
}
# Fields that a fresh attempt starts without.
RESULTS = ('mailing_state', 'mailing_sent_on', 'mailing_opened_on', 'mailing_clicked_on', 'mailing_replied_on')
ARRIVED = ('sent', 'opened', 'clicked', 'replied')
# Why Email Marketing let somebody out, as care says it.
CANCEL_REASONS = {
    'mail_bl': 'blacklist', 'mail_optout': 'refused', 'mail_dup': 'same_email', 'mail_email_missing': 'no_email',
    'mail_email_invalid': 'bad_email',
}


class CrmCareRecipient(models.Model):
    _inherit = 'crm.care.recipient'

    mailing_contact_id = fields.Many2one(
        'mailing.contact', readonly=True, index='btree_not_null', ondelete='set null',
        groups='mass_mailing.group_mass_mailing_user',
    )
    mailing_trace_floor = fields.Integer(
        readonly=True, aggregator=None, help="Results of mailings up to this one are of an earlier attempt.",
    )
    mailing_state = fields.Selection(
        [
            ('waiting', "On the list"), ('sent', "Sent"), ('opened', "Opened"), ('clicked', "Clicked"),
            ('replied', "Replied"), ('bounced', "Bounced"), ('cancelled', "Not sent"), ('failed', "Sending failed"),
        ],
        string="Mailing", readonly=True, index='btree_not_null',
        help="What became of the mailing to this recipient, as Email Marketing knows it.",
    )
    mailing_sent_on = fields.Datetime(string="Mailed On", readonly=True)
    mailing_opened_on = fields.Datetime(string="Opened On", readonly=True)
    mailing_clicked_on = fields.Datetime(string="Clicked On", readonly=True)
    mailing_replied_on = fields.Datetime(string="Reply Came On", readonly=True)

    @api.model
    def _programme_fields(self):
        return super()._programme_fields() | MAILING_FIELDS

    @api.depends('mailing_clicked_on', 'mailing_replied_on')
    def _compute_response_count(self):
        super()._compute_response_count()

    def _has_responded(self):
        return super()._has_responded() or bool(self.mailing_clicked_on or self.mailing_replied_on)

    # ------------------------------------------------------------------ who has left a list

    def _get_facts(self, partners=None):
        facts = super()._get_facts(partners)
        facts['left_lists'] = self._get_left_lists() if self.programme_id._is_by_mail() else set()
        return facts

    def _get_mail_reason(self, person, facts):
        reason = super()._get_mail_reason(person, facts)
        if not reason and person.email_normalized in facts['left_lists']:
            facts['emails'].discard(person.email_normalized)
            return 'refused'
        return reason

    def _get_left_lists(self):
        """Return the e-mail addresses that have left a list of this programme, or of another of its kind."""
        programme = self.programme_id
        emails = [email for email in self.partner_id.sudo().mapped('email_normalized') if email]
        lists = self.env['crm.care.run'].sudo().search([
            ('kind_id', '=', programme.kind_id.id), ('company_id', '=', programme.company_id.id),
            ('mailing_list_id', '!=', False),
        ]).mailing_list_id | programme.sudo().mailing_list_id
        if not lists or not emails:
            return set()
        return set(self.env['mailing.subscription'].sudo().search([
            ('list_id', 'in', lists.ids), ('opt_out', '=', True), ('contact_id.email_normalized', 'in', emails),
        ]).contact_id.mapped('email_normalized'))

    # ------------------------------------------------------------------ on the list

    def _send_by_mailing(self):
        """Put the recipients on the list of their date. They are reached when its mailing goes out."""
        mailing_list = self.run_id._get_mailing_list()
        contacts = self._get_mailing_contacts(mailing_list)
        self.env['mailing.subscription'].sudo().create([
            {'list_id': mailing_list.id, 'contact_id': contact.id}
            for contact in contacts.values() if mailing_list not in contact.list_ids
        ])
        strangers = self.filtered(lambda item: item.partner_id.email_normalized not in contacts)
        created = self.env['mailing.contact'].sudo().create([
            {'name': item.partner_id.name, 'email': item.partner_id.email,
             'list_ids': [fields.Command.link(mailing_list.id)]}
            for item in strangers
        ])
        contacts.update({contact.email_normalized: contact for contact in created})
        floor = self.env['mailing.trace'].sudo().search([], order='id desc', limit=1).id
        for recipient in self:
            recipient.write({
                'mailing_contact_id': contacts[recipient.partner_id.email_normalized].id,
                'mailing_state': 'waiting', 'mailing_trace_floor': floor,
            })
        self.write({'state': 'scheduled', 'error': False})

    def _get_mailing_contacts(self, mailing_list):
        """Return the contact of Email Marketing by e-mail address; one on the list before others of that address."""
        contacts = self.env['mailing.contact'].sudo().search(
            [('email_normalized', 'in', self.partner_id.mapped('email_normalized'))], order='id desc')
        on_list = contacts.filtered(lambda contact: mailing_list in contact.list_ids)
        return {contact.email_normalized: contact for contact in (contacts - on_list) + on_list}

    @api.model
    def _lost_activity_domain(self):
        return [*super()._lost_activity_domain(), ('mailing_state', '=', False)]

    def _prepare_retry_vals(self):
        return {**super()._prepare_retry_vals(), **dict.fromkeys(RESULTS, False)}

    # ------------------------------------------------------------------ what became of the mailing

    @api.model
    def _cron_collect_mailings(self):
        """Note what Email Marketing knows, in committed batches of recipients for whom something is new."""
        last_id = 0
        while rows := self._find_new_results(last_id):
            last_id = rows[-1]['id']
            self._note_safely(rows)
            self.env.flush_all()
            remaining = COLLECT_BATCH if len(rows) == COLLECT_BATCH else 0
            if not self.env['ir.cron']._commit_progress(len(rows), remaining=remaining):
                return

    @api.model
    def _find_new_results(self, last_id):
        """Return the results of the next recipients whose results differ from what is noted.

        A trace belongs to a recipient when its mailing is one of the recipient's date and went to the recipient's own
        contact in Email Marketing, or to the partner itself. Tests and earlier attempts don't count. Who waits on a
        list gets an end, too, when a mailing without a date went out to that list: nobody writes another one for them.
        """
        self.env.flush_all()
        return self.env.execute_query_dict(SQL("""
            WITH sent AS (
                SELECT recipient.id AS recipient_id, mailing.id AS mailing_id
                  FROM crm_care_recipient recipient
                  JOIN mailing_mailing mailing ON mailing.care_run_id = recipient.run_id
                 WHERE recipient.mailing_state IS NOT NULL AND recipient.id > %(last_id)s
                UNION ALL
                SELECT recipient.id, mailing.id
                  FROM crm_care_recipient recipient
                  JOIN crm_care_run run ON run.id = recipient.run_id
                  JOIN mail_mass_mailing_list_rel list_rel ON list_rel.mailing_list_id = run.mailing_list_id
                  JOIN mailing_mailing mailing ON mailing.id = list_rel.mailing_mailing_id
                 WHERE recipient.mailing_state = 'waiting' AND recipient.id > %(last_id)s
                   AND mailing.care_run_id IS NULL AND mailing.state = 'done'
            ), result AS (
                SELECT recipient.id,
                       (array_agg(trace.trace_status ORDER BY trace.id DESC))[1] AS status,
                       (array_agg(trace.failure_type ORDER BY trace.id DESC))[1] AS failure_type,
                       (array_agg(trace.failure_reason ORDER BY trace.id DESC))[1] AS failure_reason,
                       min(trace.sent_datetime) AS sent_on,
                       min(COALESCE(trace.open_datetime, trace.links_click_datetime, trace.reply_datetime))
                           AS opened_on,
                       min(trace.links_click_datetime) AS clicked_on,
                       min(trace.reply_datetime) AS replied_on
                  FROM sent
                  JOIN crm_care_recipient recipient ON recipient.id = sent.recipient_id
                  JOIN mailing_trace trace ON trace.mass_mailing_id = sent.mailing_id
                       AND (trace.model = 'mailing.contact' AND trace.res_id = recipient.mailing_contact_id
                            OR trace.model = 'res.partner' AND trace.res_id = recipient.partner_id)
                 WHERE trace.id > COALESCE(recipient.mailing_trace_floor, 0)
                   AND trace.is_test_trace IS NOT TRUE
                 GROUP BY recipient.id
            ), judged AS (
                SELECT result.*,
                       CASE WHEN replied_on IS NOT NULL THEN 'replied'
                            WHEN clicked_on IS NOT NULL THEN 'clicked'
                            WHEN status = 'bounce' THEN 'bounced'
                            WHEN status = 'error' THEN 'failed'
                            WHEN opened_on IS NOT NULL THEN 'opened'
                            WHEN status = 'cancel' AND sent_on IS NULL THEN 'cancelled'
                            WHEN status IN ('sent', 'open', 'reply', 'pending') OR sent_on IS NOT NULL THEN 'sent'
                            ELSE 'waiting' END AS state
                  FROM result
            )
            SELECT judged.*
              FROM judged
              JOIN crm_care_recipient recipient ON recipient.id = judged.id
             WHERE (recipient.mailing_state, recipient.mailing_sent_on, recipient.mailing_opened_on,
                    recipient.mailing_clicked_on, recipient.mailing_replied_on)
                   IS DISTINCT FROM (judged.state, judged.sent_on, judged.opened_on, judged.clicked_on,
                                     judged.replied_on)
             ORDER BY judged.id
             LIMIT %(limit)s
        """, last_id=last_id, limit=COLLECT_BATCH))

    @api.model
    def _note_safely(self, rows):
        """Note results; one that can't be noted says so on its recipient and stops no other."""
        together_or_each(self.env, rows, self._note_rows, self._fail_to_note)

    @api.model
    def _note_rows(self, rows):
        self.browse([row['id'] for row in rows]).with_context(**QUIET)._note_results(rows)

    @api.model
    def _fail_to_note(self, row, error):
        _logger.warning("Result of recipient of care %s could not be noted", row['id'], exc_info=True)
        self.browse(row['id']).error = self.env._("The result of the mailing couldn't be noted: %(error)s", error=error)

    def _note_results(self, rows):
        """Write the results of these recipients and what follows from them."""
        results = {row['id']: row for row in rows}
        arrived = self.filtered(lambda item: results[item.id]['state'] in ARRIVED and item.state != 'sent')
        for recipient in self:
            row = results[recipient.id]
            recipient.write({
                'mailing_state': row['state'], 'mailing_sent_on': row['sent_on'],
                'mailing_opened_on': row['opened_on'], 'mailing_clicked_on': row['clicked_on'],
                'mailing_replied_on': row['replied_on'],
            })
            if row['replied_on'] and not recipient.reply:
                recipient.write({'reply': 'responded', 'reply_date': fields.Date.to_date(row['replied_on'])})
            if row['state'] in ('bounced', 'failed') and recipient.state != 'failed':
                recipient._mark_failed(recipient._get_mailing_error(row))
            elif row['state'] == 'cancelled' and recipient.state != 'excluded':
                recipient._exclude(CANCEL_REASONS.get(row['failure_type'], 'refused'))
        for batch in arrived.grouped('run_id').values():
            batch._arrive(results)

    def _arrive(self, results):
        """The mailing of one date has gone out to these: they are reached, and it cost what it costs."""
        self._mark_reached()
        self.write({'reason': False})
        for recipient in self:
            recipient.date_sent = results[recipient.id]['sent_on'] or recipient.date_sent
        self._log_contacts('email')

    def _get_mailing_error(self, row):
        email = self.sudo().mailing_contact_id.email or self.partner_id.email
        reason = (row['failure_reason'] or '').strip()[:300]
        if not reason:
            types = dict(self.env['mailing.trace']._fields['failure_type']._description_selection(self.env))
            reason = types.get(row['failure_type'], '')
        if row['state'] == 'bounced':
            return self.env._(
                "The mailing to %(email)s came back: %(reason)s Correct the e-mail address of %(recipient)s, then try "
                "again.", email=email, reason=reason and reason.rstrip('.') + '.', recipient=self.partner_id.name)
        return self.env._(
            "The mailing to %(email)s couldn't be sent: %(reason)s", email=email, reason=reason)
