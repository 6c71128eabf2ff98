"""A card: one customer's points in one wallet, as lots. A card is the unit of consistency of all movements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from loyalty.domain.dates import NEVER, day_of, period_numbers

if TYPE_CHECKING:
    from loyalty.domain.tiers.standing import TierStanding

SLIDING = -1
"""The expiry of a lot that expires at the card's sliding moment.

Any negative expiry slides: the lot expires at the later of its own moment, negated, and the card's.
"""
BY_WALLET = -1
PERIOD_MIN = -(10**8)
"""Expiries of event-based pending lots. `BY_WALLET`: the wallet's settings decide at the activation. Between the two: a
period of the credit's own, which begins at the activation. Smaller numbers are sliding moments, negated.
"""
BY_EVENT = 0
"""The activation of event-based pending points."""

POINTS_MAX = 10**12
BALANCE_MAX = 10**15
PENDING_LOTS_MAX = 100
HOLDS_MAX = 10
"""The most open holds on a card."""


class CardStatus(StrEnum):
    """Which movements a card accepts.

    ACTIVE: all movements. BLOCKED: the customer earns points but does not spend, hold or transfer them. FROZEN: no
    command moves points for now. CLOSED: no command moves points any more; this status is final. Time activates and
    expires points in any status.
    """

    ACTIVE = "ACTIVE"
    BLOCKED = "BLOCKED"
    FROZEN = "FROZEN"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class Lot:
    """Spendable points that share expiry and issue day (days since 1970)."""

    points: int
    expires_at: int
    issue_day: int


@dataclass(frozen=True, slots=True)
class PendingLot:
    """Pending points. `activates_at` 0: an event activates them. `cancel_at` 0: time never cancels them.

    `expires_at` is the expiry of the points once they are active.
    """

    points: int
    activates_at: int
    cancel_at: int
    expires_at: int
    issue_day: int

    def active_lot(self) -> Lot:
        return Lot(self.points, self.expires_at, self.issue_day)


L = TypeVar("L", bound=Lot | PendingLot)

Room = tuple[tuple[int, int], ...]
"""Room under limits that comes back: the day on which points were counted (days since 1970), and the points."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Points reserved by the HOLD row with this `seq`, counted as spent on `day` (days since 1970).

    The lots are in the order in which they were taken: a capture spends the first ones.
    """

    seq: int
    expires_at: int
    day: int
    lots: tuple[Lot, ...]
    claimed: int = 0
    """Points that a refund takes back as far as the hold is released: earned points that it found held."""


Claims = tuple[tuple[int, int], ...]
"""The `seq` of a hold, and the points of the hold that a refund claims."""


@dataclass(frozen=True, slots=True)
class RoundedLots:
    """All lots of a card after their dates were rounded to longer periods."""

    coarse: int
    lots: tuple[Lot, ...]
    pending: tuple[PendingLot, ...]
    held: tuple[tuple[Lot, ...], ...]
    """The lots of each hold, in the order of the card's holds."""


@dataclass(frozen=True, slots=True)
class Balance:
    """`active` is negative while the card owes points."""

    active: int
    pending: int
    held: int

    @property
    def available(self) -> int:
        return max(self.active, 0)

    @property
    def debt(self) -> int:
        return max(-self.active, 0)


@dataclass(frozen=True, slots=True)
class Lifetime:
    """The points that went in and out since enrolment. active + pending + held = in less out; a test ensures this."""

    issued: int = 0
    redeemed: int = 0
    removed: int = 0
    expired: int = 0
    canceled: int = 0
    revoked: int = 0
    returned: int = 0
    transferred_in: int = 0
    transferred_out: int = 0

    @property
    def total(self) -> int:
        gained = self.issued + self.returned + self.transferred_in
        lost = self.redeemed + self.removed + self.expired + self.canceled + self.revoked + self.transferred_out
        return gained - lost


@dataclass(frozen=True, slots=True)
class Counter:
    """Points earned and spent within one calendar period. If `number` is not the current period, both count as 0."""

    number: int = 0
    earned: int = 0
    spent: int = 0


Counters = tuple[Counter, Counter, Counter, Counter, Counter]
"""Day, ISO week, month, quarter, year."""


