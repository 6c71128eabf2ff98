"""What a transfer is answered: the giver's row and balance, and where the taker's row is."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from loyalty.api import answered
from loyalty.shapes import Balance, Receipt, TransactionShape
from loyalty.transfers import TransferOutcome


class TransferReceipt(Receipt):
    """The giver's row and balance."""

    taker_transaction_id: str


def transfer_receipt(transfer: TransferOutcome) -> Response[Any]:
    row = transfer.given.transaction
    return answered(
        TransferReceipt(
            transaction=TransactionShape.of(row),
            taker_transaction_id=transfer.taker_transaction_id,
            balance=Balance.of(row.balance),
        ),
        status=HTTPStatus.CREATED,
        location=f"/v1/transactions/{row.transaction_id}",
        replayed=transfer.given.replayed,
    )
