"""Moves points: read the card, settle it, decide, commit; again from the start after a lost race.

This is the only place that commits movements. The row of a key is its idempotency record and is written with the
balance. A repetition finds the row and gets the first answer again, whatever the balance is now.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from loyalty.domain.cards.card import Balance, Card, Due, earliest_due, points_of
from loyalty.domain.cards.coarsening import coarsen
from loyalty.domain.cards.notices import due_notices, next_due
from loyalty.domain.cards.profile import Profile
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import Context, Movement, Transaction, record
from loyalty.domain.dates import instant
from loyalty.domain.order import Order
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import AdjustmentMaxExceeded, Busy, CardNotFound, KeyReused, LoyaltyError, TooMuchAtOnce
from loyalty.retry import LostRace, retry
from loyalty.store.cards import CardAndRow, CardChange, RowKey
from loyalty.store.keys import row_origin
from loyalty.store.store import Store
from loyalty.store.table import WriteAction
from loyalty.usecases.admission import Admission, in_currency, new_card, require_clock, require_open, require_wallet

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
    companions: Sequence[WriteAction] = ()
    order: Order | None = None
    """Order details to record; None for those of the command."""


Decision = Callable[[Situation], Decided]
Preparation = Callable[[Sequence[Situation]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A request to move points, executed once. The scope of a key is wallet, customer and order."""

    wallet_id: str
    customer_id: str
    origin: str
    """The identity of the command's row: the caller's key, or the event that caused the command."""
    context: Context
    """The context, with the fingerprint that distinguishes a repetition from another use of the key."""
    dry: bool = False
    """Decide and write nothing."""
    adjustment_max: int | None = None
    """The most points that the caller may move by hand with this command; None without a maximum."""

    @property
    def row_key(self) -> RowKey:
        return RowKey(self.customer_id, self.wallet_id, self.context.order_id, self.origin)

    def under(self, origin: str) -> "Command":
        """Returns the command with another origin of its row: the row of what happens once, with any key.

        The row keeps the key as an attribute.
        """
        return replace(self, origin=origin, context=replace(self.context, key=self.origin))


@dataclass(frozen=True, slots=True)
class CardCommand:
    """The part of a command that changes one card."""

    command: Command
    decide: Decision
    enrols: bool = False
    """A customer without a card gets one, if the wallet's `autoEnrol` is true."""
    active_only: bool = True
    """Refuses the command unless the wallet is ACTIVE."""
    open_only: bool = True
    """Refuses the command if the card is FROZEN or CLOSED; False if the decision leaves such a card out."""
    customer_field: str | None = None
    """The field of the request with the customer's id, if the path does not have it."""
    names_wallet: bool = False
    """A refusal has `walletId`, because the request concerns several wallets and the path has none."""
    origin: Callable[[], str] | None = None
    """For a row whose origin depends on the decisions on the cards before this one."""


@dataclass(frozen=True, slots=True)
class Outcome:
    transaction: Transaction
    """The last row of the command, which has the command's key."""
    repeated: bool = False
    before: Balance | None = None
    """The balance that a dry run found; None if the row was written."""

    @property
    def dry(self) -> bool:
        return self.before is not None

    @property
    def balance(self) -> Balance:
        return self.transaction.balance


def perform(store: Store, command: CardCommand, at: datetime, *, reading: CardAndRow | None = None) -> Outcome:
    """Performs a command on one card: read, settle, decide, commit; again after a lost race.

    `reading` is the card and the row of the command, if they have just been read under a right clock.
    """
    return perform_together(store, [command], at, reading=reading)[0]


def perform_together(
    store: Store,
    commands: Sequence[CardCommand],
    at: datetime,
    *,
    prepare: Preparation | None = None,
    reading: CardAndRow | None = None,
) -> list[Outcome]:
    """Performs a command on several cards, in order and in one transaction: all or none.

    A card without a movement is left out. If rows of the command already exist, those rows are the answer. At each
    attempt, `prepare` sees what the command finds on all cards before the first decision.

    Two callers, one card:

        caller A                        the table                     caller B
        BatchGetItem card, row ──────►  card v7, no row of A
                                        card v7, no row of B  ◄────── BatchGetItem card, row
        settle, decide                                                settle, decide
        TransactWriteItems ──────────►  card is v7: now v8, row 8
          card if v = 7                 card is not v7: canceled ◄──── TransactWriteItems
          row if absent                                                  card if v = 7, row if absent
        201                             card v8, no row of B  ◄────── a pause, then BatchGetItem card, row
                                                                      decide again on card v8: now v9, row 9

    A row that exists already is from A's own first attempt, or the request is a repetition: the answer has the
    row's balance, whatever the balance is now. The canceled transaction returns the card, but a busy card changes again
    during the pause, and an attempt with the old card would be canceled too.
    """

    def attempt() -> list[Outcome]:
        nonlocal reading
        known, reading = reading, None
        return attempt_together(store, commands, at, prepare=prepare, known=known)

    return retry(attempt, "the card")


