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
            if fact.date and fact.date > fields.Date.context_today(fact):
                raise ValidationError(self.env._(
                    "%(fact)s: %(date)s is in the future.", fact=fact.value, date=fields.Date.to_string(fact.date),
                ))

    @api.model_create_multi
    def create(self, vals_list):
        facts = super().create(vals_list)
        facts._log_changes(dict.fromkeys(facts, False))
        return facts

    def write(self, vals):
        before = {fact: fact.value for fact in self}
        result = super().write(vals)
        self._log_changes({fact: value for fact, value in before.items() if value != fact.value})
        return result

    def unlink(self):
        self.env['res.partner']._log_card_changes([
            (fact.partner_id, fact.topic, 'personal', fact.value, False) for fact in self
        ])
        return super().unlink()

    def _log_changes(self, before):
        """Keep in the history, for those who may see personal data, what each fact said before."""
        self.env['res.partner']._log_card_changes([
            (fact.partner_id, fact.topic, 'personal', value, fact.value) for fact, value in before.items()
        ])
