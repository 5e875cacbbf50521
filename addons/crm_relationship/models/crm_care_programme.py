import logging
from datetime import datetime, timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..tools import public_holidays
from ..tools.listing import listed

_logger = logging.getLogger(__name__)

# Occasions that everybody shares are planned for a year, those of single persons for a month.
HORIZON = {'once': 366, 'yearly': 366, 'holiday': 366, 'birthday': 31, 'anniversary': 31}
PERSONAL = ('birthday', 'anniversary')
# The year of birth is personal data: birthdays are counted in any leap year.
LEAP_YEAR = 1904
PLANNING_FIELDS = {
    'occasion', 'occasion_date', 'anniversary_basis', 'country_ids', 'holiday_ids', 'lead_days', 'segment_id',
    'audience_domain', 'all_customers', 'addressee', 'company_id',
}


class CrmCareProgramme(models.Model):
    """What some customers get, on which occasion and by which channel; each date of it is a run."""

    _name = 'crm.care.programme'
    _description = "Care Programme"
    _inherit = ['crm.audience.mixin', 'mail.thread', 'mail.activity.mixin']
    _order = 'name, id'
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    kind_id = fields.Many2one('crm.care.kind', required=True, index=True, ondelete='restrict', tracking=True)
    is_invitation = fields.Boolean(related='kind_id.is_invitation')
    description = fields.Text(string="Contents", help="What the customers get or hear, for those who carry it out.")
    state = fields.Selection(
        [('draft', "Draft"), ('running', "Running"), ('ended', "Ended")],
        required=True, readonly=True, default='draft', index=True, copy=False, tracking=True, group_expand=True,
    )
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company)
    user_id = fields.Many2one(
        'res.users', string="Responsible", default=lambda self: self.env.user, ondelete='set null', index=True,
        tracking=True, domain=[('share', '=', False)],
    )

    all_customers = fields.Boolean(
        help="Tick this when every customer of the company is really meant. Without filter, segment or this tick a "
             "programme can't start.",
    )
    addressee = fields.Selection(
        [('customer', "The customer"), ('persons', "Every contact person")], string="Goes To", required=True,
        default='customer', help="The company or individual itself, or all persons at the customer.",
    )

    occasion = fields.Selection(
        [
            ('once', "Once, on a date"),
            ('yearly', "Every year on a date"),
            ('holiday', "Statutory holidays of the customer's country"),
            ('birthday', "Birthday of the person"),
            ('anniversary', "Anniversary of the customer"),
            ('free', "Dates entered by hand"),
        ],
        required=True, default='once', tracking=True,
    )
    occasion_date = fields.Date(string="Date", tracking=True, help="Every year on a date: any year of it will do.")
    anniversary_basis = fields.Selection(
        [('first_order', "First order"), ('customer_since', "Entry in the customer file")],
        string="Anniversary Of", default='first_order',
    )
    country_ids = fields.Many2many(
        'res.country', string="Countries", help="Only customers of these countries. Empty: customers of every country.",
    )
    holiday_ids = fields.Many2many(
        'crm.care.holiday', string="Holidays", help="Only these holidays. Empty: every statutory holiday.",
    )
    lead_days = fields.Integer(
        string="Days Before", default=0, tracking=True, help="How many days before the occasion the action is due.",
    )
    avoid_days_off = fields.Boolean(
        string="Not on Days Off", default=True,
        help="Weekends and holidays of the customer's country are avoided: the action is due on the workday before.",
    )
    late_days = fields.Integer(
        string="Days of Grace", default=2,
        help="How many days after the occasion something may still go out, when it couldn't before.",
    )
    check_days = fields.Integer(
        string="Listed Ahead", default=10,
        help="How many days before it is due the recipients are listed, so that somebody can look at them.",
    )
    is_automatic = fields.Boolean(
        string="Goes Out by Itself", tracking=True,
        help="Ticked: on its day everything goes out without being asked for. Otherwise the responsible person gets "
             "an activity and releases each date after a look at the recipients.",
    )

    channel = fields.Selection(
        [('email', "E-mail"), ('activity', "Activity for the salesperson"), ('gift', "Gift")],
        required=True, default='email', tracking=True,
    )
    mail_template_id = fields.Many2one(
        'mail.template', string="Mail Template", ondelete='restrict', domain=[('model', '=', 'crm.care.recipient')],
    )
    activity_mode = fields.Selection(
        [('phone', "Call"), ('visit', "Visit"), ('letter', "Letter or parcel")], string="Done By", default='phone',
        help="How the salesperson reaches the customer, and how the contact log counts it.",
    )
    gift_product_id = fields.Many2one('product.product', string="Gift", check_company=True, ondelete='restrict')
    gift_note = fields.Char(string="Gift in Words", help="What is given, when it is no product.")
    unit_cost = fields.Monetary(
        string="Cost per Recipient", tracking=True, help="Noted in the contact log of each customer reached.",
    )
    currency_id = fields.Many2one(
        'res.currency', required=True, default=lambda self: self.env.company.currency_id,
    )
    company_currency_id = fields.Many2one('res.currency', related='company_id.currency_id', string="Company Currency")

    campaign_plan_id = fields.Many2one(
        'crm.campaign.plan', index='btree_not_null', ondelete='set null', check_company=True,
        help="The campaign that this belongs to: its cost counts there.",
    )
    place = fields.Char(help="Where the guests are asked to come.")
    award_note = fields.Text(
        string="Awards", help="Which service staff are honoured, and which customers present the awards.",
    )

    run_ids = fields.One2many('crm.care.run', 'programme_id', string="Dates")
    next_send_date = fields.Date(string="Next On", compute='_compute_next_send_date')
    plan_error = fields.Char(readonly=True, copy=False, help="Why the last planning of the dates failed.")
    unreached_note = fields.Char(string="Not Reached", compute='_compute_unreached_note')
    sent_count = fields.Integer(string="Sent", compute='_compute_statistics')
    failed_count = fields.Integer(string="Failed", compute='_compute_statistics')
    excluded_count = fields.Integer(string="Left Out", compute='_compute_statistics')
    response_count = fields.Integer(string="Responded", compute='_compute_statistics')
    response_rate = fields.Float(
        compute='_compute_statistics', help="Share of those reached who replied, came, or got in touch.",
    )
    cost_total = fields.Monetary(
        string="Cost", compute='_compute_statistics', currency_field='company_currency_id',
        help="Cost of what has gone out, in company currency at the rate of its day.",
    )

    _check_lead_days = models.Constraint(
        'CHECK (lead_days BETWEEN 0 AND 365)', "An action is due 0 to 365 days before its occasion.",
    )
    _check_late_days = models.Constraint(
        'CHECK (late_days BETWEEN 0 AND 365)', "The days of grace must be between 0 and 365.",
    )
    _check_check_days = models.Constraint(
        'CHECK (check_days BETWEEN 0 AND 90)', "Recipients can be listed 0 to 90 days ahead.",
    )

    @api.depends('run_ids.send_date', 'run_ids.state')
    def _compute_next_send_date(self):
        groups = dict(self.env['crm.care.run']._read_group(
            [('programme_id', 'in', self.ids), ('state', 'in', ('planned', 'listed', 'sending'))],
            ['programme_id'], ['send_date:min'],
        ))
        for programme in self:
            programme.next_send_date = groups.get(programme._origin, False)

    @api.depends('run_ids')
    def _compute_statistics(self):
        counts, costs, responses = {}, {}, {}
        for programme, state, count, cost, responded in self.env['crm.care.recipient']._read_group(
            [('programme_id', 'in', self.ids)], ['programme_id', 'state'],
            ['__count', 'company_cost:sum', 'response_count:sum'],
        ):
            counts[programme, state] = count
            costs[programme] = costs.get(programme, 0) + cost
            responses[programme] = responses.get(programme, 0) + responded
        for programme in self:
            origin = programme._origin
            programme.sent_count = counts.get((origin, 'sent'), 0)
            programme.failed_count = counts.get((origin, 'failed'), 0)
            programme.excluded_count = counts.get((origin, 'excluded'), 0)
            programme.response_count = responses.get(origin, 0)
            programme.response_rate = programme.sent_count and programme.response_count / programme.sent_count
            programme.cost_total = costs.get(origin, 0)

    @api.depends('occasion', 'audience_domain', 'segment_id', 'country_ids')
    def _compute_unreached_note(self):
        for programme in self:
            programme.unreached_note = programme.occasion == 'holiday' and programme._get_unreached_note()

    def _get_unreached_note(self):
        """Say which customers of the audience no holiday can reach; shown on forms only."""
        try:
            groups = self._audience_model()._read_group(self._audience_filter(), ['country_id'], ['__count'])
        except UserError:
            return False
        nowhere = sum(count for country, count in groups if not country)
        unknown = [(country, count) for country, count in groups
                   if country and not public_holidays.is_supported(country.code)]
        notes = []
        if nowhere:
            notes.append(self.env._("%(count)s customers without a country", count=nowhere))
        notes += [
            self.env._("%(count)s customers in %(country)s, whose holidays aren't known",
                       count=count, country=country.name)
            for country, count in unknown
        ]
        return listed(notes, self.env.lang, clauses=True)

    @api.onchange('occasion')
    def _onchange_occasion(self):
        if self.occasion == 'birthday':
            self.addressee = 'persons'

    @api.onchange('gift_product_id')
    def _onchange_gift_product_id(self):
        if self.gift_product_id and not self.unit_cost:
            self.currency_id = self.company_id.currency_id
            self.unit_cost = self.gift_product_id.with_company(self.company_id).standard_price

    @api.onchange('country_ids')
    def _onchange_country_ids(self):
        if self.country_ids:
            self.env['crm.care.holiday']._load_countries(self.country_ids._origin)

    @api.constrains('occasion', 'occasion_date')
    def _check_occasion_date(self):
        for programme in self:
            if programme.occasion in ('once', 'yearly') and not programme.occasion_date:
                raise ValidationError(self.env._(
                    "“%(programme)s” needs the date of its occasion.", programme=programme.name,
                ))

    @api.constrains('unit_cost', 'currency_id', 'company_id')
    def _check_rate(self):
        for programme in self:
            if programme.unit_cost < 0:
                raise ValidationError(self.env._(
                    "“%(programme)s”: the cost per recipient can't be negative, it is %(amount)s. Enter zero or more.",
                    programme=programme.name, amount=programme.unit_cost,
                ))
            programme.currency_id._check_rate_known(programme.company_id, programme.unit_cost, programme.name)

    @api.constrains('mail_template_id')
    def _check_mail_template(self):
        for programme in self:
            template = programme.mail_template_id
            if template and template.model != 'crm.care.recipient':
                raise ValidationError(self.env._(
                    "“%(template)s” isn't made for care: it would send other documents to the recipients of "
                    "“%(programme)s”. Choose a template for recipients of care.",
                    template=template.name, programme=programme.name,
                ))

    @api.constrains('occasion', 'addressee')
    def _check_addressee(self):
        for programme in self:
            if programme.occasion == 'birthday' and programme.addressee != 'persons':
                raise ValidationError(self.env._(
                    "“%(programme)s” is for birthdays: it goes to persons, not to companies. Choose “Every contact "
                    "person”.", programme=programme.name,
                ))

    @api.constrains('occasion', 'country_ids', 'holiday_ids')
    def _check_countries(self):
        for programme in self.filtered(lambda item: item.occasion == 'holiday'):
            unknown = programme.country_ids.filtered(lambda country: not public_holidays.is_supported(country.code))
            if unknown:
                raise ValidationError(self.env._(
                    "The statutory holidays of %(countries)s aren't known. Take them out of “%(programme)s” and plan "
                    "dates entered by hand for them.",
                    countries=listed(unknown.mapped('name'), self.env.lang), programme=programme.name,
                ))
            strangers = programme.holiday_ids.filtered(
                lambda holiday, programme=programme: holiday.country_id not in programme.country_ids)
            if programme.country_ids and strangers:
                raise ValidationError(self.env._(
                    "%(holiday)s is no holiday of the countries of “%(programme)s”.",
                    holiday=strangers[0].display_name, programme=programme.name,
                ))

    @api.model_create_multi
    def create(self, vals_list):
        programmes = super().create(vals_list)
        programmes._load_holidays()
        return programmes

    def write(self, vals):
        result = super().write(vals)
        if not {'occasion', 'country_ids'}.isdisjoint(vals):
            self._load_holidays()
        if not PLANNING_FIELDS.isdisjoint(vals):
            for programme in self.filtered(lambda item: item.state == 'running'):
                programme._check_ready()
                programme._plan()
        return result

    def copy_data(self, default=None):
        return [
            {**vals, 'name': self.env._("%(name)s (copy)", name=programme.name)}
            for programme, vals in zip(self, super().copy_data(default), strict=True)
        ]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        sent = self.env['crm.care.recipient'].sudo().search(
            [('programme_id', 'in', self.ids), ('state', 'in', ('sent', 'scheduled'))], limit=1)
        if sent:
            raise UserError(self.env._(
                "“%(programme)s” has reached customers already: end and archive it instead of deleting it.",
                programme=sent.programme_id.name,
            ))

    def _load_holidays(self):
        """Have the holidays of the countries ready to choose from."""
        holidays = self.env['crm.care.holiday']
        for programme in self.filtered(lambda item: item.occasion == 'holiday'):
            holidays._load_countries(programme.country_ids or programme._get_audience_countries())

    def _get_audience_countries(self):
        groups = self._audience_model()._read_group(self._audience_filter(), ['country_id'])
        return self.env['res.country'].concat(*(country for country, in groups))

    # ------------------------------------------------------------------ start and end

    def action_start(self):
        """Let the programme run: its dates are planned from now on."""
        for programme in self:
            programme._check_ready()
        self.write({'state': 'running'})
        for programme in self:
            programme._plan()

    def action_end(self):
        """Stop: dates not yet begun are dropped, what has gone out stays."""
        self.write({'state': 'ended'})
        self.run_ids.filtered(lambda run: run.state in ('planned', 'listed', 'sending'))._drop()

    def action_reset(self):
        self.write({'state': 'draft'})

    def _check_ready(self):
        """Refuse to run without audience, contents or channel."""
        self.ensure_one()
        if self._audience_matches_all() and not self.all_customers:
            raise UserError(self.env._(
                "“%(programme)s” has no audience. Choose a segment or a filter, or tick “All Customers” if everybody "
                "is meant.", programme=self.name,
            ))
        if not self._audience_partners():
            raise UserError(self.env._(
                "No customer matches the audience of “%(programme)s”. Widen its segment or filter.",
                programme=self.name,
            ))
        missing = self._get_missing_contents()
        if missing:
            raise UserError(self.env._(
                "“%(programme)s” can't start: %(missing)s", programme=self.name, missing=missing,
            ))

    def _get_missing_contents(self):
        """Return what the channel still needs, or False."""
        if self.channel == 'email' and not self.mail_template_id:
            return self.env._("choose the mail template that goes out.")
        if self.channel == 'gift' and not (self.gift_product_id or self.gift_note):
            return self.env._("say what the gift is.")
        if self.channel in ('activity', 'gift') and not self.activity_mode:
            return self.env._("say how the salesperson reaches the customer.")
        return False

    # ------------------------------------------------------------------ planning

    def _plan(self):
        """Bring the dates to come in line with the occasion: missing ones are planned, obsolete ones dropped."""
        self.ensure_one()
        if self.occasion == 'free':
            return
        today = self.company_id._care_today()
        runs = self.env['crm.care.run'].sudo()
        wanted = {}
        for day, country, holiday, count, states in self._occurrences(today):
            wanted[day, country.id, holiday if states else False] = (holiday, count, states)
        known = runs.search([('programme_id', '=', self.id), ('occasion_date', '>=', today), ('is_manual', '=', False)])
        for run in known:
            key = run._get_plan_key()
            if key not in wanted:
                run._drop_if_untouched()
            elif run.state == 'planned':
                run._update_plan(*wanted[key])
        planned = {run._get_plan_key() for run in known.exists()}
        runs.create([
            {'programme_id': self.id, 'occasion_date': day, 'country_id': country, 'holiday_key': holiday,
             'regional_key': regional_key, 'state_ids': [(6, 0, states.ids)], 'expected_count': count}
            for (day, country, regional_key), (holiday, count, states) in wanted.items()
            if (day, country, regional_key) not in planned
        ])
        if self.plan_error:
            self.plan_error = False

    def _occurrences(self, today):
        """Return what is to come: ``[(date, country, English name of the holiday, number or False, states)]``.

        The states are those of customers for whom it is a holiday, when it is none in the whole country.
        """
        end = today + timedelta(days=self.lead_days + self.check_days + HORIZON[self.occasion])
        nowhere, everywhere = self.env['res.country'], self.env['res.country.state']
        if self.occasion == 'holiday':
            return self._holiday_occurrences(today, end)
        if self.occasion in PERSONAL:
            days = {}
            for day in self._personal_days(self._get_candidates()).values():
                following = public_holidays.next_return(day, today)
                if following <= end and following.year > day.year:
                    days[following] = days.get(following, 0) + 1
            return [(day, nowhere, False, count, everywhere) for day, count in sorted(days.items())]
        day = self.occasion_date
        if self.occasion == 'yearly':
            day = public_holidays.next_return(public_holidays.in_year(day, min(day.year, today.year)), today)
        return [(day, nowhere, False, False, everywhere)] if day >= today else []

    def _holiday_occurrences(self, today, end):
        countries = self.country_ids or self._get_audience_countries()
        chosen = {(holiday.country_id.id, holiday.key) for holiday in self.holiday_ids}
        states = self._get_audience_states(countries)
        found = []
        for country in countries.filtered(lambda item: public_holidays.is_supported(item.code)):
            national = public_holidays.statutory_holidays(country.code, today, end)
            regional = {}
            for state in states.filtered(lambda item, country=country: item.country_id == country):
                region = state._get_holiday_region()
                for holiday in public_holidays.statutory_holidays(country.code, today, end, region):
                    regional[holiday] = regional.get(holiday, states.browse()) | state
            found += [(day, country, name, False, states.browse()) for day, name in national]
            found += [
                (day, country, name, False, places)
                for (day, name), places in regional.items() if (day, name) not in national
            ]
        return [item for item in found if not chosen or (item[1].id, item[2]) in chosen]

    def _get_audience_states(self, countries):
        """Return the states of the audience that have holidays of their own."""
        there = Domain('country_id', 'in', countries.ids) & Domain('state_id', '!=', False)
        groups = self._audience_model()._read_group(
            Domain(self._audience_filter()) & there, ['country_id', 'state_id'])
        return self.env['res.country.state'].concat(*(
            state for country, state in groups if state.country_id == country and state._get_holiday_region()))

    def _get_candidates(self):
        """Return the partners whom the programme means at all: the customers, or the persons at them."""
        customers = self._audience_partners()
        if self.addressee == 'customer':
            return customers
        domain = (
            Domain('commercial_partner_id', 'in', customers.ids) & Domain('is_company', '=', False)
            & Domain('type', '=', 'contact')
        )
        if self.occasion == 'birthday':
            domain &= Domain('birthday_md', '!=', False)
        return self._audience_model().sudo().search(domain)

    def _personal_days(self, partners):
        """Return ``{partner id: day}`` of birth (without its year), of the first order, or of the entry in the file."""
        if self.occasion == 'birthday':
            return {
                partner.id: datetime.strptime(f'{LEAP_YEAR}-{partner.birthday_md}', '%Y-%m-%d').date()
                for partner in partners.sudo() if partner.birthday_md
            }
        if self.anniversary_basis == 'customer_since':
            return {partner.id: fields.Date.to_date(partner.create_date) for partner in partners}
        firsts = dict(self.env['crm.customer.metrics'].sudo()._read_group(
            [('company_id', '=', self.company_id.root_id.id), ('first_order_date', '!=', False),
             ('partner_id', 'in', partners.commercial_partner_id.ids)],
            ['partner_id'], ['first_order_date:min'],
        ))
        return {
            partner.id: firsts[partner.commercial_partner_id]
            for partner in partners if partner.commercial_partner_id in firsts
        }

    # ------------------------------------------------------------------ screens

    def action_preview(self):
        """List whom the next date reaches and whom not, with the reason. Nothing goes out."""
        self.ensure_one()
        self.check_access('write')
        if self._audience_matches_all() and not self.all_customers:
            self._check_ready()
        self._plan()
        run = self.run_ids.filtered(lambda item: item.state in ('planned', 'listed', 'sending')).sorted('send_date')[:1]
        if not run:
            raise UserError(self.env._(
                "“%(programme)s” has no date to come. Enter one, or check the occasion and the audience.",
                programme=self.name,
            ))
        return run.action_preview()

    def action_open_recipients(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_care_recipient_action')
        state = self.env.context.get('care_state')
        action['domain'] = [('programme_id', '=', self.id)] + ([('state', '=', state)] if state else [])
        action['context'] = {'search_default_replied': 1} if self.env.context.get('care_replied') else {}
        return action

    def action_open_runs(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_care_run_action')
        action['domain'] = [('programme_id', '=', self.id)]
        action['context'] = {'default_programme_id': self.id}
        return action

    # ------------------------------------------------------------------ the scheduled action

    @api.model
    def _cron_care(self):
        """Plan the dates, list the recipients of those near, and let out what is due. May run at any time."""
        programmes = self.search([('state', '=', 'running')], order='id')
        for programme in programmes:
            programme._plan_safely()
        runs = self.env['crm.care.run']
        failed = runs._miss_late()
        self.env['crm.care.recipient']._collect_results()
        self.env['ir.cron']._commit_progress(len(programmes))
        if not runs._list_due(failed):
            return
        self.env['crm.care.recipient']._send_due()
        runs._finish_complete()

    def _plan_safely(self):
        try:
            with self.env.cr.savepoint():
                self._plan()
                self.env.flush_all()
        except OperationalError:
            raise
        except Exception as error:
            _logger.warning("Planning of care programme %s failed", self.id, exc_info=True)
            self.env.invalidate_all(flush=False)
            self.plan_error = str(error)

    def _is_by_mail(self):
        """Whether recipients need an e-mail address."""
        self.ensure_one()
        return self.channel == 'email'
