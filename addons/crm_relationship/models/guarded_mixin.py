from odoo import api, models
from odoo.exceptions import AccessError

from ..tools.listing import listed


class GuardedMixin(models.AbstractModel):
    """What Odoo works out isn't typed: stored computed fields stay as computed, also for imports and remote calls.

    The client never sends read-only fields; the ORM alone would take them from anybody who may write the record.
    """

    _name = 'crm.guarded.mixin'
    _description = "Record with Fields that Only Odoo Writes"

    # Fields beside the computed ones that only buttons and scheduled actions write, as superuser. They begin empty, or
    # as ``create`` of the model says.
    _guarded_by_odoo = ()

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            names = self._computed_names()
            for vals in vals_list:
                self._refuse_guarded({name for name in names & vals.keys() if vals[name]})
        return super().create(vals_list)

    def write(self, vals):
        names = self._computed_names().union(self._guarded_by_odoo) & vals.keys() if not self.env.su else ()
        for record in self if names else ():
            record._refuse_guarded({
                name for name in names
                if (self._fields[name].convert_to_write(record.sudo()[name], record) or False) != (vals[name] or False)
            })
        return super().write(vals)

    @api.model
    def _computed_names(self):
        return {name for name, field in self._fields.items() if field.store and field.compute and field.readonly}

    def _refuse_guarded(self, names):
        if names:
            raise AccessError(self.env._(
                "%(record)s: %(fields)s can't be entered by hand. Odoo works it out, or notes it when a button is "
                "pressed.",
                record=self.display_name if self else self.env['ir.model']._get(self._name).name,
                fields=listed(
                    (self._fields[name]._description_string(self.env) for name in sorted(names)), self.env.lang
                ),
            ))
