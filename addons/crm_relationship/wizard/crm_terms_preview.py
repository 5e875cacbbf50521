from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..models.crm_terms_rule import TERMS


class CrmTermsPreview(models.TransientModel):
    """Whom rules of preferential terms would touch: old and new terms per customer, and what stays as it is."""

    _name = 'crm.terms.preview'
    _description = 'Preview of Preferential Terms'

    company_id = fields.Many2one('res.company', required=True, readonly=True)
    rule_id = fields.Many2one('crm.terms.rule', string="Rule", readonly=True, ondelete='cascade')
    line_ids = fields.One2many('crm.terms.preview.line', 'preview_id', string="Customers")
    change_count = fields.Integer(string="Would change", readonly=True)
    same_count = fields.Integer(string="Have these terms already", readonly=True)
    manual_count = fields.Integer(string="Chosen by hand, kept", readonly=True)
    credit_count = fields.Integer(string="Wait for the credit department", readonly=True)
    preceded_count = fields.Integer(
        string="Another rule comes first", readonly=True, help="Customers for whom a rule higher up decides.")

    @api.model
    def _open(self, root, rule):
        preview = self.create({'company_id': root.id, 'rule_id': rule.id})
        preview._fill()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Preview: %(rule)s", rule=rule.name) if rule else self.env._("Preview of all rules"),
            'res_model': self._name,
            'res_id': preview.id,
            'view_mode': 'form',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'dialog_size': 'extra-large'},
        }

    def _fill(self):
        root, rule = self.company_id, self.rule_id
        Application = self.env['crm.terms.application']
        plan = [item for item in self.env['crm.terms.rule']._plan(root) if not rule or item.rule_id == rule.id]
        visible = set(self.env['res.partner'].browse({item.partner_id for item in plan})._filtered_access('read').ids)
        plan = [item for item in plan if item.partner_id in visible and item.outcome != 'none']
        credit = {
            kind: set(Application._refused_partners(root, kind, self.env['res.partner'].browse(
                {item.partner_id for item in plan if item.kind == kind and item.outcome != 'same'})).ids)
            for kind in TERMS
        }
        shown = [item._replace(value=item.wanted) if item.outcome in ('manual', 'refused') else item for item in plan]
        labels = Application._labels(shown)
        lines = [
            {
                'preview_id': self.id, 'partner_id': item.partner_id, 'rule_id': item.rule_id, 'kind': item.kind,
                'outcome': 'credit' if item.partner_id in credit[item.kind] else item.outcome,
                'from_id': item.current, 'to_id': item.value, 'base_id': item.base,
                'from_label': labels[item.kind].get(item.current), 'to_label': labels[item.kind].get(item.value),
                'is_chosen': item.outcome in ('change', 'end') and item.partner_id not in credit[item.kind],
            }
            for item in shown if item.outcome != 'same'
        ]
        self.env['crm.terms.preview.line'].create(lines)
        outcomes = [line['outcome'] for line in lines]
        preceded = 0
        if rule:
            preceded = len(set(rule._audience_partners(root).ids) - {item.partner_id for item in plan})
        self.write({
            'change_count': outcomes.count('change') + outcomes.count('end'),
            'same_count': sum(item.outcome == 'same' for item in plan),
            'manual_count': outcomes.count('manual'), 'credit_count': outcomes.count('credit'),
            'preceded_count': preceded,
        })

    def action_apply(self):
        """Announce the chosen changes; those of rules without notice take effect at once."""
        self.ensure_one()
        if self.company_id not in self.env.user.sudo().company_ids.root_id:
            raise AccessError(self.env._("You have no access to the terms of this company."))
        self.line_ids.partner_id.check_access('read')
        chosen = self.line_ids.filtered('is_chosen')
        waiting = self.line_ids.filtered(lambda line: line.outcome == 'credit')
        Application = self.env['crm.terms.application']
        if not chosen and not waiting:
            raise UserError(self.env._(
                "No change is chosen. Tick the customers whose terms shall change, or discard the preview."))
        applications = Application._apply_plan(self.company_id, chosen._planned())
        applications |= Application.sudo()._record(self.company_id, waiting._planned()).sudo(False)
        action = self.env['ir.actions.act_window']._for_xml_id('crm_relationship.crm_terms_application_action')
        return {**action, 'domain': [('id', 'in', applications.ids)], 'context': {}}
