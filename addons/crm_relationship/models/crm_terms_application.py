import logging
from collections import defaultdict

from markupsafe import Markup
from psycopg2.extensions import TransactionRollbackError

from odoo import api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.tools import format_date
from odoo.tools.misc import split_every

from ..tools.listing import listed
from .crm_terms_rule import TERMS, PlannedTerm

_logger = logging.getLogger(__name__)

BATCH = 500
NAMED = 20
"""Customers named in a message to a salesperson."""
OPEN = ('proposed', 'announced')


class CrmTermsApplication(models.Model):
    """One change of a customer's price list or payment term by a rule: proposed, announced, in force, and how it ended.

    Written by the rules; people decide about proposals with buttons.
    """

    _name = 'crm.terms.application'
    _description = 'Change of Terms'
    _order = 'id desc'
    _rec_name = 'partner_id'

    company_id = fields.Many2one('res.company', required=True, readonly=True, ondelete='cascade')
    partner_id = fields.Many2one(
        'res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade')
    salesperson_id = fields.Many2one(related='partner_id.user_id', string="Salesperson", store=True)
    rule_id = fields.Many2one(
        'crm.terms.rule', string="Rule", readonly=True, index='btree_not_null', ondelete='restrict')
    kind = fields.Selection(
        [('pricelist', 'Price list'), ('payment_term', 'Payment term')], string="Term", required=True, readonly=True)
    from_id = fields.Integer(string="From (technical)", readonly=True, aggregator=None)
    to_id = fields.Integer(string="To (technical)", readonly=True, aggregator=None)
    base_id = fields.Integer(
        string="Before all rules (technical)", readonly=True, aggregator=None,
        help="What the customer had before rules began to set this term, and gets back when none fits any more.")
    found_id = fields.Integer(string="Chosen by hand (technical)", readonly=True, aggregator=None)
    from_label = fields.Char(string="From", readonly=True)
    to_label = fields.Char(string="To", readonly=True)
    state = fields.Selection(
        [
            ('proposed', 'Proposed'), ('announced', 'Announced'), ('applied', 'In force'),
            ('kept', 'Changed by hand, kept'), ('ended', 'Replaced'), ('rejected', 'Rejected'),
            ('cancelled', 'Withdrawn'),
        ],
        required=True, readonly=True, index=True,
    )
    date_effective = fields.Date(string="Takes Effect", readonly=True)
    date_applied = fields.Date(string="Applied On", readonly=True)
    user_id = fields.Many2one(
        'res.users', string="Decided by", readonly=True, help="Empty for rules that apply by themselves.")
    message = fields.Char(string="Remark", readonly=True)

    _standing_idx = models.Index("(company_id, state)")

    # ------------------------------------------------------------------ buttons

    def action_apply(self):
        """A manager agrees: announced now, in force after the notice of the rule."""
        for application in self:
            application._check_state('proposed')
        self._check_may_decide()
        for rule, applications in self.grouped('rule_id').items():
            applications.sudo().write({
                'state': 'announced', 'user_id': self.env.uid, 'message': False,
                'date_effective': rule.sudo()._date_effective(),
            })
        self.sudo()._announce()
        self.sudo()._apply_due_now()

    def action_reject(self):
        """The terms stay as they are; the rules don't propose the same again for this customer."""
        for application in self:
            application._check_state(*OPEN)
        self._check_may_decide()
        self.sudo().write({'state': 'rejected', 'user_id': self.env.uid, 'date_effective': False})

    def _check_state(self, *states):
        if self.state in states:
            return
        labels = dict(self._fields['state']._description_selection(self.env))
        raise UserError(self.env._(
            "%(term)s of %(customer)s is “%(state)s”; only “%(wanted)s” can be decided. Filter the list for those.",
            term=dict(self._fields['kind']._description_selection(self.env))[self.kind],
            customer=self.partner_id.display_name, state=labels[self.state],
            wanted=listed((labels[state] for state in states), self.env.lang)))

    def _check_may_decide(self):
        """:raise AccessError: the user may not decide about these terms; says who may"""
        if set(self.mapped('kind')) - self._kinds_to_decide():
            raise AccessError(self.env._("Only managers of the customer file may decide about preferential terms."))
        for root, applications in self.grouped('company_id').items():
            for kind in TERMS:
                partners = applications.filtered(lambda application, kind=kind: application.kind == kind).partner_id
                self._raise_refused(self._refused_partners(root, kind, partners))

    @api.model
    def _kinds_to_decide(self):
        """Terms about which the user may decide."""
        return set(TERMS) if self.env.user.has_group('crm_relationship.group_relationship_manager') else set()

    def _raise_refused(self, partners):
        if partners:
            raise AccessError(self.env._(
                "%(reason)s: %(customers)s. Leave them out, or ask the credit department to apply these changes.",
                reason=self._refused_reason(),
                customers=listed(partners[:NAMED].mapped('display_name'), self.env.lang)))

    @api.model
    def _refused_partners(self, root, kind, partners):
        """Those of ``partners`` whose term the present user, or the scheduler, may not change."""
        return partners.browse()

    @api.model
    def _refused_reason(self):
        return self.env._("Somebody else decides about the payment terms of these customers")

    # ------------------------------------------------------------------ what rules did before

    @api.model
    def _standing(self, root):
        """Return ``{(partner id, kind): {'applied', 'base', 'kept', 'refused', 'rule_id'}}`` of a root company."""
        standing = defaultdict(dict)
        for application in self.search([
            ('company_id', '=', root.id), ('state', 'in', ('applied', 'kept', 'rejected', *OPEN)),
        ], order='id'):
            past = standing[application.partner_id.id, application.kind]
            if application.state == 'applied':
                past.update(
                    applied=application.to_id or None, base=application.base_id or None, rule_id=application.rule_id.id)
            elif application.state == 'kept':
                past.update(kept=application.found_id or None)
            elif application.state == 'rejected':
                past.update(refused=application.to_id or None)
        return standing

    # ------------------------------------------------------------------ following the rules

    @api.model
    def _follow_rules(self, root):
        """Propose, announce and apply in committed batches. Returns whether there is time left.

        A rule that can't be read, or a customer whose change can't be noted, doesn't stop the others: the rule says so.
        """
        Rule = self.env['crm.terms.rule']
        errors = {}
        plan = Rule._plan(root, errors=errors)
        for rule in Rule.search([('company_id', '=', root.id)]):
            rule._note_run_error(errors.get(rule))
        self.env['ir.cron']._commit_progress(remaining=len(plan))
        for batch in split_every(BATCH, plan):
            batch = list(batch)
            self._record_safely(root, batch)
            if not self.env['ir.cron']._commit_progress(len(batch)):
                return False
        last_id, due = 0, [
            ('company_id', '=', root.id), ('state', '=', 'announced'),
            ('date_effective', '<=', fields.Date.context_today(self)),
        ]
        while applications := self.search([*due, ('id', '>', last_id)], order='id', limit=BATCH):
            last_id = applications[-1].id
            applications._apply_safely()
            if not self.env['ir.cron']._commit_progress(len(applications), remaining=0):
                return False
        return True

    @api.model
    def _record_safely(self, root, plan):
        """Note changes in one go; when that fails customer by customer, the error visible on the rule."""
        Rule = self.env['crm.terms.rule']
        if not Rule._run_safely(root, self._record, root, plan):
            return
        by_customer = defaultdict(list)
        for item in plan:
            by_customer[item.partner_id].append(item)
        errors = defaultdict(list)
        for partner_id, items in by_customer.items():
            partner = self.env['res.partner'].browse(partner_id)
            error = Rule._run_safely(partner, self._record, root, items)
            for rule in Rule.browse({item.rule_id for item in items if error}):
                errors[rule].append(self.env._(
                    "%(customer)s: %(error)s", customer=partner.display_name, error=error))
        for rule, texts in errors.items():
            rule._note_run_error('\n'.join(filter(None, [rule.run_error, *texts[:NAMED]])))

    @api.model
    def _keys_of(self, rule):
        """Return the ``(partner id, kind)`` of all that a rule has set, announced or proposed and that still counts."""
        return {
            (application.partner_id.id, application.kind)
            for application in self.search([
                ('rule_id', '=', rule.id), ('state', 'in', ('applied', 'kept', 'rejected', *OPEN)),
            ])
        }

    @api.model
    def _compare(self):
        """Propose and announce for the current company, without applying anything."""
        root = self.env.company.root_id
        self._record(root, self.env['crm.terms.rule']._plan(root))

    @api.model
    def _record(self, root, plan, decided=False):
        """Bring the ledger in line with a plan: new changes are proposed or announced, obsolete ones withdrawn.

        :param decided: a manager wants these changes: announced whatever the rule's mode
        :return: the new changes and those agreed to
        """
        now_open = {
            (application.partner_id.id, application.kind): application
            for application in self.search([
                ('company_id', '=', root.id), ('state', 'in', OPEN),
                ('partner_id', 'in', list({item.partner_id for item in plan}))])
        }
        self._note_manual(root, [item for item in plan if item.outcome == 'manual'])
        changes, obsolete, agreed = [], self.browse(), self.browse()
        for item in plan:
            application = now_open.get((item.partner_id, item.kind), self.browse())
            if item.outcome not in ('change', 'end'):
                obsolete |= application
            elif application and (application.to_id or None) == item.value and application.rule_id.id == item.rule_id:
                agreed |= application if decided else self.browse()
            else:
                obsolete |= application
                changes.append(item)
        obsolete.write({'state': 'cancelled', 'date_effective': False})
        created = self.create(self._change_values(root, changes, decided))
        for rule, applications in agreed.filtered(lambda known: known.state == 'proposed').grouped('rule_id').items():
            applications.write({
                'state': 'announced', 'user_id': self.env.uid, 'message': False,
                'date_effective': rule._date_effective()})
        self._tell_proposed(created.filtered(lambda new: new.state == 'proposed'))
        (created | agreed).filtered(lambda application: application.state == 'announced')._announce()
        return created | agreed

    def _change_values(self, root, plan, decided):
        labels = self._labels(plan)
        refused = {}
        for kind in TERMS if not decided else ():
            partners = self.env['res.partner'].browse({item.partner_id for item in plan if item.kind == kind})
            refused[kind] = set(self._refused_partners(root, kind, partners).ids)
        rules = {rule.id: rule for rule in self.env['crm.terms.rule'].browse({item.rule_id for item in plan})}
        values = []
        for item in plan:
            rule = rules[item.rule_id]
            waits = item.partner_id in refused.get(item.kind, ())
            at_once = (decided or rule.mode == 'automatic') and not waits
            values.append({
                'company_id': root.id, 'partner_id': item.partner_id, 'rule_id': item.rule_id, 'kind': item.kind,
                'from_id': item.current, 'to_id': item.value, 'base_id': item.base,
                'from_label': labels[item.kind].get(item.current), 'to_label': labels[item.kind].get(item.value),
                'state': 'announced' if at_once else 'proposed',
                'date_effective': rule._date_effective() if at_once else False,
                'user_id': self.env.uid if decided else False,
                'message': self._refused_reason() if waits else (
                    self.env._("The rule doesn't fit any more") if item.outcome == 'end' else False),
            })
        return values

    def _labels(self, plan):
        labels = {}
        for kind, (_field, model, _rule_field) in TERMS.items():
            ids = {
                value for item in plan if item.kind == kind for value in (item.current, item.value) if value}
            records = self.env[model].sudo().with_context(active_test=False).browse(ids).exists()
            labels[kind] = {record.id: record.display_name for record in records}
        return labels

    def _note_manual(self, root, plan):
        """What a rule had set was changed by hand since: it is kept, and the ledger says so."""
        found = {(item.partner_id, item.kind): item for item in plan}
        applied = self.search([
            ('company_id', '=', root.id), ('state', '=', 'applied'),
            ('partner_id', 'in', list({item.partner_id for item in plan}))]) if plan else self.browse()
        labels = self._labels(plan)
        for application in applied:
            item = found.get((application.partner_id.id, application.kind))
            if item:
                application.write({
                    'state': 'kept', 'found_id': item.current,
                    'message': self.env._(
                        "Set to %(value)s by hand",
                        value=labels[item.kind].get(item.current) or self.env._("nothing")),
                })

    # ------------------------------------------------------------------ applying

    def _apply_due_now(self):
        today = fields.Date.context_today(self)
        self.filtered(lambda known: known.state == 'announced' and known.date_effective <= today)._apply()

    def _apply_safely(self):
        """Apply in one go; when that fails one by one, the error visible on the one that can't be done."""
        try:
            with self.env.cr.savepoint():
                self._apply()
        except (TransactionRollbackError, ConcurrencyError):
            raise
        except Exception:
            for application in self:
                application._apply_alone()

    def _apply_alone(self):
        try:
            with self.env.cr.savepoint():
                self._apply()
        except (TransactionRollbackError, ConcurrencyError):
            raise
        except Exception as error:
            if not isinstance(error, UserError):
                _logger.exception("Terms of customer %s could not be changed", self.partner_id.id)
            self.invalidate_recordset()
            self.write({'message': str(error)})

    def _apply(self):
        """Write the terms to the customers, for the root company and its branches, unless a hand was faster."""
        today = fields.Date.context_today(self)
        for root, applications in self.sudo().grouped('company_id').items():
            refused = applications._refused_by_now(root)
            refused.write({
                'state': 'proposed', 'date_effective': False, 'user_id': False, 'message': self._refused_reason()})
            applications -= refused
            current = self.env['crm.terms.rule']._current_terms(root, applications.partner_id.ids)
            late = applications.filtered(
                lambda known, current=current: current.get(known.partner_id.id, {}).get(known.kind)
                != (known.from_id or None))
            late.write({'state': 'cancelled', 'message': self.env._("Changed by hand before it took effect: kept")})
            valid = applications - late
            valid._replace_earlier()
            companies = self.env['res.company'].sudo().with_context(active_test=False).search(
                [('id', 'child_of', root.id)])
            for (kind, value), same in valid.grouped(lambda known: (known.kind, known.to_id)).items():
                for company in companies:
                    same.partner_id.with_company(company).write({TERMS[kind][0]: value or False})
            valid.write({'state': 'applied', 'date_applied': today})
            back = valid.filtered(lambda known: (known.to_id or 0) == (known.base_id or 0))
            back.write({'state': 'ended'})  # as before all rules: nothing of theirs is in force
            valid._log(self.env._("in force"))

    def _refused_by_now(self, root):
        """Those that whoever decided about them, or the scheduler, may not carry out today."""
        refused = self.browse()
        for (kind, user), same in self.grouped(lambda known: (known.kind, known.user_id)).items():
            decider = self.with_user(user) if user else self
            partners = decider._refused_partners(root, kind, same.partner_id)
            refused |= same.filtered(lambda known, partners=partners: known.partner_id.id in partners.ids)
        return refused

    def _replace_earlier(self):
        earlier = self.search([
            ('company_id', 'in', self.company_id.ids), ('partner_id', 'in', self.partner_id.ids),
            ('state', 'in', ('applied', 'kept', 'rejected')), ('id', 'not in', self.ids)])
        keys = {(known.company_id, known.partner_id, known.kind) for known in self}
        earlier.filtered(lambda old: (old.company_id, old.partner_id, old.kind) in keys).write({'state': 'ended'})

    # ------------------------------------------------------------------ telling

    @api.model
    def _tell_proposed(self, proposed):
        """The followers of a rule learn that there is something to decide."""
        for rule, applications in proposed.grouped('rule_id').items():
            rule.message_post(
                body=self.env._(
                    "%(count)s changes are proposed: see Changes of Terms.", count=len(applications)),
                subtype_xmlid='mail.mt_comment')

    def _announce(self):
        """Tell the salespeople what changes and when; changes without notice are told as well."""
        by_user = defaultdict(self.browse)
        for application in self:
            by_user[application.partner_id.user_id] |= application
        for user, applications in by_user.items():
            if not user or not user.active or user == self.env.user:
                continue
            lines = [application.with_context(lang=user.lang)._sentence() for application in applications[:NAMED]]
            body = Markup("<ul>%s</ul>") % Markup().join(Markup("<li>%s</li>") % line for line in lines)
            env = self.with_context(lang=user.lang).env
            if len(applications) > NAMED:
                body += env._("and %(count)s more: see Changes of Terms", count=len(applications) - NAMED)
            self.env['mail.thread'].sudo().message_notify(
                partner_ids=user.partner_id.ids,
                subject=env._("Terms of %(count)s of your customers change", count=len(applications.partner_id)),
                body=body,
            )
        self._log(self.env._("announced"))

    def _sentence(self):
        kind = dict(self._fields['kind']._description_selection(self.env))[self.kind]
        nothing = self.env._("none")
        return self.env._(
            "%(customer)s: %(term)s %(old)s → %(new)s from %(date)s (%(rule)s)",
            customer=self.partner_id.display_name, term=kind, old=self.from_label or nothing,
            new=self.to_label or nothing, date=format_date(self.env, self.date_effective), rule=self.rule_id.name)

    def _short_note(self):
        """A few words for the customer's form."""
        term = dict(self._fields['kind']._description_selection(self.env))[self.kind]
        value, rule = self.to_label or self.env._("none"), self.rule_id.sudo().name
        if self.state == 'applied':
            return self.env._("%(term)s by rule “%(rule)s”", term=term, rule=rule)
        if self.state == 'kept':
            return self.env._("%(term)s chosen by hand, kept", term=term)
        if self.state == 'announced':
            return self.env._(
                "%(term)s %(value)s from %(date)s (rule “%(rule)s”)", term=term, value=value,
                date=format_date(self.env, self.date_effective), rule=rule)
        return self.env._("%(term)s %(value)s proposed (rule “%(rule)s”)", term=term, value=value, rule=rule)

    def _log(self, happened):
        """A note in the history of each customer, in a constant number of queries."""
        bodies = defaultdict(list)
        for application in self:
            bodies[application.partner_id.id].append(self.env._(
                "%(change)s: %(happened)s", change=application._sentence(), happened=happened))
        if bodies:
            partners = self.env['res.partner'].sudo().browse(bodies)
            partners._message_log_batch(
                bodies={partner_id: Markup("<br/>").join(lines) for partner_id, lines in bodies.items()})

    # ------------------------------------------------------------------ a manager applies a preview

    @api.model
    def _apply_plan(self, root, plan):
        """Do what a manager saw in the preview, as far as it still holds. Returns the changes announced or made.

        :param plan: ``PlannedTerm`` list; a ``change`` of a term chosen by hand is wanted by the manager
        """
        partners = self.env['res.partner'].browse({item.partner_id for item in plan})
        for kind in TERMS:
            own = partners.browse({item.partner_id for item in plan if item.kind == kind})
            self._raise_refused(self._refused_partners(root, kind, own))
        ledger = self.sudo()
        current = self.env['crm.terms.rule']._current_terms(root, partners.ids)
        rules = {rule.id: rule for rule in self.env['crm.terms.rule'].with_context(active_test=False).search([
            ('id', 'in', list({item.rule_id for item in plan})), ('company_id', '=', root.id),
        ])}
        plan = [
            PlannedTerm(*item) for item in plan
            if item.partner_id in current and current[item.partner_id][item.kind] == item.current
            and item.rule_id in rules
            and (item.outcome == 'end' or rules[item.rule_id][TERMS[item.kind][2]].id == item.value)
        ]
        changes = ledger._record(root, plan, decided=True)
        changes._apply_due_now()
        return changes.sudo(False)
