from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    card_review_size = fields.Integer(
        string="Cards a Weekly Review",
        default=20,
        help="How many cards of each salesperson a manager looks at in a week.",
    )
    upkeep_weight = fields.Integer(
        string="Completeness in the Upkeep Score (%)",
        default=60,
        help="The rest of the score is the share of cards verified in time.",
    )

    _card_review_size_positive = models.Constraint(
        "CHECK (card_review_size > 0)",
        "A weekly review looks at one card at least.",
    )
    _upkeep_weight_range = models.Constraint(
        "CHECK (upkeep_weight BETWEEN 0 AND 100)",
        "Completeness counts between 0 and 100 % of the upkeep score.",
    )
