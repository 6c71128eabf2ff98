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
    """A returned quantity of a product."""

    product_id: ProductId
    quantity: Quantity
    line_id: ProductId | None = Field(
        default=None,
        description=(
            "Your id of the order's line. Without this id, the quantity belongs to the first lines with the product."
        ),
    )


class OrderRefundRequest(Request):
    """The extent of the refund."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OF_ITEMS, _OF_AMOUNT, {"type": "FULL"}]})

    type: Annotated[RefundType, BY_VALUE] = Field(
        description="FULL: all that is left. AMOUNT: a part of the amount. ITEMS: returned goods."
    )
    amount: Annotated[MinorUnits, Field(ge=1)] | None = Field(
        default=None,
        description="The gross value in minor units, including the part paid with points; only with AMOUNT.",
    )
    items: list[ReturnedItemInput] = Field(
        default_factory=list, max_length=ITEMS_MAX, description="The returned goods; only with ITEMS."
    )
    order: OrderInput | None = Field(
        default=None, description="The order details, if no earlier movement recorded them."
    )
    reason: Text | None = Field(default=None, description="The reason for the refund.")
    dry_run: bool = Field(
        default=False, description="Show what would happen and write nothing. Needs no Idempotency-Key."
    )

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
    """The order to refund, and the extent of the refund."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"orderId": "#1001", **one} for one in (_OF_ITEMS, _OF_AMOUNT, {"type": "FULL"})]
        }
    )

    order_id: OrderId = Field(description="Your id of the order.")


class ReturnedPoints(Answer):
    """Spent points that were given back."""

    points: int = Field(description="The number of points that were given back.")
    kept_expired: int = Field(description="Points of `points` that expired in the meantime and stay expired.")
    transaction_id: str | None = Field(
        description="The transaction of type RETURN; null if no points returned, and in a dry run."
    )


class RevokedPoints(Answer):
    """Earned points that were taken back."""

    points: int = Field(description="The number of points that were taken back.")
    shortfall: int = Field(
        description="Points that could not be taken back and are forgiven, for example because they were already spent."
    )
    expired: int = Field(
        description="Earned points that expired or were canceled unspent, and are therefore not taken back."
    )
    transaction_id: str | None = Field(
        description="The transaction of type REVOCATION; null if no points were revoked, and in a dry run."
    )


class Refund(Answer):
    """The effect of a refund in one wallet; for a dry run, the effect that the refund would have."""

    wallet_id: str
    returned: ReturnedPoints
    revoked: RevokedPoints
    amount: int | None = Field(
        description="The gross value of the refunded goods in minor units; null if the order's amount is unknown."
    )
    money_amount: int | None = Field(
        description="The money to pay back, in minor units: the amount less the part paid with points."
    )
    balance: Balance = Field(description="The card's balance after the refund.")

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

    amount: int | None = Field(
        description=(
            "The gross value of the goods that no wallet refunded before, in minor units; null if the order's "
            "amount is unknown."
        )
    )
    money_amount: int | None = Field(
        description="The money to pay back, in minor units: the amount less the part paid with points."
    )
    wallets: list[Refund] = Field(description="The effect in each wallet.")

    @classmethod
    def of(cls, done: EverywhereOutcome) -> Self:
        return cls(
            amount=done.amount,
            money_amount=done.money,
            wallets=[Refund.of(refund) for refund in done.refunds],
        )
