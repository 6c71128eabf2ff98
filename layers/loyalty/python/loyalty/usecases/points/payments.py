"""Paying for orders with points."""

from datetime import datetime

from loyalty.domain.formulas.tree import CARD_METADATA, Inputs
from loyalty.domain.movements.payment import PaymentLimit, order_to_pay, pay_order, payment_formula
from loyalty.store.store import Store
from loyalty.usecases.admission import require_unblocked
from loyalty.usecases.ledger import CardCommand, Command, Decided, Outcome, Situation, perform


def pay(store: Store, command: Command, limit: PaymentLimit, at: datetime) -> Outcome:
    """Pays for as much of the command's order as is allowed."""
    order_id, sent = command.context.order_id, command.context.order
    assert order_id is not None, "a payment always has an order"
    assert sent is not None, "a payment has its order's amount"

    def decide(found: Situation) -> Decided:
        require_unblocked(found.card)
        formula = payment_formula(found.wallet)
        # Read again at every attempt, after the card: of two concurrent payments, the second must count the first.
        rows = store.cards.rows_of_order(found.card.customer_id, found.card.wallet_id, order_id)
        order, left = order_to_pay(sent, rows, found.now)
        asked = CARD_METADATA in formula.sources
        metadata = store.cards.metadata(found.card.customer_id, found.card.wallet_id) if asked else None
        ratio = formula.evaluate(Inputs(order.amount, order.metadata, metadata))
        after, movement = pay_order(found.card, left, ratio, limit, found.wallet, found.now)
        return Decided(after, [movement])

    return perform(store, CardCommand(command, decide), at)