def attempt_together(
    store: Store,
    commands: Sequence[CardCommand],
    at: datetime,
    *,
    prepare: Preparation | None = None,
    known: CardAndRow | None = None,
) -> list[Outcome]:
    """Performs a command on several cards once, without a retry; raises `LostRace` after a concurrent write.

    `known` is the only card of the command and its row, if they have just been read.
    """
    if known is None:
        readings, skew = store.cards.cards_and_rows([one.command.row_key for one in commands])
    else:
        readings, skew = [known], None
    found = [_repetition(reading.row, one.command) for one, reading in _pairs(commands, readings) if reading.row]
    if found:
        return found
    require_clock(skew)
    # Time never runs back on a card, even if the clocks of two environments differ.
    now = max(instant(at), *(reading.card.at for reading in readings if reading.card), 0)
    try:
        changes = _changes(store, commands, readings, now, prepare)
    except Busy:
        # The table does not answer: another read would only take longer.
        raise
    except LoyaltyError:
        # Card and row are not read at one instant, and a decision reads more after them. A refusal is valid only if
        # nothing has changed meanwhile: the change may be the first attempt of this very request.
        if _is_unchanged(store, commands, readings):
            raise
        raise LostRace from None
    if commands[0].command.dry:
        return [Outcome(change.last_row, before=found.card.balance) for found, change in changes]
    if changes:
        store.cards.commit(*(change for _, change in changes))
    return [Outcome(change.last_row) for _, change in changes]


def _pairs(commands: Sequence[CardCommand], readings: Sequence[CardAndRow]) -> Iterator[tuple[CardCommand, CardAndRow]]:
    return zip(commands, readings, strict=True)


def _changes(
    store: Store,
    commands: Sequence[CardCommand],
    readings: Sequence[CardAndRow],
    now: int,
    prepare: Preparation | None,
) -> list[tuple[Situation, CardChange]]:
    # All cards are admitted before the first decision: a missing card is reported before missing points.
    admissions = []
    for one, reading in _pairs(commands, readings):
        with _naming_wallet(one):
            admissions.append(admit(store, one, reading.card, now))
    situations = [situation_of(admission, now) for admission in admissions]
    if prepare:
        prepare(situations)
    changes = []
    for (one, reading), admission, found in zip(_pairs(commands, readings), admissions, situations, strict=True):
        with _naming_wallet(one):
            change = change_of(one, reading.card, admission, found)
        if change:
            changes.append((found, change))
    _require_one_transaction([change for _, change in changes])
    return changes


@contextmanager
def _naming_wallet(one: CardCommand) -> Iterator[None]:
    try:
        yield
    except LoyaltyError as refusal:
        if one.names_wallet:
            refusal.extensions["walletId"] = one.command.wallet_id
        raise


def _is_unchanged(store: Store, commands: Sequence[CardCommand], readings: Sequence[CardAndRow]) -> bool:
    """Returns whether the cards are as they were read, and still without rows of the command."""
    again, _ = store.cards.cards_and_rows([one.command.row_key for one in commands])
    return [(one.row, one.card) for one in again] == [(None, one.card) for one in readings]


def _require_one_transaction(writes: Sequence[CardChange]) -> None:
    items = sum(write.item_count for write in writes)
    if items > TRANSACTION_ITEMS_MAX:
        raise TooMuchAtOnce(
            f"The request would write {items} items, more than {TRANSACTION_ITEMS_MAX}. Send one request per card.",
            items=items,
            max=TRANSACTION_ITEMS_MAX,
        )


def admit(store: Store, one: CardCommand, before: Card | None, now: int) -> Admission:
    """Returns the wallet and the card of the command, a new card if it enrols; raises why they may not move points."""
    command = one.command
    version_min = before.wallet_version if before else 0
    wallet = require_wallet(store, command.wallet_id, now, version_min=version_min, active_only=one.active_only)
    context = in_currency(command.context, wallet)
    if before is None:
        card, enrolment = _enrol(wallet, command, now, one.customer_field, enrols=one.enrols)
        return Admission(wallet, card, context, enrolment)
    if one.open_only:
        require_open(before)
    return Admission(wallet, before, context)


