"""Scorecards as documents: the pure engine of ``tools/scorecard.py`` on three abstract models.

A concrete document (relationship evaluation, credit assessment) has

- a template with indicators that inherit ``crm.scorecard.indicator.mixin``,
- ``line_ids`` that inherit ``crm.scorecard.line.mixin`` and declare ``indicator_id`` (ondelete set null)
  and the many2one named in ``_scorecard_document_field`` (ondelete cascade),
- itself ``crm.scorecard.document.mixin`` with ``partner_id``, ``company_id`` and ``state``.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.misc import format_date, formatLang

from ..tools import scorecard
from ..tools.listing import listed

# What the chatter and activities write on a document is never content.
CHATTER_FIELDS = frozenset({
    'message_ids', 'message_follower_ids', 'message_partner_ids', 'message_main_attachment_id', 'website_message_ids',
    'activity_ids', 'activity_state', 'activity_user_id', 'activity_type_id', 'activity_date_deadline',
    'activity_summary', 'rating_ids',
})


# On lines: what the template sets, and what the data set where a customer figure is scored.
SYSTEM_FIELDS = frozenset(
    {'indicator_id', 'name', 'code', 'weight', 'source', 'curve_kind', 'evidence', 'contribution'}
)
FIGURE_FIELDS = frozenset({'value', 'score', 'missing'})
# A score among the customers says little without the figure behind it.
EVIDENCE_BEHIND = {
    'rfm_recency': ('last_order_date',), 'rfm_frequency': ('order_count_12m',), 'rfm_monetary': ('sales_12m',),
    'repurchase_rate': ('order_count', 'first_order_date'),
}


class ScorecardIndicatorMixin(models.AbstractModel):
    _name = 'crm.scorecard.indicator.mixin'
    _description = 'Scorecard Indicator'
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True, help="Short technical name, unique in the template. Frozen documents refer to it."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    weight = fields.Float(
        default=10, required=True,
        help="How much the indicator counts. Weights are relative: 30 of a total of 120 is a quarter.",
    )
    source = fields.Selection(
        [('manual', 'By hand, with basis'), ('metric', 'Customer figure')], default='manual', required=True,
    )
    metric_field_id = fields.Many2one(
        'ir.model.fields', string="Customer figure", ondelete='cascade',
        domain=[
            ('model', '=', 'crm.customer.metrics'), ('store', '=', True),
            ('ttype', 'in', ('integer', 'float', 'monetary')), ('name', 'not in', ('id', 'create_uid', 'write_uid')),
        ],
        help="The figure that fills the indicator; documents show its value and date as evidence.",
    )
    curve_kind = fields.Selection(
        [('manual', 'Value is the score'), ('linear', 'Points, straight between'), ('bands', 'Bands')],
        string="Scoring", default='manual', required=True,
    )
    curve = fields.Char(
        help="Value=score pairs, for instance 0=100; 30=50; 60=40. Points: straight lines between them, flat outside. "
             "Bands: upper bound (inclusive)=score; inf ends the last band.",
    )
    missing_policy = fields.Selection(
        [('skip', 'Leave out'), ('score', 'Give a fixed score')], string="Without data", default='skip', required=True,
        help="Left out, its weight falls to the other indicators.",
    )
    missing_score = fields.Float(string="Score without data")
    knock_out_operator = fields.Selection(
        [('>=', 'at least'), ('>', 'more than'), ('<=', 'at most'), ('<', 'less than')], string="Knock-out if value is",
        help="One value so bad that the total is capped, whatever the other indicators say.",
    )
    knock_out_threshold = fields.Float(string="Knock-out threshold")
    knock_out_cap = fields.Float(string="Total capped at")
    help_text = fields.Text(string="What to look at", translate=True)

    @api.constrains(
        'code', 'weight', 'source', 'metric_field_id', 'curve_kind', 'curve', 'missing_policy', 'missing_score',
        'knock_out_operator', 'knock_out_threshold', 'knock_out_cap',
    )
    def _check_scorecard_indicator(self):
        for indicator in self:
            if indicator.source == 'metric' and not indicator.metric_field_id:
                raise ValidationError(
                    self.env._("Choose the customer figure that fills %(name)s.", name=indicator.name)
                )
            try:
                indicator._scorecard_indicator()
            except scorecard.ScorecardError as error:
                raise ValidationError(
                    self.env._("Indicator %(name)s: %(error)s", name=indicator.name, error=error)) from error

    def _scorecard_indicator(self):
        """The pure ``scorecard.Indicator``. Raises ScorecardError when it can't be scored."""
        self.ensure_one()
        knock_out = None
        if self.knock_out_operator:
            knock_out = scorecard.KnockOut(self.knock_out_operator, self.knock_out_threshold, self.knock_out_cap)
        return scorecard.Indicator(
            code=self.code,
            weight=self.weight,
            curve=scorecard.parse_curve(self.curve) if self.curve_kind != 'manual' else (),
            curve_kind=self.curve_kind,
            missing_score=self.missing_score if self.missing_policy == 'score' else None,
            knock_out=knock_out,
        )

    def _scorecard_line_values(self):
        """What a line copies from its indicator."""
        self.ensure_one()
        return {
            'indicator_id': self.id, 'name': self.name, 'code': self.code, 'sequence': self.sequence,
            'weight': self.weight, 'source': self.source, 'curve_kind': self.curve_kind,
        }


