"""What can belong to a maintenance scheme: each gets a link to it."""

from odoo import fields, models

SCHEME_DOMAIN = "[('state', 'in', ('draft', 'review', 'approved', 'force')), ('company_id', 'parent_of', company_id)]"
SCHEME_HELP = "The maintenance scheme that this is part of."


class CrmVisitPlan(models.Model):
    _inherit = 'crm.visit.plan'

    scheme_id = fields.Many2one(
        'crm.maintenance.scheme', string="Maintenance Scheme", index='btree_not_null', ondelete='restrict',
        check_company=True, tracking=True, domain=SCHEME_DOMAIN, help=SCHEME_HELP,
    )


class CrmCareProgramme(models.Model):
    _inherit = 'crm.care.programme'

    scheme_id = fields.Many2one(
        'crm.maintenance.scheme', string="Maintenance Scheme", index='btree_not_null', ondelete='restrict',
        check_company=True, tracking=True, domain=SCHEME_DOMAIN, help=SCHEME_HELP,
    )


class CrmEvaluation(models.Model):
    _inherit = 'crm.evaluation'

    scheme_id = fields.Many2one(
        'crm.maintenance.scheme', string="Maintenance Scheme", index='btree_not_null', ondelete='restrict',
        tracking=True, domain="[('state', 'in', ('draft', 'review', 'approved', 'force'))]", help=SCHEME_HELP,
    )


class CrmContract(models.Model):
    _inherit = 'crm.contract'

    scheme_id = fields.Many2one(
        'crm.maintenance.scheme', string="Maintenance Scheme", index='btree_not_null', ondelete='restrict',
        check_company=True, tracking=True, domain=SCHEME_DOMAIN, help=SCHEME_HELP,
    )


class UtmCampaign(models.Model):
    _inherit = 'utm.campaign'

    scheme_id = fields.Many2one(
        'crm.maintenance.scheme', string="Maintenance Scheme", index='btree_not_null', ondelete='restrict',
        domain="[('state', 'in', ('draft', 'review', 'approved', 'force'))]", help=SCHEME_HELP,
    )
