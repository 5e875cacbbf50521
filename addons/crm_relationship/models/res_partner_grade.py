from odoo import api, fields, models
from odoo.exceptions import AccessError

GRADE = 'customer_grade_id'
# In the context while partners are merged; an object, so that no remote call can bring it.
MERGING = object()


class ResPartner(models.Model):
    """Customer grade: set by closing an evaluation, one value for a root company and its branches, with history."""

    _inherit = 'res.partner'

    customer_grade_id = fields.Many2one(
        'crm.grade', string="Customer Grade", company_dependent=True, copy=False, ondelete='restrict', tracking=True,
        help="From the last closed relationship evaluation.")

    @api.model_create_multi
    def create(self, vals_list):
        self._check_may_grade(any(vals.get(GRADE) for vals in vals_list))
        partners = super().create(vals_list)
        for partner, vals in zip(partners, vals_list, strict=True):
            if vals.get(GRADE):
                partner._mirror_grade({partner: self.env['crm.grade']})
        return partners

    def write(self, vals):
        if GRADE not in vals:
            return super().write(vals)
        root = self.env.company.root_id
        before = {partner: partner.sudo().with_company(root)[GRADE] for partner in self}
        self._check_may_grade(any(grade.id != (vals[GRADE] or False) for grade in before.values()))
        result = super().write(vals)
        self._mirror_grade(before)
        return result

    def _check_may_grade(self, changes):
        if self.env.su or self.env.context.get('customer_grade_merge') is MERGING:
            return
        if changes and not self.env.user.has_group('crm_relationship.group_relationship_manager'):
            raise AccessError(
                self.env._("The customer grade comes from a closed evaluation; only managers may set it otherwise.")
            )

    def _mirror_grade(self, before):
        """Copy the grade of the current company to the root and its other branches, and keep what changed.

        ``before`` maps the partners to their former grade at the root company.
        """
        root = self.env.company.root_id
        others = self.env['res.company'].sudo().search([('id', 'child_of', root.id), ('id', '!=', self.env.company.id)])
        movements = []
        for partner, former in before.items():
            grade = partner[GRADE]
            for company in others:
                super(ResPartner, partner.sudo().with_company(company)).write({GRADE: grade.id})
            if grade != former:
                movements.append({
                    'company_id': root.id, 'partner_id': partner.id, 'kind': GRADE,
                    'date': fields.Date.context_today(partner), 'from_value': former.code, 'to_value': grade.code,
                    'user_id': self.env.uid, 'note': self.env.context.get('customer_movement_note'),
                })
        self.env['crm.customer.movement'].sudo().create(movements)
