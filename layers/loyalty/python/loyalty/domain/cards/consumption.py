"""Decides from which lots points are taken."""

from collections.abc import Iterable
from dataclasses import replace

from loyalty.domain.cards.card import Card, Lot, merged_lots, points_of
from loyalty.domain.dates import NEVER
from loyalty.domain.wallets.settings import ConsumptionOrder


def consume(card: Card, points: int, order: ConsumptionOrder) -> tuple[Card, tuple[Lot, ...]]:
    """Returns the card without `points` of its spendable points, and the parts of lots in the order of taking.

    Points that never expire are last; ties are decided by issue day (by expiry, if the issue comes first).
    """
    assert 0 < points <= points_of(card.lots), "the caller checks that there are enough points"

    def by_expiry(lot: Lot) -> tuple[bool, int]:
        expiry = card.expiry_of(lot)
        return expiry == NEVER, expiry

    def key(lot: Lot) -> tuple[object, ...]:
        if order is ConsumptionOrder.EARLIEST_ISSUE:
            return lot.issue_day, *by_expiry(lot)
        return *by_expiry(lot), lot.issue_day

    parts: list[Lot] = []
    for lot in sorted(card.lots, key=key):
        part = min(points, lot.points)
        if part:
            parts.append(replace(lot, points=part))
        points -= part
    return remove_lots(card, parts), tuple(parts)


def remove_lots(card: Card, parts: Iterable[Lot]) -> Card:
    """Returns the card without the given parts of its own lots."""
    return replace(card, lots=merged_lots((*card.lots, *(replace(part, points=-part.points) for part in parts))))
