"""The credit decision: outcome, reasons with figures, remedies."""

import random
from dataclasses import replace

import pytest
from addon_tools import load

d = load('crm_credit', 'decision')


def limited(limit, *rules, **more):
    return d.Terms(control='limited', limit=limit, rules=rules, **more)


def kinds(decision):
    return [reason.kind for reason in decision.reasons]


def test_an_unlimited_customer_without_rules_always_passes():
    assert d.decide(d.Exposure(not_due=1e9), d.Terms(), d.Document(1e9, 1e9)).outcome == 'clear'
    assert not d.Terms().checks_anything


def test_exactly_the_limit_passes_and_a_cent_more_is_held():
    exposure = d.Exposure(not_due=600)
    assert d.decide(exposure, limited(1000), d.Document(400, 400)).outcome == 'clear'
    assert d.decide(exposure, limited(1000), d.Document(400.01, 400.01)).outcome == 'hold'


def test_limit_zero_means_zero():
    assert d.decide(d.Exposure(), limited(0), d.Document(1, 1)).outcome == 'hold'


def test_what_is_paid_in_advance_needs_no_credit_even_from_a_late_payer():
    exposure = d.Exposure(overdue_over_120=5000, overdue=5000, max_days_overdue=200, transactions=100)
    terms = limited(1000, d.Rule('overdue_days', 'hold', 30))
    assert d.decide(exposure, terms, d.Document(0, 100, paid=100)).outcome == 'clear'


def test_a_part_payment_is_not_counted_twice():
    # 700 owed, 30 of 100 paid (taken off the exposure already): 700 + 100 − 30 = 770
    exposure = d.Exposure(not_due=700, transactions=30)
    assert d.decide(exposure, limited(770), d.Document(70, 100, paid=30)).outcome == 'clear'
    assert d.decide(exposure, limited(769), d.Document(70, 100, paid=30)).outcome == 'hold'


def test_unapplied_payments_extensions_and_guarantees_make_room():
    exposure = d.Exposure(not_due=1000, unapplied=-300)
    assert d.decide(exposure, limited(500, extension=100, guarantee=300), d.Document(200, 200)).outcome == 'clear'
    assert d.decide(exposure, limited(500, extension=100, guarantee=299), d.Document(200, 200)).outcome == 'hold'


def test_tolerance_widens_the_limit_by_its_share():
    terms = limited(1000, d.Rule('over_limit', 'hold', tolerance=0.05))
    assert d.decide(d.Exposure(), terms, d.Document(1050, 1050)).outcome == 'clear'
    assert d.decide(d.Exposure(), terms, d.Document(1050.01, 1050.01)).outcome == 'hold'


def test_the_grade_bounds_what_an_exceeded_limit_may_do():
    rule = d.Rule('over_limit', 'hold')
    assert d.decide(d.Exposure(), limited(10, rule, on_breach='warn'), d.Document(20, 20)).outcome == 'warning'
    assert d.decide(d.Exposure(), limited(10, rule, on_breach='none'), d.Document(20, 20)).outcome == 'clear'
    assert d.decide(d.Exposure(), limited(10, on_breach='warn'), d.Document(20, 20)).outcome == 'warning'


def test_overdue_days_count_from_the_day_after_the_threshold():
    terms = d.Terms(rules=(d.Rule('overdue_days', 'hold', 30),))
    at = d.Exposure(overdue_1_30=10, overdue=10, max_days_overdue=30)
    past = d.Exposure(overdue_31_60=10, overdue=10, max_days_overdue=31)
    assert d.decide(at, terms, d.Document(1, 1)).outcome == 'clear'
    assert kinds(d.decide(past, terms, d.Document(1, 1))) == ['overdue_days']


def test_overdue_amount_tolerates_a_share_of_its_threshold():
    terms = d.Terms(rules=(d.Rule('overdue_amount', 'hold', 100, tolerance=0.1),))
    assert d.decide(d.Exposure(overdue_1_30=110, overdue=110), terms, d.Document(1, 1)).outcome == 'clear'
    assert d.decide(d.Exposure(overdue_1_30=110.01, overdue=110.01), terms, d.Document(1, 1)).outcome == 'hold'


