import re

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError, ValidationError
from odoo.tools import SQL, mute_logger

from ..tools import mnemonic

ROUNDS = 20
"""Attempts to get around codes that others take at the same time, before the whole transaction starts again."""


class CrmCustomerCode(models.Model):
    """Register of all codes ever given to a customer.

    ``res.partner.ref`` shows the current one. A code outlives its customer, its name and its merger: it is never given
    out again, and finds whoever took the customer over. Rows are written by ``res.partner``, never by hand.
    """
    _name = 'crm.customer.code'
    _description = 'Customer Code'
    _order = 'code'
    _rec_name = 'code'

    code = fields.Char(required=True, readonly=True, index='trigram')
    # No unique index on the partner: merging repoints the rows of the merged partner.
    partner_id = fields.Many2one('res.partner', string='Customer', ondelete='set null', index=True, readonly=True)
    is_current = fields.Boolean(
        string='Current', default=True, readonly=True, help="The code that the customer shows now.",
    )
    assigned_name = fields.Char(string='Name at Assignment', readonly=True)
    assigned_on = fields.Date(default=fields.Date.context_today, readonly=True)
    prefix = fields.Char(readonly=True, help="What stands before the running number.")
    number = fields.Integer(readonly=True, aggregator=False)

    _code_unique = models.UniqueIndex('(upper(code))', "This customer code is in use or was used before.")
    _prefix_number = models.Index('(prefix, number)')

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Customer codes are never deleted, so that none is given to a second customer."))

    # Reserving

    @api.model
    def _reserve(self, requests):
        """Take a code for each customer, in a number of queries that doesn't depend on how many they are.

        :param requests: ``[(name, code, partner_id), …]``; an empty ``code`` is made from the name, ``partner_id``
            (or None) is who may have the given code already.
        :return: codes in the same order, registered without a partner: see :meth:`_attach`.
        :raise ValidationError: a given code is taken, or given twice.
        :raise ConcurrencyError: others keep taking the same codes; Odoo then repeats the whole transaction.
        """
        if not requests:
            return []
        requests = [(name, (code or '').strip(), partner_id) for name, code, partner_id in requests]
        self._check_free([(code, partner_id) for _name, code, partner_id in requests if code])
        taken = set()
        for _round in range(ROUNDS):
            codes = self._pick(requests, taken)
            try:
                with self.env.cr.savepoint(flush=False), mute_logger('odoo.sql_db'):
                    self._insert(codes, [name for name, _code, _partner_id in requests])
            except UniqueViolation as error:
                # Committed by someone else since our snapshot was taken: the index sees it, our queries can't.
                clash = re.search(r'\)=\((.*)\)', error.diag.message_detail or '', re.DOTALL)
                if not clash:
                    raise
                taken.add(clash[1])
                for _name, code, _partner_id in requests:
                    if code.upper() in taken:
                        self._raise_taken(code, self.env._("another customer, since a moment ago"))
            else:
                return codes
        raise ConcurrencyError("customer codes are being taken by others at the same time")

    @api.model
    def _pick(self, requests, taken):
        """Codes for ``requests`` that nobody has as far as we can see; ``taken`` are upper-case codes to avoid too."""
        length = self._code_length()
        stems = [
            '' if code else mnemonic.mnemonic(name, length) or mnemonic.FALLBACK for name, code, _partner_id in requests
        ]
        highest = self._highest_numbers({mnemonic.number_prefix(stem) for stem in stems if stem})
        streams = {
            stem: mnemonic.candidates(stem, highest.get(mnemonic.number_prefix(stem), 0)) for stem in set(stems) if stem
        }
        # Two stems may lead to one code: number 54 of S and the bare S54.
        taken = taken | {code.upper() for _name, code, _partner_id in requests if code}
        codes = [code for _name, code, _partner_id in requests]
        open_positions = [position for position, stem in enumerate(stems) if stem]
        while open_positions:
            for position in open_positions:
                codes[position] = next(code for code in streams[stems[position]] if code not in taken)
                taken.add(codes[position])
            clashes = self._in_use([codes[position] for position in open_positions])
            open_positions = [position for position in open_positions if codes[position] in clashes]
        return codes

    @api.model
    def _code_length(self):
        value = self.env['ir.config_parameter'].sudo().get_param('crm_relationship.code_length')
        return max(int(value), 2) if value and value.isdecimal() else mnemonic.MAX_LENGTH

    @api.model
    def _highest_numbers(self, prefixes):
        if not prefixes:
            return {}
        self.flush_model(['prefix', 'number'])
        return dict(self.env.execute_query(SQL(
            'SELECT prefix, max(number) FROM crm_customer_code WHERE prefix = ANY(%s) GROUP BY prefix', list(prefixes),
        )))

    @api.model
    def _in_use(self, codes):
        """Those of ``codes`` (upper case) that are registered, or stand in a reference of any contact."""
        if not codes:
            return set()
        self.env['res.partner'].flush_model(['ref'])
        rows = self.env.execute_query(SQL(
            """SELECT upper(code) FROM crm_customer_code WHERE upper(code) = ANY(%(codes)s)
               UNION SELECT upper(ref) FROM res_partner WHERE upper(ref) = ANY(%(codes)s)""",
            codes=list(codes),
        ))
        return {code for code, in rows}

    # Codes given by hand

    @api.model
    def _owners(self, codes):
        """Who has ``codes`` by the register and customers' references: ``{CODE: {(partner_id or None, name), …}}``."""
        self.env['res.partner'].flush_model(['ref', 'customer_rank', 'parent_id', 'is_company', 'complete_name'])
        self.flush_model()
        owners = {}
        for code, partner_id, name in self.env.execute_query(SQL(
            """SELECT upper(p.ref), p.id, p.complete_name
                 FROM res_partner p
                WHERE upper(p.ref) = ANY(%(codes)s) AND p.customer_rank > 0 AND (p.parent_id IS NULL OR p.is_company)
             UNION ALL
               SELECT upper(c.code), c.partner_id, COALESCE(p.complete_name, c.assigned_name)
                 FROM crm_customer_code c LEFT JOIN res_partner p ON p.id = c.partner_id
                WHERE upper(c.code) = ANY(%(codes)s)""",
            codes=[code.upper() for code in codes],
        )):
            owners.setdefault(code, set()).add((partner_id, name))
        return owners

    @api.model
    def _conflicts(self, given):
        """Other owners of ``[(code, partner_id or None), …]``: ``[(code, partner_id, owner_id, owner's name), …]``."""
        owners = self._owners([code for code, _partner_id in given]) if given else {}
        return [
            (code, partner_id, owner_id, name)
            for code, partner_id in given
            for owner_id, name in owners.get(code.upper(), ())
            if not owner_id or owner_id != partner_id
        ]

    @api.model
    def _check_free(self, given):
        """Raise when one of ``[(code, partner_id or None), …]`` is someone else's or stands twice in the list."""
        seen = set()
        for code, _partner_id in given:
            if code.upper() in seen:
                raise ValidationError(
                    self.env._("Customer code %(code)s is given to two customers at once.", code=code),
                )
            seen.add(code.upper())
        for code, _partner_id, owner_id, name in self._conflicts(given):
            owner = self.env['res.partner'].sudo(False).browse(owner_id)
            if owner and not owner.has_access('read'):
                name = self.env._("a customer of another company")
            self._raise_taken(code, name)

    @api.model
    def _raise_taken(self, code, owner):
        raise ValidationError(self.env._(
            "Customer code %(code)s belongs to %(owner)s. Codes are unique and never given out a second time, "
            "not even when the customer is archived or merged.",
            code=code, owner=owner or self.env._("a customer that was deleted"),
        ))

    # Rows

    @api.model
    def _insert(self, codes, names):
        """Register ``codes`` with the names of their customers in one statement, without a partner yet."""
        parts = [mnemonic.split_number(code) for code in codes]
        self.env.execute_query(SQL(
            """INSERT INTO crm_customer_code
                      (code, assigned_name, prefix, number, is_current, assigned_on,
                       create_uid, write_uid, create_date, write_date)
               SELECT code, name, prefix, number, TRUE, %(today)s, %(uid)s, %(uid)s, %(now)s, %(now)s
                 FROM unnest(%(codes)s, %(names)s, %(prefixes)s, %(numbers)s) AS t (code, name, prefix, number)
            RETURNING id""",
            today=fields.Date.context_today(self), uid=self.env.uid, now=self.env.cr.now(),
            codes=codes, names=[name or '' for name in names],
            prefixes=[prefix for prefix, _number in parts], numbers=[number for _prefix, number in parts],
        ))

    @api.model
    def _attach(self, partner_by_code):
        """Give reserved or own codes (``{code: partner_id}``) to their partners as the current ones."""
        if not partner_by_code:
            return
        self.flush_model()
        given = SQL(
            'unnest(%s, %s) AS t (code, partner_id)',
            [code.upper() for code in partner_by_code], list(partner_by_code.values()),
        )
        log = SQL('write_uid = %s, write_date = %s', self.env.uid, self.env.cr.now())
        # Two statements: joined by OR they would compare each row with each.
        self.env.execute_query(SQL(
            """UPDATE crm_customer_code c SET partner_id = t.partner_id, is_current = TRUE, %s FROM %s
                WHERE upper(c.code) = t.code
                  AND (c.partner_id IS DISTINCT FROM t.partner_id OR c.is_current IS NOT TRUE)
            RETURNING c.id""", log, given,
        ))
        self.env.execute_query(SQL(
            """UPDATE crm_customer_code c SET is_current = FALSE, %s FROM %s
                WHERE c.partner_id = t.partner_id AND c.is_current AND upper(c.code) <> t.code
            RETURNING c.id""", log, given,
        ))
        self.invalidate_model()
        self.env['res.partner'].invalidate_model(['customer_code_ids', 'has_customer_code'])

    @api.model
    def _partner_ids_of(self, code):
        """Ids of whom ``code`` belongs to, whatever its case: one or none."""
        self.flush_model(['code', 'partner_id'])
        rows = self.env.execute_query(SQL(
            'SELECT partner_id FROM crm_customer_code WHERE upper(code) = %s AND partner_id IS NOT NULL',
            code.strip().upper(),
        ))
        return [partner_id for partner_id, in rows]
