from odoo import api, models
from odoo.exceptions import UserError


class KeptPartMixin(models.AbstractModel):
    """A part of a record that one person keeps: what may be done with it depends on that record.

    Odoo checks the rules before a write only, and takes what it is given for stored fields that follow another record.
    So a part moved to another record is checked there too, and what follows from its record isn't taken.
    """

    _name = 'crm.kept.part.mixin'
    _description = "Part of a Record Kept by One Person"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_following(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_following(vals)
        result = super().write(vals)
        if any(self._fields[fname].type == 'many2one' for fname in vals if fname in self._fields):
            self.check_access('write')
        return result

    def _check_following(self, vals):
        if self.env.su:
            return
        for fname in vals:
            field = self._fields.get(fname)
            if field and field.store and field.readonly and field.compute:
                raise UserError(self.env._(
                    "“%(field)s” of %(record)s follows from what it belongs to and can't be entered.",
                    field=field._description_string(self.env),
                    record=self[:1].display_name or self.env['ir.model']._get(self._name).name,
                ))
