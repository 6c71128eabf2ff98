"""Holds: points reserved for an unfinished order, captured if it is completed, released if it is not."""

from datetime import datetime

from loyalty.domain.cards.card import Card, Hold
from loyalty.domain.cards.transaction import Transaction, TransactionType
from loyalty.domain.dates import Period, datetime_of, expiry_after
from loyalty.domain.movements.hold import capture_hold, place_hold, release_hold
from loyalty.errors import Busy, HoldNotFound, TransactionNotFound
from loyalty.store.store import Store
from loyalty.usecases import history
from loyalty.usecases.admission import require_known_wallet, require_unblocked
from loyalty.usecases.ledger import CardCommand, Command, Decided, Outcome, Situation, perform


def hold(store: Store, command: Command, points: int, lasts: Period, at: datetime) -> Outcome:
    """Holds points if limits and balance allow. Time releases them when the period is over."""

    def decide(found: Situation) -> Decided:
        require_unblocked(found.card)
        expires_at = expiry_after(found.now, lasts, found.wallet.zone)
        seq = found.next_seq
        after, movement = place_hold(found.card, points, found.wallet, found.now, seq=seq, expires_at=expires_at)
        return Decided(after, [movement])

    return perform(store, CardCommand(command, decide), at)


def hold_row(store: Store, wallet_id: str, customer_id: str, hold_id: str) -> Transaction:
    """Returns the card's HOLD row with this id. The keys of the hold's other rows have its order id."""
    try:
        row = history.by_id(store, hold_id)
    except TransactionNotFound:
        card = store.cards.card(customer_id, wallet_id)
        if card and any(f"{card.card_id}.{held.seq}" == hold_id for held in card.holds):
            raise Busy("The hold is too new to be found. Send the same request again.") from None
        require_known_wallet(store, wallet_id)
        raise HoldNotFound(f"The card has no hold {hold_id}.") from None
    if (row.wallet_id, row.customer_id, row.type) != (wallet_id, customer_id, TransactionType.HOLD):
        require_known_wallet(store, wallet_id)
        raise HoldNotFound(f"The card has no hold {hold_id}.")
    return row


def capture(
    store: Store, command: Command, row: Transaction, points: int | None, at: datetime, *, final: bool
) -> Outcome:
    """Spends the first `points` of the hold, or all if None. Works in an INACTIVE wallet and on a BLOCKED card too."""

    def decide(found: Situation) -> Decided:
        return Decided(
            *capture_hold(
                found.card, _open_hold(found.card, row, found.now), points, found.wallet, found.now, final=final
            )
        )

    return perform(store, CardCommand(command, decide, active_only=False), at)


def release(store: Store, command: Command, row: Transaction, at: datetime) -> Outcome:
    """Makes the hold's points spendable again, except points past their date.

    Works in an INACTIVE wallet and on a BLOCKED card, like a capture.
    """

    def decide(found: Situation) -> Decided:
        return Decided(*release_hold(found.card, _open_hold(found.card, row, found.now), found.now))

    return perform(store, CardCommand(command, decide, active_only=False), at)


def _open_hold(card: Card, row: Transaction, now: int) -> Hold:
    for found in card.holds:
        if found.seq == row.seq:
            return found
    assert row.hold_expires_at is not None, "a HOLD row has its end"
    if row.hold_expires_at <= now:
        ended = f"was captured or released, or ended by time at {datetime_of(row.hold_expires_at):%Y-%m-%dT%H:%M:%SZ}"
    else:
        ended = "was captured or released"
    raise HoldNotFound(f"The hold {row.transaction_id} is no longer open: the hold {ended}.")
