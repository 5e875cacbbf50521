from odoo import api, fields, models


class CrmCustomerMovement(models.Model):
    """One change of a customer's stage, value class or customer grade; written with the change, never edited."""

    _name = 'crm.customer.movement'
    _description = 'Customer Movement'
    _order = 'date desc, id desc'
    _rec_name = 'partner_id'

    company_id = fields.Many2one('res.company', required=True, ondelete='cascade')
    partner_id = fields.Many2one('res.partner', string="Customer", required=True, index=True, ondelete='cascade')
    kind = fields.Selection(
        [('relationship_stage', 'Stage'), ('value_class', 'Value class'), ('customer_grade_id', 'Customer grade')],
        required=True,
    )
    date = fields.Date(required=True)
    from_value = fields.Char(string="From (technical)")
    to_value = fields.Char(string="To (technical)")
    from_label = fields.Char(string="From", compute='_compute_labels')
    to_label = fields.Char(string="To", compute='_compute_labels')
    user_id = fields.Many2one('res.users', string="Decided by", help="Empty when the figures made the change.")
    note = fields.Char()

    @api.depends('kind', 'from_value', 'to_value')
    @api.depends_context('lang')
    def _compute_labels(self):
        labels = {
            'relationship_stage': dict(
                self.env['res.partner']._fields['relationship_stage']._description_selection(self.env)
            ),
            'value_class': dict(self.env['res.partner']._fields['value_class']._description_selection(self.env)),
        }
        for movement in self:
            names = labels.get(movement.kind, {})
            movement.from_label = names.get(movement.from_value, movement.from_value)
            movement.to_label = names.get(movement.to_value, movement.to_value)
