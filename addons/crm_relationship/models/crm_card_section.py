from odoo import api, fields, models
from odoo.tools import ormcache

SECTIONS = [('basic', 'Basic facts'), ('features', 'Features'), ('business', 'Business'), ('trading', 'Trading')]


class CrmCardSection(models.Model):
    """How long what a section of the relationship card says counts as fresh."""

    _name = 'crm.card.section'
    _description = 'Relationship Card Section'
    _order = 'sequence, id'
    _rec_name = 'code'

    code = fields.Selection(SECTIONS, string='Section', required=True, readonly=True)
    sequence = fields.Integer(default=10)
    stale_days = fields.Integer(
        string='Verify Every (Days)', aggregator=False,
        help="A section that nobody has verified for longer is asked about again. "
             "0: as long as the settings allow for the whole card.",
    )

    _code_uniq = models.UniqueIndex('(code)', "Each section has its days once.")
    _stale_days_positive = models.Constraint('CHECK (stale_days >= 0)', "The days of a section can't be negative.")

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    @api.model_create_multi
    def create(self, vals_list):
        sections = super().create(vals_list)
        self.env.registry.clear_cache()
        return sections

    @api.model
    @ormcache()
    def _days(self):
        """``((section, days or 0), …)`` of all sections."""
        days = {section.code: section.stale_days for section in self.sudo().search([])}
        return tuple((code, days.get(code, 0)) for code, _label in SECTIONS)
