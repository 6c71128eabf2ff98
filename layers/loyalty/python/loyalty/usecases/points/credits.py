"""Crediting points."""

from datetime import datetime

from loyalty.domain.cards.card import Card
from loyalty.domain.movements.credit import Grant, credit_points
from loyalty.domain.wallets.wallet import Wallet
from loyalty.store.store import Store
from loyalty.usecases.ledger import CardCommand, Command, Decided, Outcome, Situation, perform


def credit(store: Store, command: Command, grant: Grant, at: datetime) -> Outcome:
    """Gives points. If the wallet enrols automatically, a customer without a card gets one in the same transaction."""
    context = command.context

    def decide(found: Situation) -> Decided:
        event_received = has_event_before(store, found.card, found.wallet, context.order_id)
        after, movement = credit_points(
            found.card,
            grant,
            found.wallet,
            found.now,
            order_id=context.order_id,
            order=context.order,
            event_received=event_received,
        )
        return Decided(after, [movement])

    return perform(store, CardCommand(command, decide, enrols=True), at)


def has_event_before(store: Store, card: Card, wallet: Wallet, order_id: str | None) -> bool:
    """Returns whether an event that would activate the order's points was recorded before the credit."""
    names = wallet.settings.activating_events
    if not names or order_id is None:
        return False
    rows = store.cards.rows_of_order(card.customer_id, card.wallet_id, order_id) if card.version else []
    # An event is noted if the customer has no card at its arrival.
    return any(row.context.event in names for row in rows) or store.earlier_events.is_noted(
        card.customer_id, names, order_id
    )
