from odoo import api, fields, models


class ResUsers(models.Model):
    """Each person's department, by which boards are grouped."""

    _inherit = 'res.users'

    relationship_department_ids = fields.Many2many(
        'crm.scheme.department', 'crm_scheme_department_member_rel', 'user_id', 'department_id',
        string="Departments as a Member", copy=False, groups='crm_relationship.group_relationship_user',
    )
    headed_department_ids = fields.One2many(
        'crm.scheme.department', 'head_id', string="Departments as the Head",
        groups='crm_relationship.group_relationship_user',
    )
    relationship_department_id = fields.Many2one(
        'crm.scheme.department', string="Department", compute='_compute_relationship_department_id', store=True,
        index='btree_not_null', ondelete='set null',
        help="The department of which this person is a member, else the one that this person heads.",
    )

    @api.depends('relationship_department_ids.active', 'headed_department_ids.active')
    def _compute_relationship_department_id(self):
        for user in self:
            user.relationship_department_id = (
                user.relationship_department_ids.filtered('active')[:1]
                or user.headed_department_ids.filtered('active').sorted('id')[:1]
            )

    def _relationship_department_besides(self, department):
        """Return another department of which this person is a member."""
        return (self.sudo().relationship_department_ids.filtered('active') - department)[:1]
