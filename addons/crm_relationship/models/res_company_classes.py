from odoo import fields, models


class ResCompany(models.Model):
    """Where stages and value classes begin; the root company's settings count for its branches."""

    _inherit = 'res.company'

    stage_dormant_days = fields.Integer(
        default=180, help="A customer without a purchase for longer than this is dormant.")
    stage_lost_days = fields.Integer(
        default=365, help="A customer without a purchase for longer than this is lost.")
    stage_loyal_purchases = fields.Integer(
        default=5, help="From this number of purchases on, a customer that isn't dormant is loyal.")
    class_vip_share = fields.Float(
        string="VIP up to",
        default=50,
        help="Per cent of the sales of twelve months that the VIP customers make up together.",
    )
    class_major_share = fields.Float(
        string="Major up to", default=80, help="Per cent of the sales that VIP and major customers make up together.")
    class_regular_share = fields.Float(
        string="Regular up to", default=95, help="Per cent of the sales of all but the minor customers.")
    class_margin = fields.Float(
        default=3, help="Percentage points by which a customer must be beyond a limit before its class changes.")
    class_last_cut = fields.Date(
        string="Last class cut",
        readonly=True,
        help="Classes change at the first refresh of each month, not every night.",
    )

    _class_shares_rise = models.Constraint(
        'CHECK (0 < class_vip_share AND class_vip_share < class_major_share AND class_major_share < class_regular_share'
        ' AND class_regular_share <= 100 AND class_margin >= 0)',
        "The shares of VIP, major and regular customers must rise and stay within 100 %, and the margin can't "
        "be negative.",
    )
    _stage_limits_positive = models.Constraint(
        'CHECK (0 < stage_dormant_days AND stage_dormant_days < stage_lost_days AND stage_loyal_purchases > 1)',
        "A customer must be dormant before it is lost, and needs at least two purchases to be loyal.")

    def _class_cutoffs(self):
        """Limits of the classes as shares (0–1), as ``tools.rfm.abc_class`` wants them."""
        self.ensure_one()
        return (self.class_vip_share / 100, self.class_major_share / 100, self.class_regular_share / 100)

    def _is_class_cut_due(self, today):
        """Whether no cut was made in the month of ``today`` yet."""
        self.ensure_one()
        return not self.class_last_cut or self.class_last_cut < today.replace(day=1)

    def _mark_class_cut(self, today):
        if self._is_class_cut_due(today):
            self.class_last_cut = today