class ScorecardLineMixin(models.AbstractModel):
    _name = 'crm.scorecard.line.mixin'
    _description = 'Scorecard Line'
    _order = 'sequence, id'

    # Name of the concrete model's many2one to its document.
    _scorecard_document_field = None

    name = fields.Char(string="Indicator", required=True, readonly=True)
    code = fields.Char(required=True, readonly=True)
    sequence = fields.Integer(default=10)
    weight = fields.Float(readonly=True)
    source = fields.Selection([('manual', 'By hand'), ('metric', 'Customer figure')], readonly=True, default='manual')
    curve_kind = fields.Selection(
        [('manual', 'Value is the score'), ('linear', 'Straight lines'), ('bands', 'Bands')],
        readonly=True, default='manual')
    value = fields.Float(help="The figure that is scored.")
    score = fields.Float(
        compute='_compute_score', store=True, readonly=False, aggregator='avg', help="0 to 100, 100 is best.")
    contribution = fields.Float(
        compute='_compute_contribution', store=True, help="Points of the total that come from this indicator.")
    missing = fields.Boolean(
        string="Not applicable",
        help="No data, or the indicator doesn't apply to this customer: the template says whether it is left out.",
    )
    basis = fields.Text(help="What the score rests on. Required for scores given by hand.")
    note = fields.Text(string="Remark")
    evidence = fields.Char(readonly=True, help="The figure, its period and date, as found when the form was filled.")

    @api.depends(lambda self: self._scorecard_score_depends())
    def _compute_score(self):
        for line in self:
            if line._scorecard_is_direct():
                line.score = line.score
                continue
            indicator = line[self._scorecard_document_field]._scorecard_indicators().get(line.code)
            if not indicator:
                line.score = 0
            elif line.missing:
                line.score = indicator.missing_score or 0
            else:
                line.score = line._scorecard_score_of(indicator)

    @api.depends(lambda self: self._scorecard_contribution_depends())
    def _compute_contribution(self):
        parts = {}
        for document in self[self._scorecard_document_field]:
            result = document._scorecard_result()
            parts.update({(document, line.code): line.contribution for line in result.lines})
        for line in self:
            line.contribution = parts.get((line[self._scorecard_document_field], line.code), 0)

    @api.constrains('score', 'name')
    def _check_score(self):
        for line in self:
            if not scorecard.MIN_SCORE <= line.score <= scorecard.MAX_SCORE:
                raise ValidationError(self.env._(
                    "%(name)s: the score %(score)g isn't between 0 and 100.", name=line.name, score=line.score))

    def write(self, vals):
        self._scorecard_check_open()
        self._scorecard_check_system_fields(vals)
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        indicators = self.env[self._fields['indicator_id'].comodel_name].browse(
            [vals['indicator_id'] for vals in vals_list if vals.get('indicator_id')])
        by_id = {indicator.id: indicator._scorecard_line_values() for indicator in indicators}
        lines = super().create([{**vals, **by_id.get(vals.get('indicator_id'), {})} for vals in vals_list])
        lines._scorecard_check_open()
        return lines

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        self._scorecard_check_open()

    def _scorecard_check_open(self):
        self[self._scorecard_document_field]._scorecard_check_frozen({'line_ids'})

    def _scorecard_check_system_fields(self, vals):
        """Weights come from the template and figures from the data: nobody types them over."""
        if self.env.su:
            return
        fixed = SYSTEM_FIELDS & set(vals)
        figures = FIGURE_FIELDS & set(vals) if any(line.source == 'metric' for line in self) else ()
        if fixed or figures:
            raise UserError(self.env._(
                "%(fields)s of %(names)s can't be typed: weights come from the template, figures from the data. "
                "Use “Fill from Figures”, or change the template.",
                fields=listed(sorted(self._fields[name].string for name in {*fixed, *figures}), self.env.lang),
                names=listed(self.mapped('name'), self.env.lang)))

    def _scorecard_score_depends(self):
        document = self._scorecard_document_field
        return ['value', 'missing', *([f'{document}.frozen_template'] if document else [])]

    def _scorecard_contribution_depends(self):
        document = self._scorecard_document_field
        return [f'{document}.score', 'score', 'weight', 'missing', 'basis'] if document else []

    def _scorecard_is_direct(self):
        """Whether the user gives the score itself, not a value that a curve turns into one."""
        return self.source == 'manual' and self.curve_kind == 'manual'

    def _scorecard_score_of(self, indicator):
        try:
            return scorecard.score_value(indicator, self.value)
        except scorecard.ScorecardError as error:
            raise ValidationError(self.env._("Indicator %(name)s: %(error)s", name=self.name, error=error)) from error

    def _scorecard_input(self):
        """Input of the engine, None without data. A line by hand counts once it has a score or a basis."""
        if self.missing:
            return None
        if self._scorecard_is_direct():
            return self.score if self.score or self.basis else None
        if self.source == 'manual':
            return self.value if self.value or self.basis else None
        return self.value


