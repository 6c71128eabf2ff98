"""Pending points before their date: activate or cancel them by hand, activate them by a custom event."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from loyalty.domain.cards.card import BY_EVENT, Card, PendingLot
from loyalty.domain.cards.coarsening import pending_place
from loyalty.domain.cards.sliding import slide_expiry
from loyalty.domain.cards.transaction import Context, Movement, Operation, Transaction, TransactionType
from loyalty.domain.custom_event import CustomEvent
from loyalty.domain.movements.pending import activate_pending, cancel_pending, pending_by_event, pending_share
from loyalty.domain.wallets.settings import Activity, PendingType
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import KeyReused, LoyaltyError, NothingPending, OrderNotFound, TransactionNotFound
from loyalty.store.keys import event_origin, manual_origin, reversal_origin
from loyalty.store.store import Store
from loyalty.usecases import history
from loyalty.usecases.ledger import CardCommand, Command, Decided, Outcome, Situation, perform


class PendingAction(StrEnum):
    ACTIVATE = "activate"
    CANCEL = "cancel"


PENDING_ENDINGS = {TransactionType.ACTIVATION, TransactionType.CANCELLATION, TransactionType.REVOCATION}


@dataclass(frozen=True, slots=True)
class CardEffect:
    """The effect of the event on one card: the row that it wrote, or the refusal."""

    wallet_id: str
    outcome: Outcome | None
    refusal: LoyaltyError | None


def credit_of(store: Store, wallet_id: str, customer_id: str, transaction_id: str | None) -> Transaction | None:
    """Returns the card's credit with this id; None if no id was given."""
    if transaction_id is None:
        return None
    field = "body.transactionId"
    row = history.by_id(store, transaction_id, field=field)
    if (row.wallet_id, row.customer_id, row.type) != (wallet_id, customer_id, TransactionType.CREDIT):
        raise TransactionNotFound.of_field(field, f"The card has no credit {transaction_id}.")
    return row


def activate_or_cancel(
    store: Store, command: Command, credit: Transaction | None, action: PendingAction, at: datetime
) -> Outcome:
    """Activates or cancels by hand the pending points of the command's order, or of the one credit.

    Promised expiries stay. Canceled points give their room back in the periods that have not ended.
    """

    def decide(found: Situation) -> Decided:
        parts = _chosen_lots(store, found.card, command.context.order_id, credit, found.wallet)
        if action is PendingAction.ACTIVATE:
            after, movement = activate_pending(found.card, parts, found.wallet, found.now, Operation.ACTIVATE)
        else:
            after, movement = cancel_pending(found.card, parts, found.now)
        return Decided(after, [movement])

    if credit:
        command = replace(command, origin=manual_origin(credit.seq))
    try:
        return perform(store, CardCommand(command, decide, active_only=False), at)
    except KeyReused:
        if credit is None:
            raise
        # The origin of the row is the credit, not the caller's key: another request was first.
        raise NothingPending("The credit's points are no longer pending.") from None


def receive(store: Store, event: CustomEvent, context: Context, at: datetime) -> list[CardEffect]:
    """Applies the event to each of the customer's cards whose wallet reacts to it, once for its id."""
    effects = []
    for customer_id, wallet_id in store.cards.memberships(event.customer_id):
        wallet = store.wallets.recent(wallet_id, int(at.timestamp()))
        if wallet is None or not _may_react(wallet, event.name):
            continue
        command = Command(
            wallet_id=wallet_id, customer_id=customer_id, origin=event_origin(event.event_id), context=context
        )
        try:
            effects.append(CardEffect(wallet_id, _receive(store, command, event, at), None))
        except LoyaltyError as refusal:
            effects.append(CardEffect(wallet_id, None, refusal))
    return effects


def activations_after(store: Store, card: Card, credit_rows: Sequence[Transaction]) -> list[Transaction]:
    """Returns the activations of all event-based pending points, by events without an order, after the first credit."""
    first = min(row.seq for row in credit_rows)
    rows = store.cards.rows_by_events(card.customer_id, card.wallet_id)
    return [row for row in rows if row.type is TransactionType.ACTIVATION and row.seq > first]


def _receive(store: Store, command: Command, event: CustomEvent, at: datetime) -> Outcome:
    def decide(found: Situation) -> Decided:
        card, wallet, now = found.card, found.wallet, found.now
        parts: list[PendingLot] = []
        if _may_activate(wallet, event.name):
            parts = (
                pending_by_event(card)
                if event.order_id is None
                else _event_based_lots(store, card, event.order_id, wallet)
            )
        if parts:
            card, movement = activate_pending(card, parts, wallet, now, Operation.EVENT)
        else:
            movement = Movement(
                type=TransactionType.ACTIVITY,
                operation=Operation.EVENT,
                points=0,
                effective_at=now,
                balance=card.balance,
            )
        if event.name in wallet.settings.expiration.events:
            card = slide_expiry(card, wallet, Activity.CUSTOM_EVENT, now)
        return Decided(card, [movement])

    return perform(store, CardCommand(command, decide, active_only=False), at)


def _may_react(wallet: Wallet, name: str) -> bool:
    slides = wallet.settings.expiration.is_reset_by(Activity.CUSTOM_EVENT) and name in wallet.settings.expiration.events
    return slides or _may_activate(wallet, name)


def _may_activate(wallet: Wallet, name: str) -> bool:
    pending = wallet.settings.pending
    return pending.type is PendingType.EVENT_BASED and name in pending.events


def _event_based_lots(store: Store, card: Card, order_id: str, wallet: Wallet) -> list[PendingLot]:
    """Returns the order's points that an event would activate."""
    rows = store.cards.rows_of_order(card.customer_id, card.wallet_id, order_id)
    credit_rows = [row for row in rows if row.type is TransactionType.CREDIT]
    if not credit_rows:
        return []
    gone = [row for row in rows if row.type in PENDING_ENDINGS] + activations_after(store, card, credit_rows)
    return [lot for lot in pending_share(card, credit_rows, gone, wallet.zone) if lot.activates_at == BY_EVENT]


def _chosen_lots(
    store: Store, card: Card, order_id: str | None, credit: Transaction | None, wallet: Wallet
) -> list[PendingLot]:
    """Returns the pending points of the order, or of the one credit, which may have no order."""
    rows = [] if order_id is None else store.cards.rows_of_order(card.customer_id, card.wallet_id, order_id)
    credit_rows = [row for row in rows if row.type is TransactionType.CREDIT] or ([credit] if credit else [])
    if not credit_rows:
        raise OrderNotFound.of_field("body.orderId", f"The card has no credit of order {order_id}.")
    gone = [row for row in rows if row.type in PENDING_ENDINGS] + activations_after(store, card, credit_rows)
    if credit and (reversal := store.cards.row(card.customer_id, card.wallet_id, None, reversal_origin(credit.seq))):
        gone.append(reversal)
    parts = pending_share(card, credit_rows, gone, wallet.zone)
    if credit:
        parts = [
            replace(part, points=min(part.points, credit.points))
            for part in parts
            if _is_part_of(credit, part, card, wallet)
        ]
    if not parts:
        raise NothingPending("The points are no longer pending.")
    return parts


def _is_part_of(credit: Transaction, part: PendingLot, card: Card, wallet: Wallet) -> bool:
    """Returns whether the part has the place of one of the credit's pending lots."""
    where = pending_place(part, card.coarse, wallet.zone)
    return any(pending_place(lot, card.coarse, wallet.zone) == where for lot in credit.pending_lots)
