from odoo import api, fields, models


class MailingMailing(models.Model):
    _inherit = 'mailing.mailing'

    care_run_id = fields.Many2one(
        'crm.care.run', string="Date of Care", index='btree_not_null', ondelete='set null',
        compute='_compute_care_run_id', store=True, readonly=False,
        domain="[('programme_id.channel', '=', 'mailing')]",
        help="Who opens the mailing, clicks in it, replies or doesn't get it is noted on the recipients of this date. "
             "Filled in by itself when the list belongs to one date only.",
    )

    @api.depends('contact_list_ids')
    def _compute_care_run_id(self):
        """A list that was made for one date of care tells which one is meant."""
        runs = self.env['crm.care.run'].sudo().search([('mailing_list_id', 'in', self.contact_list_ids._origin.ids)])
        by_list = runs.grouped('mailing_list_id')
        for mailing in self:
            found = runs.browse().union(*(
                by_list[mailing_list] for mailing_list in mailing.contact_list_ids._origin if mailing_list in by_list))
            if not mailing.care_run_id and len(found) == 1:
                mailing.care_run_id = found.with_env(mailing.env)
            else:
                mailing.care_run_id = mailing.care_run_id

    def _get_opt_out_list(self):
        """Who has refused care since the recipients were listed doesn't get the mailing any more."""
        opt_out = super()._get_opt_out_list()
        recipients = self.sudo().care_run_id.recipient_ids.filtered(lambda item: item.mailing_contact_id)
        refusing = recipients.filtered(lambda item: item._get_refusal())
        if not refusing:
            return opt_out
        return {*opt_out, *filter(None, refusing.mailing_contact_id.mapped('email_normalized'))}
