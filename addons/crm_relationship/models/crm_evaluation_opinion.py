from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.listing import listed


class CrmEvaluationOpinion(models.Model):
    """What one person, asked for it, thinks of an evaluation; dated when it is given, and nobody else may write it."""

    _name = 'crm.evaluation.opinion'
    _description = 'Opinion on an Evaluation'
    _order = 'id'
    _rec_name = 'user_id'

    evaluation_id = fields.Many2one('crm.evaluation', required=True, ondelete='cascade', index=True)
    user_id = fields.Many2one('res.users', string="Asked", required=True, ondelete='restrict', index=True)
    verdict = fields.Selection(
        [('agree', 'Agrees'), ('reservations', 'Agrees with reservations'), ('disagree', 'Disagrees')]
    )
    opinion = fields.Text()
    date = fields.Datetime(string="Given on", readonly=True)
    can_edit = fields.Boolean(compute='_compute_can_edit')

    _person_once = models.Constraint('UNIQUE (evaluation_id, user_id)', "Each person is asked once per evaluation.")

    @api.depends_context('uid')
    @api.depends('user_id', 'evaluation_id.state')
    def _compute_can_edit(self):
        for opinion in self:
            opinion.can_edit = opinion.user_id == self.env.user and opinion.evaluation_id.state == 'circulated'

    def write(self, vals):
        self._check_open()
        if not self.env.su:
            if set(vals) - {'verdict', 'opinion'}:
                raise UserError(self.env._("Only the opinion itself can be written."))
            others = self.filtered(lambda opinion: opinion.user_id != self.env.user)
            if others:
                raise AccessError(self.env._(
                    "Only %(names)s may write this opinion.",
                    names=listed(others.user_id.mapped('name'), self.env.lang)))
        result = super().write(vals)
        if {'verdict', 'opinion'} & set(vals):
            self._mark_given()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_given(self):
        self._check_open()
        if given := self.filtered('date'):
            raise UserError(
                self.env._(
                    "The opinion of %(names)s is given and stays.",
                    names=listed(given.user_id.mapped('name'), self.env.lang)
                )
            )

    def _mark_given(self):
        opinions = self.sudo()
        super(CrmEvaluationOpinion, opinions).write({'date': fields.Datetime.now()})
        for opinion in opinions:
            opinion.evaluation_id.activity_ids.filtered(
                lambda activity, opinion=opinion: activity.user_id == opinion.user_id and activity.automated
            ).action_feedback()

    def _check_open(self):
        self.evaluation_id._scorecard_check_frozen({'opinion_ids'})
