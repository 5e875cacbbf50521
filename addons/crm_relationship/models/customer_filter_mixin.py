import ast
from contextlib import contextmanager

from psycopg2 import DataError, ProgrammingError

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

# What reading a filter raises that was written by hand, or for an addon that is gone.
UNREADABLE = (ValueError, TypeError, KeyError, SyntaxError, DataError, ProgrammingError)


class CustomerFilterMixin(models.AbstractModel):
    """A record with a filter of customers.

    Concrete models with a ``company_id`` reach the customers of that company, others those of the current one.
    """

    _name = 'crm.customer.filter.mixin'
    _description = "Record with a Filter of Customers"

    audience_domain = fields.Char(
        string="Filter", default="[]", help="Which customers are meant. Empty means every customer.",
    )
    audience_author_id = fields.Many2one(
        'res.users', string="Filter By", readonly=True, copy=False, ondelete='set null',
        help="Who set the filter. Scheduled actions follow it only as long as this person may see what it asks for.",
    )
    audience_count = fields.Integer(
        string="Customers Meant", compute='_compute_audience_count',
        help="Customers that match now and that you may see.",
    )
    audience_error = fields.Text(
        string="Problem of the Filter", compute='_compute_audience_count',
        help="Why the filter, or that of the segment, can't be followed.",
    )

    @api.depends('audience_domain')
    @api.depends_context('company', 'uid')
    def _compute_audience_count(self):
        # One count a record: shown on forms only.
        for record in self:
            try:
                with record._audience_reading():
                    record.audience_count = record._audience_model().search_count(record._audience_filter())
                record.audience_error = False
            except (UserError, AccessError) as error:
                record.audience_count = 0
                record.audience_error = str(error)

    @api.constrains('audience_domain')
    def _check_audience_domain(self):
        """Refuse a filter that can't be read, or that asks for what its author may not see."""
        for record in self:
            try:
                with record._audience_reading(ValidationError):
                    record._audience_model().sudo(False).search(record._audience_own_domain(), limit=1)
            except AccessError as error:
                raise ValidationError(self.env._(
                    "The filter of %(record)s asks for something you may not see: %(error)s",
                    record=record.display_name, error=error,
                )) from error

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([{**vals, **self._audience_author_vals()} for vals in vals_list])

    def write(self, vals):
        vals = {key: value for key, value in vals.items() if key != 'audience_author_id'}
        if 'audience_domain' in vals:
            vals.update(self._audience_author_vals())
        return super().write(vals)

    @api.model
    def _audience_author_vals(self):
        return {'audience_author_id': self.env.uid if self.env.uid != SUPERUSER_ID else False}

    def action_open_audience(self):
        """The customers that match now."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Customers meant by %(record)s", record=self.display_name),
            'res_model': 'res.partner',
            'view_mode': 'kanban,list,form',
            'domain': [('id', 'in', self._audience_partners().ids)],
            'context': {'res_partner_search_mode': 'customer'},
        }

    def _audience_partners(self, company=None):
        """Return the customers (commercial partners) that match now and that the user may see.

        ``company`` is the company whose customers and company-dependent values count; default the record's own or
        the current one. Raises ``UserError`` naming the record when its filter can't be read any more (a field of
        an addon that is gone, say).
        """
        self.ensure_one()
        with self._audience_reading():
            return self._audience_model(company).search(self._audience_filter(company))

    @contextmanager
    def _audience_reading(self, raised=UserError):
        """Name the record whose filter can't be read, whether Odoo or PostgreSQL refuses it; spare the transaction."""
        self.env.flush_all()  # what is pending isn't part of the savepoint, and the cache keeps new records
        try:
            with self.env.cr.savepoint(flush=False):
                yield
        except UNREADABLE as error:
            raise raised(self._audience_unreadable(error)) from error

    def _audience_matches_all(self):
        """Whether no filter narrows the audience."""
        self.ensure_one()
        return all(source._audience_own_domain().is_true() for source in self._audience_sources())

    def _audience_sources(self):
        """Return the records whose filters all apply."""
        return [self]

    def _audience_filter(self, company=None):
        """Return the domain on res.partner: customers of the company that match segment and filter."""
        company = company or self._audience_company()
        owners = [False, *company.sudo().parent_ids.ids]
        domain = Domain('is_customer', '=', True) & Domain('company_id', 'in', owners)
        for source in self._audience_sources():
            if self.env.su:
                source._audience_check_rights()
            domain &= source._audience_readable_domain(company)
        return domain.optimize_full(self._audience_model(company))

    def _audience_readable_domain(self, company):
        """Return the record's own filter.

        :raise UserError: it can't be read; names the record, which may be the segment of another one
        """
        with self._audience_reading():
            return self._audience_own_domain().optimize_full(self._audience_model(company))

    def _audience_check_rights(self):
        """Refuse a filter that asks for what the user may not see; as superuser, what its author may not see any more.

        :raise UserError: names the record and the author
        """
        self.ensure_one()
        user = self.audience_author_id if self.env.su else self.env.user
        if not user:
            return
        partners = self.env['res.partner'].with_user(user).with_context(allowed_company_ids=[])
        try:
            with self._audience_reading():
                partners._search(self._audience_own_domain())
        except AccessError as error:
            raise UserError(self.env._(
                "The filter of %(record)s asks for something that %(user)s may not see: %(error)s",
                record=self.display_name, user=user.sudo().name, error=error,
            )) from error

    def _audience_own_domain(self):
        return Domain(ast.literal_eval((self.audience_domain or '').strip() or '[]'))

    def _audience_company(self):
        return 'company_id' in self._fields and self.company_id or self.env.company

    def _audience_model(self, company=None):
        return self.env['res.partner'].with_company(company or self._audience_company())

    def _audience_unreadable(self, error):
        return self.env._(
            "The filter of %(record)s can't be read: %(filter)s (%(error)s). Choose its conditions anew.",
            record=self.display_name, filter=self.audience_domain, error=str(error).partition('\n')[0],
        )
