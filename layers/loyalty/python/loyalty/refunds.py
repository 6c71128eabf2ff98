"""Undoing orders: what a customer spent comes back, what an order earned is taken back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from loyalty.domain.card import Card
from loyalty.domain.order import agreed
from loyalty.domain.refund import expired_lots, order_state, refunded
from loyalty.domain.transaction import Movement, RefundFacts, Transaction
from loyalty.domain.wallet import Wallet
from loyalty.errors import OrderNotFound
from loyalty.ledger import Command, Outcome, perform
from loyalty.store import Store


@dataclass(frozen=True, slots=True)
class RefundOutcome:
    outcome: Outcome
    facts: RefundFacts
    returned_id: str | None
    revoked_id: str | None


def refund(store: Store, command: Command, at: datetime) -> RefundOutcome:
    """Undoes all of an order that no refund has settled yet. Works in an INACTIVE wallet too."""
    order_id = command.facts.order_id
    assert order_id is not None, "a refund is always of an order"

    def decide(card: Card, wallet: Wallet, now: int, settling: Sequence[Movement]) -> tuple[Card, list[Movement]]:
        # Read anew at every attempt, after the card: rows kept from before a lost race would pay twice.
        rows = store.cards.rows_of_order(card.customer_id, card.wallet_id, order_id)
        if not rows:
            raise OrderNotFound(f"The card has no transaction of order {order_id}.")
        state = order_state(rows, wallet.zone)
        passed: list[Transaction | Movement] = list(settling)
        if state.credits and (state.expired_own_lots(now) or state.waited_for_event):
            passed += store.cards.passed_since(card.customer_id, card.wallet_id, state.credits[0].seq)
        of_all = list(passed)
        if state.waited_for_event:
            of_all += store.cards.rows_by_events(card.customer_id, card.wallet_id)
        state = order_state(rows, wallet.zone, of_all)
        state = replace(state, order=agreed(state.order, command.facts.order))
        return refunded(card, state, expired_lots(passed, card, wallet.zone), wallet, now)

    outcome = perform(store, command, at, decide, active_only=False)
    row, facts = outcome.transaction, outcome.transaction.refund
    assert facts is not None, "the last row of a refund carries its facts"
    both = facts.spent > 0 and facts.revoked > 0
    first = f"{row.card_id}.{row.seq - 1}" if both else row.transaction_id
    return RefundOutcome(
        outcome,
        facts,
        returned_id=first if facts.spent or not facts.revoked else None,
        revoked_id=row.transaction_id if facts.revoked else None,
    )
