"""Compares a card with its rows. Each difference is reported as a drift."""

import json
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from loyalty.domain.audit.rebuild import HOLD_ENDINGS, RebuildStep, card_at_enrolment, rebuild_steps
from loyalty.domain.cards.card import Balance, Card, points_of
from loyalty.domain.cards.settlement import is_past, revoke_claimed, settle
from loyalty.domain.cards.transaction import Movement, Operation, Transaction, TransactionType, chain_hash

GENESIS = bytes(32)
"""The hash before the first row."""


class Check(StrEnum):
    """A comparison of a card and its items with the ledger."""

    FORM = "form"
    """An item is not written the way the store writes it, or cannot be read."""
    SEQ = "seq"
    CHAIN = "chain"
    TIME = "time"
    WALLET_VERSION = "wallet_version"
    POINTS = "points"
    BALANCE = "balance"
    LOTS = "lots"
    SETTLEMENT = "settlement"
    """A settlement differs from the dates of the points, or is missing."""
    CARD = "card"
    DUE = "due"
    PROFILE = "profile"
    RECEIPT = "receipt"
    """An award of a campaign has no receipt, or an award of a receipt has no row."""
    REWARD = "reward"
    """Points differ from the rule of the campaign."""
    USE = "use"
    """The counts of a campaign's limits differ from the receipts."""
    ORDERS = "orders"
    """The number of the customer's orders differs from the receipts."""
    REFERRER = "referrer"
    """A customer is their own referrer, or a referral gave points to another customer than the referrer."""
    BUDGET = "budget"
    REFERENCE = "reference"
    """A wallet lists other definitions, or has other tier structures, than those that use the wallet."""
    TIER = "tier"
    """A tier differs from the points that decide about it, or a change of a tier has no row or was not due."""
    COUPON = "coupon"
    """The uses of a code differ from the redemptions."""
    REDEMPTION = "redemption"
    """A redemption has no such transactions, or a transaction of a reward has no redemption."""
    CODE = "code"
    """The code of a redemption is not the one that the reward gave."""
    STOCK = "stock"
    """What a reward's stock counts differs from the redemptions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A difference between a card and its rows. `seq` is the row with the difference; None for the card itself."""

    check: Check
    seq: int | None
    message: str
    expected: str | None = None
    found: str | None = None


def drifts(card: Card, rows: Sequence[Transaction], versions: AbstractSet[int]) -> list[Drift]:
    """Returns all drifts of the card from its rows, which are in order of `seq`; `versions`: those the wallet has.

    Status, revision and the count of failed settlements do not follow from rows, so they are not compared.
    """
    found = [*_sequence(card, rows), *_chain(rows), *_times(rows), *_sums(rows)]
    missing = {row.wallet_version for row in rows} - versions
    for row in rows:
        if row.wallet_version in missing:
            missing.remove(row.wallet_version)
            message = f"The wallet has no version {row.wallet_version}."
            found.append(Drift(check=Check.WALLET_VERSION, seq=row.seq, message=message))
    rebuilt, astray = card_at_enrolment(card), False
    try:
        for step in rebuild_steps(card, rows):
            found += _step_drifts(step, astray=astray)
            rebuilt = step.after
            # Reported only where it begins: later rows build on it.
            astray = rebuilt.balance != step.row.balance
    except (ValueError, ArithmeticError) as error:
        # A day beyond the calendar: no row is written with such a day.
        message = f"The later transactions cannot be rebuilt: {error}."
        return [*found, Drift(check=Check.LOTS, seq=rebuilt.version, message=message)]
    found += _card(card, rebuilt, has_rows=bool(rows))
    return found


def _sequence(card: Card, rows: Sequence[Transaction]) -> Iterator[Drift]:
    expected = 1
    for row in rows:
        if row.seq != expected:
            message = (
                f"Transaction {expected} is missing." if row.seq > expected else f"Transaction {row.seq} exists twice."
            )
            yield drift_of(Check.SEQ, row.seq, message, expected, row.seq)
        if row.card_id != card.card_id:
            yield drift_of(Check.SEQ, row.seq, "The transaction belongs to another card.", card.card_id, row.card_id)
        expected = row.seq + 1
    if card.version != expected - 1:
        yield drift_of(
            Check.SEQ,
            None,
            "The card's version differs from its last transaction.",
            expected - 1,
            card.version,
        )


