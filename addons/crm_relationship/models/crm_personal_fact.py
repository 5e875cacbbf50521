from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmPersonalFact(models.Model):
    """Something personal about a customer or contact, kept apart from it for those with the right group only."""
    _name = 'crm.personal.fact'
    _description = 'Personal Fact'
    _order = 'topic, date desc, id desc'
    _rec_name = 'value'

    partner_id = fields.Many2one('res.partner', string='Person', required=True, ondelete='cascade', index=True)
    topic = fields.Selection(
        [
            ('consumption', 'Consumption'), ('work', 'Work'), ('family', 'Family'), ('residence', 'Residence'),
            ('education', 'Education'), ('character', 'Character'), ('relationships', 'Relationships'),
            ('lifestyle', 'Lifestyle'),
        ],
        required=True, default='family',
    )
    value = fields.Char(string='Fact', required=True)
    date = fields.Date(string='Known Since', required=True, default=fields.Date.context_today)
    user_id = fields.Many2one('res.users', string='Noted By', default=lambda self: self.env.user, ondelete='set null')

    @api.constrains('date')
    def _check_date(self):
        for fact in self:
            if fact.date > fields.Date.context_today(fact):
                raise ValidationError(self.env._(
                    "%(fact)s: %(date)s is in the future.", fact=fact.value, date=fields.Date.to_string(fact.date),
                ))
