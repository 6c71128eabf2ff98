"""Receipts: what an event decided.

The decision never changes. The receipt of a paid order also has what refunds did to the order without moving points. A
refund that comes before its order writes a marker in the place of the order's receipt.
"""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from loyalty.domain.cards.transaction import AwardDetails
from loyalty.domain.earning.skips import Skip

EventKey = tuple[str, str, str]
"""Customer, name and key: what identifies an event."""


@dataclass(frozen=True, slots=True)
class ReceiptAward:
    """One award of a receipt, and the row that gave its points."""

    campaign_id: str
    wallet_id: str
    wallet_version: int
    """The version of the wallet whose settings applied."""
    seq: int
    points: int
    details: AwardDetails
    customer_id: str | None = None
    """Who got the points, if it was another customer than the one of the event."""


class OrderStatus(StrEnum):
    """PAID: decided. MARKED, CANCELED: refunded in part or completely before it was paid, and not decided yet."""

    PAID = "PAID"
    MARKED = "MARKED"
    CANCELED = "CANCELED"


@dataclass(frozen=True, slots=True)
class RefundedCard:
    """A card on which an event refunded its order."""

    wallet_id: str
    customer_id: str | None = None
    """Whose card it is, if it is the card of another customer than the one of the event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    customer_id: str
    name: str
    key: str
    """The event's identity for its customer and name: `=` and the order id of a paid order, otherwise the event id."""
    order_id: str | None
    received_at: int
    occurred_at: int
    fingerprint: bytes
    """Of what must not differ when the event is sent again."""
    order_amount: int | None = None
    awards: tuple[ReceiptAward, ...] = ()
    skips: tuple[Skip, ...] = ()
    status: OrderStatus | None = None
    """The status of the order; None for other events."""
    refunded: int | None = None
    """Of an order: what was refunded while no transaction of the order existed, in minor units. Of a refund: its
    amount."""
    uncounted: bool = False
    """Whether the order is no longer, or never was, among the customer's orders."""
    refunds: tuple[RefundedCard, ...] = ()
    coupon: str | None = None
    """The code of the coupon that the event redeemed."""

    @property
    def is_marker(self) -> bool:
        """Whether the order was refunded before it was paid, and is not decided yet."""
        return self.status in (OrderStatus.MARKED, OrderStatus.CANCELED)

    @property
    def event(self) -> EventKey:
        return self.customer_id, self.name, self.key

    @property
    def receipt_id(self) -> str:
        """The same id for the same event. No part of it contains a line break."""
        identity = "\n".join(self.event)
        return f"rcp_{sha256(identity.encode()).hexdigest()[:24]}"
