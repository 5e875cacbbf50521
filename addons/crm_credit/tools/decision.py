"""May this customer have this much credit? One pure function that every credit check of the suite calls.

Quotation banner, confirmation, edit of a confirmed order, delivery, automatic release and back-test hand the same four
things to :func:`decide`: what the customer owes (:class:`Exposure`), what was agreed (:class:`Terms`), what is asked
for (:class:`Document`) and, for the ways out, the open invoices (:class:`OpenItem`). Nothing here knows Odoo.

All amounts are in company currency, tax included. A tolerance is a fraction: 0.05 is five per cent.

What the rules mean (breached when …):

==================  ================================================================================================
kind                breached when
==================  ================================================================================================
over_limit          exposure + document > (limit + extension + guarantee) × (1 + tolerance); limited customers only
over_group_limit    exposure of the customer and the others of its group + document > limit of the group ×
                    (1 + tolerance); members of a group only, also unlimited ones
overdue_days        the oldest undisputed open item is more than ``threshold`` days past due
overdue_amount      undisputed overdue amount > ``threshold`` × (1 + ``tolerance``)
grade               always: the terms carry it only for customers whose credit grade it names
review_expired      the review of the customer is more than ``threshold`` days late
guarantee_expired   a guarantee has run out
no_assessment       the customer was never assessed, and the document's total > ``threshold`` (any, when that is 0)
order_maximum       the document's total > ``threshold`` × (1 + tolerance)
==================  ================================================================================================

``Terms.on_breach`` is what an exceeded limit, the own one or the group's, may lead to for this grade: it is the action
where no rule of that kind says anything, and otherwise the strongest one that those rules may take (``warn`` turns
their hold into a warning). A rule with the action ``none`` says that nothing follows: so an exception is expressed.

A document that needs no credit (``amount`` ≤ 0: paid in advance, on cash terms, or nothing added) always passes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from .aging import Ageing

CLEAR, WARNING, HOLD = 'clear', 'warning', 'hold'
RULE_KINDS = (
    'over_limit',
    'over_group_limit',
    'overdue_days',
    'overdue_amount',
    'grade',
    'review_expired',
    'guarantee_expired',
    'no_assessment',
    'order_maximum',
)
#: Reasons that say how much is too much.
LIMIT_KINDS = ('over_limit', 'over_group_limit')
#: Reasons that money from the customer takes away; the others need a person.
MONEY_KINDS = (*LIMIT_KINDS, 'overdue_days', 'overdue_amount')
#: Rank of the actions: a rule can't do more than the strongest breached one.
_ACTION_RANK = {'none': 0, 'warn': 1, 'hold': 2}
_OUTCOME = {0: CLEAR, 1: WARNING, 2: HOLD}


@dataclass(frozen=True)
class Exposure(Ageing):
    """What one debtor owes, by age, and will owe. Positive amounts are owed to us."""

    uninvoiced: float = 0.0
    transactions: float = 0.0
    #: exposure of the other members of the customer's group; no part of ``exposure``
    group_others: float = 0.0

    @property
    def exposure(self) -> float:
        """Receivable, and orders not yet invoiced, less paid transactions that aren't posted yet."""
        return self.receivable + self.uninvoiced - self.transactions

    @property
    def of_group(self) -> float:
        """Exposure of all members of the customer's group together."""
        return self.exposure + self.group_others


@dataclass(frozen=True)
class Rule:
    kind: str
    action: str = 'hold'
    threshold: float = 0.0
    tolerance: float = 0.0
    name: str = ''


