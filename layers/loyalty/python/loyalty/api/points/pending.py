"""Pending points that are activated or canceled by hand."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty.api.base import Request
from loyalty.api.fields import TRANSACTION_ID, OrderId, Text


class PendingRequest(Request):
    """Either the order whose points wait, or the one credit."""

    order_id: OrderId | None = None
    transaction_id: Annotated[str, Field(pattern=TRANSACTION_ID)] | None = None
    reason: Text | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.order_id is None) == (self.transaction_id is None):
            raise PydanticCustomError("one_of", "Either orderId or transactionId.", {"field": "orderId"})
        return self
