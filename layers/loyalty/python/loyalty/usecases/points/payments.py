"""Paying for orders with points."""

from collections.abc import Sequence
from datetime import datetime

from loyalty.domain.cards.card import Card
from loyalty.domain.cards.transaction import Movement
from loyalty.domain.formulas.tree import CARD_METADATA, Inputs
from loyalty.domain.movements.payment import PaymentLimit, left_to_pay, paid, payment_formula
from loyalty.domain.wallets.wallet import Wallet
from loyalty.store.store import Store
from loyalty.usecases.admission import require_unblocked
from loyalty.usecases.ledger import Command, Outcome, perform


def pay(store: Store, command: Command, limit: PaymentLimit, at: datetime, *, dry: bool = False) -> Outcome:
    """Pays for as much of the command's order as is allowed; a dry one writes nothing."""
    order_id, sent = command.facts.order_id, command.facts.order
    assert order_id is not None, "a payment is always of an order"
    assert sent is not None, "a payment says its order's amount"

    def decide(card: Card, wallet: Wallet, now: int, _: Sequence[Movement]) -> tuple[Card, list[Movement]]:
        require_unblocked(card)
        formula = payment_formula(wallet)
        # Read anew at every attempt, after the card: of two payments at once the second must know the first.
        rows = store.cards.rows_of_order(card.customer_id, card.wallet_id, order_id)
        left = left_to_pay(sent, rows)
        asked = CARD_METADATA in formula.sources
        metadata = store.cards.metadata(card.customer_id, card.wallet_id) if asked else None
        ratio = formula.evaluated(Inputs(sent.amount, sent.metadata, metadata))
        after, movement = paid(card, left, ratio, limit, wallet, now)
        return after, [movement]

    return perform(store, command, at, decide, dry=dry)
