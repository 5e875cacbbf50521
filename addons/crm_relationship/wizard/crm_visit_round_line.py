from odoo import api, fields, models


class CrmVisitRoundLine(models.TransientModel):
    _name = 'crm.visit.round.line'
    _description = "Customer of a Round"
    _order = 'sequence, id'

    round_id = fields.Many2one('crm.visit.round', required=True, ondelete='cascade')
    sequence = fields.Integer(default=100)
    partner_id = fields.Many2one(
        'res.partner', string="Customer", required=True, ondelete='cascade', domain=[('is_customer', '=', True)],
    )
    zip = fields.Char(related='partner_id.zip', string="Postcode")
    city = fields.Char(related='partner_id.city')
    last_contact_date = fields.Datetime(related='partner_id.last_contact_date', string="Last Contact")
    problem = fields.Char(compute='_compute_problem')

    @api.depends('partner_id')
    def _compute_problem(self):
        for line in self:
            partner = line.partner_id
            placed = partner.zip or partner.city or partner.partner_latitude or partner.partner_longitude
            line.problem = False if placed or not partner else self.env._("No address: at the end")