class ScorecardDocumentMixin(models.AbstractModel):
    _name = 'crm.scorecard.document.mixin'
    _description = 'Scorecard Document'
    _inherit = ['crm.guarded.mixin']

    # States in which the content can't be changed by anyone, and the fields that may be (besides the chatter).
    _scorecard_frozen_states = ()
    _scorecard_follow_up_fields = frozenset()
    _guarded_by_odoo = ('frozen_template', 'frozen_inputs')

    frozen_template = fields.Json(
        copy=False,
        readonly=True,
        help="Indicators, weights, curves and grade scale as they were when the form was filled.",
    )
    frozen_inputs = fields.Json(copy=False, readonly=True, help="Inputs by indicator code as submitted.")
    score = fields.Float(
        string="Total score", compute='_compute_scorecard', store=True, aggregator='avg', copy=False,
        help="Weighted mean of the scored indicators, 0 to 100, capped by knock-outs.",
    )
    knock_out_note = fields.Char(compute='_compute_scorecard', store=True, copy=False)

    @api.depends(lambda self: self._scorecard_depends())
    def _compute_scorecard(self):
        for document in self:
            result = document._scorecard_result()
            names = {line.code: line.name for line in document.line_ids}
            document.score = result.score or 0
            document.knock_out_note = (
                self.env._(
                    "Total capped by %(indicators)s",
                    indicators=listed((names.get(code, code) for code in result.knock_outs), self.env.lang),
                )
                if result.knock_outs
                else False
            )

    def write(self, vals):
        self._scorecard_check_frozen(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        frozen = self.filtered(lambda document: document.state in self._scorecard_frozen_states)
        if frozen:
            raise UserError(self.env._(
                "%(names)s can't be deleted: it is decided and stays in the customer's history.",
                names=listed(frozen.mapped('display_name'), self.env.lang)))

    def _scorecard_check_frozen(self, names):
        """Refuse a change of content fields ``names`` once decided; superusers are no exception."""
        content = set(names) - CHATTER_FIELDS - self._scorecard_follow_up_fields
        frozen = (
            self.filtered(lambda document: document.state in self._scorecard_frozen_states)
            if content
            else self.browse()
        )
        if frozen:
            raise UserError(self.env._(
                "%(names)s can't be changed any more: it is decided. Make a new one instead.",
                names=listed(frozen.mapped('display_name'), self.env.lang)))

    def _scorecard_depends(self):
        if 'line_ids' not in self._fields:
            return []
        return [
            'frozen_template',
            *(f'line_ids.{name}' for name in ('code', 'weight', 'value', 'score', 'missing', 'basis')),
        ]

    # What a concrete document says about itself

    def _scorecard_indicator_records(self):
        """Active indicators of the document's template."""
        raise NotImplementedError

    def _scorecard_scale(self):
        """Grade scale as [(minimum score, grade code)], frozen with the indicators."""
        return []

    def _scorecard_template_name(self):
        return ''

    def _scorecard_frozen_extras(self):
        """More of the template that the frozen copy keeps (JSON values by name)."""
        return {}

    # The engine

    def _scorecard_prepare_lines(self):
        """Freeze the template as it is now, and give the document one line per indicator (entries by hand stay)."""
        self.check_access('write')
        for document in self.sudo():
            records = document._scorecard_indicator_records()
            pure = [record._scorecard_indicator() for record in records]
            extras = {record.code: {
                'name': record.name, 'source': record.source,
                'metric': record.sudo().metric_field_id.name if record.source == 'metric' else None,
            } for record in records}
            frozen = {
                'template': document._scorecard_template_name(),
                'indicators': [{**item, **extras[item['code']]} for item in scorecard.freeze(pure)],
                'scale': [list(step) for step in document._scorecard_scale()],
                **document._scorecard_frozen_extras(),
            }
            document.write({'frozen_template': frozen, 'line_ids': document._scorecard_line_commands(records)})

    def _scorecard_line_commands(self, records):
        lines = {line.code: line for line in self.line_ids}
        commands = [
            fields.Command.delete(line.id) for code, line in lines.items() if code not in set(records.mapped('code'))
        ]
        for record in records:
            values = record._scorecard_line_values()
            line = lines.get(record.code)
            commands.append(fields.Command.update(line.id, values) if line else fields.Command.create(values))
        return commands

    def _scorecard_fill(self):
        """Fill the lines that name a customer figure, with the figure as evidence. Figures are read once for all."""
        self.check_access('write')
        wanted = {
            document: {
                item['code']: item['metric']
                for item in (document.frozen_template or {}).get('indicators', [])
                if item.get('metric')
            }
            for document in self
        }
        names = {name for metrics in wanted.values() for name in metrics.values()}
        names.update(*(EVIDENCE_BEHIND.get(name, ()) for name in tuple(names)))
        for company, documents in self.grouped(lambda document: document.company_id.root_id).items():
            figures, as_of = self.env['crm.customer.metrics'].sudo()._read_figures(
                company, documents.partner_id.commercial_partner_id.ids, names)
            for document in documents:
                values = figures.get(document.partner_id.commercial_partner_id.id, {})
                document._scorecard_fill_lines(wanted[document], values, as_of)

    def _scorecard_fill_lines(self, metrics, values, as_of):
        for line in self.sudo().line_ids:
            name = metrics.get(line.code)
            if not name:
                continue
            value = values.get(name)
            line.write({
                'value': value or 0,
                'missing': value is None,
                'evidence': self._scorecard_evidence(name, values, as_of),
            })

    def _scorecard_evidence(self, name, values, as_of):
        """The figure, and those behind a relative one, in words: "Monetary: 5, Sales, 12 months: $ 900 (as of
        11/22/2026)".
        """
        if values.get(name) is None:
            return self.env._("%(figure)s: no data", figure=self._scorecard_figure_label(name))
        figures = listed((
            self.env._(
                "%(figure)s: %(value)s",
                figure=self._scorecard_figure_label(item),
                value=self._scorecard_figure_text(item, values[item]),
            )
            for item in (name, *EVIDENCE_BEHIND.get(name, ()))
            if values.get(item) is not None
        ), self.env.lang)
        return self.env._("%(figures)s (as of %(date)s)", figures=figures, date=format_date(self.env, as_of))

    def _scorecard_figure_label(self, name):
        return self.env['crm.customer.metrics']._fields[name]._description_string(self.env)

    def _scorecard_figure_text(self, name, value):
        field = self.env['crm.customer.metrics']._fields[name]
        if field.type == 'date':
            return format_date(self.env, value)
        if field.type == 'monetary':
            return formatLang(self.env, value, currency_obj=self.company_id.root_id.currency_id)
        return formatLang(self.env, value, digits=0 if float(value).is_integer() else 2)

    def _scorecard_indicators(self):
        """{code: scorecard.Indicator} of the frozen template."""
        return {item.code: item for item in scorecard.thaw((self.frozen_template or {}).get('indicators'))}

    def _scorecard_inputs(self):
        return {line.code: line._scorecard_input() for line in self.line_ids if line.code}

    def _scorecard_result(self, inputs=None):
        """``scorecard.Result`` of the frozen template and the lines (or the given inputs)."""
        self.ensure_one()
        try:
            return scorecard.evaluate(
                self._scorecard_indicators().values(), self._scorecard_inputs() if inputs is None else inputs)
        except scorecard.ScorecardError as error:
            names = {line.code: line.name for line in self.line_ids}
            code, _colon, rest = str(error).partition(':')
            raise ValidationError(self.env._(
                "Indicator %(name)s: %(error)s", name=names.get(code, code), error=rest.strip())) from error

    def _scorecard_compute(self):
        """Recompute total and contributions now (they follow the lines by themselves)."""
        self.env.add_to_compute(self._fields['score'], self)
        self.env.add_to_compute(self._fields['knock_out_note'], self)
        self._recompute_recordset(['score', 'knock_out_note'])

    def _scorecard_freeze(self):
        """Keep the inputs as they are now; together with the frozen template they replay to this score."""
        self.check_access('write')
        for document in self:
            document.sudo().frozen_inputs = document._scorecard_inputs()

    def _scorecard_grade_code(self, score):
        """Code of the grade that a score reaches on the frozen scale, or None."""
        scale = [tuple(step) for step in (self.frozen_template or {}).get('scale', [])]
        return scorecard.grade_for(score, scale)

    def _scorecard_replay(self):
        """Score and grade code (or None) from the frozen template and the frozen inputs alone."""
        self.ensure_one()
        score = self._scorecard_result(self.frozen_inputs or {}).score
        return score, self._scorecard_grade_code(score)

    def _scorecard_check_basis(self):
        """Refuse to go on while a line by hand has no basis."""
        for document in self:
            bare = document.line_ids.filtered(lambda line: line.source == 'manual' and not (line.basis or '').strip())
            if bare:
                raise UserError(
                    self.env._(
                        "Say what the score rests on (basis) for: %(indicators)s.",
                        indicators=listed(bare.mapped('name'), self.env.lang),
                    )
                )
