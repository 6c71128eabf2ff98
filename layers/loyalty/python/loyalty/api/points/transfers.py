"""Requests and answers about transfers."""

from typing import Self

from pydantic import ConfigDict, Field

from loyalty.api.base import Request
from loyalty.api.fields import CustomerId, Metadata, MovementSource, Points, Text
from loyalty.api.points.movements import DryRunFlag, Movement
from loyalty.domain.cards.transaction import Context, Source
from loyalty.domain.schema import metadata_text
from loyalty.usecases.points.transfers import TransferOutcome


class TransferRequest(Request):
    """Points to transfer, in the wallet's consumption order. The points keep their dates."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "toCustomerId": "bob",
                    "points": 50,
                    "source": "API",
                    "pointsDescription": "A present from Ann",
                    "metadata": {"channel": "app"},
                    "dryRun": False,
                }
            ]
        }
    )

    to_customer_id: CustomerId = Field(description="A customer with a card in the wallet.")
    points: Points = Field(description="The number of points.")
    source: MovementSource = Field(default=Source.API, description="The kind of caller.")
    points_description: Text | None = Field(
        default=None, description="Your description of the points, recorded on both transactions."
    )
    metadata: Metadata | None = Field(default=None, description="Your own data, recorded on the sender's transaction.")
    dry_run: DryRunFlag = False

    @property
    def context(self) -> Context:
        return Context(
            source=self.source,
            points_description=self.points_description,
            metadata=metadata_text(self.metadata),
        )


class Transfer(Movement):
    """The answer to a transfer, with the sender's transaction and balance."""

    recipient_transaction_id: str = Field(description="The transaction on the recipient's card.")

    @classmethod
    def of_transfer(cls, transfer: TransferOutcome) -> Self:
        return cls(**cls.values_of(transfer.sent), recipient_transaction_id=transfer.recipient_transaction_id)
