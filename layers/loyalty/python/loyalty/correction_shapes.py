"""What a reversal is answered: its row, and what of the credit was gone."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from pydantic import Field

from loyalty.api import answered
from loyalty.corrections import shortfall
from loyalty.ledger import Outcome
from loyalty.shapes import Balance, DryRun, Receipt, TransactionShape, made


class ReversalReceipt(Receipt):
    shortfall: int = Field(description="Points of the reversed credit that were no longer there. They are forgiven.")


class ReversalDryRun(DryRun):
    shortfall: int


def reversal_receipt(outcome: Outcome) -> Response[Any]:
    row = outcome.transaction
    if outcome.dry:
        return answered(ReversalDryRun(**dict(DryRun.of(row)), shortfall=shortfall(row)))
    transaction, balance = TransactionShape.of(row), Balance.of(outcome.balance)
    return made(outcome, ReversalReceipt(transaction=transaction, balance=balance, shortfall=shortfall(row)))
