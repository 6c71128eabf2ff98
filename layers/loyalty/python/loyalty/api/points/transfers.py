"""Transfers as requests and answers."""

from typing import Annotated, Literal

from pydantic import Field

from loyalty.api.base import Body
from loyalty.api.fields import CUSTOMER_ID, Metadata, Points, Text
from loyalty.api.points.movements import Receipt


class TransferReceipt(Receipt):
    """The giver's row and balance."""

    taker_transaction_id: str


class Transfer(Body):
    """Points to give, in the wallet's order of consumption. They keep their dates."""

    to_customer_id: Annotated[str, Field(pattern=CUSTOMER_ID, description="Has a card in the wallet.")]
    points: Points
    source: Literal["API", "Manual"] = "API"
    points_description: Text | None = Field(default=None, description="On both rows.")
    metadata: Metadata | None = Field(default=None, description="On the giver's row.")
