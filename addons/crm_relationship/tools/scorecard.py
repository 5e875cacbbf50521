"""Weighted scorecards: indicators, score curves, knock-outs, grade scale, frozen copies.

Nothing here knows Odoo. A document keeps ``freeze(indicators)`` and its inputs; evaluating the two
again gives the same result on any later day, whatever happened to the template.

Scores run from 0 to 100, 100 best. Weights are relative: they are normalised over the lines that
could be scored, so an indicator without data neither helps nor harms (unless it says otherwise).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

MIN_SCORE, MAX_SCORE = 0.0, 100.0
CURVE_KINDS = ("manual", "linear", "bands")
OPERATORS = {
    ">=": lambda value, threshold: value >= threshold,
    "<=": lambda value, threshold: value <= threshold,
    ">": lambda value, threshold: value > threshold,
    "<": lambda value, threshold: value < threshold,
}
Points = tuple[tuple[float, float], ...]


class ScorecardError(ValueError):
    """A curve, weight, threshold or input that can't be scored; the message names code and value."""


@dataclass(frozen=True)
class KnockOut:
    """One bad value that no other strength makes good: the total is capped at ``cap`` (0–100)."""

    operator: str
    threshold: float
    cap: float

    def __post_init__(self):
        if self.operator not in OPERATORS:
            raise ScorecardError(f"knock-out: unknown operator {self.operator!r}")
        _finite(self.threshold, "knock-out: threshold")
        _score(self.cap, "knock-out: cap")

    def hits(self, value):
        """Whether ``value`` (in the indicator's own unit) calls for the cap."""
        return OPERATORS[self.operator](value, self.threshold)


@dataclass(frozen=True)
class Indicator:
    """What is looked at, how much it counts, and which value earns which score.

    ``curve_kind`` says how ``curve`` is read:

    - ``manual``: no curve, the input is the score itself (0–100)
    - ``linear``: points (value, score), straight lines between them, flat outside
    - ``bands``: pairs (upper bound inclusive, score); the last band also takes what lies above it

    ``missing_score`` is given when there is no input; None leaves the indicator out.
    """

    code: str
    weight: float
    curve: Points = ()
    curve_kind: str = "manual"
    missing_score: float | None = None
    knock_out: KnockOut | None = None

    def __post_init__(self):
        if not self.code:
            raise ScorecardError("an indicator needs a code")
        _finite(self.weight, f"{self.code}: weight")
        if self.weight < 0:
            raise ScorecardError(f"{self.code}: weight {self.weight:g} is negative")
        if self.missing_score is not None:
            _score(self.missing_score, f"{self.code}: score when missing")
        self._check_curve()

    def _check_curve(self):
        if self.curve_kind not in CURVE_KINDS:
            raise ScorecardError(f"{self.code}: unknown kind of curve {self.curve_kind!r}")
        if self.curve_kind == "manual":
            return
        if not self.curve:
            raise ScorecardError(f"{self.code}: a {self.curve_kind} curve needs at least one point")
        bounds = [bound for bound, _score_of_bound in self.curve]
        open_end = self.curve_kind == "bands" and bounds[-1] == math.inf
        for bound in bounds[:-1] if open_end else bounds:
            _finite(bound, f"{self.code}: curve")
        for lower, upper in zip(bounds, bounds[1:], strict=False):
            if upper <= lower:
                raise ScorecardError(f"{self.code}: curve values must rise, {upper:g} follows {lower:g}")
        for _bound, score in self.curve:
            _score(score, f"{self.code}: curve")


@dataclass(frozen=True)
class LineResult:
    """One indicator's part; ``score`` is None when it was left out, ``contribution`` is in points of the total."""

    code: str
    value: float | None
    score: float | None
    weight: float
    contribution: float
    missing: bool
    knocked_out: bool


@dataclass(frozen=True)
class Result:
    """``score`` 0–100 with two decimals (None when no line could be scored), lines in the given order,
    ``knock_outs`` the codes whose cap applied."""

    score: float | None
    lines: tuple[LineResult, ...]
    knock_outs: tuple[str, ...]


def score_value(indicator: Indicator, value: float) -> float:
    """Score (0–100) of one input value, in the indicator's own unit. Raises ScorecardError."""
    _finite(value, f"{indicator.code}: value")
    if indicator.curve_kind == "manual":
        return _score(value, f"{indicator.code}: score")
    bounds = [bound for bound, _score_of_bound in indicator.curve]
    scores = [score for _bound, score in indicator.curve]
    position = bisect_left(bounds, value)
    if position == len(bounds):
        return float(scores[-1])
    if indicator.curve_kind == "bands" or position == 0 or bounds[position] == value:
        return float(scores[position])
    share = (value - bounds[position - 1]) / (bounds[position] - bounds[position - 1])
    return scores[position - 1] + share * (scores[position] - scores[position - 1])


