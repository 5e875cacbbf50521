from odoo import api, fields, models
from odoo.exceptions import UserError


class CreditGroupChange(models.Model):
    """What changed for a customer in a shared limit: it joined, it left, or the limit changed; for the credit archive.

    Written by the group, one for each member and company, and kept as it is: also when the group is deleted, and for
    customers that have left since.
    """

    _name = 'credit.group.change'
    _description = 'Change of a Shared Credit Limit'
    _order = 'date desc, id desc'
    _rec_name = 'group_name'

    group_id = fields.Many2one('credit.group', string='Group', readonly=True, index=True, ondelete='set null')
    group_name = fields.Char(string='Name of the Group', required=True, readonly=True)
    partner_id = fields.Many2one(
        'res.partner', string='Customer', required=True, readonly=True, index=True, ondelete='restrict'
    )
    company_id = fields.Many2one('res.company', required=True, readonly=True, ondelete='cascade')
    currency_id = fields.Many2one('res.currency', required=True, readonly=True)
    kind = fields.Selection(
        [
            ('group_joined', 'Joined a shared limit'),
            ('group_left', 'Left a shared limit'),
            ('group_limit', 'Shared limit changed'),
        ],
        string='What',
        required=True,
        readonly=True,
    )
    old_limit = fields.Monetary(string='Limit before', readonly=True, aggregator=None)
    new_limit = fields.Monetary(string='Limit after', readonly=True, aggregator=None)
    reason = fields.Char(readonly=True)
    user_id = fields.Many2one('res.users', string='Who', required=True, readonly=True)
    date = fields.Datetime(required=True, readonly=True)

    def write(self, vals):
        self._refuse_rewriting()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        self._refuse_rewriting()

    def _refuse_rewriting(self):
        for change in self:
            raise UserError(
                self.env._(
                    "What happened to the shared limit of %s stays on file as it was. A new change of the group is "
                    "added to it.",
                    change.group_name,
                )
            )

    @api.model
    def _note(self, before, after, reason):
        """Write down what is different.

        :param before: {(group, company, member): limit} of the groups in force
        :param after: the same after the change
        :param reason: as the user gave it, maybe empty
        """
        now, values = fields.Datetime.now(), []
        for place in sorted({*before, *after}, key=lambda place: [record.id for record in place]):
            old, new = before.get(place), after.get(place)
            if old == new:
                continue
            group, company, member = place
            kind = 'group_joined' if old is None else 'group_left' if new is None else 'group_limit'
            values.append(
                {
                    'group_id': group.id,
                    'group_name': group.name,
                    'partner_id': member.id,
                    'company_id': company.id,
                    'currency_id': group.currency_id.id,
                    'kind': kind,
                    'old_limit': old or 0.0,
                    'new_limit': new or 0.0,
                    'reason': reason,
                    'user_id': self.env.uid,
                    'date': now,
                }
            )
        return self.sudo().create(values)