@dataclass(frozen=True)
class Terms:
    """What was agreed with one debtor. ``rules`` are those that apply to it: filtered by grade and exceptions."""

    control: str = 'unlimited'
    limit: float = 0.0
    extension: float = 0.0
    guarantee: float = 0.0
    grade: str | None = None
    on_breach: str = 'hold'
    review_overdue_days: int = 0
    has_assessment: bool = False
    guarantee_expired: bool = False
    rules: tuple[Rule, ...] = ()
    #: limit that the members of the customer's group share, or None; ``group`` is the group's name
    group_limit: float | None = None
    group: str = ''

    @property
    def ceiling(self) -> float | None:
        """Highest exposure agreed, or None when unlimited. Limit zero means zero."""
        if self.control != 'limited':
            return None
        return self.limit + self.extension + self.guarantee

    @property
    def checks_anything(self) -> bool:
        """False when no document of this customer can ever be warned about or held."""
        limited = self.control == 'limited' or self.group_limit is not None
        return any(rule.action != 'none' for rule in self.rules) or (limited and self.on_breach != 'none')

    def own_available(self, exposure: Exposure) -> float | None:
        """What the customer's own limit leaves; None when unlimited."""
        return None if self.ceiling is None else self.ceiling - exposure.exposure

    def group_available(self, exposure: Exposure) -> float | None:
        """What the limit shared with others leaves; None outside of any group."""
        return None if self.group_limit is None else self.group_limit - exposure.of_group

    def available(self, exposure: Exposure) -> float | None:
        """The smaller of what the own limit and the group's leave; None when neither limits."""
        left = (self.own_available(exposure), self.group_available(exposure))
        return min((amount for amount in left if amount is not None), default=None)

    def utilization(self, exposure: Exposure) -> float | None:
        """Exposure as a fraction of what was agreed, of the own limit or of the group's, whichever is fuller; None when
        unlimited. With nothing agreed any exposure is 100 %."""
        used = (_share(exposure.exposure, self.ceiling), _share(exposure.of_group, self.group_limit))
        return max((share for share in used if share is not None), default=None)


def _share(owed: float, agreed: float | None) -> float | None:
    if agreed is None:
        return None
    if agreed <= 0:
        return 1.0 if owed > 0 else 0.0
    return owed / agreed


@dataclass(frozen=True)
class Document:
    """What is asked for: an order, the increase of one, or a delivery.

    :param amount: the part that needs credit, and that the exposure doesn't count yet
    :param total: the whole document
    :param paid: what was paid for it already. The exposure has taken this money off (as a transaction or as an
        unapplied payment), so the document adds ``amount + paid`` to it.
    """

    amount: float
    total: float = 0.0
    paid: float = 0.0

    @property
    def added(self) -> float:
        return self.amount + self.paid


@dataclass(frozen=True)
class OpenItem:
    """One open instalment that the customer could pay: positive amount, days past due (0 when not due)."""

    ref: str
    amount: float
    days_overdue: int = 0
    disputed: bool = False


@dataclass(frozen=True)
class Reason:
    kind: str
    action: str
    figures: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Remedy:
    """A way out.

    ``kind``: ``pay_invoice`` (``ref`` names one or several, comma-separated), ``apply`` (``applied`` of unapplied
    payments and credit notes settle those of ``ref``, the customer pays the rest), ``pay_amount`` (on account),
    ``prepay`` (``percent`` of this document), ``reduce`` (ask for ``amount`` less), ``assess``, ``renew_guarantee``,
    ``release``. ``amount`` is otherwise the money it takes from the customer. ``covers`` are the reasons that go away.
    """

    kind: str
    amount: float = 0.0
    ref: str = ''
    percent: float = 0.0
    covers: tuple[str, ...] = ()
    applied: float = 0.0


@dataclass(frozen=True)
class Decision:
    outcome: str = CLEAR
    reasons: tuple[Reason, ...] = ()
    remedies: tuple[Remedy, ...] = ()

    @property
    def held_kinds(self) -> tuple[str, ...]:
        return tuple(reason.kind for reason in self.reasons if reason.action == 'hold')

    @property
    def money_only(self) -> bool:
        """Whether money from the customer alone would let the document pass."""
        return all(kind in MONEY_KINDS for kind in self.held_kinds)