def _chain(rows: Sequence[Transaction]) -> Iterator[Drift]:
    previous = GENESIS
    for row in rows:
        hash_ = chain_hash(previous, row)
        if hash_ != row.hash:
            message = "The hash does not match the transaction and the hash before it."
            yield drift_of(Check.CHAIN, row.seq, message, hash_.hex(), row.hash.hex())
        if row.digest and (row.salt or row.personal_texts):
            yield drift_of(
                Check.CHAIN, row.seq, "The transaction has a digest of erased texts, and still has a text or a salt."
            )
        if row.salt and not row.personal_texts and not row.digest:
            yield drift_of(Check.CHAIN, row.seq, "The transaction has a salt, but no text for the salt.")
        # The stored hash is used, so that one changed row is one drift, not one drift for each later row.
        previous = row.hash


def _times(rows: Sequence[Transaction]) -> Iterator[Drift]:
    created_at = wallet_version = later = 0
    for row in rows:
        if later and row.later != later - 1:
            message = "The transaction is not the next of those written together with the previous transaction."
            yield drift_of(Check.SEQ, row.seq, message, later - 1, row.later)
        if row.created_at < created_at:
            message = "The transaction was recorded before the previous transaction."
            yield drift_of(Check.TIME, row.seq, message, created_at, row.created_at)
        if row.effective_at > row.created_at:
            message = "The transaction takes effect after it was recorded."
            yield drift_of(Check.TIME, row.seq, message, row.created_at, row.effective_at)
        if row.wallet_version < wallet_version:
            message = "The transaction uses an older version of the wallet than the previous transaction."
            yield drift_of(Check.WALLET_VERSION, row.seq, message, wallet_version, row.wallet_version)
        created_at, wallet_version, later = row.created_at, row.wallet_version, row.later
    if later:
        yield drift_of(Check.SEQ, None, "The last transactions written together are missing.", later, 0)


def _sums(rows: Sequence[Transaction]) -> Iterator[Drift]:
    """Checks sums within each row, and from each row to the next."""
    balance = Balance(0, 0, 0)
    for row in rows:
        points = _points(row)
        if row.points != points:
            message = "The transaction's points differ from the points of its lots."
            yield drift_of(Check.POINTS, row.seq, message, points, row.points)
        pending, active, held = row.deltas
        expected = Balance(balance.active + active, balance.pending + pending, balance.held + held)
        if row.balance != expected:
            message = "The balance is not the previous balance plus the moved points."
            yield drift_of(Check.BALANCE, row.seq, message, expected, row.balance)
        balance = row.balance


def _points(row: Transaction) -> int:
    if row.type is TransactionType.ACTIVITY:
        return 0
    if row.type is TransactionType.ACTIVATION:
        return points_of(row.pending_lots)
    return points_of((*row.lots, *row.pending_lots)) + row.owed


def _step_drifts(step: RebuildStep, *, astray: bool) -> Iterator[Drift]:
    row, before, after = step.row, step.before, step.after
    yield from _settlement_drifts(step)
    if _is_below_zero(after) and not _is_below_zero(before):
        yield drift_of(Check.LOTS, row.seq, "The transaction takes points of a missing lot.", None, _lots_of(before))
    if row.points and row.type in HOLD_ENDINGS and row.hold not in {hold.seq for hold in before.holds}:
        known = [hold.seq for hold in before.holds]
        yield drift_of(Check.LOTS, row.seq, "The transaction moves points of a hold that is not open.", known, row.hold)
    if row.lots_before and points_of(row.lots_before) != points_of(row.lots):
        message = "The expiry change also changed the number of points."
        yield drift_of(Check.POINTS, row.seq, message, points_of(row.lots_before), points_of(row.lots))
    if after.balance != row.balance and not astray:
        message = "The lots after the transaction differ from its balance."
        yield drift_of(Check.LOTS, row.seq, message, row.balance, after.balance)


