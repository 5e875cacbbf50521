"""What is to happen to one of a customer's terms: rules propose, a choice made by hand stays.

Values are opaque (ids of a price list or a payment term), ``None`` stands for an empty one. Nothing here knows Odoo.

>>> judge(current=None, wanted=7)
('change', 7)
>>> judge(current=5, wanted=7)
('manual', 5)
>>> judge(current=7, wanted=None, applied=7, base=5)
('end', 5)
"""

NOTHING = object()
"""Stands for "never happened", since ``None`` is a value."""


def judge(current, wanted, *, applied=NOTHING, base=None, kept=NOTHING, refused=NOTHING):
    """Return ``(outcome, value)``: what the term becomes, and why.

    :param current: value the customer has now
    :param wanted: value of the first rule that matches; ``None`` when none does
    :param applied: value that a rule set last and that no other rule has replaced
    :param base: value the customer had before rules began to set it
    :param kept: value found when a choice by hand was noticed (a hand may also have emptied it)
    :param refused: value that a manager refused for this customer
    :return: outcome ``none`` (rules don't concern it), ``same`` (has it already), ``change``, ``end`` (back to
        ``base``), ``manual`` (a choice by hand, kept) or ``refused``
    """
    if applied is not NOTHING:
        if current != applied:
            return 'manual', current
        target = base if wanted is None else wanted
        outcome = 'end' if wanted is None else 'change'
    elif wanted is None:
        return 'none', current
    else:
        target, outcome = wanted, 'change'
    if target == current:
        return 'same', current
    if applied is NOTHING and (current is not None or kept is not NOTHING and kept == current):
        return 'manual', current
    if refused is not NOTHING and refused == target:
        return 'refused', current
    return outcome, target
