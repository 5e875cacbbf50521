from odoo import fields, models
from odoo.tools import SQL


class CreditTermsReason(models.Model):
    """Why a customer's credit terms changed: for the credit archive, not for everybody who reads the customer's log.

    It belongs to what was tracked in the same transaction, which has the same time of creation.
    """

    _name = 'credit.terms.reason'
    _description = 'Reason of a Change of Credit Terms'
    _order = 'id desc'
    _rec_name = 'reason'

    partner_id = fields.Many2one('res.partner', string='Customer', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one('res.company', required=True, ondelete='cascade')
    reason = fields.Char(required=True)

    def _of_message_sql(self):
        """Return the SELECT of the reason that belongs to the tracked change with the alias ``message``."""
        return SQL(
            """(SELECT string_agg(DISTINCT why.reason, '; ')
                  FROM credit_terms_reason why
                 WHERE why.partner_id = message.res_id AND why.create_date = message.create_date
                   AND why.company_id = COALESCE(message.record_company_id, why.company_id))"""
        )
