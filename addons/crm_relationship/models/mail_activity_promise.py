from odoo import api, fields, models
from odoo.exceptions import UserError


class MailActivity(models.Model):
    """An activity of the type "Promise to the customer", planned in any chatter, is a promise."""

    _inherit = 'mail.activity'

    @api.model_create_multi
    def create(self, vals_list):
        activities = super().create(vals_list)
        kind = self.env.ref('crm_relationship.mail_activity_type_customer_promise', raise_if_not_found=False)
        if kind:
            activities.filtered(lambda activity: activity.activity_type_id == kind)._make_promises()
        return activities

    def _make_promises(self):
        """Make a promise of each activity; the activity becomes its reminder."""
        for activity in self:
            customer = activity.board_partner_id
            if not customer:
                raise UserError(self.env._(
                    "“%(activity)s” has no customer to whom anything could be promised. Choose a to-do instead, or set "
                    "the customer of the document first.",
                    activity=activity.res_name or activity.summary or activity.activity_type_id.name,
                ))
            document = activity.res_model and self.env[activity.res_model].browse(activity.res_id)
            company = ('company_id' in document and document.company_id) or activity.user_id.company_id
            origin = {} if activity.res_model == 'res.partner' else {
                'res_model': activity.res_model, 'res_id': activity.res_id,
            }
            self.env['crm.promise'].with_context(promise_has_reminder=True).create({
                'partner_id': document.id if activity.res_model == 'res.partner' else customer.id,
                'name': activity.summary or activity.activity_type_id.name,
                'user_id': activity.user_id.id, 'date_due': activity.date_deadline,
                'date_promised': min(fields.Date.context_today(self), activity.date_deadline),
                'company_id': (customer.company_id or company or self.env.company).id,
                'activity_id': activity.id, **origin,
            })
