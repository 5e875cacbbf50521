from odoo import api, fields, models
from odoo.tools import SQL

from .crm_visit_plan import COUNTED_MODES
from .res_partner import VALUE_CLASSES


class CrmVisitPlanLine(models.Model):
    """One customer of a visit plan with its last contact and its next visit, kept in SQL by the plan.

    Derived data: what counts are the contact log and the activities. "As of" the last run of the plan; contacts logged
    since count at once.
    """

    _name = 'crm.visit.plan.line'
    _description = "Customer of a Visit Plan"
    _order = 'due_date, id'
    _rec_name = 'partner_id'

    plan_id = fields.Many2one('crm.visit.plan', required=True, readonly=True, ondelete='cascade', index=True)
    partner_id = fields.Many2one(
        'res.partner', string="Customer", required=True, readonly=True, ondelete='cascade', index=True,
    )
    company_id = fields.Many2one('res.company', required=True, readonly=True, ondelete='cascade', index=True)
    plan_state = fields.Selection(related='plan_id.state', string="State of the Plan")
    user_id = fields.Many2one('res.users', string="Visited By", readonly=True, ondelete='set null', index=True)
    value_class = fields.Selection(VALUE_CLASSES, string="Value Class", readonly=True)
    zip = fields.Char(string="Postcode", readonly=True)
    city = fields.Char(readonly=True)
    since = fields.Date(string="In the Plan Since", readonly=True)
    last_contact_date = fields.Date(
        string="Last Contact", readonly=True, help="The last contact of a mode that counts for the plan.",
    )
    due_date = fields.Date(
        string="Due", readonly=True, index=True,
        help="The last contact plus the interval; for customers never contacted, the start.",
    )
    latest_date = fields.Date(
        string="At the Latest", readonly=True, help="The last contact plus the longest gap.",
    )
    activity_id = fields.Many2one('mail.activity', string="Planned Visit", readonly=True, ondelete='set null')
    activity_date = fields.Date(related='activity_id.date_deadline', string="Planned For")
    covered = fields.Float(
        string="Coverage", readonly=True, aggregator='avg', digits=(5, 4),
        help="1 when the customer was contacted within the interval; in groups the share of the customers.",
    )
    overdue_days = fields.Integer(
        string="Days Overdue", readonly=True, aggregator='max', help="Days beyond the longest gap, as of the last run.",
    )
    problem = fields.Selection(
        [
            ('no_address', "No address: at the end of the round"),
            ('no_person', "Nobody to visit: no active salesperson"),
            ('error', "Could not be planned"),
        ],
        readonly=True, help="Why the visit isn't planned as it should be.",
    )
    problem_note = fields.Char(string="What Happened", readonly=True)

    _customer_uniq = models.Constraint('UNIQUE (plan_id, partner_id)', "A customer is in a plan once.")

    def action_open_customer(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'res_model': 'res.partner', 'res_id': self.partner_id.id,
            'views': [(False, 'form')],
        }

    # ------------------------------------------------------------------ kept by SQL

    @api.model
    def _drop_others(self, plan, customers):
        """Take customers out of the plan that it no longer means."""
        self.flush_model()
        self.env.cr.execute(SQL(
            "DELETE FROM crm_visit_plan_line WHERE plan_id = %s AND partner_id != ALL(%s)", plan.id, customers.ids,
        ))
        self._forget()

    @api.model
    def _add_missing(self, plan, partner_ids):
        self.env.cr.execute(SQL(
            """INSERT INTO crm_visit_plan_line (plan_id, partner_id, company_id, since, covered, overdue_days,
                                                create_uid, create_date, write_uid, write_date)
               SELECT %(plan)s, p.id, %(company)s, %(today)s, 0, 0, %(uid)s, %(now)s, %(uid)s, %(now)s
                 FROM res_partner p
                WHERE p.id = ANY(%(partners)s)
                  AND NOT EXISTS (SELECT FROM crm_visit_plan_line l WHERE l.plan_id = %(plan)s AND l.partner_id = p.id)
                ORDER BY p.id""",
            plan=plan.id, company=plan.company_id.id, today=plan._today(), uid=self.env.uid,
            now=fields.Datetime.now(), partners=list(partner_ids),
        ))

    @api.model
    def _note_visits(self, plan, activities):
        """Enter visits just planned for customers that had none; nothing else of their lines depends on them."""
        self.env.flush_all()
        self.env.cr.execute(SQL(
            """UPDATE crm_visit_plan_line line SET activity_id = visit.id, write_uid = %s, write_date = %s
                 FROM unnest(%s, %s) AS visit (id, partner_id)
                WHERE line.plan_id = %s AND line.partner_id = visit.partner_id""",
            self.env.uid, fields.Datetime.now(), activities.ids, activities.mapped('res_id'), plan.id,
        ))
        self._forget()

    @api.model
    def _refresh(self, plans, partner_ids=None):
        """Bring dates, person, class, place and planned visit of lines up to date: one UPDATE a company."""
        for company, group in plans.grouped('company_id').items():
            self.env.flush_all()
            scope = self.env['crm.customer.metrics']._scope(company.root_id)
            self.env.cr.execute(self._sql_refresh(group, company, scope, partner_ids))
        self._forget()

    def _sql_refresh(self, plans, company, scope, partner_ids):
        modes = SQL("CASE plan.counts %s END", SQL(" ").join(
            SQL("WHEN %s THEN %s", counts, list(counted)) for counts, counted in COUNTED_MODES.items()
        ))
        where = visits = SQL("TRUE")
        if partner_ids is not None:
            where = SQL("line.partner_id = ANY(%s)", list(partner_ids))
            visits = SQL("a.res_id = ANY(%s)", list(partner_ids))
        columns = (
            'company_id', 'user_id', 'value_class', 'zip', 'city', 'last_contact_date', 'due_date', 'latest_date',
            'activity_id', 'covered', 'overdue_days', 'problem', 'problem_note',
        )
        return SQL(
            """
            WITH dated AS (
                SELECT line.id, line.since, plan.company_id, plan.date_start, plan.max_gap_days, plan.kind, contact.day,
                       p.zip, p.city, p.value_class ->> %(company)s AS value_class,
                       (p.partner_latitude <> 0 OR p.partner_longitude <> 0) IS TRUE AS located,
                       CASE WHEN plan.assign_to = 'fixed' THEN fixed.id ELSE COALESCE(own.id, fixed.id) END AS user_id,
                       visit.id AS activity_id,
                       make_interval(
                           days => CASE plan.interval_unit WHEN 'day' THEN 1 WHEN 'week' THEN 7 ELSE 0 END
                                   * plan.interval_number,
                           months => CASE plan.interval_unit WHEN 'month' THEN plan.interval_number ELSE 0 END) AS step
                  FROM crm_visit_plan_line line
                  JOIN crm_visit_plan plan ON plan.id = line.plan_id
                  JOIN res_partner p ON p.id = line.partner_id
                  LEFT JOIN res_users own ON own.id = p.user_id AND own.active AND NOT own.share
                  LEFT JOIN res_users fixed ON fixed.id = plan.user_id AND fixed.active
                  LEFT JOIN LATERAL (
                      SELECT max(%(day)s) AS day FROM crm_touchpoint t
                       WHERE t.partner_id = line.partner_id AND t.mode = ANY(%(modes)s) AND %(companies)s
                  ) contact ON TRUE
                  LEFT JOIN (
                      SELECT DISTINCT ON (a.visit_plan_id, a.res_id) a.visit_plan_id, a.res_id, a.id
                        FROM mail_activity a
                       WHERE a.visit_plan_id = ANY(%(plans)s) AND a.res_model = 'res.partner' AND a.active
                         AND %(visits)s
                       ORDER BY a.visit_plan_id, a.res_id, a.date_deadline, a.id
                  ) visit ON visit.visit_plan_id = line.plan_id AND visit.res_id = line.partner_id
                 WHERE plan.id = ANY(%(plans)s) AND %(where)s
            ), due AS (
                SELECT dated.*, GREATEST(date_start, since, (day + step)::date) AS due_date,
                       CASE WHEN max_gap_days > 0 THEN COALESCE(day, GREATEST(date_start, since)) + max_gap_days
                            ELSE (COALESCE(day, GREATEST(date_start, since)) + step)::date END AS latest_date
                  FROM dated
            ), fresh (id, %(columns)s) AS (
                SELECT id, company_id, user_id, value_class, zip, city, day, due_date, latest_date, activity_id,
                       (day IS NOT NULL AND (day + step)::date >= %(today)s)::int,
                       GREATEST(0, %(today)s::date - latest_date),
                       CASE WHEN user_id IS NULL THEN 'no_person'
                            WHEN kind = 'round' AND NOT located AND COALESCE(zip, '') = '' AND COALESCE(city, '') = ''
                            THEN 'no_address' END,
                       NULL::varchar
                  FROM due
            )
            UPDATE crm_visit_plan_line line
               SET (%(columns)s) = (SELECT %(fresh)s), write_uid = %(uid)s, write_date = %(now)s
              FROM fresh
             WHERE fresh.id = line.id AND (%(old)s) IS DISTINCT FROM (%(fresh)s)
            """,
            company=str(company.id), day=scope.day(SQL("t.date")), modes=modes,
            companies=scope.in_companies(SQL("t.company_id")), where=where, visits=visits, plans=list(plans.ids),
            today=scope.today, uid=self.env.uid, now=fields.Datetime.now(),
            columns=SQL(", ").join(SQL.identifier(name) for name in columns),
            fresh=SQL(", ").join(SQL.identifier('fresh', name) for name in columns),
            old=SQL(", ").join(SQL.identifier('line', name) for name in columns),
        )

    @api.model
    def _refresh_customers(self, partner_ids):
        """Follow the contact log: what was logged, moved or deleted counts at once."""
        if not partner_ids:
            return
        plans = self.env['crm.visit.plan'].sudo().search([
            ('state', '!=', 'closed'), ('line_ids.partner_id', 'in', list(partner_ids)),
        ])
        if plans:
            self.sudo()._refresh(plans, partner_ids)

    @api.model
    def _forget(self):
        """Nothing read before an SQL statement is true any more."""
        self.env['crm.visit.plan.line'].invalidate_model(flush=False)
        self.env['crm.visit.plan'].invalidate_model(
            ['line_ids', 'line_count', 'overdue_count', 'problem_count', 'coverage'], flush=False,
        )
