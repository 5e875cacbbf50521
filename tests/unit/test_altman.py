"""Altman's Z, Z′ and Z″: weights, zones, and the group means that the 1968 paper prints."""

import pytest
from addon_tools import load

altman = load('crm_credit', 'altman')


def firm(x1, x2, x3, x4, x5):
    """A firm with assets of 100 and liabilities of 100 that has these ratios."""
    return {
        'working_capital': 100 * x1, 'retained_earnings': 100 * x2, 'ebit': 100 * x3, 'sales': 100 * x5,
        'total_assets': 100, 'total_liabilities': 100, 'equity': 100 * x4,
    }


def listed(*ratios):
    values = firm(*ratios)
    values['market_equity'] = values.pop('equity')
    return values


def test_group_means_of_1968_give_the_published_scores():
    # Altman (1968), table 1: variable means of 33 bankrupt and 33 other manufacturers; mean Z −0.29 and +5.02
    bankrupt = altman.z(**listed(-0.061, -0.626, -0.318, 0.401, 1.5))
    sound = altman.z(**listed(0.414, 0.355, 0.154, 2.477, 1.9))
    assert bankrupt.score == pytest.approx(-0.29, abs=0.15)
    assert sound.score == pytest.approx(5.02, abs=0.15)
    assert (bankrupt.zone, sound.zone) == ('distress', 'safe')


@pytest.mark.parametrize('function, ratios, weights', [
    (lambda *r: altman.z(**listed(*r)), 5, (1.2, 1.4, 3.3, 0.6, 1.0)),
    (lambda *r: altman.z_prime(**firm(*r)), 5, (0.717, 0.847, 3.107, 0.420, 0.998)),
])
def test_each_ratio_counts_with_its_published_weight(function, ratios, weights):
    for position in range(ratios):
        unit = [0.0] * ratios
        unit[position] = 1.0
        assert function(*unit).score == pytest.approx(weights[position])


def test_z_double_prime_has_four_ratios_and_no_sales():
    values = firm(0.2, 0.15, 0.1, 0.8, 0)
    del values['sales']
    result = altman.z_double_prime(**values)
    assert result.score == pytest.approx(6.56 * 0.2 + 3.26 * 0.15 + 6.72 * 0.1 + 1.05 * 0.8)
    assert result.ratios == pytest.approx((0.2, 0.15, 0.1, 0.8, 0))


@pytest.mark.parametrize('model, low, high', [
    (altman.Z, 1.81, 2.99), (altman.Z_PRIME, 1.23, 2.9), (altman.Z_DOUBLE_PRIME, 1.1, 2.6),
])
def test_bounds_belong_to_the_grey_zone(model, low, high):
    assert altman.zone(model, low - 0.001) == 'distress'
    assert altman.zone(model, low) == altman.zone(model, high) == 'grey'
    assert altman.zone(model, high + 0.001) == 'safe'


@pytest.mark.parametrize('name', ['total_assets', 'total_liabilities'])
@pytest.mark.parametrize('amount', [0, -5, float('nan')])
def test_assets_and_liabilities_must_be_above_zero(name, amount):
    values = firm(0.1, 0.1, 0.1, 0.1, 1)
    values[name] = amount
    with pytest.raises(ValueError, match=name.replace('_', ' ')):
        altman.z_prime(**values)
