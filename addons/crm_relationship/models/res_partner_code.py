from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class ResPartner(models.Model):
    _name = 'res.partner'
    _inherit = ['res.partner', 'crm.import.mixin']

    # A copy is another customer: it gets a code of its own.
    ref = fields.Char(copy=False)
    customer_code_ids = fields.One2many('crm.customer.code', 'partner_id', string='All Customer Codes', readonly=True)
    has_customer_code = fields.Boolean(
        string='Code Registered', compute='_compute_has_customer_code', search='_search_has_customer_code',
        help="Not set for customers without a code, and for those whose reference another customer has too.",
    )

    # Codes are looked up without regard to case.
    _ref_upper = models.Index('(upper(ref)) WHERE ref IS NOT NULL')

    @api.depends('customer_code_ids.is_current')
    def _compute_has_customer_code(self):
        groups = self.env['crm.customer.code'].sudo()._read_group(
            [('partner_id', 'in', self._origin.ids), ('is_current', '=', True)], ['partner_id'],
        )
        registered = {partner.id for partner, in groups}
        for partner in self:
            partner.has_customer_code = partner._origin.id in registered

    def _search_has_customer_code(self, operator, value):
        if operator != 'in':
            return NotImplemented
        registered = Domain('customer_code_ids', 'any!', [('is_current', '=', True)])
        return Domain.OR([registered if wanted else ~registered for wanted in {bool(item) for item in value}])

    # Finding

    @api.model
    def _search_display_name(self, operator, value):
        domain = super()._search_display_name(operator, value)
        if domain is NotImplemented or operator in Domain.NEGATIVE_OPERATORS or not value:
            return domain
        if operator.endswith('like') or operator in ('in', '='):
            # a former code, or that of a customer merged into this one
            domain = Domain(domain) | Domain('customer_code_ids', 'any!', [('code', operator, value)])
        return domain

    @api.model
    def name_search(self, name='', domain=None, operator='ilike', limit=100):
        """Whoever has exactly the code that was typed comes first."""
        result = super().name_search(name, domain, operator, limit)
        if not (name or '').strip() or operator not in ('ilike', 'like', '=ilike', '='):
            return result
        owner_ids = self.env['crm.customer.code'].sudo()._partner_ids_of(name)
        if not owner_ids:
            return result
        owners = self.search_fetch(Domain('id', 'in', owner_ids) & Domain(domain or Domain.TRUE), ['display_name'])
        first = [(owner.id, owner.display_name) for owner in owners.sudo()]
        return (first + [pair for pair in result if pair not in first])[:limit]

    # Assigning

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        coming = [vals for vals in vals_list if self._vals_make_customer(vals)]
        Code = self.env['crm.customer.code'].sudo()
        codes = Code._reserve([(vals.get('name'), vals.get('ref'), None) for vals in coming])
        for vals, code in zip(coming, codes, strict=True):
            vals['ref'] = code
        partners = super(ResPartner, self.with_context(customer_codes_reserved=True)).create(vals_list)
        partners = partners.with_env(self.env)
        reserved = {code.upper() for code in codes}
        Code._attach({
            partner.ref: partner.id for partner, vals in zip(partners, vals_list, strict=True)
            if vals.get('ref') and vals['ref'].upper() in reserved
        })
        partners._assign_missing_codes()
        return partners

    @api.model
    def _vals_make_customer(self, vals):
        """Whether a partner created with ``vals`` is a customer from the start."""
        context = self.env.context
        given = {
            name: vals[name] if name in vals else context.get(f'default_{name}')
            for name in ('customer_rank', 'parent_id', 'is_company', 'company_type')
        }
        rank = given['customer_rank']
        if 'customer_rank' not in vals and context.get('res_partner_search_mode') == 'customer':
            rank = 1
        return bool(rank and (given['is_company'] or given['company_type'] == 'company' or not given['parent_id']))

    def write(self, vals):
        if vals.get('ref'):
            vals = dict(vals, ref=vals['ref'].strip())
        result = super().write(vals)
        if self.env.context.get('customer_codes_reserved'):
            return result
        if 'ref' in vals:
            self._register_refs()
        if not vals.keys().isdisjoint(('customer_rank', 'parent_id', 'is_company', 'company_type')):
            self._assign_missing_codes()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_customer_codes(self):
        """The codes stay, so that nobody else gets them."""
        self.sudo().customer_code_ids.write({'is_current': False})

    def _register_refs(self):
        """Somebody changed these partners' references: register them as current codes, keep the old ones reserved."""
        Code = self.env['crm.customer.code'].sudo()
        customers = self.sudo().filtered('is_customer')
        cleared = customers.filtered(lambda partner: not partner.ref)
        if cleared:
            cleared.customer_code_ids.filtered('is_current').write({'is_current': False})
        (customers - cleared)._register_given(Code)

    def _register_given(self, Code):
        """Make the references of these partners their current codes; ValidationError when one is taken."""
        own = {(code.partner_id.id, code.code.upper()) for code in self.customer_code_ids}
        new = self.filtered(lambda partner: (partner.id, partner.ref.strip().upper()) not in own)
        Code._reserve([(partner.name, partner.ref, partner.id) for partner in new])
        Code._attach({partner.ref.strip(): partner.id for partner in self})

    def _assign_missing_codes(self):
        """Give a code to those customers in ``self`` that have none.

        A reference that is there already becomes the code; where several customers share it, it stays as it is, to be
        cleaned up by people.
        """
        customers = self.sudo().filtered('is_customer').filtered(lambda partner: not partner.has_customer_code)
        if not customers:
            return
        Code = self.env['crm.customer.code'].sudo()
        existing = customers.filtered(lambda partner: (partner.ref or '').strip())
        if existing:
            shared = {partner_id for _code, partner_id, _owner_id, _name in Code._conflicts(
                [(partner.ref.strip(), partner.id) for partner in existing],
            )}
            existing.filtered(lambda partner: partner.id not in shared)._register_given(Code)
        missing = customers - existing
        codes = Code._reserve([(partner.name, None, partner.id) for partner in missing])
        missing._set_refs(codes)
        Code._attach(dict(zip(codes, missing.ids, strict=True)))

    def _settle_merged_codes(self):
        """After a merge: the code shown is the current one, all others stay as former codes."""
        for partner in self.sudo():
            shown = (partner.ref or '').strip().upper()
            for code in partner.customer_code_ids:
                if code.is_current != (code.code.upper() == shown):
                    code.is_current = not code.is_current
        self._assign_missing_codes()

    def _set_refs(self, codes):
        """Show new codes (in the order of ``self``) as references, in one statement."""
        if not self:
            return
        self.flush_recordset(['ref'])
        self.env.execute_query(SQL(
            """UPDATE res_partner p SET ref = t.code, write_uid = %(uid)s, write_date = %(now)s
                 FROM unnest(%(ids)s, %(codes)s) AS t (id, code) WHERE p.id = t.id RETURNING p.id""",
            uid=self.env.uid, now=self.env.cr.now(), ids=self.ids, codes=codes,
        ))
        self.invalidate_recordset(['ref', 'write_uid', 'write_date'])
