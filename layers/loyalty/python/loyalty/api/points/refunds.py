"""Requests and answers about refunds."""

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty.api import answered
from loyalty.api.base import BY_VALUE, Answer, Request
from loyalty.api.fields import OrderId, PositiveMinorUnits, ProductId, Quantity, Text
from loyalty.api.orders import ORDER_EXAMPLE, OrderInput
from loyalty.api.points.balances import Balance
from loyalty.domain.cards.transaction import Context, RefundType, Source
from loyalty.domain.movements.refund_amounts import RefundDemand, ReturnedCharge, ReturnedItem
from loyalty.domain.order import CHARGES_MAX, ITEMS_MAX, ChargeType
from loyalty.messaging.refunds import RefundedCharge, RefundedItem, refunded_charges, refunded_items
from loyalty.usecases.points.refunds import EverywhereOutcome, RefundOutcome

_OF_ITEMS: dict[str, Any] = {
    "type": "ITEMS",
    "items": [{"productId": "sku-tea-250g", "quantity": 1, "lineId": "1"}],
    "charges": [{"type": "SHIPPING", "amount": 350}],
    "order": ORDER_EXAMPLE,
    "reason": "The tea was damaged",
    "dryRun": False,
}
_OF_AMOUNT: dict[str, Any] = {"type": "AMOUNT", "amount": 1_000, "order": ORDER_EXAMPLE, "reason": "Price reduction"}


class ReturnedItemInput(Request):
    """A returned quantity of a product."""

    product_id: ProductId = Field(description="Your id of the product, as in the order.")
    quantity: Quantity = Field(description="The returned quantity, at most what is left of the lines.")
    line_id: ProductId | None = Field(
        default=None,
        description=(
            "Your id of the order's line. Without this id, the quantity belongs to the first lines with the product."
        ),
    )


class ReturnedChargeInput(Request):
    """A refunded part of the order's charges of one type."""

    type: Annotated[ChargeType, BY_VALUE] = Field(
        description="The kind of charge. A DISCOUNT is part of the values of the lines and is not refunded alone."
    )
    amount: PositiveMinorUnits | None = Field(
        default=None, description="The amount in minor units; without an amount, all that is left of these charges."
    )

    @model_validator(mode="after")
    def _is_refundable(self) -> Self:
        if self.type is ChargeType.DISCOUNT:
            raise PydanticCustomError("discount", "A discount is refunded with the lines.", {"field": "type"})
        return self


class RefundExtent(Request):
    """The extent of a refund."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {name: value for name, value in one.items() if name in ("type", "amount", "items", "charges")}
                for one in (_OF_ITEMS, _OF_AMOUNT, {"type": "FULL"})
            ]
        }
    )

    type: Annotated[RefundType, BY_VALUE] = Field(
        description="FULL: all that is left. AMOUNT: a part of the amount. ITEMS: returned goods and charges."
    )
    amount: PositiveMinorUnits | None = Field(
        default=None,
        description="The gross value in minor units, including the part paid with points; only with AMOUNT.",
    )
    items: list[ReturnedItemInput] = Field(
        default_factory=list, max_length=ITEMS_MAX, description="The returned goods; only with ITEMS."
    )
    charges: list[ReturnedChargeInput] = Field(
        default_factory=list, max_length=CHARGES_MAX, description="The refunded charges; only with ITEMS."
    )

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        parts = "items" if self.items or not self.charges else "charges"
        for field, needed, sent, kind in (
            ("amount", "amount", self.amount is not None, RefundType.AMOUNT),
            (parts, "items or charges", bool(self.items or self.charges), RefundType.ITEMS),
        ):
            if sent != (self.type == kind):
                message = f"{self.type} takes no {field}." if sent else f"{kind} needs {needed}."
                raise PydanticCustomError("refund_type", message, {"field": field})
        return self

    @property
    def demand(self) -> RefundDemand:
        items = tuple(ReturnedItem(item.product_id, item.quantity, item.line_id) for item in self.items)
        charges = tuple(ReturnedCharge(charge.type, charge.amount) for charge in self.charges)
        return RefundDemand(self.type, self.amount or 0, items, charges)


class OrderRefundRequest(RefundExtent):
    """The extent of the refund."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OF_ITEMS, _OF_AMOUNT, {"type": "FULL"}]})

    order: OrderInput | None = Field(
        default=None, description="The order details, if no earlier movement recorded them or if they changed."
    )
    reason: Text | None = Field(default=None, description="The reason for the refund.")
    dry_run: bool = Field(
        default=False, description="Show what would happen and write nothing. Needs no Idempotency-Key."
    )

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
        description=(
            "Points that could not be taken back, for example because they were already spent. They are forgiven, "
            "except `held`."
        )
    )
    held: int = Field(
        description="The part of the shortfall that open holds reserve. It is taken back as far as they are released."
    )
    expired: int = Field(
        description="Earned points that expired or were canceled unspent, and are therefore not taken back."
    )
    transaction_id: str | None = Field(
        description="The transaction of type REVOCATION; null if no points were revoked, and in a dry run."
    )


