from odoo import fields, models
from odoo.exceptions import UserError

LEVELS = [
    ('history', "Seen in purchases"), ('assumed', "Assumed by us"), ('stated', "Stated by the customer"),
    ('confirmed', "Confirmed expectation"),
]
NEED_CHANNELS = [
    ('inquiry', "Inquiry"), ('box', "Suggestion box"), ('card', "Opinion card"), ('survey', "Survey"),
    ('data', "Data"), ('service', "Service staff"), ('competitor', "Competitor study"), ('focus', "Focus group"),
    ('visit', "Visit or call"),
]


class CrmCustomerNeed(models.Model):
    """What a customer needs: from what the purchases show to an expectation that the customer has confirmed."""

    _name = 'crm.customer.need'
    _description = "Customer Need"
    _inherit = ['crm.dossier.mixin']
    _order = 'is_core desc, strength desc, date desc, id desc'

    name = fields.Char(string="Need", required=True, tracking=True)
    is_core = fields.Boolean(string="Core Need", tracking=True, help="Without this the customer would not buy.")
    level = fields.Selection(
        LEVELS, required=True, default='assumed', index=True, tracking=True, group_expand=True,
        help="How sure we are of it.",
    )
    strength = fields.Selection(
        [('0', "Weak"), ('1', "Medium"), ('2', "Strong"), ('3', "Urgent")], required=True, default='1', tracking=True,
    )
    channel = fields.Selection(NEED_CHANNELS, required=True, default='visit', help="How we learned of it.")
    categ_id = fields.Many2one('product.category', string="Product Category", index='btree_not_null')
    product_tmpl_id = fields.Many2one('product.template', string="Product", index='btree_not_null')
    state = fields.Selection(
        [('open', "Unmet"), ('met', "Met"), ('dropped', "No longer needed")], required=True, default='open', index=True,
        tracking=True,
    )
    note = fields.Text(string="Details")

    def action_confirm(self):
        """The customer has confirmed it, today and to the user."""
        self.filtered(lambda need: need.level != 'confirmed').write({
            'level': 'confirmed', 'date': fields.Date.context_today(self), 'user_id': self.env.uid,
        })

    def action_met(self):
        self._close('met')

    def action_drop(self):
        self._close('dropped')

    def _close(self, state):
        closed = self.filtered(lambda need: need.state != 'open')
        if closed:
            raise UserError(self.env._(
                "The need “%(need)s” of %(customer)s is closed already.",
                need=closed[0].name, customer=closed[0].partner_id.display_name,
            ))
        self.state = state