def test_a_disputed_invoice_does_not_hold():
    terms = d.Terms(rules=(d.Rule('overdue_days', 'hold', 30), d.Rule('overdue_amount', 'hold', 0)))
    exposure = d.Exposure(overdue_over_120=900, disputed=900)
    assert d.decide(exposure, terms, d.Document(1, 1)).outcome == 'clear'


@pytest.mark.parametrize(
    ('rule', 'terms', 'held'),
    [
        (d.Rule('no_assessment'), {'has_assessment': False}, True),
        (d.Rule('no_assessment'), {'has_assessment': True}, False),
        (d.Rule('no_assessment', threshold=10_000_000), {'has_assessment': False}, False),
        (d.Rule('review_expired', threshold=10), {'review_overdue_days': 11}, True),
        (d.Rule('review_expired', threshold=10), {'review_overdue_days': 10}, False),
        (d.Rule('guarantee_expired'), {'guarantee_expired': True}, True),
        (d.Rule('guarantee_expired'), {}, False),
        (d.Rule('grade'), {'grade': 'D'}, True),
        (d.Rule('order_maximum', threshold=99), {}, True),
        (d.Rule('order_maximum', threshold=100), {}, False),
    ],
)
def test_each_rule_holds_when_breached(rule, terms, held):
    decision = d.decide(d.Exposure(), d.Terms(rules=(rule,), **terms), d.Document(100, 100))
    assert (decision.outcome == 'hold') is held
    assert kinds(decision) == ([rule.kind] if held else [])


def test_holding_reasons_come_before_warnings_and_one_reason_per_kind():
    terms = limited(
        10,
        d.Rule('over_limit', 'warn'),
        d.Rule('over_limit', 'hold', tolerance=0.5),
        d.Rule('order_maximum', 'warn', 5),
        d.Rule('grade', 'hold'),
    )
    decision = d.decide(d.Exposure(), terms, d.Document(20, 20))
    assert [(r.kind, r.action) for r in decision.reasons] == [
        ('over_limit', 'hold'),
        ('grade', 'hold'),
        ('order_maximum', 'warn'),
    ]


def test_figures_say_how_much_is_missing():
    reason = d.decide(d.Exposure(not_due=900), limited(1000), d.Document(400, 400)).reasons[0]
    assert reason.figures['excess'] == 300
    assert reason.figures['available'] == 100


def test_remedies_are_cheapest_first_and_each_is_enough():
    items = [d.OpenItem('INV/1', 1240, 20), d.OpenItem('INV/2', 310, 0), d.OpenItem('INV/3', 100, 40)]
    exposure = d.Exposure(not_due=310, overdue_1_30=1240, overdue_31_60=100, overdue=1340, max_days_overdue=40)
    decision = d.decide(exposure, limited(1750), d.Document(400, 400), items)
    money = [(r.kind, r.amount) for r in decision.remedies if r.kind in ('pay_invoice', 'pay_amount', 'prepay')]
    assert money == [('pay_amount', 300), ('prepay', 300), ('pay_invoice', 310)]
    assert next(r.percent for r in decision.remedies if r.kind == 'prepay') == 75
    assert [r.kind for r in decision.remedies][-2:] == ['reduce', 'release']
    for remedy in decision.remedies:
        if remedy.kind in ('pay_invoice', 'pay_amount'):
            lower = d.Exposure(not_due=exposure.exposure - remedy.amount)
            assert d.decide(lower, limited(1750), d.Document(400, 400)).outcome == 'clear'


def test_an_overdue_customer_is_told_which_invoices_to_pay():
    items = [d.OpenItem('INV/1', 1240, 45), d.OpenItem('INV/2', 50, 10), d.OpenItem('INV/9', 9999, 80, disputed=True)]
    exposure = d.Exposure(
        overdue_1_30=50, overdue_31_60=1240, overdue_61_90=9999, disputed=9999, overdue=1290, max_days_overdue=45
    )
    decision = d.decide(exposure, d.Terms(rules=(d.Rule('overdue_days', 'hold', 30),)), d.Document(5000, 5000), items)
    first = decision.remedies[0]
    assert (first.kind, first.ref, first.amount) == ('pay_invoice', 'INV/1', 1240)
    assert ('prepay', 100) in [(r.kind, r.percent) for r in decision.remedies]


