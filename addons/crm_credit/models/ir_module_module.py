from odoo import api, models

OWNER = 'crm_relationship'


class IrModuleModule(models.Model):
    _inherit = 'ir.module.module'

    @api.model
    def _load_module_terms(self, modules, langs, overwrite=False):
        """Read the terms of the scorecard again when those of this addon are read.

        The labels of a selection belong to the addon that lists them. Factors and assessment lines inherit theirs from
        the scorecard, whose catalogue was read before they existed: on a new database they would stay English.
        """
        modules = list(modules)
        if 'crm_credit' in modules and OWNER not in modules:
            modules.insert(0, OWNER)
        return super()._load_module_terms(modules, langs, overwrite=overwrite)