def decide(
    exposure: Exposure, terms: Terms, document: Document, open_items: Sequence[OpenItem] = (), precision: float = 0.01
) -> Decision:
    """Decide whether ``document`` may go on.

    :param precision: smallest amount of money that counts; differences below half of it are none
    :return: outcome ``clear``, ``warning`` or ``hold``; reasons, the holding ones first; remedies, cheapest first
    :raise ValueError: a rule of unknown kind or action
    """
    if document.amount < precision / 2:
        return Decision()
    reasons = _reasons(exposure, terms, document, precision)
    outcome = _OUTCOME[max((_ACTION_RANK[reason.action] for reason in reasons), default=0)]
    if outcome == CLEAR:
        return Decision()
    return Decision(outcome, reasons, _remedies(exposure, terms, document, reasons, open_items, precision))


def add_to(exposure: Exposure, amount: float) -> Exposure:
    """Return ``exposure`` after another ``amount`` was ordered: what the next order of a batch sees."""
    return replace(exposure, uninvoiced=exposure.uninvoiced + amount)


# -- reasons ----------------------------------------------------------------------------------------------------------


def _reasons(exposure, terms, document, precision) -> tuple[Reason, ...]:
    half = precision / 2
    strongest = {}
    for rule in _effective_rules(terms):
        figures = _breach(rule, exposure, terms, document, half)
        if figures is None or rule.action == 'none':
            continue
        known = strongest.get(rule.kind)
        if known is None or _ACTION_RANK[rule.action] > _ACTION_RANK[known.action]:
            strongest[rule.kind] = Reason(rule.kind, rule.action, {**figures, 'rule': rule.name})
    return tuple(
        sorted(strongest.values(), key=lambda reason: (-_ACTION_RANK[reason.action], RULE_KINDS.index(reason.kind)))
    )


def _effective_rules(terms: Terms) -> list[Rule]:
    """The customer's rules with the limit's own consequence in them."""
    rules = []
    for rule in terms.rules:
        if rule.kind not in RULE_KINDS or rule.action not in _ACTION_RANK:
            raise ValueError(f'credit rule {rule.name!r}: unknown kind {rule.kind!r} or action {rule.action!r}')
        if rule.kind in LIMIT_KINDS and _ACTION_RANK[rule.action] > _ACTION_RANK[terms.on_breach]:
            rule = replace(rule, action=terms.on_breach)
        rules.append(rule)
    for kind in LIMIT_KINDS:
        if not any(rule.kind == kind for rule in rules):
            rules.append(Rule(kind, terms.on_breach))
    return rules


def _breach(rule, exposure, terms, document, half) -> dict | None:
    """Return the figures that show how ``rule`` is breached, or None."""
    return _BREACH[rule.kind](rule, exposure, terms, document, half)


def _breach_over_limit(rule, exposure, terms, document, half):
    if terms.ceiling is None:
        return None
    allowed = terms.ceiling * (1 + rule.tolerance)
    needed = exposure.exposure + document.added
    if needed <= allowed + half:
        return None
    return {
        'exposure': exposure.exposure,
        'amount': document.added,
        'limit': terms.ceiling,
        'allowed': allowed,
        'available': terms.ceiling - exposure.exposure,
        'excess': needed - allowed,
    }


def _breach_over_group_limit(rule, exposure, terms, document, half):
    if terms.group_limit is None:
        return None
    allowed = terms.group_limit * (1 + rule.tolerance)
    owed = exposure.of_group
    needed = owed + document.added
    if needed <= allowed + half:
        return None
    return {
        'group': terms.group,
        'exposure': owed,
        'amount': document.added,
        'limit': terms.group_limit,
        'allowed': allowed,
        'available': terms.group_limit - owed,
        'excess': needed - allowed,
    }


def _breach_overdue_days(rule, exposure, terms, document, half):
    if exposure.max_days_overdue <= rule.threshold or exposure.overdue <= half:
        return None
    return {'days': exposure.max_days_overdue, 'threshold': rule.threshold, 'overdue': exposure.overdue}


