"""Moving points: read the card, settle it, decide, commit; again from the start where another came first.

The only retry loop around movements. A key's row is its idempotency record: it is written with the balance, and a
request that finds it answers as the first time, whatever the balance is now.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypedDict, Unpack

from loyalty.domain.cards.card import Balance, Card, earliest_due
from loyalty.domain.cards.coarsening import few
from loyalty.domain.cards.notices import fallen_due, next_due
from loyalty.domain.cards.profile import Profile
from loyalty.domain.cards.settlement import settled
from loyalty.domain.cards.transaction import Facts, Movement, Transaction, record
from loyalty.domain.dates import instant
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import (
    Busy,
    CardNotFound,
    KeyReused,
    LoyaltyError,
    TooMuchAtOnce,
)
from loyalty.retry import attempts
from loyalty.store.cards import Reading, Wanted, Write
from loyalty.store.keys import row_origin
from loyalty.store.store import Store
from loyalty.store.table import Cancelled
from loyalty.usecases.admission import Admitted, active_wallet, in_currency, new_card, require_clock, require_open

SALT_BYTES = 12
TRANSACTION_ITEMS_MAX = 100
"""Amazon DynamoDB: quotas of TransactWriteItems."""

Decision = Callable[[Card, Wallet, int, Sequence[Movement]], tuple[Card, list[Movement]]]
"""From the settled card, the wallet, now, and what time did before: the card after, and the command's own movements."""


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
    def wanted(self) -> Wanted:
        return Wanted(self.customer_id, self.wallet_id, self.facts.order_id, self.origin)


class Options(TypedDict, total=False):
    enrols: bool
    """A customer without a card gets one, where the wallet enrols by itself."""
    active_only: bool
    """Refused unless the wallet is ACTIVE: the default."""
    dry: bool
    """Decide and write nothing."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a command does to one card."""

    command: Command
    decide: Decision
    enrols: bool = False
    active_only: bool = True
    dry: bool = False
    origin: Callable[[], str] | None = None
    """Where the row's origin follows from what the parts before it decided."""


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


def perform(store: Store, command: Command, at: datetime, decide: Decision, **options: Unpack[Options]) -> Outcome:
    """One card's command: read, settle, decide, commit; again where another came first."""
    return perform_together(store, [Part(command, decide, **options)], at)[0]


def perform_together(store: Store, parts: Sequence[Part], at: datetime) -> list[Outcome]:
    """The parts of a command on several cards, in their order and in one transaction: all happen or none.

    A part that decides on no movement is left out. Where a row of the command is found, those that there are answer.
    """
    found: Card | None = None
    for _ in attempts():
        if found is None:
            readings, server_time = store.cards.readings([part.command.wanted for part in parts])
            done = [
                _repeated(reading.row, part.command)
                for part, reading in zip(parts, readings, strict=True)
                if reading.row
            ]
            if done:
                return done
            require_clock(at, server_time)
        else:
            readings = [Reading(found, None)]
        # Time never runs back on a card, even where clocks of two environments differ.
        now = max(instant(at), *(reading.card.at for reading in readings if reading.card), 0)
        try:
            writes = _decided(store, parts, readings, now)
        except LoyaltyError:
            # Card and row are not read in one moment, and what else a decision reads is later still. A refusal stands
            # only where nothing has moved meanwhile: else it may be our own first sending that did.
            found = None
            if _unmoved(store, parts, readings):
                raise
            continue
        outcomes = [Outcome(write.rows[-1], dry=parts[0].dry) for write in writes]
        if not writes or parts[0].dry:
            return outcomes
        try:
            store.cards.commit(*writes)
        except Cancelled as race:
            # Where the card alone stood in the way, it came with the answer and need not be read again.
            found = store.cards.as_found(race) if len(parts) == 1 else None
        else:
            return outcomes
    raise Busy("Others kept changing the card. Nothing was written: send the same request again.")


def _decided(store: Store, parts: Sequence[Part], readings: Sequence[Reading], now: int) -> list[Write]:
    # All cards are admitted before any is decided on: a card that is missing answers before points that are.
    admitted = [_admitted(store, part, reading.card, now) for part, reading in zip(parts, readings, strict=True)]
    writes = [
        write
        for part, reading, standing in zip(parts, readings, admitted, strict=True)
        if (write := _write(part, reading.card, standing, now))
    ]
    _require_one_transaction(writes)
    return writes


def _unmoved(store: Store, parts: Sequence[Part], readings: Sequence[Reading]) -> bool:
    """Whether the cards are as they were read, and still without the command's rows."""
    again, _ = store.cards.readings([part.command.wanted for part in parts])
    return [(one.row, one.card) for one in again] == [(None, one.card) for one in readings]


def _require_one_transaction(writes: Sequence[Write]) -> None:
    items = sum(write.items for write in writes)
    if items > TRANSACTION_ITEMS_MAX:
        raise TooMuchAtOnce(
            f"It would write {items} items, and a transaction takes {TRANSACTION_ITEMS_MAX}. Do it card by card.",
            items=items,
            max=TRANSACTION_ITEMS_MAX,
        )


def _admitted(store: Store, part: Part, before: Card | None, now: int) -> Admitted:
    command = part.command
    version_min = before.wallet_version if before else 0
    wallet = active_wallet(store, command.wallet_id, now, version_min=version_min, active_only=part.active_only)
    if before is None:
        card, enrolment = _enrolled(wallet, command, now, enrols=part.enrols)
        return Admitted(wallet, card, in_currency(command.facts, wallet), enrolment)
    require_open(before)
    return Admitted(wallet, before, in_currency(command.facts, wallet))


def _write(part: Part, before: Card | None, admitted: Admitted, now: int) -> Write | None:
    """What the part does to the card as it was read; None where it decides on no movement."""
    command, wallet, card = part.command, admitted.wallet, admitted.card
    standing, by_time = settled(card, now)
    by_time += fallen_due(card, standing, wallet, now)
    after, own = part.decide(standing, wallet, now, by_time)
    if not own:
        return None
    after, rows = record(
        card,
        [*by_time, *own],
        admitted.facts,
        after=few(after, wallet.zone),
        at=now,
        wallet_version=wallet.version,
        salt=secrets.token_bytes(SALT_BYTES),
        origin=partial(row_origin, part.origin() if part.origin else command.origin),
    )
    after = replace(after, due=earliest_due(before, next_due(after, wallet, now)), settle_failures=0)
    return Write(before=before, after=after, rows=rows, enrolment=admitted.enrolment)


def _repeated(row: Transaction, command: Command) -> Outcome:
    if row.facts.fingerprint != command.facts.fingerprint:
        raise KeyReused("The idempotency key belongs to an earlier request that asked for something else.")
    # Our own row: the SDK sent the transaction again because its first answer was lost.
    own = row.facts.request_id is not None and row.facts.request_id == command.facts.request_id
    return Outcome(row, replayed=not own)


def _enrolled(wallet: Wallet, command: Command, now: int, *, enrols: bool) -> tuple[Card, Profile]:
    if not enrols or not wallet.settings.auto_enrol:
        raise CardNotFound(f"Customer {command.customer_id} has no card in wallet {command.wallet_id}.")
    return new_card(wallet, command.customer_id, now)