@dataclass(frozen=True, slots=True)
class Due:
    """The card's entry in the due index.

    `A` for an activation or cancellation, `E` for an expiry, a hold's end or a notice.
    """

    kind: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    card_id: str
    wallet_id: str
    customer_id: str
    shard: int
    status: CardStatus = CardStatus.ACTIVE
    version: int = 0
    """`seq` of the card's last row."""
    revision: int = 1
    """Counts changes of status and profile, which write no row."""
    wallet_version: int = 0
    at: int = 0
    """Instant of the last movement. Time never runs back on a card."""
    hash: bytes = bytes(32)
    lots: tuple[Lot, ...] = ()
    pending: tuple[PendingLot, ...] = ()
    holds: tuple[Hold, ...] = ()
    debt: int = 0
    sliding_expires_at: int = 0
    coarse: int = 0
    counters: Counters = (Counter(), Counter(), Counter(), Counter(), Counter())
    lifetime: Lifetime = field(default_factory=Lifetime)
    other_spending: int = 0
    """Points that count as spent over the card's life, beyond `redeemed` less `returned`, which adjustments may change.
    """
    tiers: tuple["TierStanding", ...] = ()
    """The card's tiers, one for each program whose tier structure is attached to the wallet."""
    due: Due | None = None
    settle_failures: int = 0

    @property
    def balance(self) -> Balance:
        return Balance(
            active=points_of(self.lots) - self.debt,
            pending=points_of(self.pending),
            held=sum(points_of(hold.lots) for hold in self.holds),
        )

    def expiry_of(self, lot: Lot) -> int:
        """Returns the instant at which the lot expires; `NEVER` if the lot does not expire."""
        if lot.expires_at >= NEVER:
            return lot.expires_at
        own = -lot.expires_at if lot.expires_at != SLIDING else NEVER
        return max(own, self.sliding_expires_at)

    def own_form(self, lot: Lot) -> Lot:
        """Returns the lot as the card keeps it: a lot follows a sliding moment that its own moment does not exceed."""
        return replace(lot, expires_at=SLIDING) if -self.sliding_expires_at <= lot.expires_at < 0 else lot

    def add_lots(self, lots: Iterable[Lot]) -> "Card":
        """Adds points that became spendable. Debt is repaid first, from the lots that expire last."""
        merged = merged_lots((*self.lots, *map(self.own_form, lots)))
        repaid = min(self.debt, points_of(merged))
        if repaid:
            merged = _remove_last(merged, repaid)
        return replace(self, lots=merged, debt=self.debt - repaid)

    def slide_to(self, moment: int) -> "Card":
        """Moves the sliding moment to the given one, if that is later. Lots with an earlier moment follow it."""
        card = replace(self, sliding_expires_at=max(moment, self.sliding_expires_at))
        return replace(card, lots=merged_lots(map(card.own_form, card.lots)))

    def add_pending(self, lot: PendingLot) -> "Card":
        return replace(self, pending=merged_pending((*self.pending, lot)))

    def count_in_periods(self, day: date, *, earned: int = 0, spent: int = 0) -> "Card":
        """Counts points in the periods of `day`, the current local day."""
        counters = [
            Counter(number, counter.earned + earned, counter.spent + spent)
            if counter.number == number
            else Counter(number, earned, spent)
            for counter, number in zip(self.counters, period_numbers(day), strict=True)
        ]
        return replace(self, counters=_counters_of(counters))

    def restore_room(self, charged_on: date, *, earned: int = 0, spent: int = 0) -> "Card":
        """Gives room back in those periods of `charged_on` that the card still counts.

        Whether the periods are current does not matter: past periods count as 0 anyway.
        """
        counters = [
            Counter(number, max(counter.earned - earned, 0), max(counter.spent - spent, 0))
            if counter.number == number
            else counter
            for counter, number in zip(self.counters, period_numbers(charged_on), strict=True)
        ]
        return replace(self, counters=_counters_of(counters))

    def count_in_lifetime(self, **points: int) -> "Card":
        """Raises lifetime counters by name: `card.count_in_lifetime(issued=100)`."""
        raised = {name: getattr(self.lifetime, name) + value for name, value in points.items()}
        return replace(self, lifetime=replace(self.lifetime, **raised))

    @property
    def rounded_lots(self) -> RoundedLots:
        return RoundedLots(self.coarse, self.lots, self.pending, tuple(hold.lots for hold in self.holds))

    def with_rounded_lots(self, rounded: RoundedLots) -> "Card":
        holds = (replace(hold, lots=lots) for hold, lots in zip(self.holds, rounded.held, strict=True))
        return replace(self, coarse=rounded.coarse, lots=rounded.lots, pending=rounded.pending, holds=tuple(holds))

    def with_claims(self, claims: Claims) -> "Card":
        """Returns the card with these points of its holds claimed, in addition to earlier claims."""
        points = dict(claims)
        holds = (replace(hold, claimed=hold.claimed + points.get(hold.seq, 0)) for hold in self.holds)
        return replace(self, holds=tuple(holds))

    def next_settlement(self) -> Due | None:
        """Returns the earliest moment at which time alone changes the card."""
        moments = [Due("A", at) for lot in self.pending for at in (lot.activates_at, lot.cancel_at) if at]
        moments += [Due("E", self.expiry_of(lot)) for lot in self.lots if self.expiry_of(lot) != NEVER]
        moments += [Due("E", hold.expires_at) for hold in self.holds]
        return min(moments, key=lambda due: (due.at, due.kind), default=None)