def test_overdue_and_over_the_limit_together_are_paid_with_invoices_that_cover_both():
    items = [d.OpenItem('INV/1', 200, 45), d.OpenItem('INV/2', 500, 0), d.OpenItem('INV/3', 350, 0)]
    exposure = d.Exposure(not_due=850, overdue_31_60=200, overdue=200, max_days_overdue=45)
    terms = limited(1000, d.Rule('overdue_days', 'hold', 30))
    first = d.decide(exposure, terms, d.Document(400, 400), items).remedies[0]
    assert first.kind == 'prepay' and first.amount == 400
    pay = next(r for r in d.decide(exposure, terms, d.Document(600, 600), items).remedies if r.kind == 'pay_invoice')
    assert (pay.ref, pay.amount) == ('INV/1, INV/2', 700)


OVERDUE = d.Rule('overdue_days', 'hold', 30)


def test_what_lies_unapplied_settles_the_invoices_that_must_go():
    items = [d.OpenItem('INV/1', 400, 60), d.OpenItem('INV/2', 100, 40)]
    exposure = d.Exposure(overdue_31_60=500, overdue=500, max_days_overdue=60, unapplied=-600)
    first = d.decide(exposure, limited(9000, OVERDUE), d.Document(100, 100), items).remedies[0]
    assert (first.kind, first.ref, first.applied, first.amount) == ('apply', 'INV/1, INV/2', 500, 0)
    assert first.covers == ('overdue_days',)


def test_the_customer_pays_what_the_unapplied_payment_leaves():
    items = [d.OpenItem('INV/1', 400, 60), d.OpenItem('INV/2', 100, 40)]
    exposure = d.Exposure(overdue_31_60=500, overdue=500, max_days_overdue=60, unapplied=-450)
    remedies = d.decide(exposure, limited(9000, OVERDUE), d.Document(100, 100), items).remedies
    assert [(r.kind, r.amount) for r in remedies] == [('apply', 50), ('prepay', 100), ('release', 0)]
    assert remedies[0].applied == 450


def test_unapplied_payments_and_the_limit_together():
    items = [d.OpenItem('INV/1', 400, 60), d.OpenItem('INV/2', 700, 0)]
    exposure = d.Exposure(not_due=700, overdue_31_60=400, overdue=400, max_days_overdue=60, unapplied=-450)
    decision = d.decide(exposure, limited(800, OVERDUE), d.Document(300, 300), items)
    apply = next(r for r in decision.remedies if r.kind == 'apply')
    # 50 of the credit are left for INV/2: the customer pays its other 650
    assert (apply.ref, apply.applied, apply.amount) == ('INV/1, INV/2', 400, 650)
    assert set(apply.covers) == {'over_limit', 'overdue_days'}
    decision = d.decide(replace(exposure, not_due=0, uninvoiced=700), limited(800, OVERDUE), d.Document(300, 300),
                        items[:1])
    apply = next(r for r in decision.remedies if r.kind == 'apply')
    assert (apply.ref, apply.applied, apply.amount) == ('INV/1', 400, 150)


def test_nobody_is_asked_to_pay_what_an_unapplied_payment_covers():
    items = [d.OpenItem('INV/1', 300, 5), d.OpenItem('INV/2', 500, 0)]
    exposure = d.Exposure(not_due=500, overdue_1_30=300, overdue=300, max_days_overdue=5, unapplied=-300)
    pay = next(r for r in d.decide(exposure, limited(500), d.Document(200, 200), items).remedies
               if r.kind == 'pay_invoice')
    assert (pay.ref, pay.amount) == ('INV/2', 500)


