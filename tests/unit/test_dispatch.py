"""Priority and dispatch rules of complaints."""
import pytest
from addon_tools import load

dispatch = load('crm_feedback', 'dispatch')
Case, Rule = dispatch.Case, dispatch.Rule

CASE = Case(
    'complaint', 'email', 2, category=3, value_class='vip', text='Armchair broken. I call my lawyer!', grade=9)


@pytest.mark.parametrize('rule', [
    {}, {'kinds': {'complaint', 'claim'}}, {'channels': {'email'}}, {'categories': {3}}, {'value_classes': {'vip'}},
    {'grades': {8, 9}}, {'severity_from': 2}, {'keywords': ('accident', 'Lawyer')},
    {'severity_from': 1, 'categories': {3, 4}}])
def test_a_rule_matches_when_every_condition_is_met(rule):
    assert dispatch.matches(Rule('r', **rule), CASE)


@pytest.mark.parametrize('rule', [
    {'kinds': {'praise'}}, {'channels': {'phone'}}, {'categories': {4}}, {'value_classes': {'minor'}},
    {'grades': {8}}, {'severity_from': 3}, {'keywords': ('law',)}, {'severity_from': 1, 'categories': {4}}])
def test_a_rule_fails_on_one_condition(rule):
    assert not dispatch.matches(Rule('r', **rule), CASE)


def test_the_first_rule_that_says_something_wins_each_decision():
    rules = [
        Rule('vip', value_classes=frozenset({'vip'}), outcome=(('priority', '2'),)),
        Rule('legal', keywords=('lawyer',), outcome=(('priority', '3'), ('team', 'legal'))),
        Rule('all', outcome=(('team', 'service'), ('policy', 'standard')))]
    decided = {name: (value, rule.key) for name, (value, rule) in dispatch.decide(rules, CASE).items()}
    assert decided == {'priority': ('2', 'vip'), 'team': ('legal', 'legal'), 'policy': ('standard', 'all')}


def test_no_rule_decides_nothing():
    assert dispatch.decide([], CASE) == {}


@pytest.mark.parametrize('text, keywords', [
    (None, ()), (' , ', ()), ('fire, water damage;lawyer', ('fire', 'water damage', 'lawyer')),
    ('律师，起诉、媒体', ('律师', '起诉', '媒体'))])
def test_keyword_lists(text, keywords):
    assert dispatch.parse_keywords(text) == keywords


@pytest.mark.parametrize('keyword, text, found', [
    ('fire', 'FIRE in the hall', True), ('fire', 'firewood is wet', False),
    ('water damage', 'after water damage', True),
    ('律师', '我要找律师起诉', True), ('c++ (v2)', 'about C++ (v2) only', True)])
def test_keywords_are_whole_words_in_latin_script_and_parts_in_others(keyword, text, found):
    assert bool(dispatch.found_keyword([keyword], text)) is found


@pytest.mark.parametrize('people, load_, expected', [
    (['a', 'b', 'c'], {'a': 2, 'b': 1, 'c': 1}, 'b'), (['a', 'b'], {'a': 1}, 'b'), (['a'], {}, 'a'), ([], {}, None)])
def test_the_person_with_the_fewest_open_cases_gets_the_next(people, load_, expected):
    assert dispatch.least_loaded(people, load_) == expected
