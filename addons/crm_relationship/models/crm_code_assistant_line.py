import logging

from psycopg2.extensions import TransactionRollbackError

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError, ValidationError

_logger = logging.getLogger(__name__)

# What a manager decides; all else is what the check has found, or what came of it.
DECIDED = {'decision', 'proposed_code'}


class CrmCodeAssistantLine(models.Model):
    """A customer without a code of its own, and what is to happen with it."""

    _name = 'crm.code.assistant.line'
    _description = 'Customer in a Code Check'
    _order = 'id'
    _rec_name = 'partner_id'

    assistant_id = fields.Many2one(
        'crm.code.assistant', string="Check", required=True, readonly=True, ondelete='cascade')
    partner_id = fields.Many2one(
        'res.partner', string="Customer", required=True, readonly=True, ondelete='cascade', index=True)
    kind = fields.Selection(
        [('blank', 'No code'), ('shared', 'Shared code'), ('unregistered', 'Not registered')],
        string="Finding", required=True, readonly=True,
        help="Not registered: the customer has a reference of its own that isn't in the register of codes yet.",
    )
    ref = fields.Char(string="Code Now", readonly=True)
    holder_count = fields.Integer(
        string="Customers with It", readonly=True, aggregator=None,
        help="Customers that show this code, in all companies.")
    decision = fields.Selection(
        [('new', 'New code'), ('keep', 'Keep'), ('skip', 'Leave as it is')], required=True, default='new',
        help="Keep: the code it has now becomes its own. "
             "Leave as it is: nothing changes; the next check finds it again.",
    )
    proposed_code = fields.Char(string="New Code", help="From the name; type another one if you like.")
    typed_by_id = fields.Many2one(
        'res.users', string="New Code by", readonly=True,
        help="Who typed the new code. Empty for proposals, which give way to another number when somebody was faster.")
    state = fields.Selection(
        [('todo', 'Open'), ('done', 'Done'), ('failed', 'Not possible')], required=True, readonly=True, default='todo')
    message = fields.Char(string="Result", readonly=True)

    _open_idx = models.Index("(assistant_id, state, decision)")

    @api.constrains('kind', 'decision')
    def _check_decision(self):
        for line in self:
            if line.decision == 'keep' and line.kind == 'blank':
                raise ValidationError(self.env._(
                    "%(customer)s has no code that it could keep. Choose “New code” or “Leave as it is”.",
                    customer=line.partner_id.display_name))

    @api.constrains('proposed_code', 'decision')
    def _check_proposed_code(self):
        for line in self:
            if line.decision == 'new' and line.state == 'todo' and not (line.proposed_code or '').strip():
                raise ValidationError(self.env._(
                    "%(customer)s needs a new code. Type one, or choose “Leave as it is”.",
                    customer=line.partner_id.display_name))

    def write(self, vals):
        found = vals.keys() - DECIDED
        if found and not self.env.su:
            field = self._fields[min(found)]
            raise UserError(self.env._(
                "“%(field)s” of %(customer)s is what %(check)s has found and can't be changed. Decide about the code, "
                "or check again.", field=field._description_string(self.env),
                customer=self[:1].partner_id.display_name, check=self[:1].assistant_id.name,
            ))
        decided = DECIDED & vals.keys()
        closed = self.filtered(lambda line: line.assistant_id.state != 'draft' or line.state == 'done')
        if decided and closed:
            raise UserError(self.env._(
                "%(customer)s is done or being done in %(check)s; nothing can be decided about it any more. "
                "Change the code on the customer instead.",
                customer=closed[0].partner_id.display_name, check=closed[0].assistant_id.name))
        if decided:
            vals = {**vals, 'state': 'todo', 'message': False}
        if 'proposed_code' in vals:
            vals = {**vals, 'proposed_code': (vals['proposed_code'] or '').strip(), 'typed_by_id': self.env.uid}
        return super().write(vals)

    def action_new(self):
        """Give the selected customers new codes."""
        self.filtered(lambda line: line.proposed_code).write({'decision': 'new'})

    def action_keep(self):
        self.filtered(lambda line: line.kind != 'blank').write({'decision': 'keep'})

    def action_skip(self):
        self.write({'decision': 'skip'})

    def action_open_holders(self):
        """All customers with this code: to compare and, when they are one, to merge."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Customers with code %(code)s", code=self.ref),
            'res_model': 'res.partner',
            'view_mode': 'list,form',
            'domain': [('ref', '=ilike', (self.ref or '').strip()), ('is_customer', '=', True)],
            'context': {'active_test': False},
        }

    # ------------------------------------------------------------------ work

    def _work_off(self):
        """Give all of these customers their codes, in a number of queries that doesn't depend on how many they are.

        :raise ValidationError: one of them can't have the code decided for it
        """
        coded = self.filtered(lambda line: line.partner_id.has_customer_code)
        coded._close(self.env._("Has a code meanwhile"))
        (self - coded).filtered(lambda line: line.decision == 'new')._give_new()
        keepers = (self - coded).filtered(lambda line: line.decision == 'keep')
        keepers.partner_id._register_given(self.env['crm.customer.code'].sudo())
        keepers._close(False)

    def _give_new(self):
        if not self:
            return
        Code = self.env['crm.customer.code'].sudo()
        gone = Code._in_use([line.proposed_code.upper() for line in self if not line.typed_by_id])
        codes = Code._reserve([
            (
                line.partner_id.name,
                None if not line.typed_by_id and line.proposed_code.upper() in gone else line.proposed_code,
                line.partner_id.id,
            )
            for line in self
        ])
        self.partner_id._set_refs(codes)
        Code._attach(dict(zip(codes, self.partner_id.ids, strict=True)))
        self._note_replaced(codes)
        for line, code in zip(self, codes, strict=True):
            if line.proposed_code != code:
                super(CrmCodeAssistantLine, line).write({'proposed_code': code})
        self._close(False)

    def _note_replaced(self, codes):
        """The customer's history tells what it was called before: papers may still show the old code."""
        bodies = {
            line.partner_id.id: self.env._(
                "Customer code %(old)s, which others have too, was replaced by %(new)s.", old=line.ref, new=code)
            for line, code in zip(self, codes, strict=True) if line.kind == 'shared'
        }
        if bodies:
            self.env['res.partner'].sudo().browse(bodies)._message_log_batch(bodies=bodies)

    def _work_off_alone(self):
        """As ``_work_off`` for one customer; what is in the way becomes visible on the line."""
        try:
            with self.env.cr.savepoint():
                self._work_off()
        except (TransactionRollbackError, ConcurrencyError):
            raise
        except Exception as error:
            if not isinstance(error, UserError):
                _logger.exception("No code for customer %s", self.partner_id.id)
            self.invalidate_recordset()
            self.write({'state': 'failed', 'message': str(error)})

    def _close(self, message):
        self.write({'state': 'done', 'message': message})