def situation_of(admission: Admission, now: int) -> Situation:
    """Returns what the command finds: the settled card, with its tiers at the instant."""
    settled_card, by_time = settle(admission.card, now)
    by_time += due_notices(admission.card, settled_card, admission.wallet, now)
    return Situation(
        with_current_tiers(admission.card, settled_card, admission.wallet, now), admission.wallet, now, by_time
    )


def change_of(one: CardCommand, before: Card | None, admission: Admission, found: Situation) -> CardChange | None:
    """Returns the change of the card as it was read; None if the command decides on no movement."""
    wallet, now = found.wallet, found.now
    decided = one.decide(found)
    if not decided.movements:
        return None
    _require_adjustment_max(one.command.adjustment_max, decided.movements)
    context = replace(admission.context, order=decided.order) if decided.order else admission.context
    card, tier_changes = advance_tiers(
        admission.card, coarsen(decided.card, wallet.zone), decided.movements, wallet, now
    )
    after, rows = record(
        admission.card,
        [*found.by_time, *decided.movements],
        context,
        after=card,
        at=now,
        wallet_version=wallet.version,
        salt=secrets.token_bytes(SALT_BYTES),
        origin=partial(row_origin, one.origin() if one.origin else one.command.origin),
        trailing=tier_changes,
    )
    after = replace(after, due=earliest_due(before, coming_due(after, wallet, now)), settle_failures=0)
    return CardChange(
        before=before, after=after, rows=rows, enrolment=admission.enrolment, companions=decided.companions
    )


def _require_adjustment_max(maximum: int | None, movements: Sequence[Movement]) -> None:
    if maximum is None:
        return
    # A change of expiries moves no points; the points of its lots count.
    points = sum(movement.points or points_of(movement.lots) for movement in movements)
    if points > maximum:
        detail = f"The caller may move at most {maximum} points by hand at once; this request would move {points}."
        raise AdjustmentMaxExceeded(detail, adjustmentMax=maximum, points=points)


def with_current_tiers(before: Card, settled_card: Card, wallet: Wallet | None, now: int) -> Card:
    """Returns the settled card with its tiers at the instant; `before` is the card as it was read."""
    if wallet is None or not wallet.tiers:
        return replace(settled_card, tiers=()) if settled_card.tiers else settled_card
    from loyalty.domain.tiers.progression import standings_at  # noqa: PLC0415  # only for wallets with tiers

    return replace(settled_card, tiers=standings_at(before, wallet, now))


def advance_tiers(
    before: Card, after: Card, movements: Sequence[Movement], wallet: Wallet | None, now: int
) -> tuple[Card, Sequence[Movement]]:
    """Returns the card with its tiers after a write, and the changes of tiers, to be recorded last.

    `before` is the card as it was read; `movements` are the command's own. Without a wallet, tiers stay as they are.
    """
    if wallet is None:
        return after, ()
    if not wallet.tiers:
        return (replace(after, tiers=()) if after.tiers else after), ()
    from loyalty.domain.tiers.progression import advance  # noqa: PLC0415  # only for wallets with tiers

    return advance(before, after, movements, wallet, now)


def coming_due(card: Card, wallet: Wallet | None, now: int) -> Due | None:
    """Returns the next moment at which time alone changes the settled card or a tier, or a notice falls due."""
    due = next_due(card, wallet, now)
    if wallet is None or not wallet.tiers:
        return due
    from loyalty.domain.tiers.progression import next_change  # noqa: PLC0415  # only for wallets with tiers

    changes_at = next_change(card, wallet, now)
    if changes_at is None or (due and due.at <= changes_at):
        return due
    return Due("E", changes_at)


def _repetition(row: Transaction, command: Command) -> Outcome:
    if row.context.fingerprint != command.context.fingerprint:
        raise KeyReused.of_field(
            "header.idempotency-key", "The idempotency key belongs to an earlier, different request. Use a new key."
        )
    # The row of this same request: the SDK sent the transaction again because its first answer was lost.
    own = row.context.request_id is not None and row.context.request_id == command.context.request_id
    return Outcome(row, repeated=not own)


def _enrol(
    wallet: Wallet, command: Command, now: int, customer_field: str | None, *, enrols: bool
) -> tuple[Card, Profile]:
    if not enrols or not wallet.settings.auto_enrol:
        detail = f"Customer {command.customer_id} has no card in wallet {command.wallet_id}."
        raise CardNotFound.of_field(customer_field, detail)
    return new_card(wallet, command.customer_id, now)
