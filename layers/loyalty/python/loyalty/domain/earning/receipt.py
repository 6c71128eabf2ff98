"""Receipts: what an event decided, written once and never changed."""

from dataclasses import dataclass
from hashlib import sha256

from loyalty.domain.cards.transaction import AwardDetails
from loyalty.domain.earning.skips import Skip


@dataclass(frozen=True, slots=True)
class ReceiptAward:
    """One award of a receipt, and the row that gave its points."""

    campaign_id: str
    wallet_id: str
    seq: int
    points: int
    details: AwardDetails
    customer_id: str | None = None
    """Who got the points, if it was another customer than the one of the event."""


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

    @property
    def receipt_id(self) -> str:
        """The same id for the same event. No part of it contains a line break."""
        identity = f"{self.customer_id}\n{self.name}\n{self.key}"
        return f"rcp_{sha256(identity.encode()).hexdigest()[:24]}"
