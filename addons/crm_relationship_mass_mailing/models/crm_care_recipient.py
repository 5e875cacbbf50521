from odoo import fields, models


class CrmCareRecipient(models.Model):
    _inherit = 'crm.care.recipient'

    def _send_by_mailing(self):
        """Put the recipients on the list of their date; who has left that list is left out."""
        mailing_list = self.run_id._get_mailing_list()
        contacts = self.env['mailing.contact'].sudo().search([
            ('email_normalized', 'in', self.partner_id.mapped('email_normalized'))])
        by_email = {contact.email_normalized: contact for contact in contacts}
        subscribed, left = set(), set()
        for line in self.env['mailing.subscription'].sudo().search([
            ('list_id', '=', mailing_list.id), ('contact_id', 'in', contacts.ids),
        ]):
            (left if line.opt_out else subscribed).add(line.contact_id.email_normalized)
        staying = self.filtered(lambda item: item.partner_id.email_normalized not in left)
        (self - staying)._exclude('refused')
        vals_list = []
        for recipient in staying:
            email = recipient.partner_id.email_normalized
            if email in subscribed:
                continue
            if contact := by_email.get(email):
                contact.subscription_ids = [fields.Command.create({'list_id': mailing_list.id})]
            else:
                vals_list.append({
                    'name': recipient.partner_id.name, 'email': recipient.partner_id.email,
                    'list_ids': [fields.Command.link(mailing_list.id)],
                })
        self.env['mailing.contact'].sudo().create(vals_list)
        if staying:
            staying._mark_reached()
            staying._log_contacts('email')
