"""What answers about refunds look like: what one moved, and what an order did so far."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from pydantic import Field

from loyalty.api import Shape, answered
from loyalty.refunds import EverywhereOutcome, RefundOutcome, WalletOrder
from loyalty.shapes import Balance, OrderShape, order_of


class Returned(Shape):
    """Spent points given back. `keptExpired` of them had expired meanwhile and stay so."""

    points: int
    kept_expired: int
    transaction_id: str | None


class Revoked(Shape):
    """Earned points taken back. What had expired unspent is not taken again; a shortfall is forgiven."""

    points: int
    shortfall: int
    expired: int
    transaction_id: str | None


class RefundReceipt(Shape):
    """What a refund moved in one wallet. In a dry run, what it would move: nothing has a transactionId."""

    wallet_id: str
    returned: Returned
    revoked: Revoked
    amount: int | None = Field(description="Gross value of the goods, minor units; null where nobody told the order's.")
    money_amount: int | None = Field(
        description="To pay back in money, minor units: the amount less what was paid with points."
    )
    balance: Balance


class OrderRefundReceipt(Shape):
    """What a refund moved in every wallet that has transactions of the order."""

    amount: int | None
    money_amount: int | None = Field(
        description=(
            "To pay back in money, minor units: goods that no wallet had refunded, less what points of all paid."
        )
    )
    wallets: list[RefundReceipt]


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


def refund_receipt(refund: RefundOutcome) -> Response[Any]:
    outcome = refund.outcome
    if outcome.dry:
        return answered(_refund_receipt(refund))
    return answered(
        _refund_receipt(refund),
        status=HTTPStatus.CREATED,
        location=f"/v1/transactions/{outcome.transaction.transaction_id}",
        replayed=outcome.replayed,
    )


def order_refund_receipt(done: EverywhereOutcome) -> Response[Any]:
    first = done.refunds[0].outcome
    return answered(
        OrderRefundReceipt(
            amount=done.amount,
            money_amount=done.money,
            wallets=[_refund_receipt(refund) for refund in done.refunds],
        ),
        status=HTTPStatus.OK if first.dry else HTTPStatus.CREATED,
        replayed=first.replayed,
    )


def _refund_receipt(refund: RefundOutcome) -> RefundReceipt:
    outcome, facts = refund.outcome, refund.facts
    return RefundReceipt(
        wallet_id=outcome.transaction.wallet_id,
        returned=Returned(
            points=facts.spent,
            kept_expired=facts.kept_expired,
            transaction_id=None if outcome.dry else refund.returned_id,
        ),
        revoked=Revoked(
            points=facts.revoked,
            shortfall=facts.shortfall,
            expired=facts.expired,
            transaction_id=None if outcome.dry else refund.revoked_id,
        ),
        amount=facts.amount,
        money_amount=facts.money,
        balance=Balance.of(outcome.balance),
    )
