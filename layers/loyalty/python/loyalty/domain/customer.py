"""Customers: what a business tells about a customer, and what campaigns count and read about the customer."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from json import loads

from loyalty.domain.earning.event import CustomerDetails


class Channel(StrEnum):
    """A way by which a customer gets messages."""

    ALL = "ALL"
    EMAIL = "EMAIL"
    SMS = "SMS"
    WEBHOOK = "WEBHOOK"
    EVENT = "EVENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A customer. A customer of whom nothing is stored has the defaults."""

    customer_id: str
    version: int = 0
    """Counts the changes that decide awards: orders, and the referrer."""
    revision: int = 0
    """Counts the changes of the profile."""
    orders: int = 0
    """The paid orders."""
    imported_orders: int = 0
    """The orders before the business used the product."""
    segments: frozenset[str] = frozenset()
    birthday: str | None = None
    """`MM-DD` or `YYYY-MM-DD`."""
    metadata: str | None = None
    """JSON text."""
    time_zone: str | None = None
    locale: str | None = None
    referral_code: str | None = None
    """The customer's own code."""
    referred_by: str | None = None
    """The customer id of the referrer."""
    referred_at: int = 0
    signals: frozenset[bytes] = frozenset()
    """Hashes of the business's hints, 16 bytes each: two customers with a common signal may be the same person."""
    unsubscribed: frozenset[Channel] = frozenset()
    created_at: int = 0
    """The instant of the first profile; 0 if there was none."""

    @property
    def order_count(self) -> int:
        return self.orders + self.imported_orders

    @property
    def details(self) -> CustomerDetails:
        return CustomerDetails(
            order_count=self.order_count,
            segments=self.segments,
            metadata=None if self.metadata is None else loads(self.metadata, parse_float=Decimal),
            referred_by=self.referred_by,
            birthday=self.birthday,
            created_at=self.created_at,
        )
