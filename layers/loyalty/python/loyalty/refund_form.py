"""Refunds as requests."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty import bodies
from loyalty.api import Body
from loyalty.domain.order import ITEMS_MAX
from loyalty.domain.refund_amounts import Demand, Kind
from loyalty.domain.refund_amounts import Returned as ReturnedItem
from loyalty.domain.transaction import Source


class ReturnedItems(Body):
    """So many of a product; without `lineId` they are of the order's first lines with it."""

    product_id: bodies.ProductId
    quantity: bodies.Quantity
    line_id: bodies.ProductId | None = None


class OrderRefund(Body):
    """FULL: all that is left. AMOUNT: gross value in minor units, the part paid with points included. ITEMS: goods."""

    type: Literal["FULL", "AMOUNT", "ITEMS"]
    amount: Annotated[bodies.MinorUnits, Field(ge=1)] | None = None
    items: list[ReturnedItems] = Field(default_factory=list, max_length=ITEMS_MAX)
    order: bodies.OrderBody | None = None
    reason: bodies.Text | None = None
    dry_run: bool = False

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        for field, sent, kind in (("amount", self.amount is not None, "AMOUNT"), ("items", bool(self.items), "ITEMS")):
            if sent != (self.type == kind):
                message = f"{self.type} takes no {field}." if sent else f"{kind} needs {field}."
                raise PydanticCustomError("refund_type", message, {"field": field})
        return self

    @property
    def demand(self) -> Demand:
        items = tuple(ReturnedItem(item.product_id, item.quantity, item.line_id) for item in self.items)
        return Demand(Kind(self.type), self.amount or 0, items)

    def facts(self, order_id: str) -> dict[str, Any]:
        order = self.order and self.order.order
        return {"source": Source.API, "order_id": order_id, "order": order, "reason": self.reason}


class Refund(OrderRefund):
    order_id: bodies.OrderId
