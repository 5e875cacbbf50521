import doctest

import pytest
from addon_tools import load

terms = load('crm_relationship', 'terms')
judge, NOTHING = terms.judge, terms.NOTHING


@pytest.mark.parametrize(('current', 'wanted', 'history', 'expected'), [
    (None, None, {}, ('none', None)),
    (5, None, {}, ('none', 5)),
    (None, 7, {}, ('change', 7)),
    (7, 7, {}, ('same', 7)),
    (5, 7, {}, ('manual', 5)),
    (7, 7, {'applied': 7}, ('same', 7)),
    (7, 8, {'applied': 7}, ('change', 8)),
    (7, None, {'applied': 7}, ('end', None)),
    (7, None, {'applied': 7, 'base': 5}, ('end', 5)),
    (7, None, {'applied': 7, 'base': 7}, ('same', 7)),
    (5, 7, {'applied': 7}, ('manual', 5)),
    (None, 7, {'applied': 7}, ('manual', None)),
    (None, 7, {'kept': None}, ('manual', None)),
    (5, 7, {'kept': 5}, ('manual', 5)),
    (None, 7, {'kept': 5}, ('change', 7)),
    (None, 7, {'refused': 7}, ('refused', None)),
    (None, 8, {'refused': 7}, ('change', 8)),
    (7, None, {'applied': 7, 'refused': None}, ('refused', 7)),
])
def test_rules_propose_and_choices_by_hand_stay(current, wanted, history, expected):
    assert judge(current, wanted, **history) == expected


def test_a_term_never_changes_where_a_hand_was_at_work():
    for current in (None, 5, 6, 7):
        for applied in (NOTHING, 5, 7):
            outcome, value = judge(current, 7, applied=applied)
            by_hand = current is not None if applied is NOTHING else current != applied
            if by_hand:
                assert outcome in ('manual', 'same')
                assert value == current


def test_examples_of_the_documentation():
    assert doctest.testmod(terms).failed == 0
