from pytz import all_timezones_set

from odoo import api, fields, models
from odoo.tools import SQL, ormcache

from .res_partner_credit import TERM_FIELDS


class ResCompany(models.Model):
    """Branches show the credit terms of their root company from their first day."""

    _inherit = 'res.company'

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        for branch in companies.filtered('parent_id'):
            branch._copy_credit_terms_from_root()
        return companies

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {'currency_id', 'partner_id', 'resource_calendar_id'}:
            self.env.registry.clear_cache()  # res.partner._credit_scope_data, _credit_tz
        return result

    def _credit_today(self):
        """Return today's date of the company: terms begin and end at its midnight, wherever who looks may be."""
        self.ensure_one()
        return fields.Date.context_today(self.with_context(tz=self._credit_tz(self.id)))

    @api.model
    @ormcache('company_id')
    def _credit_tz(self, company_id):
        """Return the time zone of a root company (for its branches too): its own, else that of its working hours."""
        root = self.sudo().browse(company_id).root_id
        names = (root.partner_id.tz, root.resource_calendar_id.tz)
        return next((name for name in names if name in all_timezones_set), 'UTC')

    def _copy_credit_terms_from_root(self):
        """Copy every customer's terms from the root company; one statement for each term."""
        self.ensure_one()
        root, branch = str(self.root_id.id), str(self.id)
        self.env['res.partner'].flush_model(TERM_FIELDS)
        for name in TERM_FIELDS:
            self.env.execute_query(
                SQL(
                    """UPDATE res_partner
                          SET %(name)s = %(name)s || jsonb_build_object(%(branch)s, %(name)s -> %(root)s)
                    WHERE %(name)s ? %(root)s AND NOT %(name)s ? %(branch)s""",
                    name=SQL.identifier(name),
                    root=root,
                    branch=branch,
                )
            )
        self.env['res.partner'].invalidate_model(TERM_FIELDS, flush=False)