class Refund(Answer):
    """The effect of a refund in one wallet; for a dry run, the effect that the refund would have."""

    has_location = True

    wallet_id: answered.WalletId
    customer_id: str = Field(
        description="The customer of the order, or another customer whom a campaign rewarded for the order."
    )
    returned: ReturnedPoints = Field(description="The spent points that the refund gives back.")
    revoked: RevokedPoints = Field(description="The earned points that the refund takes back.")
    amount: int | None = Field(
        description=(
            "The value of the refunded goods and charges in minor units; null if the order's amount is unknown."
        )
    )
    money_amount: int | None = Field(
        description="The money to pay back, in minor units: the amount less the part paid with points of this wallet."
    )
    points_share_withheld: int = Field(
        description=(
            "The part of the amount that was paid with points and is given back neither in points nor in money, in "
            "minor units. The wallet's `refunds.spent.type` is NONE, or is REFUND_ALL and the order is not whole yet."
        )
    )
    caught_up_amount: int = Field(
        description=(
            "The part of the amount that earlier refunds in other wallets covered, before this wallet had transactions "
            "of the order. Its money was paid back then."
        )
    )
    items: list[RefundedItem] = Field(
        description="The returned goods with their values; empty unless the refund names them."
    )
    charges: list[RefundedCharge] = Field(description="The refunded charges; empty unless the refund names them.")
    balance: Balance = Field(description="The card's balance after the refund.")

    @classmethod
    def of(cls, refund: RefundOutcome) -> Self:
        outcome, details = refund.outcome, refund.details
        return cls(
            wallet_id=outcome.transaction.wallet_id,
            customer_id=outcome.transaction.customer_id,
            returned=ReturnedPoints(
                points=details.spent,
                kept_expired=details.kept_expired,
                transaction_id=None if outcome.dry else refund.returned_id,
            ),
            revoked=RevokedPoints(
                points=details.revoked,
                shortfall=details.shortfall,
                held=details.held,
                expired=details.expired,
                transaction_id=None if outcome.dry else refund.revoked_id,
            ),
            amount=details.amount,
            money_amount=details.money,
            points_share_withheld=details.withheld,
            caught_up_amount=details.caught_up,
            items=refunded_items(details.items),
            charges=refunded_charges(details.charges),
            balance=Balance.of(outcome.balance),
        )


class SkippedCard(Answer):
    """A card of the order that the refund left out.

    A refund with another key includes a frozen card when the card is active again. A closed card stays left out.
    """

    wallet_id: answered.WalletId
    customer_id: answered.CustomerId
    code: Literal["card_frozen", "card_closed"] = Field(description="The code of the reason.")
    points_share: int = Field(
        description=(
            "The part of `amount` that points of this card had paid, in minor units. It is part of no `moneyAmount`: "
            "the later refund of a frozen card returns the points. No refund returns points to a closed card, so the "
            "shop decides whether it pays this part in money."
        )
    )


class OrderRefund(Answer):
    """The effect of a refund in every wallet that has transactions of the order."""

    amount: int | None = Field(
        description=(
            "The value of the goods and charges that no wallet refunded before, in minor units; null if the order's "
            "amount is unknown."
        )
    )
    money_amount: int | None = Field(
        description="The money to pay back, in minor units: the amount less the part paid with points of all wallets."
    )
    wallets: list[Refund] = Field(
        description="The effect on each card; empty if the order has no transactions, or if nothing of it was left."
    )
    skipped: list[SkippedCard] = Field(description="The cards that are frozen or closed: the refund left them out.")

    @classmethod
    def of(cls, done: EverywhereOutcome) -> Self:
        return cls(
            amount=done.amount,
            money_amount=done.money,
            wallets=[Refund.of(refund) for refund in done.refunds],
            skipped=[
                SkippedCard(wallet_id=one.wallet_id, customer_id=one.customer_id, code=one.code, points_share=one.share)
                for one in done.left_out
            ],
        )