def test_what_no_money_heals_asks_for_a_person():
    decision = d.decide(d.Exposure(), d.Terms(rules=(d.Rule('no_assessment'),)), d.Document(10, 10))
    assert [r.kind for r in decision.remedies] == ['prepay', 'assess', 'release']
    assert not decision.money_only


def test_prepayment_in_whole_per_cent_is_always_enough():
    decision = d.decide(d.Exposure(not_due=900), limited(1000), d.Document(333.33, 333.33))
    prepay = next(r for r in decision.remedies if r.kind == 'prepay')
    assert prepay.percent == 70 and prepay.amount >= 233.33


def test_orders_of_one_batch_see_those_before_them():
    exposure = d.add_to(d.Exposure(not_due=600), 300)
    assert d.decide(exposure, limited(1000), d.Document(200, 200)).outcome == 'hold'


def test_an_unknown_rule_is_named():
    with pytest.raises(ValueError, match='full_moon'):
        d.decide(d.Exposure(), d.Terms(rules=(d.Rule('full_moon', name='x'),)), d.Document(1, 1))


def test_utilization_is_empty_without_a_limit_and_full_with_limit_zero():
    assert d.Terms().utilization(d.Exposure(not_due=5)) is None
    assert limited(0).utilization(d.Exposure(not_due=5)) == 1.0
    assert limited(200).utilization(d.Exposure(not_due=50)) == 0.25


def test_a_group_limit_counts_what_the_other_members_owe():
    terms = limited(1000, group_limit=1500, group='Steady Group')
    exposure = d.Exposure(not_due=300, group_others=900)
    assert d.decide(exposure, terms, d.Document(300, 300)).outcome == 'clear'
    decision = d.decide(exposure, terms, d.Document(400, 400))
    assert (decision.outcome, kinds(decision)) == ('hold', ['over_group_limit'])
    figures = decision.reasons[0].figures
    assert (figures['exposure'], figures['limit'], figures['excess']) == (1200, 1500, 100)
    assert figures['group'] == 'Steady Group'


def test_the_own_limit_is_the_sub_limit_of_a_member():
    terms = limited(1000, group_limit=1500)
    assert kinds(d.decide(d.Exposure(not_due=900), terms, d.Document(200, 200))) == ['over_limit']
    both = d.decide(d.Exposure(not_due=900, group_others=600), terms, d.Document(200, 200))
    assert kinds(both) == ['over_limit', 'over_group_limit']
    assert [(r.kind, r.amount) for r in both.remedies if r.kind == 'pay_amount'] == [('pay_amount', 200)]


def test_an_unlimited_member_is_bound_by_the_group_limit_only():
    terms = d.Terms(group_limit=0.0, group='Nothing')
    assert terms.checks_anything
    assert d.decide(d.Exposure(), terms, d.Document(1, 1)).outcome == 'hold'
    assert d.decide(d.Exposure(group_others=99), d.Terms(), d.Document(1, 1)).outcome == 'clear'


def test_money_takes_a_group_reason_away():
    terms = d.Terms(group_limit=1000)
    decision = d.decide(d.Exposure(not_due=500, group_others=500), terms, d.Document(100, 100),
                        [d.OpenItem('INV/1', 500)])
    assert decision.money_only
    assert decision.remedies[-1].kind == 'release'
    assert all(remedy.covers == ('over_group_limit',) for remedy in decision.remedies)


def test_a_group_limit_is_warned_tolerated_and_excepted_like_the_own_one():
    exposure, document = d.Exposure(not_due=300, group_others=900), d.Document(350, 350)

    def outcome(*rules, **more):
        terms = limited(9000, *rules, group_limit=1500, group='Steady Group', **more)
        return d.decide(exposure, terms, document).outcome

    assert outcome() == 'hold'
    assert outcome(d.Rule('over_group_limit', 'warn')) == 'warning'
    assert outcome(d.Rule('over_group_limit', 'hold', tolerance=0.05)) == 'clear'
    assert outcome(d.Rule('over_group_limit', 'none')) == 'clear'
    assert outcome(d.Rule('over_group_limit', 'hold'), on_breach='warn') == 'warning'
    assert outcome(on_breach='none') == 'clear'


