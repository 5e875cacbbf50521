from odoo import models


class StockReturnPicking(models.TransientModel):
    _inherit = 'stock.return.picking'

    def _create_return(self):
        picking = super()._create_return()
        complaint = self.env['crm.complaint'].browse(self.env.context.get('complaint_id')).exists()
        if complaint and complaint.has_access('write') and complaint.picking_id == self.picking_id:
            complaint._message_log(body=self.env._("Return %(picking)s created.", picking=picking._get_html_link()))
            picking._message_log(body=self.env._(
                "Returned because of complaint %(link)s.", link=complaint._get_html_link()))
        return picking
