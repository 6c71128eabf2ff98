"""Requests and answers about refunds."""

from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty.api.base import BY_VALUE, Answer, Request
from loyalty.api.fields import MinorUnits, OrderId, ProductId, Quantity, Text
from loyalty.api.orders import ORDER_EXAMPLE, OrderInput
from loyalty.api.points.balances import Balance
from loyalty.domain.cards.transaction import Context, Source
from loyalty.domain.movements.refund_amounts import RefundDemand, RefundType, ReturnedItem
from loyalty.domain.order import ITEMS_MAX
from loyalty.usecases.points.refunds import EverywhereOutcome, RefundOutcome

_OF_ITEMS: dict[str, Any] = {
    "type": "ITEMS",
    "items": [{"productId": "sku-tea-250g", "quantity": 1, "lineId": "1"}],
    "order": ORDER_EXAMPLE,
    "reason": "The tea was damaged",
    "dryRun": False,
}
_OF_AMOUNT: dict[str, Any] = {"type": "AMOUNT", "amount": 1_000, "order": ORDER_EXAMPLE, "reason": "Price reduction"}


class ReturnedItemInput(Request):
    """A quantity of a product. Without `lineId`, the items are of the order's first lines with the product."""

    product_id: ProductId
    quantity: Quantity
    line_id: ProductId | None = None


class OrderRefundRequest(Request):
    """FULL: all that is left. AMOUNT: gross value in minor units, including the part paid with points. ITEMS: goods."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OF_ITEMS, _OF_AMOUNT, {"type": "FULL"}]})

    type: Annotated[RefundType, BY_VALUE]
    amount: Annotated[MinorUnits, Field(ge=1)] | None = None
    items: list[ReturnedItemInput] = Field(default_factory=list, max_length=ITEMS_MAX)
    order: OrderInput | None = None
    reason: Text | None = None
    dry_run: bool = False

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        for field, sent, kind in (
            ("amount", self.amount is not None, RefundType.AMOUNT),
            ("items", bool(self.items), RefundType.ITEMS),
        ):
            if sent != (self.type == kind):
                message = f"{self.type} takes no {field}." if sent else f"{kind} needs {field}."
                raise PydanticCustomError("refund_type", message, {"field": field})
        return self

    @property
    def demand(self) -> RefundDemand:
        items = tuple(ReturnedItem(item.product_id, item.quantity, item.line_id) for item in self.items)
        return RefundDemand(self.type, self.amount or 0, items)

    def context(self, order_id: str) -> Context:
        """Of a refund of this order."""
        order = self.order.order if self.order else None
        return Context(source=Source.API, order_id=order_id, order=order, reason=self.reason)


class RefundRequest(OrderRefundRequest):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"orderId": "#1001", **one} for one in (_OF_ITEMS, _OF_AMOUNT, {"type": "FULL"})]
        }
    )

    order_id: OrderId


class ReturnedPoints(Answer):
    """Spent points that were given back. `keptExpired` of these points expired in the meantime and stay expired."""

    points: int
    kept_expired: int
    transaction_id: str | None


class RevokedPoints(Answer):
    """Earned points that were taken back. Points that expired unspent are not taken again; a shortfall is forgiven."""

    points: int
    shortfall: int
    expired: int
    transaction_id: str | None


class Refund(Answer):
    """The effect of a refund in one wallet. A dry run shows the effect a refund would have, without a transactionId."""

    wallet_id: str
    returned: ReturnedPoints
    revoked: RevokedPoints
    amount: int | None = Field(description="Gross value of the goods in minor units; null if the order's is unknown.")
    money_amount: int | None = Field(
        description="Money to pay back, in minor units: the amount less the part paid with points."
    )
    balance: Balance

    @classmethod
    def of(cls, refund: RefundOutcome) -> Self:
        outcome, details = refund.outcome, refund.details
        return cls(
            wallet_id=outcome.transaction.wallet_id,
            returned=ReturnedPoints(
                points=details.spent,
                kept_expired=details.kept_expired,
                transaction_id=None if outcome.dry else refund.returned_id,
            ),
            revoked=RevokedPoints(
                points=details.revoked,
                shortfall=details.shortfall,
                expired=details.expired,
                transaction_id=None if outcome.dry else refund.revoked_id,
            ),
            amount=details.amount,
            money_amount=details.money,
            balance=Balance.of(outcome.balance),
        )


class OrderRefund(Answer):
    """The effect of a refund in every wallet that has transactions of the order."""

    amount: int | None
    money_amount: int | None = Field(
        description=(
            "Money to pay back, in minor units: goods that no wallet refunded before, less the part paid with points."
        )
    )
    wallets: list[Refund]

    @classmethod
    def of(cls, done: EverywhereOutcome) -> Self:
        return cls(
            amount=done.amount,
            money_amount=done.money,
            wallets=[Refund.of(refund) for refund in done.refunds],
        )
