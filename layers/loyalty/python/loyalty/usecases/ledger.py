"""Moving points: read the card, settle it, decide, commit; again from the start after a lost race.

The only place that commits movements. A key's row is its idempotency record: it is written with the balance, and a
request that finds it answers as the first time, whatever the balance is now.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from loyalty.domain.cards.card import Balance, Card, earliest_due
from loyalty.domain.cards.coarsening import few
from loyalty.domain.cards.notices import fallen_due, next_due
from loyalty.domain.cards.profile import Profile
from loyalty.domain.cards.settlement import settled
from loyalty.domain.cards.transaction import Facts, Movement, Transaction, record
from loyalty.domain.dates import instant
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import (
    CardNotFound,
    KeyReused,
    LoyaltyError,
    TooMuchAtOnce,
)
from loyalty.retry import LostRace, retry
from loyalty.store.cards import Reading, Wanted, Write
from loyalty.store.keys import row_origin
from loyalty.store.store import Store
from loyalty.store.table import Action, Cancelled
from loyalty.usecases.admission import Admitted, active_wallet, in_currency, new_card, require_clock, require_open

SALT_BYTES = 12
TRANSACTION_ITEMS_MAX = 100
"""Amazon DynamoDB: quotas of TransactWriteItems."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What a command finds: the settled card, its wallet, and what time did to the card just before."""

    card: Card
    wallet: Wallet
    now: int
    by_time: Sequence[Movement]

    @property
    def next_seq(self) -> int:
        """`seq` of the command's first row."""
        return self.card.version + len(self.by_time) + 1


@dataclass(frozen=True, slots=True)
class Decided:
    """What a command does: the card after it, its movements, and writes of other items that belong to it."""

    card: Card
    movements: Sequence[Movement]
    companions: Sequence[Action] = ()


Decision = Callable[[Situation], Decided]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Who wants what, once: a key's scope is wallet, customer and order."""

    wallet_id: str
    customer_id: str
    origin: str
    """What the command's row is known by: the caller's key, or the event that caused it."""
    facts: Facts
    """With the fingerprint of the request, by which its repetition is told from another use of the key."""

    @property
    def row_key(self) -> Wanted:
        return Wanted(self.customer_id, self.wallet_id, self.facts.order_id, self.origin)


@dataclass(frozen=True, slots=True)
class CardCommand:
    """What a command does to one card."""

    command: Command
    decide: Decision
    enrols: bool = False
    """A customer without a card gets one, where the wallet's `autoEnrol` is on."""
    active_only: bool = True
    """Refused unless the wallet is ACTIVE."""
    dry: bool = False
    """Decide and write nothing."""
    origin: Callable[[], str] | None = None
    """Where the row's origin follows from the decisions on the cards before this one."""


@dataclass(frozen=True, slots=True)
class Outcome:
    transaction: Transaction
    """The last row of the command: the one that keeps its key."""
    replayed: bool = False
    dry: bool = False
    """The row was not written."""

    @property
    def balance(self) -> Balance:
        return self.transaction.balance


def perform(store: Store, command: CardCommand, at: datetime) -> Outcome:
    """One card's command: read, settle, decide, commit; again after a lost race."""
    return perform_together(store, [command], at)[0]


def perform_together(store: Store, commands: Sequence[CardCommand], at: datetime) -> list[Outcome]:
    """A command on several cards, in their order and in one transaction: all happen or none.

    A card on which nothing is decided is left out. Where rows of the command are found, they are the answer.

    Two callers, one card:

        caller A                        the table                     caller B
        BatchGetItem card, row ──────►  card v7, no row of A
                                        card v7, no row of B  ◄────── BatchGetItem card, row
        settle, decide                                                settle, decide
        TransactWriteItems ──────────►  card is v7: now v8, row 8
          card if v = 7                 card is not v7: canceled ◄──── TransactWriteItems
          row if absent                 (the answer has card v8)         card if v = 7, row if absent
        201                                                           decide again on card v8: now v9, row 9

    A row that is there already is A's own first sending, or a repetition: its balance is answered, whatever the
    balance is now. A throttle or a conflict returns no card: then card and row are read again.
    """
    conflicting: Card | None = None

    def attempt() -> list[Outcome]:
        nonlocal conflicting
        if conflicting is None:
            readings, server_time = store.cards.readings([one.command.row_key for one in commands])
            found = [
                _repetition(reading.row, one.command) for one, reading in _pairs(commands, readings) if reading.row
            ]
            if found:
                return found
            require_clock(at, server_time)
        else:
            readings, conflicting = [Reading(conflicting, None)], None
        # Time never runs back on a card, even where clocks of two environments differ.
        now = max(instant(at), *(reading.card.at for reading in readings if reading.card), 0)
        try:
            changes = _changes(store, commands, readings, now)
        except LoyaltyError:
            # Card and row are not read in one moment, and what else a decision reads is later still. A refusal holds
            # only where nothing has moved meanwhile: else it may be our own first sending that did.
            if _unmoved(store, commands, readings):
                raise
            raise LostRace from None
        outcomes = [Outcome(change.rows[-1], dry=commands[0].dry) for change in changes]
        if changes and not commands[0].dry:
            try:
                store.cards.commit(*changes)
            except Cancelled as race:
                # Where the card alone failed, it came with the answer and need not be read again.
                conflicting = store.cards.as_found(race) if len(commands) == 1 else None
                raise
        return outcomes

    return retry(attempt, "the card")


