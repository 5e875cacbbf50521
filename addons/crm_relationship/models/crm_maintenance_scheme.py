from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tools import format_date

from ..tools.listing import listed

STATES = [
    ('draft', "Draft"),
    ('review', "In review"),
    ('approved', "Approved"),
    ('force', "In force"),
    ('superseded', "Superseded"),
]
# What is approved: only a new revision changes it.
CONTENT = (
    'title', 'company_id', 'date_start', 'date_end', 'executing_department_id', 'supervising_department_id',
    'examining_department_id', 'purpose', 'measures', 'examination', 'object_ids',
)
OBJECTS = [
    ('existing', "[('relationship_stage', 'in', ('first', 'repeat', 'loyal', 'dormant'))]"),
    ('future', "[('relationship_stage', '=', 'target')]"),
    ('potential', "[('relationship_stage', '=', 'potential')]"),
]


class CrmMaintenanceScheme(models.Model):
    """What is done to keep customers: the roof over visit plans, care programmes, evaluations, campaigns, contracts.

    A record is one revision. Revisions of a scheme share number and ``root_id``; what belongs to the scheme names one
    of them and moves on when the next one comes into force.
    """

    _name = 'crm.maintenance.scheme'
    _description = "Maintenance Scheme"
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'name desc, revision desc, id desc'
    _check_company_auto = True
    _rec_names_search = ['name', 'title']

    name = fields.Char(string="Number", readonly=True, copy=False, default=lambda self: self.env._("New"), index=True)
    revision = fields.Integer(readonly=True, copy=False, default=1)
    root_id = fields.Many2one(
        'crm.maintenance.scheme', string="First Revision", readonly=True, copy=False, index=True, ondelete='restrict',
    )
    revision_count = fields.Integer(compute='_compute_revision_count')
    title = fields.Char(required=True, tracking=True)
    state = fields.Selection(
        STATES, default='draft', required=True, readonly=True, copy=False, index=True, tracking=True, group_expand=True,
    )
    company_id = fields.Many2one(
        'res.company', required=True, index=True, default=lambda self: self.env.company, tracking=True,
    )
    user_id = fields.Many2one(
        'res.users', string="Author", default=lambda self: self.env.user, ondelete='set null', tracking=True,
        domain=[('share', '=', False)],
    )
    date_start = fields.Date(string="From", required=True, default=fields.Date.context_today, tracking=True)
    date_end = fields.Date(string="Until", tracking=True)
    date_examination = fields.Date(
        string="Results Examined On", tracking=True, copy=False,
        help="On this day the head of the examining department is asked for the results.",
    )
    executing_department_id = fields.Many2one(
        'crm.scheme.department', string="Carried Out By", ondelete='restrict', check_company=True, tracking=True,
    )
    supervising_department_id = fields.Many2one(
        'crm.scheme.department', string="Supervised By", ondelete='restrict', check_company=True, tracking=True,
    )
    examining_department_id = fields.Many2one(
        'crm.scheme.department', string="Examined By", ondelete='restrict', check_company=True, tracking=True,
        help="Its head approves the scheme and examines the results.",
    )
    purpose = fields.Html(help="Why, and what is to be reached.")
    measures = fields.Html(help="What is done, by whom and when.")
    examination = fields.Html(string="Results", help="What the examination found. It may be written at any time.")
    object_ids = fields.One2many('crm.maintenance.scheme.object', 'scheme_id', string="Objects", copy=True)
    submitted_by_id = fields.Many2one('res.users', readonly=True, copy=False, ondelete='set null')
    approved_by_id = fields.Many2one('res.users', readonly=True, copy=False, ondelete='set null')
    date_approved = fields.Date(string="Approved On", readonly=True, copy=False)
    date_force = fields.Date(string="In Force Since", readonly=True, copy=False)
    date_superseded = fields.Date(string="Superseded On", readonly=True, copy=False)
    change_note = fields.Text(
        string="Changes of This Revision", copy=False, help="What differs from the revision before.",
    )

    visit_plan_count = fields.Integer(compute='_compute_part_counts')
    care_programme_count = fields.Integer(compute='_compute_part_counts')
    evaluation_count = fields.Integer(compute='_compute_part_counts')
    contract_count = fields.Integer(compute='_compute_part_counts')
    campaign_count = fields.Integer(compute='_compute_part_counts')

    # ------------------------------------------------------------------ parts

    @api.model
    def _parts(self):
        """Return what can belong to a scheme: ``{field of the count: (model, action, domain of what goes on)}``."""
        return {
            'visit_plan_count': (
                'crm.visit.plan', 'crm_relationship.crm_visit_plan_action', [('state', '!=', 'closed')],
            ),
            'care_programme_count': (
                'crm.care.programme', 'crm_relationship.crm_care_programme_action', [('state', '!=', 'ended')],
            ),
            'evaluation_count': (
                'crm.evaluation', 'crm_relationship.crm_evaluation_action', [('state', '!=', 'closed')],
            ),
            'contract_count': (
                'crm.contract', 'crm_relationship.crm_contract_action', [('state', 'in', ('draft', 'active'))],
            ),
            'campaign_count': ('utm.campaign', 'utm.utm_campaign_action', []),
        }

    @api.depends('root_id')
    @api.depends_context('uid', 'company')
    def _compute_part_counts(self):
        """Count what belongs to any revision of the scheme."""
        for fname, (model, _action, _open) in self._parts().items():
            parts, counts = self.env[model], {}
            if parts.has_access('read'):
                for scheme, count in parts._read_group(
                    [('scheme_id.root_id', 'in', self.root_id.ids)], ['scheme_id'], ['__count'],
                ):
                    root = scheme.sudo().root_id
                    counts[root] = counts.get(root, 0) + count
            for scheme in self:
                scheme[fname] = counts.get(scheme.root_id, 0)

    def _get_parts(self, fname):
        """Return what the user may see of one kind of parts, of all revisions."""
        self.ensure_one()
        model = self.env[self._parts()[fname][0]]
        return model.search([('scheme_id.root_id', '=', self.root_id.id)]) if model.has_access('read') else model

    def action_view_parts(self):
        """Open the parts of the kind that the context names."""
        self.ensure_one()
        fname = self.env.context.get('scheme_part')
        if fname not in self._parts():
            raise UserError(self.env._("Choose what to show of the scheme."))
        _model, xmlid, _open = self._parts()[fname]
        action = self.env['ir.actions.act_window']._for_xml_id(xmlid)
        action.update(
            display_name=self.display_name, domain=[('scheme_id.root_id', '=', self.root_id.id)],
            context={'default_scheme_id': self.id},
        )
        return action

    # ------------------------------------------------------------------ computes and checks

    @api.depends('name', 'revision', 'title')
    def _compute_display_name(self):
        for scheme in self:
            scheme.display_name = self.env._(
                "%(number)s rev. %(revision)s · %(title)s",
                number=scheme.name, revision=scheme.revision, title=scheme.title or '',
            )

    @api.depends('root_id')
    def _compute_revision_count(self):
        counts = dict(self._read_group([('root_id', 'in', self.root_id.ids)], ['root_id'], ['__count']))
        for scheme in self:
            scheme.revision_count = counts.get(scheme.root_id, 0)

    @api.constrains('date_start', 'date_end')
    def _check_dates(self):
        for scheme in self:
            if scheme.date_end and scheme.date_end < scheme.date_start:
                raise ValidationError(self.env._(
                    "%(scheme)s would end on %(end)s, before it starts on %(start)s. Correct one of the two dates.",
                    scheme=scheme.display_name, end=format_date(self.env, scheme.date_end),
                    start=format_date(self.env, scheme.date_start),
                ))

    @api.model
    def default_get(self, fields_list):
        """A new scheme looks after existing, future and potential customers; remove what isn't meant."""
        values = super().default_get(fields_list)
        if 'object_ids' in fields_list and 'object_ids' not in values:
            values['object_ids'] = [
                Command.create({'kind': kind, 'audience_domain': domain}) for kind, domain in OBJECTS
            ]
        return values

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get('state', 'draft') != 'draft' and not self.env.su:
                raise UserError(self.env._("A scheme begins as a draft: submit it with the button."))
            if not vals.get('root_id'):
                number = self.env['ir.sequence'].sudo().next_by_code('crm.maintenance.scheme')
                vals.update(name=number or self.env._("New"), revision=1)
        schemes = super().create(vals_list)
        for scheme in schemes.filtered(lambda item: not item.root_id):
            scheme.root_id = scheme
        return schemes

    def write(self, vals):
        if {'state', 'name', 'revision'}.intersection(vals) and not self.env.su:
            raise UserError(self.env._("Use the buttons to submit, approve or put a scheme in force."))
        if set(CONTENT).difference({'examination'}).intersection(vals):
            self._check_draft()
        return super().write(vals)

    def _check_draft(self):
        for scheme in self:
            if scheme.state == 'review':
                raise UserError(self.env._(
                    "%(scheme)s is in review. Set it back to draft to change it.", scheme=scheme.display_name,
                ))
            if scheme.state != 'draft':
                raise UserError(self.env._(
                    "%(scheme)s has been approved and can't be changed. Make a new revision.",
                    scheme=scheme.display_name,
                ))

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for scheme in self:
            if scheme.state != 'draft':
                raise UserError(self.env._(
                    "%(scheme)s isn't a draft and stays on file. Withdraw it instead.", scheme=scheme.display_name,
                ))

    # ------------------------------------------------------------------ control

    def _check_state(self, *states):
        labels = dict(self._fields['state']._description_selection(self.env))
        for scheme in self:
            if scheme.state not in states:
                raise UserError(self.env._(
                    "%(scheme)s is “%(state)s”; for this it has to be “%(states)s”.", scheme=scheme.display_name,
                    state=labels[scheme.state], states='”, “'.join(labels[state] for state in states),
                ))

    def action_submit(self):
        """Hand drafts to the head of the examining department."""
        self._check_state('draft')
        self.check_access('write')
        for scheme in self:
            missing = [
                scheme._fields[fname]._description_string(self.env)
                for fname in ('executing_department_id', 'supervising_department_id', 'examining_department_id')
                if not scheme[fname]
            ]
            if missing:
                raise UserError(self.env._(
                    "%(scheme)s needs: %(missing)s.", scheme=scheme.display_name,
                    missing=listed(missing, self.env.lang),
                ))
            if not scheme.object_ids:
                raise UserError(self.env._(
                    "%(scheme)s has no objects: say which customers it is for.", scheme=scheme.display_name,
                ))
        self.sudo().write({'state': 'review', 'submitted_by_id': self.env.uid})
        for scheme in self:
            scheme._ask(scheme.examining_department_id.head_id, lambda env: env._("Review and approve %(scheme)s"))

    def _ask(self, user, text, deadline=None):
        """Give somebody an activity about the scheme; without that person its author gets it."""
        user = (user | self.user_id | self.env.user).filtered(lambda item: item.active and not item.share)[:1]
        env = user._in_own_language(self).env
        return self.activity_schedule(
            'mail.mail_activity_data_todo', user_id=user.id, automated=True,
            date_deadline=deadline or fields.Date.context_today(self),
            summary=text(env) % {'scheme': env._("%(number)s (%(title)s)", number=self.name, title=self.title)},
        )

    def _check_approver(self):
        """The head of the examining department approves; where it has none, any manager of the customer file."""
        manager = self.env.user.has_group('crm_relationship.group_relationship_manager')
        for scheme in self:
            head = scheme.examining_department_id.head_id
            if self.env.su or head == self.env.user or (not head and manager):
                continue
            if head:
                raise AccessError(self.env._(
                    "%(scheme)s is examined by %(department)s: only %(head)s may approve it or set it back.",
                    scheme=scheme.display_name, department=scheme.examining_department_id.name, head=head.name,
                ))
            raise AccessError(self.env._(
                "Only managers of the customer file may approve %(scheme)s.", scheme=scheme.display_name,
            ))

    def action_approve(self):
        """Approve: content and the number of customers meant are fixed."""
        self._check_state('review')
        self._check_approver()
        for scheme in self.object_ids:
            scheme.sudo().approved_count = scheme.audience_count
        self.sudo().activity_ids.filtered('automated').unlink()
        self.sudo().write({
            'state': 'approved', 'approved_by_id': self.env.uid, 'date_approved': fields.Date.context_today(self),
        })

    def action_draft(self):
        """Take a scheme in review back: its author, or who examines it."""
        self._check_state('review')
        others = self.filtered(lambda scheme: scheme.user_id != self.env.user)
        others._check_approver()
        self.sudo().activity_ids.filtered('automated').unlink()
        self.sudo().write({'state': 'draft'})

    def action_put_in_force(self):
        """Put approved revisions in force; they take the place, and the parts, of the revisions before them."""
        self._check_state('approved')
        self.check_access('write')
        today = fields.Date.context_today(self)
        for scheme in self:
            before = self.sudo().search([('root_id', '=', scheme.root_id.id), ('state', '=', 'force')])
            before.activity_ids.filtered('automated').unlink()
            before.write({'state': 'superseded', 'date_superseded': today})
            older = self.sudo().search([('root_id', '=', scheme.root_id.id), ('id', '!=', scheme.id)])
            for model, _action, going_on in self._parts().values():
                self.env[model].sudo().search([('scheme_id', 'in', older.ids), *going_on]).write({
                    'scheme_id': scheme.id,
                })
            scheme.sudo().write({'state': 'force', 'date_force': today})
            scheme._ask(scheme.executing_department_id.head_id, lambda env: env._("Carry out %(scheme)s"))
            if scheme.date_examination:
                scheme._ask(
                    scheme.examining_department_id.head_id, lambda env: env._("Examine the results of %(scheme)s"),
                    deadline=scheme.date_examination,
                )

    def action_withdraw(self):
        """Take a scheme out of force without a successor."""
        self._check_state('approved', 'force')
        self.check_access('write')
        self.sudo().activity_ids.filtered('automated').unlink()
        self.sudo().write({'state': 'superseded', 'date_superseded': fields.Date.context_today(self)})

    def action_new_revision(self):
        """Write the next revision as a draft, or open the one that is being written."""
        self.ensure_one()
        family = self.search([('root_id', '=', self.root_id.id)], order='revision desc')
        revision = family.filtered(lambda scheme: scheme.state in ('draft', 'review'))[:1]
        if not revision:
            revision = self.copy({
                'name': self.name, 'revision': family[:1].revision + 1, 'root_id': self.root_id.id,
                'user_id': self.env.uid,
            })
        return {
            'type': 'ir.actions.act_window', 'res_model': self._name, 'res_id': revision.id, 'views': [(False, 'form')],
        }

    def action_view_revisions(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_maintenance_scheme_action')
        action.update(display_name=self.name, domain=[('root_id', '=', self.root_id.id)], context={})
        return action

    def action_print(self):
        return self.env.ref('crm_relationship.crm_maintenance_scheme_report').report_action(self)

    def _get_report_parts(self):
        """Return what is printed of the parts: ``[(title, [lines])]``, as far as the user may see them."""
        self.ensure_one()
        titles = {
            'visit_plan_count': self.env._("Visit plans"),
            'care_programme_count': self.env._("Care programmes"),
            'evaluation_count': self.env._("Evaluations"),
            'contract_count': self.env._("Contracts"),
            'campaign_count': self.env._("Campaigns"),
        }
        sections = []
        for fname, title in titles.items():
            parts = self._get_parts(fname)
            if parts:
                states = dict(parts._fields['state']._description_selection(self.env)) if 'state' in parts else {}
                sections.append((title, [
                    (part.display_name, states.get(part.state, '') if states else '') for part in parts
                ]))
        return sections
