"""Pending points before their date: activate or cancel them by hand, activate them by a custom event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from loyalty.domain.cards.card import BY_EVENT, Card, PendingLot
from loyalty.domain.cards.coarsening import PendingPlace, pending_place
from loyalty.domain.cards.transaction import Context, EventDetails, Operation, Transaction, TransactionType
from loyalty.domain.custom_event import CustomEvent
from loyalty.domain.movements.earned_shares import canceled_points
from loyalty.domain.movements.pending import (
    activate_pending,
    cancel_pending,
    latest_credits,
    pending_by_event,
    pending_share,
    receive_event,
)
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import KeyReused, LoyaltyError, NothingPending, OrderNotFound, TransactionNotFound
from loyalty.store.keys import event_origin, manual_origin, reversal_origin
from loyalty.store.store import Store
from loyalty.usecases import history
from loyalty.usecases.ledger import CardCommand, Command, Decided, Outcome, Situation, perform, perform_together


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
        command = command.under(manual_origin(credit.seq))
    try:
        return perform(store, CardCommand(command, decide, active_only=False), at)
    except KeyReused:
        if credit is None:
            raise
        # The origin of the row is the credit, not the caller's key: another request was first.
        raise NothingPending("The credit's points are no longer pending.") from None


def recorded_wallets(store: Store, event: CustomEvent, wallet_ids: Sequence[str]) -> list[str]:
    """Returns the wallets that the event concerned when it first arrived; none if it has no row in these wallets.

    A repetition has the effects of the first arrival and no others. It also completes a request that was interrupted
    between two cards.
    """
    rows = store.cards.rows_of_origin(event.customer_id, wallet_ids, event.order_id, event_origin(event.event_id))
    return sorted({wallet for row in rows for wallet in (row.event and row.event.wallets) or (row.wallet_id,)})


def receive(
    store: Store, event: CustomEvent, wallet_ids: Sequence[str], context: Context, at: datetime
) -> list[CardEffect]:
    """Applies the event to the customer's cards in the wallets, to each card once for the event's id."""
    effects = []
    for wallet_id in wallet_ids:
        command = Command(
            wallet_id=wallet_id, customer_id=event.customer_id, origin=event_origin(event.event_id), context=context
        )
        try:
            if outcome := _receive(store, command, event, wallet_ids, at):
                effects.append(CardEffect(wallet_id, outcome, None))
        except LoyaltyError as refusal:
            effects.append(CardEffect(wallet_id, None, refusal))
    return effects


def activations_after(store: Store, card: Card, credit_rows: Sequence[Transaction]) -> list[Transaction]:
    """Returns the activations of all event-based pending points, by events without an order, after the first credit."""
    first = min(row.seq for row in credit_rows)
    rows = store.cards.rows_by_events(card.customer_id, card.wallet_id)
    return [row for row in rows if row.type is TransactionType.ACTIVATION and row.seq > first]


def _receive(
    store: Store, command: Command, event: CustomEvent, wallet_ids: Sequence[str], at: datetime
) -> Outcome | None:
    """Returns None if the wallet's current version does not react to the event."""

    def decide(found: Situation) -> Decided:
        card, wallet, now = found.card, found.wallet, found.now
        if event.name not in wallet.settings.reacting_events:
            return Decided(card, [])
        may_activate = event.name in wallet.settings.activating_events
        reach = _reach(store, card, event, wallet, now) if may_activate else EventReach()
        card, movements = receive_event(card, event, reach.parts, reach.credited_at, wallet, now)
        details = EventDetails(
            canceled=reach.canceled,
            expired=sum(movement.points for movement in movements if movement.type is TransactionType.EXPIRY),
            wallets=tuple(wallet_ids) if len(wallet_ids) > 1 else (),
        )
        movements[-1] = replace(movements[-1], event=details if details != EventDetails() else None)
        return Decided(card, movements)

    outcomes = perform_together(store, [CardCommand(command, decide, active_only=False)], at)
    return outcomes[0] if outcomes else None


@dataclass(frozen=True, slots=True)
class EventReach:
    """The points of a card that an event concerns."""

    parts: Sequence[PendingLot] = ()
    """The pending points that the event activates."""
    credited_at: Mapping[PendingPlace, int] = field(default_factory=dict)
    """The instants of credits after the event."""
    canceled: int = 0
    """Points of the event's order that had been canceled before."""


def _reach(store: Store, card: Card, event: CustomEvent, wallet: Wallet, now: int) -> EventReach:
    happened_at = event.counts_from(now)
    if event.order_id is None:
        # Credits after the event are read only if the card has moved since.
        later = card.at > happened_at
        rows = store.cards.credits_after(card.customer_id, card.wallet_id, happened_at) if later else []
        return EventReach(pending_by_event(card), latest_credits(rows, card.coarse, wallet.zone))
    rows = store.cards.rows_of_order(card.customer_id, card.wallet_id, event.order_id)
    credit_rows = [row for row in rows if row.type is TransactionType.CREDIT]
    if not credit_rows:
        return EventReach()
    by_events = activations_after(store, card, credit_rows)
    gone = [row for row in rows if row.type in PENDING_ENDINGS] + by_events
    share = pending_share(card, credit_rows, gone, wallet.zone)
    return EventReach(
        [lot for lot in share if lot.activates_at == BY_EVENT],
        latest_credits(credit_rows, card.coarse, wallet.zone),
        canceled_points([*rows, *by_events], card.coarse, wallet.zone, now),
    )


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
