from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, ormcache

from odoo.addons.crm_relationship.tools.listing import listed

from ..tools.decision import Terms
from ..tools.limit import is_credible
from .credit_rule import softened

# What the credit department decides about a customer, per company; written to the root company and its branches.
TERM_FIELDS = ('credit_limit', 'credit_grade_id', 'credit_control', 'credit_review_date', 'property_payment_term_id')
CREDIT_READERS = 'account.group_account_invoice,account.group_account_readonly,crm_credit.group_credit_analyst'


class ResPartner(models.Model):
    """Credit terms of a customer: who decides them, where they are kept, how they are read."""

    _inherit = 'res.partner'

    credit_limit = fields.Float(groups=CREDIT_READERS, tracking=True)
    use_partner_credit_limit = fields.Boolean(groups=CREDIT_READERS)
    property_payment_term_id = fields.Many2one(tracking=True)
    credit_grade_id = fields.Many2one(
        'credit.grade',
        string='Credit Grade',
        company_dependent=True,
        copy=False,
        ondelete='restrict',
        tracking=True,
        help='From the last approved credit assessment.',
    )
    credit_control = fields.Selection(
        [('limited', 'Limited'), ('unlimited', 'Unlimited')],
        company_dependent=True,
        copy=False,
        tracking=True,
        help='Limited: orders are checked against the credit limit, and a limit of zero means no credit. '
        'Unlimited: never checked against a limit. Empty: what the credit policy says for customers without own terms.',
    )
    credit_review_date = fields.Date(
        string='Credit Review',
        company_dependent=True,
        copy=False,
        tracking=True,
        groups=CREDIT_READERS,
        help='Day on which the credit terms are to be looked at again.',
    )

    # ------------------------------------------------------------------ constraints and CRUD

    @api.constrains('credit_limit')
    def _check_credit_limit(self):
        for partner in self.sudo():
            if partner.credit_limit < 0:
                raise ValidationError(
                    self.env._(
                        "The credit limit of %(customer)s can't be negative (%(limit)s). Zero means no credit.",
                        customer=partner.display_name,
                        limit=partner.credit_limit,
                    )
                )
            if not is_credible(partner.credit_limit):
                raise ValidationError(
                    self.env._(
                        'A credit limit of %(limit)s for %(customer)s must be a mistake. '
                        'For no limit at all choose the control “Unlimited”.',
                        customer=partner.display_name,
                        limit=partner.credit_limit,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        root = self.env.company.root_id
        for vals in vals_list:
            self._check_credit_computed(vals)
        if not self._may_write_credit_terms() and self._credit_default_control(root) == 'limited':
            for vals in vals_list:
                for name in ('credit_limit', 'property_payment_term_id'):
                    if (
                        vals.get(name)
                        and not vals.get('parent_id')
                        and vals[name] != self._fields[name].convert_to_write(self[name], self)
                    ):
                        self._raise_credit_access([name], vals.get('name') or '')
        if not self._may_write_credit_terms():
            for vals in vals_list:
                if forbidden := [
                    name for name in ('credit_control', 'credit_grade_id', 'credit_review_date') if vals.get(name)
                ]:
                    self._raise_credit_access(forbidden, vals.get('name') or '')
        partners = super().create(vals_list)
        for partner, vals in zip(partners, vals_list, strict=True):
            terms = {name: vals[name] for name in TERM_FIELDS if vals.get(name)}
            if terms and not vals.get('parent_id'):
                partner._credit_mirror_terms(partner._credit_complete_terms(terms))
        return partners

    def write(self, vals):
        if 'tz' in vals:
            self.env.registry.clear_cache()  # res.company._credit_tz
        self._check_credit_computed(vals)
        named = [name for name in (*TERM_FIELDS, 'parent_id', 'is_company') if name in vals]
        if not named or self.env.su and self.env.context.get('credit_terms_mirror'):
            return super().write(vals)
        self._check_credit_contacts(vals)
        changed = self._credit_changed_terms(vals, named)
        if not changed:
            return super().write(vals)
        self._check_credit_terms_access(changed)
        debtors = self.commercial_partner_id
        result = super().write(vals)
        terms = {name: vals[name] for name in TERM_FIELDS if name in vals}
        if terms:
            for partner in self.filtered(lambda partner: partner == partner.commercial_partner_id):
                partner._credit_mirror_terms(partner._credit_complete_terms(terms))
        (debtors | self.commercial_partner_id)._credit_recheck()
        return result

    def _check_credit_computed(self, vals):
        """Who owes, and the credit light, follow from other things: nobody writes them, by RPC or import neither.

        :raise AccessError: naming customer, field and the way out
        """
        if self.env.su or not (named := [name for name in ('commercial_partner_id', 'credit_signal') if name in vals]):
            return
        raise AccessError(
            self.env._(
                "%(field)s of %(customer)s is worked out by Odoo and can't be written. Change the related company, or "
                'ask the credit department to change the credit terms.',
                field=self._fields[named[0]]._description_string(self.env),
                customer=listed(self.sudo().mapped('display_name'), self.env.lang) or vals.get('name') or '',
            )
        )

    def _credit_changed_terms(self, vals, names):
        """Return {partner id: names of credit terms that ``vals`` would change}, for debtors only.

        Contacts carry copies that nothing reads; Odoo writes them when it synchronises a company's contacts.
        """
        changed = {}
        for partner in self.sudo().filtered(lambda partner: partner == partner.commercial_partner_id):
            values = partner.with_company(self.env.company)
            for name in names:
                field = self._fields[name]
                if name == 'is_company' and not (partner.parent_id and not vals[name]):
                    continue  # matters only where it makes a debtor a contact of its parent
                if field.convert_to_cache(vals[name], values, validate=False) != field.convert_to_cache(
                    values[name], values
                ):
                    changed.setdefault(partner.id, []).append(name)
        return changed

    def _may_write_credit_terms(self):
        return self.env.su or self.env.user.has_group('crm_credit.group_credit_analyst')

    def _check_credit_terms_access(self, changed):
        """:raise AccessError: naming field, customer and who can, when the user may not change those terms"""
        if self._may_write_credit_terms():
            return
        root = self.env.company.root_id
        controlled = self.browse(changed)._filtered_credit_controlled(root)
        always = {'credit_grade_id', 'credit_control', 'credit_review_date'}
        for partner in self.browse(changed):
            names = changed[partner.id]
            if partner not in controlled:
                names = [name for name in names if name in always]
            if names:
                self._raise_credit_access(names, partner.sudo().display_name)

    def _check_credit_contacts(self, vals):
        """A contact that orders are invoiced to takes them along when it gets another debtor.

        :raise AccessError: naming contact, debtor, order and who can, when the credit department has a say in it
        """
        if self._may_write_credit_terms() or not vals.keys() & {'parent_id', 'is_company'}:
            return
        contacts = self.sudo().filtered(
            lambda partner: (
                partner != partner.commercial_partner_id
                and ('parent_id' in vals and vals['parent_id'] != partner.parent_id.id or vals.get('is_company'))
            )
        )
        if not contacts:
            return
        controlled = contacts.commercial_partner_id._filtered_credit_controlled(self.env.company.root_id)
        contacts = contacts.filtered(lambda contact: contact.commercial_partner_id in controlled)
        bound = Domain('partner_invoice_id', 'child_of', contacts.ids) & (
            Domain('credit_state', 'in', ('held', 'rejected'))
            | Domain('state', '=', 'sale') & Domain('invoice_status', '!=', 'invoiced')
        )
        order = self.env['sale.order'].sudo().search(bound, limit=1) if contacts else None
        if order:
            raise AccessError(
                self.env._(
                    "%(contact)s can't leave %(customer)s now: order %(order)s is invoiced to it, and %(customer)s "
                    'owes for it. Change the invoice address of the order, or ask the credit department (members of '
                    '“%(group)s”).',
                    contact=order.partner_invoice_id.display_name,
                    customer=order.partner_invoice_id.commercial_partner_id.display_name,
                    order=order.name,
                    group=self.env.ref('crm_credit.group_credit_analyst').sudo().full_name,
                )
            )

    def _raise_credit_access(self, names, customer):
        raise AccessError(
            self.env._(
                '%(fields)s of %(customer)s can be changed only by the credit department (members of “%(group)s”), '
                "because the customer's credit is controlled. Ask one of them.",
                fields=listed((self._fields[name]._description_string(self.env) for name in names), self.env.lang),
                customer=customer,
                group=self.env.ref('crm_credit.group_credit_analyst').sudo().full_name,
            )
        )

    def _filtered_credit_controlled(self, root):
        """Return the customers whose terms the credit department decided, or that a policy limits by default."""
        if self._credit_default_control(root) == 'limited':
            return self
        return self.filtered(lambda partner: partner.sudo().with_company(root).commercial_partner_id.credit_control)

    @api.model
    def _credit_default_control(self, root):
        return self.env['credit.policy']._get_active(root).default_control or 'unlimited'

    def _credit_complete_terms(self, terms):
        """Return ``terms`` with the control mode that a limit set by the credit department implies.

        Whoever gives a customer a limit wants it checked: an empty control becomes “limited”.
        """
        self.ensure_one()
        if (
            terms.get('credit_limit')
            and 'credit_control' not in terms
            and self._may_write_credit_terms()
            and not self.sudo().credit_control
        ):
            return {**terms, 'credit_control': 'limited'}
        return terms

    # ------------------------------------------------------------------ keeping terms in root company and branches

    def _credit_mirror_terms(self, terms):
        """Write terms to the root company and all its branches (no tracking: the change itself was tracked once)."""
        root = self.env.company.root_id
        for company in self._credit_companies(root):
            mirrored = self.sudo().with_context(credit_terms_mirror=True).with_company(company)
            if company != self.env.company:
                mirrored.with_context(tracking_disable=True).write(terms)
            elif extra := {name: value for name, value in terms.items() if name == 'credit_control'}:
                mirrored.write(extra)

    def _set_credit_terms(self, company, vals):
        """Write credit terms decided elsewhere (an approved assessment), whoever the user is.

        :param company: res.company, branch or root: the whole tree gets the terms
        :param vals: values of ``TERM_FIELDS``
        """
        if unknown := vals.keys() - set(TERM_FIELDS):
            raise ValueError(f'No credit terms: {sorted(unknown)}')
        partners = self.commercial_partner_id.sudo()
        partners.with_company(company.root_id).write(vals)

    @api.model
    def _credit_companies(self, root):
        return self.env['res.company'].sudo().with_context(active_test=False).search([('id', 'child_of', root.id)])

    @api.model
    def _credit_replace_grade(self, earlier, grade):
        """Replace earlier versions' grades by ``grade`` on all partners, in the current company, by one statement."""
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """UPDATE res_partner
                  SET credit_grade_id = jsonb_set(credit_grade_id, ARRAY[%(company)s], to_jsonb(%(grade)s::int))
                WHERE credit_grade_id ? %(company)s AND (credit_grade_id ->> %(company)s)::int IN %(earlier)s""",
                company=str(self.env.company.id),
                grade=grade.id,
                earlier=tuple(earlier.ids),
            )
        )
        self.invalidate_model(['credit_grade_id'])

    # ------------------------------------------------------------------ reading terms

    def _credit_terms(self, company):
        """Return the credit terms of these partners' debtors.

        :param company: res.company; terms are those of its root company
        :return: {commercial partner id: tools.decision.Terms}; amounts in the root company's currency. One query
            for any number of partners, a second one where exceptions are in force; the rate of a group's currency,
            where it is another one, costs its own.
        """
        root, today = company.root_id, company._credit_today()
        policy = self.env['credit.policy']._decision_data(root.id, today)
        rows = self._credit_terms_rows(root, today)
        by_partner, by_grade = {}, {}
        if any(row[-1] for row in rows):
            by_partner, by_grade = self.env['credit.rule.exception']._in_force(root, [row[0] for row in rows], today)
        rules = {}
        terms = {}
        Group = self.env['credit.group']
        groups = Group._memberships(root.id)
        for partner_id, own, limit, code, review, extension, guarantee, expired, assessed, _excepted in rows:
            if code not in rules:
                rules[code] = softened(policy.rules_for(code), by_grade.get(code, {}))
            group = groups.get(partner_id)
            terms[partner_id] = Terms(
                control=own or policy.default_control,
                limit=limit if own else policy.default_limit,
                extension=float(extension or 0.0),
                guarantee=float(guarantee or 0.0),
                grade=code,
                on_breach=policy.breach_for(code),
                review_overdue_days=max(0, (today - review).days) if review else 0,
                has_assessment=assessed,
                guarantee_expired=expired,
                rules=softened(rules[code], by_partner.get(partner_id, {})),
                group_limit=Group._limit_in(root.id, group) if group else None,
                group=group.name if group else '',
            )
        return terms

    def _credit_terms_rows(self, root, date):
        """Return (id, control, limit, grade code, review date, extensions, guarantees, guarantee expired, assessed,
        has an exception) of the debtors, in one statement."""
        partners = self.commercial_partner_id._origin
        if not partners:
            return []
        self.sudo().flush_model(TERM_FIELDS)
        statement = self.env['res.partner']._credit_terms_sql(root.id, date)
        return self.env.execute_query(SQL('%s WHERE partner.id IN %s', statement, tuple(partners.ids)))

    @api.model
    @ormcache('root_id', 'date')
    def _credit_terms_sql(self, root_id, date):
        """Return the SELECT of the terms, without its WHERE on the alias ``partner``.

        Building it from domains takes longer than running it: it is built once a day.
        """
        root = self.env['res.company'].browse(root_id)
        Partner = self.env['res.partner'].sudo().with_company(root)
        assessed = Domain('company_id', '=', root_id) & Domain('state', '=', 'approved')
        expired = self.env['credit.guarantee']._expired_domain(root, date)
        return SQL(
            """SELECT partner.id, %(control)s, %(limit)s, grade.code, %(review)s, (%(extension)s), (%(guarantee)s),
                      EXISTS (%(expired)s), EXISTS (%(assessed)s), EXISTS (%(exceptions)s)
                 FROM res_partner partner
            LEFT JOIN credit_grade grade ON grade.id = %(grade)s""",
            control=Partner._field_to_sql('partner', 'credit_control'),
            limit=Partner._field_to_sql('partner', 'credit_limit'),
            review=Partner._field_to_sql('partner', 'credit_review_date'),
            grade=Partner._field_to_sql('partner', 'credit_grade_id'),
            extension=self._credit_own_amount_sql('credit.extension', root, date),
            guarantee=self._credit_own_amount_sql('credit.guarantee', root, date),
            expired=self._credit_own_sql('credit.guarantee', expired).select(SQL('1')),
            assessed=self._credit_own_sql('credit.assessment', assessed).select(SQL('1')),
            exceptions=self.env['credit.rule.exception']._in_force_sql(root, date, SQL.identifier('partner', 'id')),
        )

    @api.model
    def _credit_own_sql(self, model, domain):
        """Return the query of the records of the partner with the alias ``partner``."""
        Model = self.env[model].sudo()
        query = Model._search(domain)
        own = SQL.identifier(Model._table, 'partner_id', to_flush=Model._fields['partner_id'])
        query.add_where(SQL('%s = %s', own, SQL.identifier('partner', 'id')))
        return query

    @api.model
    def _credit_own_amount_sql(self, model, root, date):
        """Return the SELECT of the partner's sum, in company currency, of what is in force on that day."""
        Model = self.env[model].sudo()
        amount = SQL.identifier(Model._table, 'amount_company', to_flush=Model._fields['amount_company'])
        return self._credit_own_sql(model, Model._in_force_domain(root, date)).select(SQL('SUM(%s)', amount))

    @api.model
    def _credit_sum_sql(self, model, root, date):
        """Return the SELECT of (partner_id, amount in company currency) of what is in force on that day."""
        Model = self.env[model].sudo()
        query = Model._search(Model._in_force_domain(root, date))
        table = Model._table
        query.groupby = SQL.identifier(table, 'partner_id')
        return query.select(
            SQL('%s AS partner_id', SQL.identifier(table, 'partner_id')),
            SQL('SUM(%s) AS amount', SQL.identifier(table, 'amount_company', to_flush=Model._fields['amount_company'])),
        )

    # ------------------------------------------------------------------ what others do after a change

    def _credit_recheck(self):
        """Called after something changed that decisions about these customers read.

        The base does nothing; the decision engine extends it (lock version, open holds).
        """
        return
