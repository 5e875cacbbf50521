from odoo import api, fields, models
from odoo.tools import SQL


class CreditLock(models.Model):
    """One row per root company and debtor that two decisions about the same debtor can't both update.

    Odoo's transactions are REPEATABLE READ: the second of two decisions would read the debtor's exposure from a
    snapshot taken before the first one ended. Updating the row here before the exposure is read makes the second one
    fail with a serialisation error instead; Odoo then runs it again, and it sees what the first one let through.

    The numbers have no foreign keys on purpose: merging partners must not see this table, and losing a row is
    no loss.
    """

    _name = 'credit.lock'
    _description = 'Credit Lock'
    _log_access = False
    _rec_name = 'partner_id'

    company_id = fields.Integer(required=True)
    partner_id = fields.Integer(required=True)
    version = fields.Integer(required=True, default=1)

    _debtor_unique = models.Constraint('UNIQUE (company_id, partner_id)', "A debtor has one lock in a company.")

    @api.model
    def _bump(self, company, partner_ids):
        """Raise the version of these debtors' locks, before anything about them is read.

        One statement, in id order so that two batches can't wait for each other.

        :param company: res.company, branch or root
        :param partner_ids: ids of commercial partners; the other members of their groups are locked as well
        :raise psycopg2.errors.SerializationFailure: when another transaction decided about one of them meanwhile;
            it is no record's fault and must reach Odoo, which repeats the transaction
        """
        self._bump_places(self.env['credit.group']._places(company.root_id, partner_ids))

    @api.model
    def _bump_places(self, places):
        """Raise the version of the locks of pairs (root company id, debtor id); see :meth:`_bump`."""
        if not places:
            return
        self.env.cr.execute(
            SQL(
                """INSERT INTO credit_lock (company_id, partner_id, version)
               VALUES %s
               ON CONFLICT (company_id, partner_id) DO UPDATE SET version = credit_lock.version + 1""",
                SQL(', ').join(SQL('(%s, %s, 1)', *place) for place in sorted(places)),
            ),
            log_exceptions=False,
        )