def _breach_overdue_amount(rule, exposure, terms, document, half):
    allowed = _overdue_allowed(rule)
    if exposure.overdue <= allowed + half:
        return None
    return {'overdue': exposure.overdue, 'threshold': allowed}


def _overdue_allowed(rule) -> float:
    return rule.threshold * (1 + rule.tolerance)


def _breach_grade(rule, exposure, terms, document, half):
    return {'grade': terms.grade or ''}


def _breach_review_expired(rule, exposure, terms, document, half):
    if terms.review_overdue_days <= rule.threshold:
        return None
    return {'days': terms.review_overdue_days, 'threshold': rule.threshold}


def _breach_guarantee_expired(rule, exposure, terms, document, half):
    return {} if terms.guarantee_expired else None


def _breach_no_assessment(rule, exposure, terms, document, half):
    if terms.has_assessment or (rule.threshold and document.total <= rule.threshold):
        return None
    return {}


def _breach_order_maximum(rule, exposure, terms, document, half):
    allowed = rule.threshold * (1 + rule.tolerance)
    if document.total <= allowed + half:
        return None
    return {'total': document.total, 'threshold': allowed}


_BREACH = {
    'over_limit': _breach_over_limit,
    'over_group_limit': _breach_over_group_limit,
    'overdue_days': _breach_overdue_days,
    'overdue_amount': _breach_overdue_amount,
    'grade': _breach_grade,
    'review_expired': _breach_review_expired,
    'guarantee_expired': _breach_guarantee_expired,
    'no_assessment': _breach_no_assessment,
    'order_maximum': _breach_order_maximum,
}


# -- remedies ---------------------------------------------------------------------------------------------------------


def _remedies(exposure, terms, document, reasons, open_items, precision) -> tuple[Remedy, ...]:
    """Return the ways out of the holding reasons (of the warnings when nothing holds), cheapest for the customer first.

    Money ways come with the least amount that is enough. Ways that need a person follow; a release can always be asked
    for and is last.
    """
    top = reasons[0].action
    kinds = tuple(reason.kind for reason in reasons if reason.action == top)
    excess = max((r.figures['excess'] for r in reasons if r.kind in LIMIT_KINDS and r.action == top), default=0.0)
    money = tuple(kind for kind in kinds if kind in MONEY_KINDS)
    found = []
    if money:
        found += _pay_remedies(exposure, terms, money, excess, open_items, precision)
    found += _document_remedies(document, kinds, excess, precision)
    found.sort(key=lambda remedy: (remedy.covers != kinds, remedy.amount))
    if _only_limits(kinds) and excess < document.amount - precision / 2:
        found.append(Remedy('reduce', _up(excess, precision), covers=kinds))
    if {'no_assessment', 'review_expired', 'grade'} & set(kinds):
        covers = tuple(k for k in kinds if k in ('no_assessment', 'review_expired', 'grade'))
        found.append(Remedy('assess', covers=covers))
    if 'guarantee_expired' in kinds:
        found.append(Remedy('renew_guarantee', covers=('guarantee_expired',)))
    if top == 'hold':
        found.append(Remedy('release', covers=kinds))
    return tuple(found)


