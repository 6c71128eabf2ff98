"""The refund of an order in one wallet, as events on the bus and answers of the API describe it."""

from collections.abc import Iterable
from typing import Self

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from loyalty.domain.cards.transaction import RefundDetails, RefundType
from loyalty.domain.order import Charge, ChargeType, OrderItem


class RefundPart(BaseModel):
    """Base of the refund and its parts: camelCase."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, frozen=True)


class RefundedItem(RefundPart):
    """A returned quantity of one product."""

    product_id: str = Field(description="The caller's id of the product.")
    line_id: str | None = Field(description="The caller's id of the order's line.")
    quantity: int = Field(description="The returned quantity of the line.")
    amount: int = Field(description="The value of the returned quantity, in minor units.")


class RefundedCharge(RefundPart):
    """A refunded part of one of the order's charges."""

    type: ChargeType = Field(description="The kind of charge.")
    label: str | None = Field(description="The caller's name of the charge.")
    amount: int = Field(description="The refunded value, in minor units.")


class RefundOfOrder(RefundPart):
    """The details of a refund."""

    type: RefundType = Field(description="The extent of the refund, as requested.")
    amount: int | None = Field(
        description=(
            "The value of the refunded goods and charges in minor units; null if the order's amount is unknown."
        )
    )
    money_amount: int | None = Field(
        description="The money to pay back, in minor units: the amount less the part paid with points of this wallet."
    )
    points_share_withheld: int = Field(
        description="The part of the amount that was paid with points and is not given back, in minor units."
    )
    caught_up_amount: int = Field(
        description=(
            "The part of the amount that earlier refunds in other wallets covered, before this wallet had transactions "
            "of the order."
        )
    )
    items: list[RefundedItem] = Field(description="The returned goods; empty unless the refund names them.")
    charges: list[RefundedCharge] = Field(description="The refunded charges; empty unless the refund names them.")
    returned: int = Field(description="Spent points that the refund gave back.")
    kept_expired: int = Field(description="Points of `returned` that expired in the meantime and stay expired.")
    revoked: int = Field(description="Earned points that the refund took back.")
    shortfall: int = Field(description="Points that could not be taken back. They are forgiven, except `held`.")
    held: int = Field(
        description="The part of the shortfall that open holds reserve. It is taken back as far as they are released."
    )
    expired: int = Field(
        description="Earned points that expired or were canceled unspent, and are therefore not taken back."
    )

    @classmethod
    def of(cls, details: RefundDetails, **more: str) -> Self:
        """Returns the details as a model; `more` are the fields of a subclass."""
        return cls(
            type=details.kind,
            amount=details.amount,
            money_amount=details.money,
            points_share_withheld=details.withheld,
            caught_up_amount=details.caught_up,
            items=refunded_items(details.items),
            charges=refunded_charges(details.charges),
            returned=details.spent,
            kept_expired=details.kept_expired,
            revoked=details.revoked,
            shortfall=details.shortfall,
            held=details.held,
            expired=details.expired,
            **more,
        )


def refunded_items(items: Iterable[OrderItem]) -> list[RefundedItem]:
    return [
        RefundedItem(product_id=one.product_id, line_id=one.line_id, quantity=one.quantity, amount=one.amount)
        for one in items
    ]


def refunded_charges(charges: Iterable[Charge]) -> list[RefundedCharge]:
    return [RefundedCharge(type=one.type, label=one.label, amount=one.amount) for one in charges]
