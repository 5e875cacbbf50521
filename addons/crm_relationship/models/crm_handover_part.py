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
    count = fields.Integer(string="Last Count", readonly=True, help="How much there was when it was counted last.")
    found = fields.Integer(
        compute='_compute_found', help="How much there is now; once carried out, how much there was.",
    )
    included = fields.Boolean(string="Pass Over", default=True)
    moved_count = fields.Integer(string="Passed Over", readonly=True)

    @api.depends('key')
    @api.depends_context('lang')
    def _compute_name(self):
        labels = {source.key: source.label for source in self.env['crm.handover']._handover_sources()}
        for part in self:
            part.name = labels.get(part.key, part.key)

    @api.depends('count', 'handover_id.state')
    @api.depends_context('uid')
    def _compute_found(self):
        # What isn't saved yet has just been counted.
        pending = self.filtered('id').handover_id.filtered(lambda handover: handover.state in ('draft', 'planned'))
        found = pending._count_ahead()
        for part in self:
            if part.handover_id in found:
                part.found = found[part.handover_id].get(part.key, (0,))[0]
            else:
                part.found = part.count

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