def evaluate(indicators: Iterable[Indicator], inputs: Mapping[str, float | None]) -> Result:
    """Score every indicator and add them up by weight; caps of knock-outs apply last.

    ``inputs`` maps codes to values in each indicator's unit; None or absent means no data. Codes of no
    indicator are ignored. Raises ScorecardError for two indicators of one code and for unusable values.
    """
    scored = []
    seen = set()
    for indicator in indicators:
        if indicator.code in seen:
            raise ScorecardError(f"{indicator.code}: two indicators have this code")
        seen.add(indicator.code)
        value = inputs.get(indicator.code)
        score = indicator.missing_score if value is None else score_value(indicator, value)
        scored.append((indicator, value, score))
    total_weight = math.fsum(indicator.weight for indicator, _value, score in scored if score is not None)
    lines = tuple(_line(indicator, value, score, total_weight) for indicator, value, score in scored)
    if not total_weight:
        return Result(None, lines, ())
    total = math.fsum(line.contribution for line in lines)
    caps = [
        indicator.knock_out.cap
        for (indicator, *_rest), line in zip(scored, lines, strict=True)
        if line.knocked_out
    ]
    return Result(
        score=round(min([total, *caps]), 2),
        lines=lines,
        knock_outs=tuple(line.code for line in lines if line.knocked_out),
    )


def _line(indicator, value, score, total_weight):
    counts = score is not None and total_weight
    return LineResult(
        code=indicator.code,
        value=value,
        score=score,
        weight=indicator.weight,
        contribution=score * indicator.weight / total_weight if counts else 0.0,
        missing=value is None,
        knocked_out=bool(value is not None and indicator.knock_out and indicator.knock_out.hits(value)),
    )


def grade_for(score: float | None, scale: Sequence[tuple[float, str]]) -> str | None:
    """Code of the highest grade whose minimum the score reaches; None when it reaches none.

    ``scale`` holds (minimum score inclusive, code) in any order.
    """
    if score is None:
        return None
    reached = [(minimum, code) for minimum, code in scale if score >= minimum]
    return max(reached, key=lambda grade: grade[0])[1] if reached else None


def parse_curve(text: str | None) -> Points:
    """Points written as ``"0=100; 30=50; 60=40"``; ``inf`` may end bands. Raises ScorecardError."""
    points = []
    for part in (text or "").replace("\n", ";").split(";"):
        if not part.strip():
            continue
        bound, separator, score = part.partition("=")
        try:
            if not separator:
                raise ValueError
            points.append((float(bound), float(score)))
        except ValueError:
            raise ScorecardError(f"curve: {part.strip()!r} isn't written as value=score, like 30=50") from None
    return tuple(points)


def format_curve(points: Points) -> str:
    """The text that ``parse_curve`` reads back to the same points."""
    return "; ".join(f"{_number(bound)}={_number(score)}" for bound, score in points)


def freeze(indicators: Iterable[Indicator]) -> list[dict]:
    """Copy that survives JSON (no infinities) and thaws to equal indicators."""
    return [
        {
            "code": indicator.code,
            "weight": indicator.weight,
            "curve": format_curve(indicator.curve),
            "curve_kind": indicator.curve_kind,
            "missing_score": indicator.missing_score,
            "knock_out": indicator.knock_out
            and [indicator.knock_out.operator, indicator.knock_out.threshold, indicator.knock_out.cap],
        }
        for indicator in indicators
    ]


def thaw(frozen: Iterable[Mapping] | None) -> tuple[Indicator, ...]:
    """Indicators of a copy made by ``freeze``; keys it doesn't know are ignored."""
    return tuple(
        Indicator(
            code=item["code"],
            weight=item["weight"],
            curve=parse_curve(item.get("curve")),
            curve_kind=item.get("curve_kind", "manual"),
            missing_score=item.get("missing_score"),
            knock_out=KnockOut(*item["knock_out"]) if item.get("knock_out") else None,
        )
        for item in frozen or ()
    )


def _number(value):
    text = repr(float(value))
    return text[:-2] if text.endswith(".0") else text


def _finite(value, what):
    if value is None or not math.isfinite(value):
        raise ScorecardError(f"{what} {value!r} isn't a finite number")
    return value


def _score(value, what):
    _finite(value, what)
    if not MIN_SCORE <= value <= MAX_SCORE:
        raise ScorecardError(f"{what} {value:g} isn't between 0 and 100")
    return float(value)