def _pairs(commands: Sequence[CardCommand], readings: Sequence[Reading]) -> Iterator[tuple[CardCommand, Reading]]:
    return zip(commands, readings, strict=True)


def _changes(store: Store, commands: Sequence[CardCommand], readings: Sequence[Reading], now: int) -> list[Write]:
    # All cards are admitted before any is decided on: a card that is missing answers before points that are.
    admitted = [_admit(store, one, reading.card, now) for one, reading in _pairs(commands, readings)]
    changes = [
        change
        for (one, reading), admission in zip(_pairs(commands, readings), admitted, strict=True)
        if (change := _change(one, reading.card, admission, now))
    ]
    _require_one_transaction(changes)
    return changes


def _unmoved(store: Store, commands: Sequence[CardCommand], readings: Sequence[Reading]) -> bool:
    """Whether the cards are as they were read, and still without the command's rows."""
    again, _ = store.cards.readings([one.command.row_key for one in commands])
    return [(one.row, one.card) for one in again] == [(None, one.card) for one in readings]


def _require_one_transaction(writes: Sequence[Write]) -> None:
    items = sum(write.items for write in writes)
    if items > TRANSACTION_ITEMS_MAX:
        raise TooMuchAtOnce(
            f"It would write {items} items, and a transaction takes {TRANSACTION_ITEMS_MAX}. Do it card by card.",
            items=items,
            max=TRANSACTION_ITEMS_MAX,
        )


def _admit(store: Store, one: CardCommand, before: Card | None, now: int) -> Admitted:
    command = one.command
    version_min = before.wallet_version if before else 0
    wallet = active_wallet(store, command.wallet_id, now, version_min=version_min, active_only=one.active_only)
    facts = in_currency(command.facts, wallet)
    if before is None:
        card, enrolment = _enrol(wallet, command, now, enrols=one.enrols)
        return Admitted(wallet, card, facts, enrolment)
    require_open(before)
    return Admitted(wallet, before, facts)


def _change(one: CardCommand, before: Card | None, admitted: Admitted, now: int) -> Write | None:
    """What the command does to the card as it was read; None where it decides on no movement."""
    wallet, card = admitted.wallet, admitted.card
    settled_card, by_time = settled(card, now)
    by_time += fallen_due(card, settled_card, wallet, now)
    decided = one.decide(Situation(settled_card, wallet, now, by_time))
    if not decided.movements:
        return None
    after, rows = record(
        card,
        [*by_time, *decided.movements],
        admitted.facts,
        after=few(decided.card, wallet.zone),
        at=now,
        wallet_version=wallet.version,
        salt=secrets.token_bytes(SALT_BYTES),
        origin=partial(row_origin, one.origin() if one.origin else one.command.origin),
    )
    after = replace(after, due=earliest_due(before, next_due(after, wallet, now)), settle_failures=0)
    return Write(before=before, after=after, rows=rows, enrolment=admitted.enrolment, companions=decided.companions)


def _repetition(row: Transaction, command: Command) -> Outcome:
    if row.facts.fingerprint != command.facts.fingerprint:
        raise KeyReused("The idempotency key belongs to an earlier request that asked for something else.")
    # Our own row: the SDK sent the transaction again because its first answer was lost.
    own = row.facts.request_id is not None and row.facts.request_id == command.facts.request_id
    return Outcome(row, replayed=not own)


def _enrol(wallet: Wallet, command: Command, now: int, *, enrols: bool) -> tuple[Card, Profile]:
    if not enrols or not wallet.settings.auto_enrol:
        raise CardNotFound(f"Customer {command.customer_id} has no card in wallet {command.wallet_id}.")
    return new_card(wallet, command.customer_id, now)