def test_what_is_available_is_the_smaller_of_the_own_and_the_groups():
    exposure = d.Exposure(not_due=300, group_others=900)
    roomy = limited(5000, group_limit=1500)
    assert (roomy.available(exposure), roomy.own_available(exposure), roomy.group_available(exposure)) == (
        300, 4700, 300)
    assert roomy.utilization(exposure) == pytest.approx(0.8)
    tight = limited(400, group_limit=10000)
    assert (tight.available(exposure), tight.utilization(exposure)) == (100, 0.75)
    assert d.Terms(group_limit=1500).available(exposure) == 300
    assert d.Terms(group_limit=0.0).utilization(exposure) == 1.0
    assert d.Terms().available(exposure) is None
    assert d.Terms().utilization(exposure) is None


def test_rules_without_effect_check_nothing():
    assert not d.Terms(rules=(d.Rule('over_limit', 'none'),)).checks_anything
    assert not d.Terms(group_limit=10, on_breach='none').checks_anything
    assert d.Terms(group_limit=10).checks_anything


def _owed(items, credit, uninvoiced, paid=0.0):
    """The exposure of a customer with these open items."""
    late = [item for item in items if item.days_overdue]
    return d.Exposure(
        not_due=sum(item.amount for item in items if not item.days_overdue),
        overdue_1_30=sum(item.amount for item in late),
        overdue=sum(item.amount for item in late),
        max_days_overdue=max((item.days_overdue for item in late), default=0),
        unapplied=-credit,
        uninvoiced=uninvoiced,
        transactions=paid,
    )


def _after(remedy, items, credit, uninvoiced, document):
    """Exposure and document once the customer and accounting have done what the remedy says."""
    if remedy.kind in ('pay_invoice', 'apply'):
        money, left = remedy.amount + remedy.applied, []
        for item in items:
            used = min(money, item.amount) if item.ref in remedy.ref.split(', ') else 0.0
            money -= used
            left.append(replace(item, amount=item.amount - used))
        left = [item for item in left if item.amount > 0.004]
        return _owed(left, credit - remedy.applied + money, uninvoiced), document
    if remedy.kind == 'pay_amount':
        return _owed(items, credit + remedy.amount, uninvoiced), document
    if remedy.kind == 'prepay':
        paid = d.Document(document.amount - remedy.amount, document.total, remedy.amount)
        return _owed(items, credit, uninvoiced, remedy.amount), paid
    less = document.amount - remedy.amount
    return _owed(items, credit, uninvoiced), d.Document(less, less)


def test_each_way_out_lets_the_document_pass_when_it_is_followed():
    chance = random.Random(19)
    followed = dict.fromkeys(('pay_invoice', 'apply', 'pay_amount', 'prepay', 'reduce'), 0)
    for _round in range(3000):
        items = [
            d.OpenItem(f'INV/{number}', round(chance.uniform(1, 900), 2), chance.choice((0, 0, 5, 20, 40, 70)))
            for number in range(chance.randint(0, 5))
        ]
        credit = chance.choice((0.0, 0.0, round(chance.uniform(0, 1500), 2)))
        uninvoiced = chance.choice((0.0, round(chance.uniform(0, 900), 2)))
        rules = chance.choice(((), (OVERDUE,), (d.Rule('overdue_amount', 'hold', 200, 0.1),),
                               (OVERDUE, d.Rule('overdue_amount', 'hold', 100))))
        terms = limited(chance.choice((0, 500, 1500, 9999)), *rules)
        document = d.Document(total := round(chance.uniform(1, 900), 2), total)
        decision = d.decide(_owed(items, credit, uninvoiced), terms, document, items)
        for remedy in decision.remedies:
            if remedy.kind in followed and remedy.covers == decision.held_kinds:
                followed[remedy.kind] += 1
                after = d.decide(*_order(*_after(remedy, items, credit, uninvoiced, document), terms))
                assert after.outcome == 'clear', (remedy, decision, after)
    assert all(count > 50 for count in followed.values()), followed


def _order(exposure, document, terms):
    return exposure, terms, document
