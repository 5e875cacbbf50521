from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date


class ResPartner(models.Model):
    _inherit = 'res.partner'

    touchpoint_ids = fields.One2many('crm.touchpoint', 'partner_id', string="Contacts with the Customer")
    touchpoint_count = fields.Integer(string="Contacts Logged", compute='_compute_touchpoint_count')
    last_contact_date = fields.Datetime(compute='_compute_touchpoint_count', string="Last Contact")
    promise_ids = fields.One2many('crm.promise', 'partner_id', string="Promises")
    open_promise_ids = fields.One2many(
        'crm.promise', 'partner_id', string="Open Promises", domain=[('state', '=', 'open')],
    )
    open_promise_count = fields.Integer(compute='_compute_open_promise_count')

    @api.depends('touchpoint_ids')
    def _compute_touchpoint_count(self):
        rows = self.env['crm.touchpoint']._read_group(
            [('partner_id', 'in', self.commercial_partner_id.ids)], ['partner_id'], ['__count', 'date:max'],
        )
        figures = {customer.id: (count, last) for customer, count, last in rows}
        for partner in self:
            partner.touchpoint_count, partner.last_contact_date = figures.get(
                partner.commercial_partner_id._origin.id, (0, False),
            )

    @api.depends('promise_ids.state')
    def _compute_open_promise_count(self):
        counts = dict(self.env['crm.promise']._read_group(
            [('partner_id', 'in', self.commercial_partner_id.ids), ('state', '=', 'open')], ['partner_id'], ['__count'],
        ))
        for partner in self:
            partner.open_promise_count = counts.get(partner.commercial_partner_id._origin, 0)

    def _get_attention_items(self):
        """Add promises that are overdue or due today or tomorrow."""
        items = super()._get_attention_items()
        if self._is_known_without('crm.promise') or not self.env['crm.promise'].has_access('read'):
            return items
        today = fields.Date.context_today(self)
        promises = self.env['crm.promise'].search_fetch(
            [
                ('partner_id', 'in', self.commercial_partner_id.ids), ('state', '=', 'open'),
                ('date_due', '<=', today + timedelta(days=1)),
            ],
            ['partner_id', 'date_due'],
        )
        due_by_customer = {
            customer.id: sorted(group.mapped('date_due')) for customer, group in promises.grouped('partner_id').items()
        }
        for partner in self:
            due = due_by_customer.get(partner.commercial_partner_id._origin.id)
            if due:
                items.setdefault(partner._origin.id, []).extend(self._promise_attention(due, today))
        return items

    @api.model
    def _promise_attention(self, due, today):
        """Return attention items ``[(sequence, level, text)]`` for the sorted due dates of open promises."""
        items, overdue = [], [day for day in due if day < today]
        if len(overdue) > 1:
            items.append((30, 'danger', self.env._(
                "%(count)s promises overdue, the first since %(date)s",
                count=len(overdue), date=format_date(self.env, overdue[0]),
            )))
        elif overdue:
            since = format_date(self.env, overdue[0])
            items.append((30, 'danger', self.env._("promise overdue since %(date)s", date=since)))
        if today in due:
            items.append((31, 'warning', self.env._("promise due today")))
        elif len(due) > len(overdue):
            items.append((31, 'warning', self.env._("promise due tomorrow")))
        return items

    def _mark_card_verified(self, user, day):
        """Note that the relationship card was found correct; an older check never replaces a newer one."""
        older = self.filtered(lambda partner: not partner.card_verified_on or partner.card_verified_on <= day)
        older.check_access('write')
        older.sudo().write({
            'card_verified_on': day, 'card_verified_by_id': user.id,
        })

    def action_log_visit(self):
        self.ensure_one()
        return self.env['crm.touchpoint']._action_log(self, 'visit')

    def action_log_call(self):
        self.ensure_one()
        return self.env['crm.touchpoint']._action_log(self, 'phone')

    def action_new_promise(self):
        self.ensure_one()
        return self.env['crm.promise']._action_new(self)

    def action_view_touchpoints(self):
        return self._action_of_customer('crm_relationship.crm_touchpoint_action')

    def action_view_promises(self):
        return self._action_of_customer('crm_relationship.crm_promise_action')

    def _action_of_customer(self, xmlid):
        self.ensure_one()
        customer = self.commercial_partner_id
        action = self.env['ir.actions.act_window']._for_xml_id(xmlid)
        action.update(
            domain=[('partner_id', '=', customer.id)], context={'default_partner_id': customer.id},
            display_name=customer.display_name,
        )
        return action
