"""Requests for credits to several customers at once, and their answers."""

from typing import Any, Self

from pydantic import ConfigDict, Field

from loyalty.api import answered
from loyalty.api.base import Answer, Request
from loyalty.api.fields import CustomerId, IdempotencyKey
from loyalty.api.orders import ORDER_EXAMPLE
from loyalty.api.points.balances import Balance
from loyalty.api.points.movements import CreditFields
from loyalty.api.points.transactions import Transaction
from loyalty.api.problems import Problem
from loyalty.usecases.ledger import Outcome

CREDITS_MAX = 25


class BatchedCredit(CreditFields):
    """A credit to one customer. The other fields are those of a single credit."""

    customer_id: CustomerId = Field(description="Your id of the customer who gets the points.")
    idempotency_key: IdempotencyKey = Field(
        description="Identifies this credit for ever, as the header Idempotency-Key of a single credit does."
    )


class CreditBatchRequest(Request):
    """Up to 25 credits, usually of different customers."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "credits": [
                        {
                            "customerId": "ann",
                            "idempotencyKey": "order-1001-credit",
                            "points": 100,
                            "source": "API",
                            "orderId": "#1001",
                            "order": ORDER_EXAMPLE,
                            "campaignId": "spring-2027",
                            "pointsDescription": "Points for order #1001",
                            "activateAfter": {"every": 14, "unit": "DAY"},
                            "expireAfter": {"every": 1, "unit": "YEAR"},
                            "metadata": {"channel": "web"},
                        },
                        {"customerId": "bob", "idempotencyKey": "birthday-bob-2027", "points": 250},
                    ]
                },
                {
                    "credits": [
                        {
                            "customerId": "ann",
                            "idempotencyKey": "birthday-ann-2027",
                            "points": 250,
                            "source": "Manual",
                            "pointsDescription": "Birthday present",
                            "activatesAt": "2027-05-01T00:00:00+02:00",
                            "expiresAt": "2028-04-30T23:59:59+02:00",
                        }
                    ]
                },
            ]
        }
    )

    credits: list[BatchedCredit] = Field(min_length=1, max_length=CREDITS_MAX, description="The credits.")


class CreditResult(Answer):
    """What one credit of a batch did: its transaction, or its problem."""

    customer_id: answered.CustomerId
    idempotency_key: str = Field(description="The idempotency key of the credit.")
    transaction: Transaction | None = Field(
        description="The transaction of the credit, or of its first request; null if the credit was refused."
    )
    balance: Balance | None = Field(
        description="The card's balance after the transaction; null if the credit was refused."
    )
    replayed: bool = Field(description="Whether an earlier request with the same key made the transaction.")
    problem: Problem | None = Field(description="Why the credit was refused; null if it has a transaction.")

    @classmethod
    def of(cls, credit: BatchedCredit, outcome: Outcome) -> Self:
        return cls(
            customer_id=credit.customer_id,
            idempotency_key=credit.idempotency_key,
            transaction=Transaction.of(outcome.transaction),
            balance=Balance.of(outcome.balance),
            replayed=outcome.repeated,
            problem=None,
        )

    @classmethod
    def refused(cls, credit: BatchedCredit, problem: dict[str, Any]) -> Self:
        return cls(
            customer_id=credit.customer_id,
            idempotency_key=credit.idempotency_key,
            transaction=None,
            balance=None,
            replayed=False,
            problem=Problem.model_validate(problem),
        )


class CreditResults(Answer):
    """The results of the credits, in their order."""

    data: list[CreditResult] = Field(description="One result for each credit, in the order of the request.")
