from odoo import fields, models


class CrmHandoverLine(models.Model):
    """One record that passed to the successor, so that it can be found and given back."""

    _name = 'crm.handover.line'
    _description = "Record Handed Over"
    _order = 'part_id, partner_id, id'

    handover_id = fields.Many2one('crm.handover', required=True, index=True, ondelete='cascade')
    part_id = fields.Many2one('crm.handover.part', string="Kind", required=True, ondelete='cascade', index=True)
    res_model = fields.Char(string="Model", required=True)
    res_id = fields.Many2oneReference(string="Record", model_field='res_model', required=True)
    name = fields.Char(required=True)
    partner_id = fields.Many2one('res.partner', string="Customer", index='btree_not_null', ondelete='set null')
    state = fields.Selection(
        [('moved', "Passed over"), ('returned', "Returned"), ('kept', "Stayed")], required=True, default='moved',
        help="Stayed: closed, or given to somebody else, during the absence; or a meeting of the substitute.",
    )
    begun = fields.Boolean(
        string="Begun Meanwhile", help="The substitute began this for the customer during the absence.",
    )

    def action_open_record(self):
        self.ensure_one()
        model, res_id = self.res_model, self.res_id
        if model == 'mail.activity':
            activity = self.env['mail.activity'].browse(res_id).exists()
            if activity.res_model:
                model, res_id = activity.res_model, activity.res_id
        return {'type': 'ir.actions.act_window', 'res_model': model, 'res_id': res_id, 'views': [(False, 'form')]}
