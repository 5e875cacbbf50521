from odoo import api, models
from odoo.exceptions import UserError


class TogetherRefused(Exception):
    """Several imported lines can't be saved together: not a ``UserError``, which Odoo would show on the first line."""


class ImportMixin(models.AbstractModel):
    """An import is refused on the line that is wrong: Odoo tries line by line when a batch fails with this error."""

    _name = 'crm.import.mixin'
    _description = "Import with Errors on Their Lines"

    @api.model
    def _load_records(self, data_list, update=False):
        try:
            return super()._load_records(data_list, update)
        except UserError as error:
            if len(data_list) > 1:
                raise TogetherRefused(str(error)) from error
            raise
