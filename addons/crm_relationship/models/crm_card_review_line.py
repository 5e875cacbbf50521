from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.listing import listed


class CrmCardReviewLine(models.Model):
    """One card in a weekly review: as it was then, and what the manager found."""

    _name = 'crm.card.review.line'
    _description = "Card in a Weekly Review"
    _order = 'state desc, completeness, id'
    _rec_name = 'partner_id'

    review_id = fields.Many2one('crm.card.review', required=True, ondelete='cascade', index=True)
    partner_id = fields.Many2one('res.partner', string="Customer", required=True, index=True, ondelete='cascade')
    user_id = fields.Many2one(related='review_id.user_id', store=True)
    completeness = fields.Integer(string="Completeness (%)", readonly=True, aggregator='avg')
    verified_on = fields.Date(readonly=True)
    last_contact = fields.Datetime(readonly=True)
    missing = fields.Char(compute='_compute_missing', help="What the card lacks now, most important first.")
    remark = fields.Char(help="What must be corrected or added.")
    state = fields.Selection(
        [('open', "To look at"), ('right', "Right"), ('asked', "Correction asked")], required=True, default='open',
        readonly=True,
    )
    reviewed_by_id = fields.Many2one('res.users', string="Looked At By", readonly=True, ondelete='set null')
    reviewed_on = fields.Date(string="Looked At On", readonly=True)

    @api.depends('partner_id.card_missing_item_ids')
    @api.depends_context('lang')
    def _compute_missing(self):
        for line in self:
            line.missing = listed(line.partner_id.card_missing_item_ids[:5].mapped('name'), self.env.lang)

    def action_right(self):
        """The card is as it should be."""
        self._note('right')

    def action_ask(self):
        """Ask the salesperson to correct the card: an activity with the remark."""
        self._check_reviewer()
        for line in self:
            if not (line.remark or '').strip():
                raise UserError(self.env._(
                    "Write in the remark what %(user)s should correct on the card of %(customer)s.",
                    user=line.user_id.name, customer=line.partner_id.display_name,
                ))
            line.partner_id.sudo().activity_schedule(
                'mail.mail_activity_data_todo', user_id=line.user_id.id,
                summary=line.user_id._in_own_language(line).env._("Correct the card: %(remark)s", remark=line.remark),
            )
        self._note('asked')

    def _check_reviewer(self):
        self.review_id._check_manager()
        self.partner_id.check_access('read')

    def _note(self, state):
        self._check_reviewer()
        closed = self.review_id.filtered(lambda review: review.state == 'done')
        if closed:
            raise UserError(self.env._("%(review)s has been reviewed and stays as it is.", review=closed[0].name))
        today = fields.Date.context_today(self)
        self.write({'state': state, 'reviewed_by_id': self.env.uid, 'reviewed_on': today})
        self.partner_id.sudo().write({'card_reviewed_on': today, 'card_reviewed_by_id': self.env.uid})
