from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmHandoverPart(models.Model):
    """One kind of open work in a handover: how much there is and whether it passes over."""

    _name = 'crm.handover.part'
    _description = "Part of a Handover"
    _order = 'sequence, id'

    handover_id = fields.Many2one('crm.handover', required=True, index=True, ondelete='cascade')
    sequence = fields.Integer()
    key = fields.Char(required=True, readonly=True)
    name = fields.Char(string="Kind", compute='_compute_name', help="In the language of whoever reads it.")
    count = fields.Integer(string="Found", readonly=True)
    included = fields.Boolean(string="Pass Over", default=True)
    moved_count = fields.Integer(string="Passed Over", readonly=True)

    @api.depends('key')
    @api.depends_context('lang')
    def _compute_name(self):
        labels = {source.key: source.label for source in self.env['crm.handover']._handover_sources()}
        for part in self:
            part.name = labels.get(part.key, part.key)

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._check_handover_open()
        return parts

    def write(self, vals):
        self._check_handover_open()
        result = super().write(vals)
        if 'handover_id' in vals:
            self._check_handover_open()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_carried_out(self):
        self._check_handover_open()

    def _check_handover_open(self):
        """Of what has been carried out, the parts and with them the records stay on file."""
        closed = self.handover_id.filtered(lambda handover: handover.state not in ('draft', 'planned', 'cancelled'))
        if closed and not self.env.su:
            raise UserError(self.env._(
                "%(handover)s has been carried out and can't be changed. Hand over once more instead.",
                handover=closed[0].name,
            ))
