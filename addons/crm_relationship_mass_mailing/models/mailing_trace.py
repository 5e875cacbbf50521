from datetime import timedelta

from odoo import fields, models

RESULT_FIELDS = {'trace_status', 'links_click_datetime', 'open_datetime', 'reply_datetime', 'sent_datetime'}
COLLECT_AFTER = timedelta(minutes=5)


class MailingTrace(models.Model):
    _inherit = 'mailing.trace'

    def write(self, vals):
        result = super().write(vals)
        if not RESULT_FIELDS.isdisjoint(vals) and self.sudo().mass_mailing_id.care_run_id:
            self._collect_soon()
        return result

    def _collect_soon(self):
        """Have the results noted on the recipients of care within minutes.

        Not at once: a conflict of two writers must neither repeat the sending of a mail nor lose a click.
        """
        cron = self.env.ref('crm_relationship_mass_mailing.ir_cron_care_mailing').sudo()
        now = fields.Datetime.now()
        if not self.env['ir.cron.trigger'].sudo().search_count(
            [('cron_id', '=', cron.id), ('call_at', '>', now), ('call_at', '<=', now + COLLECT_AFTER)], limit=1,
        ):
            cron._trigger(at=now + COLLECT_AFTER)
