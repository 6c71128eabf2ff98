"""What an order did to a customer's points."""

from loyalty.api.base import Answer
from loyalty.api.orders import Order, order_of
from loyalty.usecases.points.refunds import WalletOrder


class OrderItemStatus(Answer):
    product_id: str
    line_id: str | None
    quantity: int
    refunded: int
    """The refunded part of the quantity."""


class Refundable(Answer):
    """The effect that a FULL refund would have now."""

    amount: int | None
    money_amount: int | None
    returned: int
    revoked: int
    shortfall: int
    expired: int


class OrderInWallet(Answer):
    """Points that the order moved in one wallet. `returned` to `expired` are the sums of its refunds.

    If points paid for the order again after a FULL refund, all fields except `transactions` count from this refund on.
    """

    wallet_id: str
    earned: int
    spent: int
    refunded_amount: int | None
    """Gross value of the refunded goods in minor units; null if the order's amount is unknown."""
    returned: int
    revoked: int
    shortfall: int
    expired: int
    refundable: Refundable | None
    items: list[OrderItemStatus]
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
                OrderItemStatus(product_id=line.product_id, line_id=line.line_id, quantity=line.quantity, refunded=back)
                for line, back in zip(order.items if order else (), found.done.items, strict=True)
            ],
            transactions=[row.transaction_id for row in found.rows],
        )


class CustomerOrder(Answer):
    """The effect of an order on a customer's points, in each wallet."""

    customer_id: str
    order_id: str
    order: Order | None
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
