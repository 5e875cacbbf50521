from odoo import fields, models
from odoo.tools import SQL


class CrmPromiseReport(models.Model):
    """Promises and how many of them were kept in time, by who promised, customer and month."""

    _name = 'crm.promise.report'
    _description = "Promises Kept"
    _auto = False
    _order = 'date_due desc, id desc'
    _rec_name = 'promise_id'

    promise_id = fields.Many2one('crm.promise', string="Promise", readonly=True)
    partner_id = fields.Many2one('res.partner', string="Customer", readonly=True)
    user_id = fields.Many2one('res.users', string="Promised By", readonly=True)
    team_id = fields.Many2one(related='user_id.sale_team_id', string="Sales Team")
    company_id = fields.Many2one('res.company', readonly=True)
    date_due = fields.Date(string="Due", readonly=True)
    state = fields.Selection(
        lambda self: self.env['crm.promise']._fields['state']._description_selection(self.env), readonly=True,
    )
    kept_rate = fields.Float(
        string="Kept in Time", readonly=True, aggregator='avg',
        help="Kept in time by all that are no longer open; open ones don't count.",
    )
    days_late = fields.Integer(
        readonly=True, aggregator='avg', help="Days from due date to the day on which a promise was kept late.",
    )

    @property
    def _table_query(self):
        return SQL(
            """SELECT p.id, p.id AS promise_id, p.partner_id, p.user_id, p.company_id, p.date_due, p.state,
                      CASE p.state WHEN 'kept' THEN 1.0 WHEN 'open' THEN NULL ELSE 0.0 END AS kept_rate,
                      CASE p.state WHEN 'late' THEN p.date_done - p.date_due END AS days_late
                 FROM crm_promise p""",
        )

    def action_open_promise(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'res_model': 'crm.promise', 'res_id': self.promise_id.id,
            'views': [(False, 'form')],
        }
