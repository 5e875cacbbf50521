import json
import math
import random

import pytest
from addon_tools import load

scorecard = load("crm_relationship", "scorecard")
Indicator, KnockOut = scorecard.Indicator, scorecard.KnockOut
evaluate, ScorecardError = scorecard.evaluate, scorecard.ScorecardError

PAYMENT = ((-30, 100), (0, 80), (30, 50), (90, 30))


def linear(code="days", weight=1, **more):
    return Indicator(code, weight, curve=PAYMENT, curve_kind="linear", **more)


def bands(code="claims", weight=1, **more):
    return Indicator(code, weight, curve=((0, 100), (2, 60), (math.inf, 10)), curve_kind="bands", **more)


@pytest.mark.parametrize(
    ("days", "score"),
    [(-40, 100), (-30, 100), (-15, 90), (0, 80), (15, 65), (30, 50), (60, 40), (90, 30), (500, 30)],
)
def test_linear_curve_interpolates_and_is_flat_outside(days, score):
    assert evaluate([linear()], {"days": days}).score == score


@pytest.mark.parametrize(("count", "score"), [(-1, 100), (0, 100), (0.5, 60), (2, 60), (2.001, 10), (1e9, 10)])
def test_upper_bound_of_a_band_is_inclusive(count, score):
    assert evaluate([bands()], {"claims": count}).score == score


def test_value_above_a_closed_last_band_takes_its_score():
    closed = Indicator("x", 1, curve=((1, 90), (2, 40)), curve_kind="bands")
    assert evaluate([closed], {"x": 3}).score == 40


def test_total_is_the_weighted_mean_and_contributions_add_up():
    result = evaluate([Indicator("a", 60), Indicator("b", 30), Indicator("c", 10)], {"a": 80, "b": 50, "c": 0})
    assert result.score == 63.0
    assert [line.contribution for line in result.lines] == [48.0, 15.0, 0.0]


def test_missing_line_leaves_its_weight_to_the_others():
    result = evaluate([Indicator("a", 60), Indicator("b", 40)], {"a": 70, "b": None})
    assert result.score == 70
    assert result.lines[1].missing and result.lines[1].score is None and result.lines[1].contribution == 0


def test_missing_line_with_a_stated_score_counts():
    result = evaluate([Indicator("a", 50), Indicator("b", 50, missing_score=20)], {"a": 80})
    assert result.score == 50
    assert result.lines[1].missing and result.lines[1].score == 20


def test_no_line_scored_gives_no_score_instead_of_zero():
    assert evaluate([Indicator("a", 1)], {}).score is None
    assert evaluate([], {}).score is None
    assert evaluate([Indicator("a", 0)], {"a": 50}).score is None


def test_zero_is_a_score_and_not_missing_data():
    result = evaluate([Indicator("a", 1), Indicator("b", 1)], {"a": 0, "b": 100})
    assert result.score == 50 and not result.lines[0].missing


@pytest.mark.parametrize(
    ("operator", "threshold", "hit"),
    [(">=", 90, True), (">", 90, False), ("<=", 90, True), ("<", 90, False)],
)
def test_knock_out_compares_the_value_with_its_threshold(operator, threshold, hit):
    knock_out = KnockOut(operator, threshold, 40)
    result = evaluate([linear(knock_out=knock_out), Indicator("a", 99)], {"days": 90, "a": 100})
    assert result.score == (40 if hit else 99.3)
    assert result.knock_outs == (("days",) if hit else ())


def test_lowest_cap_wins_and_a_cap_never_lifts():
    indicators = [linear("x", knock_out=KnockOut(">=", 0, 60)), linear("y", knock_out=KnockOut(">=", 0, 30))]
    assert evaluate(indicators, {"x": 0, "y": 0}).score == 30
    assert evaluate([linear(knock_out=KnockOut(">=", 0, 90))], {"days": 90}).score == 30


def test_missing_value_knocks_nobody_out():
    result = evaluate([linear(knock_out=KnockOut("<=", 0, 10), missing_score=50)], {})
    assert result.score == 50 and result.knock_outs == ()


