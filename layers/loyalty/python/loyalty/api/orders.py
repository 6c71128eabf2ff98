"""Orders as requests and answers: the shop's order, and what it did to a customer's points."""

import json
from typing import Annotated, Any, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty.api.base import Body, Shape
from loyalty.api.fields import Metadata, MinorUnits, ProductId, Quantity, metadata_text, parsed
from loyalty.domain import order as domain
from loyalty.domain.order import ITEMS_MAX, Order, merged_items
from loyalty.usecases.points.refunds import WalletOrder

ORDER_BYTES_MAX = 8 * 1024


class OrderItemBody(Body):
    product_id: ProductId
    quantity: Quantity
    amount: MinorUnits = Field(description="Of the whole line, in minor units.")
    line_id: ProductId | None = None


class OrderBody(Body):
    """The order's gross value in minor units, the part paid with points included."""

    amount: MinorUnits
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = Field(
        default=None, description="The project's, if left out."
    )
    items: list[OrderItemBody] = Field(default_factory=list, max_length=ITEMS_MAX)
    metadata: Metadata | None = None

    @model_validator(mode="after")
    def _packs(self) -> Self:
        if len(json.dumps([item.facts for item in self.lines], ensure_ascii=False).encode()) > ORDER_BYTES_MAX:
            raise PydanticCustomError(
                "order_too_large", f"An order's items have at most {ORDER_BYTES_MAX} bytes.", {"field": "items"}
            )
        return self

    @property
    def lines(self) -> tuple[domain.OrderItem, ...]:
        return merged_items(
            domain.OrderItem(item.product_id, item.quantity, item.amount, item.line_id) for item in self.items
        )

    @property
    def order(self) -> domain.Order:
        return domain.Order(self.amount, self.currency, self.lines, metadata_text(self.metadata))


class OrderItemShape(Shape):
    product_id: str
    quantity: int
    amount: int
    line_id: str | None


class OrderShape(Shape):
    amount: int
    currency: str
    items: list[OrderItemShape]
    metadata: dict[str, Any] | None


def order_of(order: Order | None) -> OrderShape | None:
    if order is None:
        return None
    return OrderShape(
        amount=order.amount,
        currency=order.currency,
        items=[
            OrderItemShape(product_id=line.product_id, quantity=line.quantity, amount=line.amount, line_id=line.line_id)
            for line in order.items
        ],
        metadata=parsed(order.metadata),
    )


class LeftItem(Shape):
    product_id: str
    line_id: str | None
    quantity: int
    refunded: int
    """Of the quantity, how many came back."""


class Refundable(Shape):
    """What a FULL refund would do now."""

    amount: int | None
    money_amount: int | None
    returned: int
    revoked: int
    shortfall: int
    expired: int


class OrderInWallet(Shape):
    """Points that the order moved in one wallet; `returned` to `expired` are of its refunds so far.

    Where points paid for it anew after a FULL refund, all but its transactions counts from there.
    """

    wallet_id: str
    earned: int
    spent: int
    refunded_amount: int | None
    """Gross value of the goods that came back, minor units; null where nobody told the order's amount."""
    returned: int
    revoked: int
    shortfall: int
    expired: int
    refundable: Refundable | None
    items: list[LeftItem]
    transactions: list[str]
    """Ids of the order's transactions, oldest first."""

    @classmethod
    def of(cls, found: WalletOrder) -> "OrderInWallet":
        refunds, order, left = found.state.refunds, found.state.order, found.refundable
        return cls(
            wallet_id=found.wallet_id,
            earned=found.state.earned,
            spent=found.state.spent,
            refunded_amount=found.done.amount if order else None,
            returned=sum(refund.spent for refund in refunds),
            revoked=sum(refund.revoked for refund in refunds),
            shortfall=sum(refund.shortfall for refund in refunds),
            expired=sum(refund.expired for refund in refunds),
            refundable=left
            and Refundable(
                amount=left.amount,
                money_amount=left.money,
                returned=left.spent,
                revoked=left.revoked,
                shortfall=left.shortfall,
                expired=left.expired,
            ),
            items=[
                LeftItem(product_id=line.product_id, line_id=line.line_id, quantity=line.quantity, refunded=back)
                for line, back in zip(order.items if order else (), found.done.items, strict=True)
            ],
            transactions=[row.transaction_id for row in found.rows],
        )


class CustomerOrder(Shape):
    """What an order did to a customer's points, in each wallet."""

    customer_id: str
    order_id: str
    order: OrderShape | None
    wallets: list[OrderInWallet]

    @classmethod
    def of(cls, customer_id: str, order_id: str, found: list[WalletOrder]) -> "CustomerOrder":
        order = next((one.state.order for one in found if one.state.order), None)
        return cls(
            customer_id=customer_id,
            order_id=order_id,
            order=order_of(order),
            wallets=[OrderInWallet.of(one) for one in found],
        )
