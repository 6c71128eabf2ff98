"""How the movements of a card, and time, change its tiers.

A card has a standing for each tier structure of its wallet. A card whose ledger began before the structure was attached
has none until it is calculated from the whole ledger. Settling a card earlier or later changes no standing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from loyalty.domain.cards.card import Balance, Card
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import (
    Movement,
    Operation,
    TierCause,
    TierChange,
    Transaction,
    TransactionType,
)
from loyalty.domain.dates import local_day
from loyalty.domain.tiers.course import Course
from loyalty.domain.tiers.periods import period_number, period_start
from loyalty.domain.tiers.standing import NO_TIER, TierStanding
from loyalty.domain.tiers.structure import AttachedTiers
from loyalty.domain.wallets.wallet import Wallet

CHANGES_MAX = 6
"""The most rows of one program in one transaction, which holds a hundred items. Earlier changes are left out."""


def advance(
    before: Card, after: Card, movements: Sequence[Movement | Transaction], wallet: Wallet, now: int
) -> tuple[Card, list[Movement]]:
    """Returns the card with its tiers after a write, and the changes of tiers in their order, to be recorded last.

    `before` is the card as it was read, not settled; `movements` are the command's own, without those of time; `after`
    is the card after them.
    """
    courses = _courses(before, wallet, now)
    for program_id, course in courses.items():
        for movement in movements:
            if movement.tier and movement.tier.cause is TierCause.MANUAL and movement.tier.program_id == program_id:
                course.give(movement.tier.tier_id, movement.tier.until, at=now, balance=_points_of(after))
        course.count(movements, at=now, balance=_points_of(after))
    changes = [
        (at, number, change)
        for number, course in enumerate(courses.values())
        for at, change in _latest_changes(course.changes)
    ]
    changes.sort(key=lambda one: one[:2])
    standings = tuple(course.standing for course in courses.values())
    return replace(after, tiers=standings), [tier_row(change, at, after.balance) for at, _, change in changes]


def standings_at(card: Card, wallet: Wallet, now: int) -> tuple[TierStanding, ...]:
    """Returns the standings of the card, as it was read, at the instant, except those that are not calculated yet."""
    return tuple(course.standing for course in _courses(card, wallet, now).values())


def next_change(card: Card, wallet: Wallet, now: int) -> int | None:
    """Returns the earliest instant after `now` at which time alone changes a tier of the card settled at `now`."""
    moments = [
        course.pass_to_next_change(now, balance=_points_of(card)) for course in _courses(card, wallet, now).values()
    ]
    return min((moment for moment in moments if moment is not None), default=None)


def calculate(
    before: Card, after: Card, standing: TierStanding, wallet: Wallet, now: int
) -> tuple[Card, list[Movement]]:
    """Returns the settled card with the standing that its whole ledger gives, and the changes of tiers.

    `standing` is the standing after the card's last row. The change of its program is always among the changes.
    """
    program_id = standing.program_id
    former = _standing_in(before, program_id, standing.attached_in)
    others = tuple(one for one in before.tiers if one.program_id != program_id)
    card, changes = advance(replace(before, tiers=(*others, standing)), after, (), wallet, now)
    current = _standing_in(card, program_id, standing.attached_in)
    assert current, "the wallet has the tier structure of the standing"
    change = TierChange(
        program_id,
        former.tier_id if former else NO_TIER,
        current.tier_id,
        current.points,
        current.until,
        TierCause.CALCULATED,
    )
    kept = [one for one in changes if one.tier and one.tier.program_id != program_id]
    return card, [*kept, tier_row(change, now, card.balance)]


def given_tier(card: Card, wallet: Wallet, program_id: str, tier_id: str, until: int | None, now: int) -> Movement:
    """Returns the movement that gives the card a tier by hand, by default until the end of the next period.

    The tier is a floor: points may give a higher one. `card` is settled, with its tiers at the instant, and its
    standing in the program is calculated.
    """
    standing = next(one for one in card.tiers if one.program_id == program_id)
    if until is None:
        structure = next(one.structure for one in wallet.tiers if one.program_id == program_id)
        number = period_number(local_day(now, wallet.zone), structure.period)
        until = period_start(number + 2, structure.period, wallet.zone)
    change = TierChange(program_id, standing.tier_id, tier_id, standing.points, until, TierCause.MANUAL)
    return tier_row(change, now, card.balance, Operation.MANUAL_TIER)


def tier_row(change: TierChange, at: int, balance: Balance, operation: Operation = Operation.TIER) -> Movement:
    return Movement(
        type=TransactionType.ACTIVITY,
        operation=operation,
        points=0,
        effective_at=at,
        balance=balance,
        tier=change,
    )


def is_calculated(card: Card, attached: AttachedTiers) -> bool:
    """Returns whether the card's standing is known: a card without rows has the tier that needs no points."""
    return card.version == 0 or _standing_in(card, attached.program_id, attached.attached_in) is not None


def _courses(card: Card, wallet: Wallet, now: int) -> dict[str, Course]:
    """Returns the courses of the card's standings after what time did until `now`, by program."""
    courses: dict[str, Course] = {}
    for attached in wallet.tiers:
        standing = _standing_in(card, attached.program_id, attached.attached_in)
        if standing:
            courses[attached.program_id] = Course(standing, attached, wallet.zone)
        elif card.version == 0:
            courses[attached.program_id] = Course.begun(attached, wallet.zone, now)
    if courses:
        balance = _points_of(card)
        for at, settled, movements in _settlements(card, now):
            for course in courses.values():
                course.pass_time(at, balance=balance, through=False)
                course.count(movements, at=at, balance=_points_of(settled))
            balance = _points_of(settled)
        for course in courses.values():
            course.pass_time(now, balance=balance)
    return courses


def _settlements(card: Card, now: int) -> Iterator[tuple[int, Card, list[Movement]]]:
    """Settles the card at each instant at which time changes it, so that all points count at their own instant."""
    while (due := card.next_settlement()) and due.at <= now:
        card, movements = settle(card, due.at)
        yield due.at, card, movements


def _standing_in(card: Card, program_id: str, attached_in: int) -> TierStanding | None:
    same = (one for one in card.tiers if (one.program_id, one.attached_in) == (program_id, attached_in))
    return next(same, None)


def _latest_changes(changes: Sequence[tuple[int, TierChange]]) -> list[tuple[int, TierChange]]:
    kept = list(changes[-CHANGES_MAX:])
    if len(changes) > CHANGES_MAX:
        at, first = kept[0]
        kept[0] = at, replace(first, former_tier_id=changes[0][1].former_tier_id)
    return kept


def _points_of(card: Card) -> int:
    """Returns the points that the card has: held points are not spent yet."""
    return card.balance.active + card.balance.held
