from odoo import api, models


class ResPartnerBank(models.Model):
    """Bank accounts are facts of the card too: what becomes of them is kept in its history."""

    _inherit = 'res.partner.bank'

    @api.model_create_multi
    def create(self, vals_list):
        banks = super().create(vals_list)
        banks._log_card_bank({bank: (False, bank.acc_number) for bank in banks})
        return banks

    def write(self, vals):
        before = {bank: bank.acc_number for bank in self.sudo()} if 'acc_number' in vals else {}
        result = super().write(vals)
        self._log_card_bank({
            bank: (number, bank.acc_number) for bank, number in before.items() if number != bank.acc_number
        })
        return result

    def unlink(self):
        self._log_card_bank({bank: (bank.acc_number, False) for bank in self})
        return super().unlink()

    def _log_card_bank(self, changes):
        self.env['res.partner']._log_card_changes([
            (bank.partner_id, 'bank_ids', 'basic', old, new) for bank, (old, new) in changes.items()
            if bank.partner_id.commercial_partner_id.customer_rank > 0
        ])
