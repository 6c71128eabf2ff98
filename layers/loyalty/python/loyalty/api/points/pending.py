"""Requests to activate or cancel pending points by hand."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty.api.base import Request
from loyalty.api.fields import TRANSACTION_ID, OrderId, Text
from loyalty.api.points.movements import DryRunFlag


class PendingRequest(Request):
    """The pending points to activate or cancel. Send either `orderId` or `transactionId`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"orderId": "#1001", "reason": "The parcel was delivered", "dryRun": False},
                {"transactionId": "kQ3mZ8vT1xYb5nRw.7", "reason": "Agreed with the customer"},
            ]
        }
    )

    order_id: OrderId | None = Field(default=None, description="The order whose pending points move.")
    transaction_id: Annotated[str, Field(pattern=TRANSACTION_ID)] | None = Field(
        default=None, description="The credit whose pending points move."
    )
    reason: Text | None = Field(default=None, description="The reason for the request.")
    dry_run: DryRunFlag = False

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.order_id is None) == (self.transaction_id is None):
            raise PydanticCustomError("one_of", "Send either orderId or transactionId.", {"field": "orderId"})
        return self
