import logging
from contextlib import contextmanager

from psycopg2.extensions import TransactionRollbackError

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.modules.module import current_test

from ..tools.listing import listed
from .customer_filter_mixin import UNREADABLE
from .handover_source import HandoverSource

_logger = logging.getLogger(__name__)

BATCH = 250
# Set by the buttons only.
BUTTON_FIELDS = {
    'state', 'done_at', 'done_by_id', 'acknowledged_at', 'returned_at', 'schedule_error', 'line_ids', 'orphan_note',
}
# One activity tells the successor of everything, instead of a mail for each record.
QUIET = {'mail_auto_subscribe_no_notify': True, 'mail_activity_quick_update': True, 'mail_notrack': True}
FOLLOW_UP_FIELDS = {
    'state', 'done_at', 'done_by_id', 'acknowledged_at', 'returned_at', 'schedule_error',
    'line_ids', 'part_ids', 'orphan_note', 'date_end', 'activity_ids', 'message_follower_ids', 'message_ids',
    'message_main_attachment_id', 'activity_user_id',
}


class CrmHandover(models.Model):
    """One salesperson's customers and open work pass to another, for good or for the time of an absence."""

    _name = 'crm.handover'
    _description = "Handover of Customers"
    _inherit = ['crm.customer.filter.mixin', 'crm.job.progress.mixin', 'mail.thread', 'mail.activity.mixin']
    _order = 'id desc'
    _mail_post_access = 'read'

    name = fields.Char(compute='_compute_name', store=True)
    kind = fields.Selection(
        [('permanent', "For good"), ('substitution', "During an absence")], required=True, default='permanent',
        tracking=True, help="What was handed over for an absence goes back by itself after its last day.",
    )
    from_user_id = fields.Many2one(
        'res.users', string="Handed Over By", required=True, index=True, ondelete='restrict', tracking=True,
        domain=[('share', '=', False)], context={'active_test': False},
        help="Who leaves or is absent. People who have been archived can be chosen too.",
    )
    to_user_id = fields.Many2one(
        'res.users', string="Successor", required=True, index=True, ondelete='restrict', tracking=True,
        domain="[('share', '=', False), ('id', '!=', from_user_id), ('company_ids', 'in', company_id)]",
    )
    company_id = fields.Many2one(
        'res.company', required=True, default=lambda self: self._default_company_id(),
        help="The work of this company and its branches passes over.",
    )
    date_start = fields.Date(
        string="From", required=True, default=fields.Date.context_today, tracking=True,
        help="A handover that starts later is carried out by itself on that day.",
    )
    date_end = fields.Date(string="Last Day", tracking=True, help="Last day of the absence.")
    reason = fields.Char(tracking=True)
    note = fields.Html(string="Briefing", help="What the successor must know. It is printed in the dossier.")
    archive_user = fields.Boolean(
        string="Archive the User", help="The one who leaves can't log in any more once everything is handed over.",
    )
    state = fields.Selection(
        [
            ('draft', "Draft"), ('planned', "Planned"), ('done', "Handed over"), ('acknowledged', "Acknowledged"),
            ('returned', "Returned"), ('cancelled', "Cancelled"),
        ],
        required=True, default='draft', readonly=True, copy=False, tracking=True, index=True,
    )
    part_ids = fields.One2many('crm.handover.part', 'handover_id', string="What Passes Over", copy=False)
    line_ids = fields.One2many('crm.handover.line', 'handover_id', string="Records", readonly=True, copy=False)
    line_count = fields.Integer(
        string="Records Passing Over", compute='_compute_line_count',
        help="What passes over now; once carried out, what did.",
    )
    customer_count = fields.Integer(
        string="Customers", compute='_compute_line_count',
        help="Whose customers and work pass over now; once carried out, whose did.",
    )
    done_at = fields.Datetime(string="Handed Over On", readonly=True, copy=False)
    done_by_id = fields.Many2one('res.users', string="Carried Out By", readonly=True, copy=False)
    acknowledged_at = fields.Datetime(string="Acknowledged On", readonly=True, copy=False)
    returned_at = fields.Datetime(string="Returned On", readonly=True, copy=False)
    orphan_note = fields.Text(
        string="Left Behind", readonly=True, copy=False,
        help="What still hangs on the one who leaves and that nobody but a person can decide about.",
    )
    schedule_error = fields.Char(
        string="Scheduling Error", readonly=True, copy=False, help="Why the scheduled action failed the last time.",
    )
    is_successor = fields.Boolean(compute='_compute_is_successor')

    @api.model
    def _default_company_id(self):
        """The whole company for those who work for it, else the present branch."""
        root = self.env.company.root_id
        return root if root in self.env.user.company_ids else self.env.company

    @api.depends('from_user_id', 'to_user_id')
    def _compute_name(self):
        for handover in self:
            names = [user.name or "…" for user in (handover.from_user_id, handover.to_user_id)]
            handover.name = ' → '.join(names) if any(name != "…" for name in names) else self.env._("New handover")

    @api.depends('line_ids', 'state', 'from_user_id', 'company_id', 'audience_domain', 'part_ids.included')
    @api.depends_context('uid')
    def _compute_line_count(self):
        ahead = self.filtered(lambda handover: handover.state in ('draft', 'planned'))
        for handover, found in ahead._count_ahead().items():
            left_out = set(handover.part_ids.filtered(lambda part: not part.included).mapped('key'))
            found = [figures for key, figures in found.items() if key not in left_out]
            handover.line_count = sum(count for count, _customers in found)
            handover.customer_count = len(set().union(*(customers for _count, customers in found)))
        (self - ahead)._count_lines()

    def _count_lines(self):
        lines = self.env['crm.handover.line']
        total = dict(lines._read_group([('handover_id', 'in', self.ids)], ['handover_id'], ['__count']))
        customers = dict(lines._read_group(
            [('handover_id', 'in', self.ids)], ['handover_id'], ['partner_id:count_distinct'],
        ))
        for handover in self:
            handover.line_count = total.get(handover, 0)
            handover.customer_count = customers.get(handover, 0)

    @api.depends('to_user_id')
    @api.depends_context('uid')
    def _compute_is_successor(self):
        for handover in self:
            handover.is_successor = handover.to_user_id == self.env.user

    @api.constrains('kind', 'date_start', 'date_end')
    def _check_end(self):
        for handover in self:
            if handover.date_end and handover.date_end < handover.date_start:
                raise ValidationError(self.env._(
                    "%(handover)s: an absence that starts on %(start)s can't end before it starts, on %(end)s.",
                    handover=handover.name, start=handover.date_start, end=handover.date_end,
                ))
            if handover.kind == 'substitution' and not handover.date_end:
                raise ValidationError(self.env._(
                    "%(handover)s: an absence needs its last day, so that the work goes back by itself.",
                    handover=handover.name,
                ))

    @api.constrains('from_user_id', 'to_user_id', 'company_id')
    def _check_successor(self):
        for handover in self:
            handover._assert_successor()

    def _assert_successor(self):
        successor = self.to_user_id.sudo()
        if successor == self.from_user_id:
            raise ValidationError(self.env._("%(user)s can't be their own successor.", user=successor.name))
        if not successor.active:
            raise ValidationError(self.env._(
                "%(user)s is archived and can't take anything over. Choose a successor who still works here.",
                user=successor.name,
            ))
        if successor.share:
            raise ValidationError(self.env._(
                "%(user)s is not an employee. Choose an internal user as the successor.", user=successor.name,
            ))
        if self.company_id not in successor.company_ids:
            raise ValidationError(self.env._(
                "%(user)s has no access to %(company)s. Grant it first or choose another successor.",
                user=successor.name, company=self.company_id.name,
            ))

    @api.constrains('company_id')
    def _check_own_company(self):
        for handover in self:
            # Constraints run in sudo: what counts is the user.
            if self.env.uid != SUPERUSER_ID and handover.company_id not in self.env.user.company_ids:
                raise ValidationError(self.env._(
                    "You have no access to %(company)s and can't hand its work over. Choose a company of yours.",
                    company=handover.company_id.sudo().name,
                ))

    @api.constrains('archive_user', 'kind', 'from_user_id')
    def _check_planned_archiving(self):
        """What is planned is carried out by a superuser: whoever plans it must have the right."""
        for handover in self:
            if handover.state == 'planned' and self.env.uid != SUPERUSER_ID:
                handover._check_may_archive()

    def _check_may_archive(self):
        if (self.archive_user and self.kind == 'permanent'
                and not self.env.user.has_group('base.group_erp_manager')):
            raise AccessError(self.env._(
                "Only those who administer users can archive %(user)s. Hand over without archiving and ask them.",
                user=self.from_user_id.name,
            ))

    # ------------------------------------------------------------------ what there is to hand over

    @api.model
    def _handover_sources(self):
        """Return the kinds of open work, in the order in which they pass over. Extensions add to ``super()``."""
        sources = [
            HandoverSource('res.partner', self.env._("Customers and contacts"), partner_field='commercial_partner_id'),
            HandoverSource(
                'res.partner', self.env._("Cards kept as custodian"), user_field='custodian_id',
                partner_field='commercial_partner_id',
            ),
            HandoverSource(
                'crm.lead', self.env._("Open leads and opportunities"), domain=(('won_status', '=', 'pending'),),
            ),
            HandoverSource(
                'sale.order', self.env._("Quotations"), domain=(('state', 'in', ('draft', 'sent')),),
            ),
            HandoverSource('crm.promise', self.env._("Open promises"), domain=(('state', '=', 'open'),)),
            HandoverSource(
                'crm.contract', self.env._("Contracts"), domain=(('state', 'in', ('draft', 'active')),),
            ),
            HandoverSource('crm.visit.plan', self.env._("Visit plans"), partner_field=''),
            HandoverSource('crm.care.programme', self.env._("Care programmes"), partner_field=''),
            # Reminders move with their promises.
            HandoverSource(
                'mail.activity', self.env._("Open activities"), domain=(('res_model', '!=', 'crm.promise'),),
                partner_field='board_partner_id', company_field='',
            ),
        ]
        return [
            source for source in sources
            if source.model in self.env and source.user_field in self.env[source.model]._fields
        ]

    def _handover_records(self, source):
        """Return the open records of one kind that pass over, whoever may see them."""
        domain = Domain.TRUE
        if not self._audience_matches_all():
            if not source.partner_field:
                return self.env[source.model].sudo().browse()
            self._audience_check_rights()
            customers = self._audience_model().sudo()._search(self._audience_filter())
            domain = Domain(source.partner_path, 'in', customers)
        return self._open_records(source, self.from_user_id, domain)

    def _count_ahead(self):
        """Return ``{handover: {key: (count, customer ids)}}`` of what passes over if it is carried out now.

        Whatever isn't narrowed by a filter is counted together. Where the reader may not follow the filter, it is what
        was found when the handover was written.
        """
        result = {handover: {} for handover in self}
        narrowed = self.browse()
        for handover in self:
            try:
                if not handover._audience_matches_all():
                    narrowed += handover
            except UNREADABLE:
                narrowed += handover
        for handovers in (self - narrowed).grouped('company_id').values():
            for source in self._handover_sources():
                model, domain = handovers[0]._open_work(source, handovers.from_user_id, Domain.TRUE)
                found = self._count_open(source, model, domain)
                for handover in handovers:
                    if handover.from_user_id.id in found:
                        result[handover][source.key] = found[handover.from_user_id.id]
        for handover in narrowed:
            result[handover] = handover._count_narrowed()
        return result

    def _count_narrowed(self):
        found = {}
        try:
            for source in self._handover_sources():
                records = self._handover_records(source)
                if records:
                    [found[source.key]] = self._count_open(source, records, Domain('id', 'in', records.ids)).values()
        except (UserError, *UNREADABLE):
            return {part.key: (part.count, ()) for part in self.part_ids}
        return found

    @api.model
    def _count_open(self, source, model, domain):
        """Return ``{user id: (count, customer ids)}`` of the open records of one kind."""
        found = {}
        groups = [source.user_field, *filter(None, [source.partner_field])]
        for user, *partner, count in model._read_group(domain, groups, ['__count']):
            before, customers = found.get(user.id, (0, set()))
            found[user.id] = before + count, customers.union(*(owner.commercial_partner_id.ids for owner in partner))
        return found

    def _open_records(self, source, user, domain):
        """Return the open records of one kind that a person has in the company of the handover."""
        model, domain = self._open_work(source, user, domain)
        return model.search(domain, order='id')

    def _open_work(self, source, users, domain):
        """Return the model of one kind and the domain of what people have open in the company of the handover."""
        model = self.env[source.model].sudo().with_company(self.company_id)
        domain = Domain(source.domain) & Domain(source.user_field, 'in', users.ids) & Domain(domain)
        if source.company_field and source.company_field in model._fields:
            domain &= Domain(source.company_field, 'in', [False, *self._company_ids()])
        return model, domain

    def _company_ids(self):
        return self.env['res.company'].sudo().search([('id', 'child_of', self.company_id.id)]).ids

    @api.onchange('from_user_id', 'audience_domain', 'company_id')
    def _onchange_preview(self):
        self.part_ids = [Command.clear(), *(Command.create(values) for values in self._preview_values())]

    def _preview_values(self):
        """Return the values of a part for each kind of which there is something."""
        self._check_manager()
        if not self.from_user_id:
            return []
        values = []
        for sequence, source in enumerate(self._handover_sources()):
            count = len(self._handover_records(source))
            if count:
                values.append({'sequence': sequence, 'key': source.key, 'count': count})
        return values

    def action_preview(self):
        """Count anew what would pass over; what was left out stays left out."""
        for handover in self:
            handover._check_draft()
            left_out = set(handover.part_ids.filtered(lambda part: not part.included).mapped('key'))
            handover.part_ids = [Command.clear(), *(
                Command.create({**values, 'included': values['key'] not in left_out})
                for values in handover._preview_values()
            )]

    # ------------------------------------------------------------------ carrying it out

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get('state', 'draft') != 'draft' for vals in vals_list):
            self._refuse_by_hand()
        handovers = super().create(vals_list)
        for handover in handovers:
            if not handover.part_ids:
                handover.part_ids = [Command.create(values) for values in handover._preview_values()]
        return handovers

    def _refuse_by_hand(self):
        if not self.env.su:
            raise UserError(self.env._("Use the buttons to plan, carry out, return or cancel a handover."))

    def write(self, vals):
        if BUTTON_FIELDS & vals.keys():
            self._refuse_by_hand()
        if not vals.keys() <= FOLLOW_UP_FIELDS:
            closed = self.filtered(lambda handover: handover.state not in ('draft', 'planned'))
            if closed:
                raise UserError(self.env._(
                    "%(handover)s has been carried out and can't be changed. Hand over once more instead.",
                    handover=closed[0].name,
                ))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        closed = self.filtered(lambda handover: handover.state not in ('draft', 'cancelled'))
        if closed:
            raise UserError(self.env._(
                "%(handover)s has been carried out and stays on file.", handover=closed[0].name,
            ))

    def action_hand_over(self):
        """Hand over now, or plan it when it starts later."""
        self._check_manager()
        for handover in self:
            handover._check_draft()
            if handover.date_start > fields.Date.context_today(handover):
                handover._assert_successor()
                handover._check_may_archive()
                handover.sudo().state = 'planned'
            else:
                handover._hand_over()
        return self._notify_done() if len(self) == 1 else None

    def action_cancel(self):
        self._check_manager()
        for handover in self:
            handover._check_draft()
            handover.sudo().state = 'cancelled'

    def _hand_over(self):
        """Move everything in the running transaction: all of it, or nothing."""
        self.ensure_one()
        self._assert_successor()
        self._check_may_archive()
        parts = {part.key: part for part in self.sudo().part_ids}
        work = []
        for source in self._handover_sources():
            part = parts.get(source.key)
            records = self._handover_records(source)
            if records and (not part or part.included):
                part = part or self.sudo().part_ids.create({'handover_id': self.id, 'key': source.key})
                work.append((source, part, records))
        if not work:
            raise UserError(self.env._(
                "%(user)s has nothing open in %(company)s that could be handed over.",
                user=self.from_user_id.name, company=self.company_id.name,
            ))
        with self._progress(sum(len(records) for _source, _part, records in work)) as count:
            self._move(work, count)
            self.sudo().write({
                'state': 'done', 'done_at': fields.Datetime.now(), 'done_by_id': self.env.uid,
                'orphan_note': self._orphans_text(), 'schedule_error': False,
            })
            self._ask_to_acknowledge()
            if self.archive_user and self.kind == 'permanent':
                self.from_user_id.with_context(crm_handover=True).action_archive()

    def _move(self, work, count):
        for source, part, records in work:
            part.write({'count': len(records), 'moved_count': len(records)})
            for start in range(0, len(records), BATCH):
                batch = records[start:start + BATCH]
                self.env['crm.handover.line'].sudo().create(self._line_values(source, part, batch))
                self._pass(source, batch, self.to_user_id, count)

    def _pass(self, source, records, user, count):
        """Give records to a person, batch by batch; each batch is in the database before it counts as done.

        The notes on the records are written together: tracking by field writes them one by one, at the very end.
        """
        note = self.env._(
            "Handed over from %(giver)s to %(taker)s.", taker=user.name,
            giver=(self.from_user_id if user == self.to_user_id else self.to_user_id).name,
        )
        for start in range(0, len(records), BATCH):
            batch = records[start:start + BATCH].with_context(**QUIET)
            batch.write({source.user_field: user.id})
            if isinstance(batch, self.env.registry['mail.thread']) and not self.env.context.get('tracking_disable'):
                batch._message_log_batch(dict.fromkeys(batch.ids, note))
            self.env.flush_all()
            count(len(batch))

    def _line_values(self, source, part, records):
        return [
            {
                'handover_id': self.id, 'part_id': part.id, 'res_model': source.model, 'res_id': record.id,
                'name': record.display_name or self.env['ir.model']._get(record._name).name,
                'partner_id': (
                    record[source.partner_field].commercial_partner_id.id if source.partner_field else False
                ),
            }
            for record in records
        ]

    @contextmanager
    def _progress(self, total):
        """Give a function that counts what is done of ``total`` and shows it; what fails takes the bar away.

        A cursor of its own for each message, since the work is one transaction.
        """
        title = self.env._("Handover: %(handover)s", handover=self.name)
        counted = 0
        shown = total > BATCH and not current_test and self.env.uid != SUPERUSER_ID

        def show(done, total):
            if shown:
                with self.env.registry.cursor() as cr:
                    env = api.Environment(cr, SUPERUSER_ID, {})
                    user = env['res.users'].browse(self.env.uid)
                    env[self._name].browse(self.id)._show_progress(user, title, done, total)

        def count(number):
            nonlocal counted
            counted += number
            if counted < total:
                show(counted, total)

        try:
            show(0, total)
            yield count
            show(total, total)
        except Exception:
            show(0, 0)
            raise

    def _notify_done(self):
        self.ensure_one()
        if self.state == 'planned':
            message = self.env._("The handover will be carried out on its first day.")
        else:
            message = self.env._(
                "%(count)s records have passed to %(user)s.", count=self.line_count, user=self.to_user_id.name,
            )
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'success', 'message': message, 'next': {'type': 'ir.actions.act_window_close'},
            },
        }

    def _ask_to_acknowledge(self):
        reader = self.to_user_id._in_own_language(self)
        self.activity_schedule(
            'mail.mail_activity_data_todo', user_id=self.to_user_id.id,
            summary=reader.env._("Read the dossier and acknowledge the handover"),
        )

    def _orphans_text(self):
        return '\n'.join(
            self.env._("%(kind)s: %(names)s", kind=kind, names=names) for kind, names in self._handover_orphans()
        )

    def _handover_orphans(self):
        """Return ``[(kind, names), …]``: what hangs on the person and can't be moved without thought."""
        user, found = self.from_user_id.sudo(), []
        teams = self.env['crm.team'].sudo().search([('user_id', '=', user.id)])
        meetings = self.env['calendar.event'].sudo().search([
            ('user_id', '=', user.id), ('start', '>', fields.Datetime.now()),
        ], limit=50)
        elsewhere = self.env['res.partner'].sudo().search_count([
            ('user_id', '=', user.id), ('company_id', 'not in', [False, *self._company_ids()]),
        ])
        for kind, records in ((self.env._("Teams led"), teams), (self.env._("Future meetings"), meetings)):
            if records:
                found.append((kind, listed(records.mapped('display_name'), self.env.lang)))
        if elsewhere:
            found.append((self.env._("Customers of other companies"), str(elsewhere)))
        for source in self._handover_sources():
            rest = len(self._handover_records(source))
            if rest:
                found.append((source.label, self.env._("%(count)s left with %(user)s", count=rest, user=user.name)))
        return found

    # ------------------------------------------------------------------ afterwards

    def action_acknowledge(self):
        """The successor has read the dossier and takes responsibility."""
        for handover in self:
            if handover.to_user_id != self.env.user:
                raise AccessError(self.env._(
                    "Only %(user)s can acknowledge this handover.", user=handover.to_user_id.name,
                ))
            if handover.state != 'done':
                raise UserError(self.env._(
                    "%(handover)s can't be acknowledged: it hasn't been carried out, or is acknowledged already.",
                    handover=handover.name,
                ))
            handover.sudo().write({'state': 'acknowledged', 'acknowledged_at': fields.Datetime.now()})
            handover.sudo().activity_ids.filtered(
                lambda activity: activity.user_id == self.env.user
            ).action_feedback(feedback=self.env._("Acknowledged"))

    def action_return(self):
        """Give everything back before the last day."""
        self._check_manager()
        for handover in self:
            handover._return()

    def _return(self):
        """Give back what the substitute still has; what has changed hands since stays where it is.

        What the substitute began for these customers meanwhile goes back with them.
        """
        self.ensure_one()
        if self.kind != 'substitution' or self.state not in ('done', 'acknowledged'):
            raise UserError(self.env._("%(handover)s is no absence that could end.", handover=self.name))
        owner = self.from_user_id.sudo()
        if not owner.active:
            raise UserError(self.env._(
                "%(user)s is archived: nothing can be returned. Hand the customers over for good instead.",
                user=owner.name,
            ))
        sources = {source.key: source for source in self._handover_sources()}
        moved = self.sudo().line_ids.filtered(lambda line: line.state == 'moved')
        with self._progress(len(moved)) as count:
            for part, lines in moved.grouped('part_id').items():
                source = sources.get(part.key)
                if source:
                    self._return_lines(source, lines, count)
                else:
                    lines.state = 'kept'
            for source in sources.values():
                self._return_begun(source, count)
        self.sudo().write({'state': 'returned', 'returned_at': fields.Datetime.now(), 'schedule_error': False})
        self._tell_returned()

    def _return_lines(self, source, lines, count):
        records = self.env[source.model].sudo().browse(lines.mapped('res_id')).exists()
        mine = records.filtered(
            lambda record: record[source.user_field] == self.to_user_id and ('active' not in record or record.active)
        )
        self._pass(source, mine, self.from_user_id, count)
        returned = set(mine.ids)
        back = lines.filtered(lambda line: line.res_id in returned)
        back.state = 'returned'
        (lines - back).state = 'kept'

    def _return_begun(self, source, count):
        """Give back open work that the substitute began for the returned customers during the absence.

        The substitute's meetings stay: it is that person whom the guests expect.
        """
        part = self.sudo().part_ids.filtered(lambda item: item.key == source.key)
        if not source.partner_field or not self.done_at or (part and not part.included):
            return
        customers = self.sudo().line_ids.filtered(lambda line: line.state == 'returned').partner_id.filtered(
            lambda customer: customer.user_id == self.from_user_id
        )
        known = part.env['crm.handover.line'].search([('part_id', 'in', part.ids)]).mapped('res_id')
        begun = self._open_records(source, self.to_user_id, (
            Domain(source.partner_path, 'in', customers.ids) & Domain('create_date', '>=', self.done_at)
            & Domain('id', 'not in', known)
        ))
        if not begun:
            return
        part = part or self.sudo().part_ids.create({'handover_id': self.id, 'key': source.key})
        meetings = begun.filtered('calendar_event_id') if source.model == 'mail.activity' else begun.browse()
        for records, state in ((meetings, 'kept'), (begun - meetings, 'returned')):
            self.env['crm.handover.line'].sudo().create([
                {**values, 'begun': True, 'state': state} for values in self._line_values(source, part, records)
            ])
        self._pass(source, begun - meetings, self.from_user_id, count)

    def _tell_returned(self):
        kept = len(self.sudo().line_ids.filtered(lambda line: line.state == 'kept' and not line.begun))
        begun = self.sudo().line_ids.filtered('begun')
        meetings = len(begun.filtered(lambda line: line.state == 'kept'))
        body = self.env._("Returned to %(user)s.", user=self.from_user_id.name)
        if kept:
            body += ' ' + self.env._(
                "%(count)s records stay where they are: closed or given to somebody else in the meantime.", count=kept,
            )
        if len(begun) > meetings:
            body += ' ' + self.env._(
                "%(count)s that %(user)s began for these customers during the absence went back with them.",
                count=len(begun) - meetings, user=self.to_user_id.name,
            )
        if meetings:
            body += ' ' + self.env._(
                "%(count)s meetings with them stay with %(user)s.", count=meetings, user=self.to_user_id.name,
            )
        self.sudo().message_post(body=body)
        reader = self.from_user_id._in_own_language(self)
        self.sudo().activity_schedule(
            'mail.mail_activity_data_todo', user_id=self.from_user_id.id,
            summary=reader.env._("Your customers are yours again: read what happened"),
        )

    @api.model
    def _cron_handover(self):
        """Carry out planned handovers and end absences, each on its own; errors stay on the record."""
        today = fields.Date.context_today(self)
        due = self.search([
            '|', '&', ('state', '=', 'planned'), ('date_start', '<=', today),
            '&', '&', ('kind', '=', 'substitution'), ('state', 'in', ('done', 'acknowledged')),
            ('date_end', '<', today),
        ], order='id')
        for number, handover in enumerate(due, 1):
            try:
                with self.env.cr.savepoint():
                    if handover.state == 'planned':
                        handover._hand_over()
                    else:
                        handover._return()
            except TransactionRollbackError:
                raise
            except Exception as error:
                _logger.warning("Handover %s failed", handover.id, exc_info=True)
                self.env.invalidate_all(flush=False)
                handover._schedule_failed(error)
            if not self.env['ir.cron']._commit_progress(1, remaining=len(due) - number):
                break

    def _schedule_failed(self, error):
        """Keep the error and tell the manager who made the handover, once."""
        first = not self.schedule_error
        self.schedule_error = str(error)
        if first:
            user = self.create_uid if self.create_uid.active else self.env.user
            self.activity_schedule(
                'mail.mail_activity_data_warning', user_id=user.id,
                summary=user._in_own_language(self).env._("The handover could not be carried out"), note=str(error),
            )

    # ------------------------------------------------------------------ opening what belongs to it

    def action_open_customers(self):
        """The customers whose work passes over, or passed."""
        self.ensure_one()
        if self.state in ('draft', 'planned'):
            self._check_manager()
            left_out = self.part_ids.filtered(lambda part: not part.included).mapped('key')
            found = self._count_ahead()[self]
            customers = set().union(*(ids for key, (_count, ids) in found.items() if key not in left_out))
        else:
            customers = self.line_ids.partner_id.ids
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Customers of %(handover)s", handover=self.name),
            'res_model': 'res.partner',
            'view_mode': 'kanban,list,form',
            'domain': [('id', 'in', list(customers))],
            'context': {'res_partner_search_mode': 'customer'},
        }

    def action_open_lines(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_handover_line_action')
        return {**action, 'domain': [('handover_id', '=', self.id)]}

    def action_print_dossier(self):
        self.ensure_one()
        return self.env.ref('crm_relationship.action_report_handover_dossier').report_action(self)

    # ------------------------------------------------------------------ who may

    def _check_manager(self):
        if not (self.env.su or self.env.user.has_group('crm_relationship.group_relationship_manager')
                or self.env.user.has_group('base.group_erp_manager')):
            raise AccessError(self.env._("Only sales managers hand customers over. Ask yours."))

    def _check_draft(self):
        for handover in self:
            if handover.state not in ('draft', 'planned'):
                raise UserError(self.env._(
                    "%(handover)s has been carried out or cancelled already.", handover=handover.name,
                ))

    @api.model
    def _has_open_work(self, users):
        """Return those of ``users`` that have customers or open work in any company."""
        busy = set()
        for source in self._handover_sources():
            groups = self.env[source.model].sudo()._read_group(
                Domain(source.domain) & Domain(source.user_field, 'in', users.ids), [source.user_field],
            )
            busy.update(user.id for (user,) in groups)
        return users.filtered(lambda user: user.id in busy)
