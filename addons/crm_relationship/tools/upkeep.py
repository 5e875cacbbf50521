"""How well a salesperson keeps the relationship cards.

Own definition: the mean completeness of the cards and the share of cards verified in time, weighted.
"""


def upkeep_score(completeness, verified, weight=0.6):
    """Return the upkeep score, 0 to 100, or None without cards.

    ``completeness``: completeness of each card, 0 to 100. ``verified``: for each card whether it was verified in time,
    same order. ``weight``: share of completeness in the score, 0 to 1; the rest is the share of verified cards. Raises
    ValueError for numbers out of range and for lists of different length.
    """
    completeness, verified = list(completeness), list(verified)
    if len(completeness) != len(verified):
        raise ValueError(f"{len(completeness)} cards with completeness, {len(verified)} with verification")
    if not 0 <= weight <= 1:
        raise ValueError(f"The weight {weight} is not between 0 and 1")
    if any(not 0 <= value <= 100 for value in completeness):
        raise ValueError("A completeness is not between 0 and 100")
    if not completeness:
        return None
    complete = sum(completeness) / len(completeness)
    fresh = 100 * sum(map(bool, verified)) / len(verified)
    return weight * complete + (1 - weight) * fresh
