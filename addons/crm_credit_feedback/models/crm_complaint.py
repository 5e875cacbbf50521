from odoo import api, fields, models


class CrmComplaint(models.Model):
    """Puts the invoices of a justified complaint in dispute, and takes them out when it is over.

    An invoice that somebody put in dispute by hand is left alone.
    """
    _inherit = 'crm.complaint'

    disputed_invoice_ids = fields.Many2many(
        'account.move', 'crm_complaint_disputed_move_rel', 'complaint_id', 'move_id', string="In dispute",
        readonly=True, copy=False,
        help="Put in dispute by this complaint: not called overdue, no reminders, until it is over.")

    @api.model_create_multi
    def create(self, vals_list):
        complaints = super().create(vals_list)
        complaints._update_disputes()
        return complaints

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {'verdict', 'invoice_ids'}:
            self._update_disputes()
        return result

    def _set_state(self, state, **values):
        result = super()._set_state(state, **values)
        self._update_disputes()
        return result

    def unlink(self):
        self.sudo()._release(self.sudo().disputed_invoice_ids)
        return super().unlink()

    def _contested_invoices(self):
        """Invoices that this complaint contests now: until it is closed and what was agreed is carried out."""
        self.ensure_one()
        over = self.state == 'cancelled' or (
            self.state == 'closed' and 'approved' not in self.settlement_ids.mapped('state'))
        if over or self.verdict not in ('justified', 'partly'):
            return self.env['account.move']
        return self.invoice_ids.filtered(
            lambda move: move.state == 'posted' and move.move_type == 'out_invoice'
            and move.payment_state not in ('paid', 'reversed'))

    def _update_disputes(self):
        for complaint in self.sudo():
            contested = complaint._contested_invoices()
            complaint._release(complaint.disputed_invoice_ids - contested)
            complaint._contest(contested - complaint.disputed_invoice_ids)

    def _contest(self, invoices):
        for invoice in invoices:
            if not invoice.credit_disputed:
                invoice.credit_disputed = True
                invoice._message_log(body=self.env._("In dispute because of complaint %(number)s.", number=self.name))
            elif not self._contested_by_others(invoice):
                continue
            self._write_plain({'disputed_invoice_ids': [fields.Command.link(invoice.id)]})

    def _release(self, invoices):
        for complaint in self:
            for invoice in invoices & complaint.disputed_invoice_ids:
                if not complaint._contested_by_others(invoice):
                    invoice.credit_disputed = False
                    invoice._message_log(body=self.env._(
                        "No longer in dispute: complaint %(number)s is over.", number=complaint.name))
                complaint._write_plain({'disputed_invoice_ids': [fields.Command.unlink(invoice.id)]})

    def _contested_by_others(self, invoice):
        return bool(self.search_count([('disputed_invoice_ids', 'in', invoice.id), ('id', '!=', self.id)], limit=1))