def _settlement_drifts(step: RebuildStep) -> Iterator[Drift]:
    row = step.row
    due = _due(step)
    if row.operation is not Operation.SETTLE:
        if step.opens and due:
            message = f"{due[0].type} was due before this transaction and is missing."
            yield drift_of(Check.SETTLEMENT, row.seq, message, _settlement_fields(due[0]), None)
        return
    if row.type is TransactionType.RELEASE and row.hold == step.ends_hold:
        # A command ended the hold. Rows of settlement move its points that are past their date or claimed by a refund.
        claimed = sum(hold.claimed for hold in step.before.holds if hold.seq == row.hold)
        is_due = row.points <= claimed or all(is_past(step.before, lot, row.created_at) for lot in row.lots)
        if not is_due:
            message = "Settlement released points that were neither past their date nor claimed by a refund."
            yield drift_of(Check.SETTLEMENT, row.seq, message)
        return
    expected = _settlement_fields(due[0]) if due else None
    if expected != _settlement_fields(row):
        message = "The settlement differs from the dates of the points."
        yield drift_of(Check.SETTLEMENT, row.seq, message, expected, _settlement_fields(row))


def _due(step: RebuildStep) -> list[Movement]:
    """Returns what settlement had to write next: first what refunds claim of the points that it just released."""
    at, released = step.row.created_at, step.released
    if released:
        is_early = released.seq == step.ends_hold
        _, revocations = revoke_claimed(
            step.before, released, released.lots, at, effective_at=at if is_early else released.expires_at
        )
        if revocations:
            return revocations
    return settle(step.before, at)[1]


def _settlement_fields(one: Any) -> dict[str, Any]:
    """Returns the common fields of a row and a movement of settlement."""
    return {
        "type": one.type,
        "points": one.points,
        "lots": [asdict(lot) for lot in one.lots],
        "pendingLots": [asdict(lot) for lot in one.pending_lots],
        "hold": one.hold,
        "effectiveAt": one.effective_at,
    }


COMPARED_FIELDS: dict[str, Callable[[Card], Any]] = {
    "lots": lambda card: [asdict(lot) for lot in card.lots],
    "pending": lambda card: [asdict(lot) for lot in card.pending],
    "holds": lambda card: [asdict(hold) for hold in card.holds],
    "debt": lambda card: card.debt,
    "slidingExpiresAt": lambda card: card.sliding_expires_at,
    "coarse": lambda card: card.coarse,
    "otherSpending": lambda card: card.other_spending,
    "lifetime": lambda card: asdict(card.lifetime),
    "counters": lambda card: [asdict(counter) for counter in card.counters],
    "hash": lambda card: card.hash.hex(),
}
"""The fields of a card that follow from its rows."""


def _card(card: Card, rebuilt: Card, *, has_rows: bool) -> Iterator[Drift]:
    for name, of in COMPARED_FIELDS.items():
        expected, found = of(rebuilt), of(card)
        if expected != found:
            yield drift_of(Check.CARD, None, f"The card's {name} does not match its transactions.", expected, found)
    if has_rows:
        for name, last, found in (
            ("instant", rebuilt.at, card.at),
            ("wallet version", rebuilt.wallet_version, card.wallet_version),
        ):
            if last != found:
                yield drift_of(Check.CARD, None, f"The card's {name} differs from its last transaction.", last, found)
    if card.lifetime.total != sum(asdict(card.balance).values()):
        message = "The lifetime sums do not agree with the balance."
        yield drift_of(Check.CARD, None, message, card.lifetime.total, sum(asdict(card.balance).values()))
    coming = card.next_settlement()
    # An entry may be too early: the next sweep moves it. An entry that was deferred after failures may be late.
    if coming and not card.settle_failures and (card.due is None or card.due.at > coming.at):
        message = "The next due moment has no entry in the index, or the entry is too late."
        yield drift_of(Check.DUE, None, message, coming.at, card.due.at if card.due else None)


def _is_below_zero(card: Card) -> bool:
    return min([card.debt, *(lot.points for lot in card.lots), *(lot.points for lot in card.pending)]) < 0


def _lots_of(card: Card) -> dict[str, Any]:
    return {"lots": [asdict(lot) for lot in card.lots], "pending": [asdict(lot) for lot in card.pending]}


def drift_of(check: Check, seq: int | None, message: str, expected: Any = None, found: Any = None) -> Drift:
    """Returns a drift with its values as text."""
    return Drift(check=check, seq=seq, message=message, expected=_text(expected), found=_text(found))


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Balance):
        value = asdict(value)
    return json.dumps(value, separators=(", ", ": "))