def test_knock_out_of_a_weightless_line_still_caps():
    assert (
        evaluate([Indicator("a", 1), linear(weight=0, knock_out=KnockOut(">", 60, 20))], {"a": 90, "days": 61}).score
        == 20
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1, 100.5])
def test_unusable_manual_score_names_code_and_value(value):
    with pytest.raises(ScorecardError, match="trust.*" + f"{value:g}".replace(".", r"\.")):
        evaluate([Indicator("trust", 1)], {"trust": value})


@pytest.mark.parametrize(
    "bad",
    [
        {"code": "", "weight": 1},
        {"code": "x", "weight": -1},
        {"code": "x", "weight": float("nan")},
        {"code": "x", "weight": 1, "curve_kind": "spline"},
        {"code": "x", "weight": 1, "curve_kind": "linear"},
        {"code": "x", "weight": 1, "curve_kind": "linear", "curve": ((5, 10), (5, 20))},
        {"code": "x", "weight": 1, "curve_kind": "linear", "curve": ((5, 10), (4, 20))},
        {"code": "x", "weight": 1, "curve_kind": "linear", "curve": ((5, 10), (math.inf, 20))},
        {"code": "x", "weight": 1, "curve_kind": "bands", "curve": ((math.inf, 10), (math.inf, 20))},
        {"code": "x", "weight": 1, "curve_kind": "bands", "curve": ((1, 101),)},
        {"code": "x", "weight": 1, "missing_score": 120},
    ],
)
def test_impossible_indicator_is_refused_when_it_is_made(bad):
    with pytest.raises(ScorecardError):
        Indicator(**bad)


@pytest.mark.parametrize("bad", [("=", 1, 50), (">", float("nan"), 50), (">", 1, 101)])
def test_impossible_knock_out_is_refused(bad):
    with pytest.raises(ScorecardError):
        KnockOut(*bad)


def test_two_indicators_of_one_code_are_refused():
    with pytest.raises(ScorecardError, match="a: two"):
        evaluate([Indicator("a", 1), Indicator("a", 2)], {"a": 1})


def test_grade_is_the_highest_whose_minimum_is_reached():
    scale = [(0, "D"), (80, "A"), (60, "B")]
    assert [scorecard.grade_for(score, scale) for score in (100, 80, 79.99, 60, 0)] == ["A", "A", "B", "B", "D"]
    assert scorecard.grade_for(None, scale) is None
    assert scorecard.grade_for(10, [(60, "B")]) is None


def test_curve_text_reads_back_to_the_same_points():
    points = ((-30.0, 100.0), (0.1, 80.25), (math.inf, 20.0))
    assert scorecard.parse_curve(scorecard.format_curve(points)) == points
    assert scorecard.parse_curve(" 0=100;30=50 ;\n60=40; ") == ((0, 100), (30, 50), (60, 40))
    assert scorecard.parse_curve("") == scorecard.parse_curve(None) == ()
    assert scorecard.format_curve(PAYMENT) == "-30=100; 0=80; 30=50; 90=30"


@pytest.mark.parametrize("text", ["30", "30:50", "a=50", "30=", "1=2=3", "0,5=10"])
def test_curve_text_that_cant_be_read_says_which_part(text):
    with pytest.raises(ScorecardError, match="value=score"):
        scorecard.parse_curve(text)


def test_frozen_copy_survives_json_and_replays_to_the_same_result():
    rng = random.Random(19)
    indicators = [
        linear(weight=3, knock_out=KnockOut(">", 80, 35.5), missing_score=10.0),
        bands(weight=0.1),
        Indicator("a", 7),
    ]
    thawed = scorecard.thaw(json.loads(json.dumps(scorecard.freeze(indicators), allow_nan=False)))
    assert thawed == tuple(indicators)
    for _attempt in range(200):
        inputs = {
            "days": rng.choice([None, rng.uniform(-60, 150)]),
            "claims": rng.randint(0, 5),
            "a": rng.uniform(0, 100),
        }
        assert evaluate(thawed, json.loads(json.dumps(inputs))) == evaluate(indicators, inputs)


def test_thaw_ignores_keys_that_a_later_version_adds():
    assert scorecard.thaw([{"code": "a", "weight": 1, "name": "Trust"}]) == (Indicator("a", 1),)
    assert scorecard.thaw(None) == ()
