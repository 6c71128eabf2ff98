"""Crediting points."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from time import monotonic

from loyalty.domain.cards.card import Card
from loyalty.domain.dates import instant
from loyalty.domain.movements.credit import Grant, credit_points
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import Busy, LoyaltyError
from loyalty.store.cards import CardAndRow
from loyalty.store.store import Store
from loyalty.usecases.admission import recent_wallet, require_clock
from loyalty.usecases.ledger import CardCommand, Command, Decided, Outcome, Situation, perform

SECONDS_MAX = 3
"""How long a batch begins new credits. The last one is answered within the function's time, as a single credit is."""


def credit_each(
    store: Store, wallet_id: str, credits: Sequence[tuple[Command, Grant]], clock: Callable[[], datetime]
) -> Iterator[Outcome | LoyaltyError]:
    """Gives points to several customers of a wallet, one after the other, each as if the credit had come alone.

    Yields for each credit what it did, or why it was refused. One request reads the cards and rows of all credits. A
    customer's second credit reads the card again, because the first one changed it. Raises `WalletNotFound`, `Busy` or
    `ClockSkew` before the first credit: an unknown wallet has no rows to repeat, and the others concern that request.
    """
    deadline = monotonic() + SECONDS_MAX
    recent_wallet(store, wallet_id, instant(clock()))
    first = {command.customer_id: command.row_key for command, _ in reversed(credits)}
    found, skew = store.cards.cards_and_rows(list(first.values()))
    require_clock(skew)
    readings = dict(zip(first, found, strict=True))
    for command, grant in credits:
        try:
            if monotonic() > deadline:
                raise Busy("The batch took too long before this credit. Send the credit again.")
            yield credit(store, command, grant, clock(), reading=readings.pop(command.customer_id, None))
        except LoyaltyError as refusal:
            yield refusal


def credit(store: Store, command: Command, grant: Grant, at: datetime, *, reading: CardAndRow | None = None) -> Outcome:
    """Gives points. If the wallet enrols automatically, a customer without a card gets one in the same transaction.

    `reading` is the card and the row of the command, if they have just been read.
    """
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

    return perform(store, CardCommand(command, decide, enrols=True), at, reading=reading)


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
