from odoo import fields, models


class CrmComplaintTeam(models.Model):
    """People who answer complaints together."""
    _name = 'crm.complaint.team'
    _description = "Feedback Team"
    _order = 'sequence, id'
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one('res.company', help="Empty: every company.")
    leader_id = fields.Many2one(
        'res.users', check_company=True, domain="[('share', '=', False)]", help="Hears of escalations.")
    member_ids = fields.Many2many(
        'res.users', string="Members", check_company=True, domain="[('share', '=', False)]")
    assign_to = fields.Selection([
        ('balanced', "Member with the fewest open complaints"), ('leader', "Team leader"),
        ('nobody', "Nobody: the team picks"),
    ], string="New complaints go to", required=True, default='balanced')
    grace_days = fields.Integer(
        string="Close after (days)", default=7,
        help="A resolved complaint closes by itself when the customer hasn't objected for so many days. "
             "0: only by hand.")

    _grace_check = models.Constraint('CHECK (grace_days >= 0)', "Days must not be negative.")

    def _of_company(self, company):
        return self.search([('company_id', 'in', (False, company.id))])

    def _available_members(self, company):
        """Members who may work for a company, in a stable order."""
        return self.member_ids.filtered(lambda user: user.active and company in user.company_ids).sorted('id')