def _pay_remedies(exposure, terms, kinds, excess, open_items, precision) -> list[Remedy]:
    """Paying invoices, or an amount on account where no particular invoice has to go.

    What lies unapplied has taken its amount off the exposure already, but no invoice: it settles those that must go,
    and nobody is asked to pay an invoice twice.
    """
    items = sorted(
        (i for i in open_items if i.amount > 0 and not i.disputed), key=lambda i: (-i.days_overdue, i.amount)
    )
    chosen = _invoices_that_must_go(exposure, terms, kinds, items, precision)
    credit, must = max(-exposure.unapplied, 0.0), sum(item.amount for item in chosen)
    applied = min(credit, must)
    rest = excess - (must - applied)
    others = _less_credit([item for item in items if item not in chosen], credit - applied, precision)
    remedies = []
    if rest > precision / 2:
        chosen_more = _cheapest_cover(others, rest, precision)
        if chosen_more:
            remedies.append(_pay(chosen + chosen_more, kinds, applied))
        elif applied > precision / 2:
            remedies.append(replace(_pay(chosen, kinds, applied), amount=_up(excess, precision)))
    elif chosen:
        remedies.append(_pay(chosen, kinds, applied))
    if _only_limits(kinds):
        remedies.append(Remedy('pay_amount', _up(excess, precision), covers=kinds))
    elif not remedies and not open_items and exposure.overdue:
        remedies.append(Remedy('pay_amount', _up(max(exposure.overdue, excess), precision), covers=kinds))
    elif not remedies and chosen:
        paid = sum(item.amount for item in chosen)
        remedies.append(replace(_pay(chosen, tuple(k for k in kinds if k not in LIMIT_KINDS)), amount=round(paid, 2)))
    return remedies


def _invoices_that_must_go(exposure, terms, kinds, items, precision) -> list[OpenItem]:
    """Oldest first: those past the allowed days, then as many as bring the overdue amount under what is allowed."""
    chosen = []
    for rule in _effective_rules(terms):
        if rule.kind == 'overdue_days' and 'overdue_days' in kinds:
            chosen += [item for item in items if item.days_overdue > rule.threshold and item not in chosen]
    for rule in _effective_rules(terms):
        if rule.kind != 'overdue_amount' or 'overdue_amount' not in kinds:
            continue
        left = exposure.overdue - sum(item.amount for item in chosen)
        allowed = _overdue_allowed(rule)
        for item in items:
            if left <= allowed + precision / 2:
                break
            if item.days_overdue and item not in chosen:
                chosen.append(item)
                left -= item.amount
    return chosen


def _less_credit(items, credit, precision) -> list[OpenItem]:
    """Return what is left of these invoices once ``credit`` is applied to them, oldest first."""
    left = []
    for item in items:
        used = min(credit, item.amount)
        credit -= used
        if item.amount - used > precision / 2:
            left.append(replace(item, amount=item.amount - used) if used else item)
    return left


def _cheapest_cover(items, needed, precision) -> list[OpenItem]:
    """Return invoices whose sum reaches ``needed`` at least cost: one that is enough, or the oldest until enough."""
    enough = [item for item in items if item.amount >= needed - precision / 2]
    single = [min(enough, key=lambda item: item.amount)] if enough else None
    several, total = [], 0.0
    for item in items:
        if total >= needed - precision / 2:
            break
        several.append(item)
        total += item.amount
    if total < needed - precision / 2:
        return single or []
    if single and single[0].amount <= total:
        return single
    return several


def _pay(items, kinds, applied=0.0) -> Remedy:
    refs = ', '.join(dict.fromkeys(item.ref for item in items))
    amount = round(max(sum(item.amount for item in items) - applied, 0.0), 2)
    return Remedy('apply' if applied else 'pay_invoice', amount, refs, covers=kinds, applied=round(applied, 2))


def _document_remedies(document, kinds, excess, precision) -> list[Remedy]:
    """Paying this document, or a part of it, in advance. What is paid in full needs no credit, whatever the reason."""
    prepay = min(_up(excess, precision), document.amount) if _only_limits(kinds) else document.amount
    whole = document.total or document.added
    percent = min(math.ceil(round(prepay / whole * 100, 6)), 100) if whole else 100
    # a prepayment asked for in whole per cent: the amount is what that share comes to
    amount = min(max(prepay, percent / 100 * whole), document.amount)
    return [Remedy('prepay', round(amount, 2), percent=percent, covers=kinds)]


def _only_limits(kinds) -> bool:
    return set(kinds) <= set(LIMIT_KINDS)


def _up(amount, precision) -> float:
    """Round up to the currency's smallest unit."""
    return round(math.ceil(round(amount / precision, 6)) * precision, 10)
