from odoo import api, fields, models
from odoo.fields import Domain

RELATIONSHIP_STAGES = [
    ('potential', 'Potential'),
    ('target', 'Target'),
    ('first', 'First purchase'),
    ('repeat', 'Repeat'),
    ('loyal', 'Loyal'),
    ('dormant', 'Dormant'),
    ('lost', 'Lost'),
]
# What only the card shows is read together, and not with every name and address.
CARD = 'relationship_card'
VALUE_CLASSES = [('vip', 'VIP'), ('major', 'Major'), ('regular', 'Regular'), ('minor', 'Minor')]
KEY_CLASSES = ('vip', 'major')
ATTENTION_LEVELS = [('danger', 'Urgent'), ('warning', 'Soon'), ('info', 'For information')]


class ResPartner(models.Model):
    _inherit = 'res.partner'

    is_customer = fields.Boolean(
        compute='_compute_is_customer', search='_search_is_customer',
        help="A company, or a person without a company, that buys, has been offered something or was entered as a "
             "customer. Contacts and addresses of a company are not customers of their own.",
    )
    customer_type = fields.Selection(
        [('individual', 'Individual buyer'), ('intermediary', 'Intermediary'), ('manufacturer', 'Manufacturer')],
        string='Customer Type', compute='_compute_customer_type', store=True, readonly=False, precompute=True,
        tracking=True, copy=True,
        help="Individual buyers use what they buy, intermediaries sell it on, manufacturers make something of it. "
             "The type decides which sections the relationship card shows.",
    )
    # Empty in the database means the default of ir.default (potential), for every company.
    relationship_stage = fields.Selection(
        RELATIONSHIP_STAGES, string='Stage', company_dependent=True, group_expand=True,
        help="Distance of the customer, kept up to date from orders. "
             "Potential and target customers haven't bought yet.",
    )
    value_class = fields.Selection(
        VALUE_CLASSES, string='Value Class', company_dependent=True,
        help="Worth of the customer by its share of sales. Empty until there is a figure to go by.",
    )
    attention_message = fields.Char(
        string='Needs Attention', compute='_compute_attention',
        help="What needs attention now, most urgent first.",
    )
    attention_level = fields.Selection(ATTENTION_LEVELS, compute='_compute_attention')

    @api.depends('customer_rank', 'is_company', 'parent_id')
    @api.depends_context('res_partner_search_mode')
    def _compute_is_customer(self):
        entering_customers = self.env.context.get('res_partner_search_mode') == 'customer'
        for partner in self:
            is_new = not partner._origin.id
            partner.is_customer = (
                (partner.customer_rank > 0 or (is_new and entering_customers))
                and (partner.is_company or not partner.parent_id)
            )

    def _search_is_customer(self, operator, value):
        if operator != 'in':
            return NotImplemented
        commercial = Domain('is_company', '=', True) | Domain('parent_id', '=', False)
        customers = Domain('customer_rank', '>', 0) & commercial
        domains = [customers if wanted else ~customers for wanted in {bool(item) for item in value}]
        return Domain.OR(domains)

    @api.depends('is_customer', 'is_company')
    def _compute_customer_type(self):
        for partner in self:
            if not partner.is_customer:
                continue
            if not partner.customer_type or (partner.is_company and partner.customer_type == 'individual'):
                partner.customer_type = 'intermediary' if partner.is_company else 'individual'

    @api.depends_context('company', 'uid', 'lang')
    def _compute_attention(self):
        items = self._get_attention_items()
        levels = [level for level, _label in ATTENTION_LEVELS]
        for partner in self:
            found = sorted(items.get(partner._origin.id, ()), key=lambda item: (levels.index(item[1]), item[0]))
            partner.attention_message = ' · '.join(text for _sequence, _level, text in found)
            partner.attention_level = found[0][1] if found else False

    def _get_attention_items(self):
        """What the user should know about these customers at once.

        Returns ``{partner_id: [(sequence, level, text), …]}`` with level ``danger``, ``warning`` or ``info`` and a
        short translated text. Extensions call ``super()`` and append with
        ``items.setdefault(partner_id, []).append(…)``, in a number of queries that doesn't depend on the number of
        partners.
        """
        return {}

    def _make_customer(self):
        """Make the commercial partners of ``self`` customers: rank, type and code. Safe to repeat; returns them."""
        customers = self.sudo().commercial_partner_id.filtered('active')
        customers.filtered(lambda partner: not partner.customer_rank).write({'customer_rank': 1})
        return customers.with_env(self.env)

    def action_mark_target(self):
        """The salesperson goes for this potential customer."""
        self._set_stage('potential', 'target')

    def action_unmark_target(self):
        self._set_stage('target', 'potential')

    def _set_stage(self, before, after):
        self.check_access('write')
        self.filtered(lambda partner: partner.relationship_stage == before).sudo().write({'relationship_stage': after})
