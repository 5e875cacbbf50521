from odoo import fields, models
from odoo.exceptions import UserError

from ..models.crm_terms_rule import PlannedTerm
from ..tools.listing import listed

OUTCOMES = [
    ('change', 'Changes'), ('end', 'Ends'), ('manual', 'Chosen by hand, kept'), ('refused', 'Rejected before'),
    ('credit', 'Credit department decides'),
]


class CrmTermsPreviewLine(models.TransientModel):
    """One term of one customer in a preview."""

    _name = 'crm.terms.preview.line'
    _description = 'Customer in a Preview of Terms'
    _order = 'outcome, id'

    preview_id = fields.Many2one('crm.terms.preview', required=True, readonly=True, ondelete='cascade', index=True)
    partner_id = fields.Many2one('res.partner', string="Customer", required=True, readonly=True, ondelete='cascade')
    rule_id = fields.Many2one('crm.terms.rule', string="Rule", readonly=True, ondelete='cascade')
    kind = fields.Selection(
        [('pricelist', 'Price list'), ('payment_term', 'Payment term')], string="Term", required=True, readonly=True)
    outcome = fields.Selection(OUTCOMES, required=True, readonly=True)
    from_id = fields.Integer(readonly=True)
    to_id = fields.Integer(readonly=True)
    base_id = fields.Integer(readonly=True)
    from_label = fields.Char(string="Old", readonly=True)
    to_label = fields.Char(string="New", readonly=True)
    is_chosen = fields.Boolean(
        string="Apply", help="Ticked by you, a choice by hand is given up as well.")

    def _planned(self):
        return [
            PlannedTerm(
                line.partner_id.id, line.kind, line.rule_id.id, 'end' if line.outcome == 'end' else 'change',
                line.from_id or None, line.to_id or None, line.base_id or None, line.to_id or None)
            for line in self
        ]

    def write(self, vals):
        if vals.get('is_chosen') and (waiting := self.filtered(lambda line: line.outcome == 'credit')):
            raise UserError(self.env._(
                "%(reason)s: %(customers)s. Leave them out, or ask the credit department to apply these changes.",
                reason=self.env['crm.terms.application']._refused_reason(),
                customers=listed(waiting.partner_id.mapped('display_name'), self.env.lang)))
        return super().write(vals)
