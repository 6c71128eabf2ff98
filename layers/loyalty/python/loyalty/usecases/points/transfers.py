"""Transfers: one customer gives points to another, on both cards in one transaction."""

from dataclasses import dataclass, replace
from datetime import datetime

from loyalty.domain.cards.card import Lot
from loyalty.domain.movements.transfer import receive_points, send_points
from loyalty.errors import TransfersNotAllowed, TransferToSelf
from loyalty.store.keys import transfer_origin
from loyalty.store.store import Store
from loyalty.usecases.admission import require_unblocked
from loyalty.usecases.ledger import CardCommand, Command, Decided, Outcome, Situation, perform_together


@dataclass(frozen=True, slots=True)
class TransferOutcome:
    sent: Outcome
    """The sender's row, which has the key."""
    recipient_transaction_id: str


def transfer(store: Store, command: Command, recipient_id: str, points: int, at: datetime) -> TransferOutcome:
    """Moves points from the command's customer to the recipient, who already has a card."""
    sender_id = command.customer_id
    if recipient_id == sender_id:
        raise TransferToSelf.of_field("body.toCustomerId", "Send the id of another customer as toCustomerId.")
    moving: tuple[Lot, ...] = ()
    transaction_id = ""

    def give(found: Situation) -> Decided:
        nonlocal moving, transaction_id
        require_unblocked(found.card)
        if not found.wallet.settings.transfers.allowed:
            raise TransfersNotAllowed("The wallet's setting transfers.allowed is false. Set it to true first.")
        after, movement, moving = send_points(found.card, points, found.wallet, found.now, recipient_id=recipient_id)
        transaction_id = f"{found.card.card_id}.{found.next_seq}"
        return Decided(after, [movement])

    def take(found: Situation) -> Decided:
        after, movement = receive_points(found.card, moving, found.wallet, found.now, sender_id=sender_id)
        return Decided(after, [movement])

    # The origin of the recipient's row follows from the sender's row, which alone answers a repetition. Until then no
    # row has this origin.
    taking = replace(
        command,
        customer_id=recipient_id,
        origin=transfer_origin(""),
        context=replace(command.context, metadata=None, fingerprint=None),
    )
    first, *others = perform_together(
        store,
        [
            CardCommand(command, give),
            CardCommand(
                taking,
                take,
                customer_field="body.toCustomerId",
                origin=lambda: transfer_origin(transaction_id),
            ),
        ],
        at,
    )
    if others:
        return TransferOutcome(first, others[0].transaction.transaction_id)
    row = store.cards.row(recipient_id, command.wallet_id, None, transfer_origin(first.transaction.transaction_id))
    assert row is not None, "both rows were written in one transaction"
    return TransferOutcome(first, row.transaction_id)