def remove_pending(card: Card, parts: Iterable[PendingLot]) -> Card:
    """Returns the card without the given parts of its own pending lots."""
    gone = (replace(part, points=-part.points) for part in parts)
    return replace(card, pending=merged_pending((*card.pending, *gone)))


def cancel_lots(card: Card, parts: Sequence[PendingLot]) -> Card:
    """Returns the card without canceled pending points. The periods of their issue get the room back."""
    card = remove_pending(card, parts).count_in_lifetime(canceled=points_of(parts))
    for part in parts:
        card = card.restore_room(day_of(part.issue_day), earned=part.points)
    return card


def reduce_hold(card: Card, hold: Hold, lots: tuple[Lot, ...]) -> Card:
    """Returns the card with only these lots of the hold still held. A hold without lots is over."""
    kept = replace(hold, lots=lots, claimed=min(hold.claimed, points_of(lots)))
    holds = (kept if other.seq == hold.seq else other for other in card.holds)
    return replace(card, holds=tuple(other for other in holds if other.lots))


def release_lots(card: Card, hold: Hold, lots: Sequence[Lot], *, kept: tuple[Lot, ...] = ()) -> Card:
    """Returns the card with these lots of the hold spendable again. The periods of the hold get the room back."""
    return reduce_hold(card, hold, kept).add_lots(lots).restore_room(day_of(hold.day), spent=points_of(lots))


def merged_room(parts: Iterable[tuple[int, int]]) -> Room:
    """Returns the room with one entry for each day."""
    room: dict[int, int] = {}
    for day, points in parts:
        room[day] = room.get(day, 0) + points
    return tuple((day, points) for day, points in sorted(room.items()) if points)


def earliest_due(before: Card | None, coming: Due | None) -> Due | None:
    """Returns the due entry to write with a command: the card's own entry, unless the next moment is earlier.

    The sweep finds a later moment: moving the entry costs the command two write units, an unneeded visit costs none.
    """
    current = before.due if before else None
    if current is None or (coming is not None and coming.at < current.at):
        return coming
    return current


def points_of(lots: Iterable[Lot | PendingLot]) -> int:
    return sum(lot.points for lot in lots)


def lots_up_to(lots: Iterable[L], points: int) -> list[L]:
    """Returns the lots up to so many points, or all points that they have."""
    parts = []
    for lot in lots:
        part = min(points, lot.points)
        if part > 0:
            points -= part
            parts.append(replace(lot, points=part))
    return parts


def merged_lots(lots: Iterable[Lot]) -> tuple[Lot, ...]:
    """Merges lots of equal expiry and issue day, in the order of expiry; lots that never expire come last."""
    points: dict[tuple[int, int], int] = {}
    for lot in lots:
        key = (lot.expires_at, lot.issue_day)
        points[key] = points.get(key, 0) + lot.points
    ordered = sorted(points.items(), key=lambda item: (item[0][0] == NEVER, *item[0]))
    return tuple(Lot(total, *key) for key, total in ordered if total)


def merged_pending(lots: Iterable[PendingLot]) -> tuple[PendingLot, ...]:
    points: dict[tuple[int, int, int, int], int] = {}
    for lot in lots:
        key = (lot.activates_at, lot.cancel_at, lot.expires_at, lot.issue_day)
        points[key] = points.get(key, 0) + lot.points
    return tuple(PendingLot(total, *key) for key, total in sorted(points.items()) if total)


def _remove_last(lots: tuple[Lot, ...], points: int) -> tuple[Lot, ...]:
    kept: list[Lot] = []
    for lot in reversed(lots):
        taken = min(points, lot.points)
        points -= taken
        if lot.points > taken:
            kept.append(replace(lot, points=lot.points - taken))
    return tuple(reversed(kept))


def _counters_of(counters: Sequence[Counter]) -> Counters:
    day, week, month, quarter, year = counters
    return day, week, month, quarter, year


@dataclass(frozen=True, slots=True)
class DueCard:
    """A card that has something due, according to the index."""

    customer_id: str
    wallet_id: str
