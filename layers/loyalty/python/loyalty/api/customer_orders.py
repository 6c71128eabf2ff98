"""What an order did to a customer's points."""

from pydantic import Field

from loyalty.api import answered
from loyalty.api.base import Answer
from loyalty.api.orders import Order, order_of
from loyalty.domain import order as domain
from loyalty.domain.movements.refund_amounts import Extent
from loyalty.domain.order import ChargeType
from loyalty.usecases.points import refunds as usecase
from loyalty.usecases.points.refunds import WalletOrder


class OrderItemStatus(Answer):
    """One line of an order, with its refunded part."""

    product_id: answered.ProductId
    line_id: str | None = Field(description="The caller's id of the line.")
    quantity: int = Field(description="The ordered quantity.")
    amount: int = Field(
        description="The value of the line in minor units: its share of the order's amount, after discounts."
    )
    refunded: int = Field(description="The refunded part of the quantity.")
    refunded_amount: int = Field(description="The part of the value that refunds by item covered, in minor units.")


class OrderChargeStatus(Answer):
    """One charge of an order, with its refunded part. Discounts are part of the values of the lines."""

    type: ChargeType = Field(description="The kind of charge.")
    label: str | None = Field(description="The caller's name of the charge.")
    amount: int = Field(description="The value of the charge, in minor units.")
    refunded_amount: int = Field(description="The part of the value that refunds by charge covered, in minor units.")


class Refundable(Answer):
    """The effect that a FULL refund in all wallets would have now."""

    amount: int | None = Field(
        description="The gross value of the goods and charges in minor units; null if the order's amount is unknown."
    )
    money_amount: int | None = Field(description="The money to pay back, in minor units.")
    returned: int = Field(description="Spent points that would be given back.")
    revoked: int = Field(description="Earned points that would be taken back.")
    shortfall: int = Field(
        description="Points that could not be taken back, for example because they are already spent."
    )
    expired: int = Field(
        description="Earned points that expired or were canceled unspent, and would therefore not be taken back."
    )


class OrderInWallet(Answer):
    """The points that an order moved in one wallet.

    After a FULL refund and another payment, all fields except `transactions` count from this refund on.
    """

    wallet_id: answered.WalletId
    earned: int = Field(description="Points that the order earned.")
    spent: int = Field(description="Points that were spent on the order.")
    refunded_amount: int | None = Field(
        description=(
            "The gross value of the refunded goods and charges in minor units; null if the order's amount is unknown."
        )
    )
    returned: int = Field(description="Spent points that refunds gave back.")
    revoked: int = Field(description="Earned points that refunds took back.")
    shortfall: int = Field(description="Points that refunds could not take back.")
    expired: int = Field(
        description="Earned points that expired or were canceled unspent, and were therefore not taken back."
    )
    refundable: Refundable | None = Field(
        description="The effect that a FULL refund would have now; null if nothing is left to refund."
    )
    items: list[OrderItemStatus] = Field(description="The lines of the order, with what this wallet refunded of them.")
    charges: list[OrderChargeStatus] = Field(
        description="The charges of the order, with what this wallet refunded of them."
    )
    transactions: list[str] = Field(description="The ids of the order's transactions, oldest first.")

    @classmethod
    def of(cls, found: WalletOrder, order: domain.Order | None) -> "OrderInWallet":
        refunds, left, extent = found.state.refunds, found.refundable, found.extent
        return cls(
            wallet_id=found.wallet_id,
            earned=found.state.earned,
            spent=found.state.spent,
            refunded_amount=sum(refund.amount or 0 for refund in refunds) if order else None,
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
            items=_item_statuses(order, extent) if order and extent else [],
            charges=_charge_statuses(extent) if extent else [],
            transactions=[row.transaction_id for row in found.rows],
        )


class CustomerOrder(Answer):
    """The effect of an order on a customer's points, in each wallet."""

    customer_id: answered.CustomerId
    order_id: str = Field(description="Your id of the order.")
    order: Order | None = Field(description="The order details; null if no transaction recorded them.")
    wallets: list[OrderInWallet] = Field(description="The effect in each wallet that has transactions of the order.")

    @classmethod
    def of(cls, customer_id: str, order_id: str, found: usecase.CustomerOrder) -> "CustomerOrder":
        return cls(
            customer_id=customer_id,
            order_id=order_id,
            order=order_of(found.details),
            wallets=[OrderInWallet.of(one, found.details) for one in found.wallets],
        )


def _item_statuses(order: domain.Order, extent: Extent) -> list[OrderItemStatus]:
    return [
        OrderItemStatus(
            product_id=line.product_id,
            line_id=line.line_id,
            quantity=line.quantity,
            amount=value,
            refunded=quantity,
            refunded_amount=refunded,
        )
        for line, value, quantity, refunded in zip(
            order.items, extent.values.lines, extent.quantities, extent.lines, strict=True
        )
    ]


def _charge_statuses(extent: Extent) -> list[OrderChargeStatus]:
    return [
        OrderChargeStatus(type=charge.type, label=charge.label, amount=charge.amount, refunded_amount=refunded)
        for charge, refunded in zip(extent.values.charges, extent.charges, strict=True)
    ]
