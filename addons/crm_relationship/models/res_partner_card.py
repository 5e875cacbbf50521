from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .res_partner import CARD, KEY_CLASSES, VALUE_CLASSES

BATCH = 1000
CRON_MARKER = 'crm_relationship.card_completeness_after'
CLASS_ORDER = [value_class for value_class, _label in VALUE_CLASSES]


class ResPartner(models.Model):
    _inherit = 'res.partner'

    # Companies
    main_business = fields.Char(
        prefetch=CARD, help="What the customer lives on: products, services, customers of its own.",
    )
    business_scale = fields.Selection(
        [('micro', 'Micro'), ('small', 'Small'), ('medium', 'Medium'), ('large', 'Large')], string='Scale',
        prefetch=CARD,
    )
    founding_year = fields.Integer(aggregator=False, prefetch=CARD)
    market_position = fields.Selection(
        [('leader', 'Market leader'), ('challenger', 'Challenger'), ('follower', 'Follower'), ('niche', 'Niche')],
        prefetch=CARD,
    )
    annual_demand = fields.Monetary(
        currency_field='annual_demand_currency_id',
        help="What the customer buys in a year of the kind that we sell, from us and from others.", prefetch=CARD,
    )
    annual_demand_currency_id = fields.Many2one(
        'res.currency', string='Currency of Demand', default=lambda self: self.env.company.currency_id, prefetch=CARD,
    )
    decision_note = fields.Text(
        prefetch=CARD, string='Who Decides', help="Who decides, who influences, who signs and who pays.",
    )
    # Everyone
    trading_habits = fields.Text(help="How the customer orders, negotiates, takes delivery and pays.", prefetch=CARD)
    consumption_note = fields.Text(
        prefetch=CARD, string='Needs and Use', help="What the customer buys, for whom, when and why.",
    )
    preferred_contact = fields.Selection(
        [('phone', 'Phone'), ('email', 'E-mail'), ('visit', 'Visit'), ('message', 'Messenger'), ('letter', 'Letter')],
        prefetch=CARD,
    )
    commission_code = fields.Char(help="Code by which commission on this customer's sales is settled.", prefetch=CARD)
    custodian_id = fields.Many2one(
        'res.users', string='Custodian', index='btree_not_null', domain=[('share', '=', False)],
        help="Who keeps this customer's papers and sees to it that the card is true.",
    )
    papers_location = fields.Char(help="Where the customer's papers are: room, cabinet, folder, link.", prefetch=CARD)
    personal_fact_ids = fields.One2many(
        'crm.personal.fact', 'partner_id', string='Personal Facts', groups='crm_relationship.group_personal_data',
    )
    # State of the card
    card_verified_on = fields.Date(string='Verified On', readonly=True, copy=False, tracking=True)
    card_verified_by_id = fields.Many2one('res.users', string='Verified By', readonly=True, copy=False)
    card_completeness = fields.Integer(
        compute='_compute_card_completeness', store=True, aggregator='avg', copy=False,
        help="Share of the card's facts that are known, 0 to 100, weighted by the customer's value class.",
    )
    card_missing_item_ids = fields.Many2many(
        'crm.card.item', string='Ask Next', compute='_compute_card_missing_item_ids', compute_sudo=True,
        help="What the card lacks, most important first: ask for it at the next visit.",
    )

    @api.constrains('founding_year')
    def _check_founding_year(self):
        this_year = fields.Date.context_today(self).year
        for partner in self:
            if partner.founding_year and not 1000 <= partner.founding_year <= this_year:
                raise ValidationError(self.env._(
                    "%(customer)s can't have been founded in %(year)s.",
                    customer=partner.display_name, year=partner.founding_year,
                ))

    # The other fields that items go by are watched in write(), since items are data.
    @api.depends(
        'customer_rank', 'parent_id', 'is_company', 'customer_type', 'value_class',
        'child_ids', 'bank_ids', 'category_id',
    )
    def _compute_card_completeness(self):
        for partner, known, total in self._card_weights():
            partner.card_completeness = round(100 * known / total) if total else 0

    @api.depends('card_completeness')
    @api.depends_context('lang')
    def _compute_card_missing_item_ids(self):
        items = self._card_items()
        for partner in self:
            missing = [(item, weight) for item, name, weight in items.get(partner, ()) if not partner[name]]
            missing.sort(key=lambda pair: -pair[1])
            partner.card_missing_item_ids = [item_id for item_id, _weight in missing]

    def _card_weights(self):
        """``[(partner, weight of what is known, weight of everything), …]``; both 0 for who isn't a customer."""
        items = self._card_items()
        return [
            (
                partner,
                sum(weight for _item, name, weight in items.get(partner, ()) if partner[name]),
                sum(weight for _item, _name, weight in items.get(partner, ())),
            )
            for partner in self
        ]

    def _card_items(self):
        """What the card of each customer in ``self`` should hold.

        ``{customer: [(id of the item, name of its field, weight), …]}``
        """
        customers = self.filtered('is_customer')
        if not customers:
            return {}
        by_audience = self.env['crm.card.item']._by_audience()
        best = customers._best_value_class()
        return {
            partner: by_audience[partner.customer_type == 'individual', best.get(partner._origin.id) or 'minor']
            for partner in customers
        }

    def _best_value_class(self):
        """Best value class that a customer has in any company, ``{partner_id: class}``: there is one card for all."""
        if not self._origin.ids or self._is_known_without('value_class'):
            return {}
        self.flush_model(['value_class'])
        rows = self.env.execute_query(SQL(
            """SELECT p.id, min(array_position(%(classes)s, v.value))
                 FROM res_partner p, jsonb_each_text(p.value_class) v WHERE p.id = ANY(%(ids)s) GROUP BY p.id""",
            classes=CLASS_ORDER, ids=self._origin.ids,
        ))
        return {partner_id: CLASS_ORDER[position - 1] for partner_id, position in rows if position}

    def _filter_key_customers(self):
        """Those of ``self`` whose card is the fuller one: VIP or major customers in any company."""
        best = self._best_value_class()
        return self.filtered(lambda partner: best.get(partner.id) in KEY_CLASSES)

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(self.env['crm.card.item']._field_names()):
            self.env.add_to_compute(self._fields['card_completeness'], self)
        return result

    @api.model
    def _cron_card_completeness(self):
        """Compute every customer's score again (weights, classes set in bulk), in batches; goes on where it stopped."""
        parameters = self.env['ir.config_parameter'].sudo()
        after = int(parameters.get_param(CRON_MARKER, 0))
        customers = self.with_context(active_test=False).search(
            [('is_customer', '=', True), ('id', '>', after)], order='id',
        )
        self.env['ir.cron']._commit_progress(remaining=len(customers))
        for start in range(0, len(customers), BATCH):
            batch = customers[start:start + BATCH].with_prefetch()
            batch._recompute_safely()
            parameters.set_param(CRON_MARKER, batch[-1].id)
            if not self.env['ir.cron']._commit_progress(len(batch)):
                return
        parameters.set_param(CRON_MARKER, 0)

    def _recompute_safely(self):
        """Compute scores together, or one by one when that fails; a manager is told of a customer without a score."""
        errors = self.env['crm.run.error.mixin']
        summary = self.env._("The completeness of this card could not be computed")
        told = errors._told_run_errors(self, summary)
        failed = self.browse()
        if errors._run_safely('cards', self._recompute_card_completeness):
            for customer in self:
                error = errors._run_safely(customer, customer._recompute_card_completeness)
                if error:
                    failed |= customer
                    errors._tell_run_error(
                        customer, errors._run_error_manager(customer.company_id), summary, str(error),
                    )
        told.filtered(lambda warning: warning.res_id not in failed.ids).unlink()

    def _recompute_card_completeness(self):
        """Write the scores that differ; for those who change classes or facts of many customers by SQL."""
        self.env.add_to_compute(self._fields['card_completeness'], self)
        self.env.flush_all()
        self.env.invalidate_all()
