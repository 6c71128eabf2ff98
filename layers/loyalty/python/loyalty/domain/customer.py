"""Customers: what the business says about a customer, and what campaigns count and read about the customer."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from json import loads

from loyalty.domain.earning.event import CUSTOMER_CREATED, SEGMENT_ENTERED, CustomerDetails, Event

SEGMENTS_MAX = 50
"""The most segments of a customer."""
SEGMENT_LENGTH_MAX = 64
SIGNALS_MAX = 5
SIGNAL_LENGTH_MAX = 128
IMPORTED_ORDERS_MAX = 1_000_000
CREATED_KEY = "1"
"""The key of the event of a new customer: there is one."""


class Channel(StrEnum):
    """A way by which a customer gets messages."""

    ALL = "ALL"
    EMAIL = "EMAIL"
    SMS = "SMS"
    WEBHOOK = "WEBHOOK"
    EVENT = "EVENT"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something that a change of a profile made happen: a new customer, or a segment that the customer entered."""

    name: str
    key: str
    at: int
    segment: str | None = None

    def event(self, customer_id: str) -> Event:
        """Returns the occurrence as campaigns read it."""
        properties = {} if self.segment is None else {"segment": self.segment}
        return Event(name=self.name, customer_id=customer_id, key=self.key, occurred_at=self.at, properties=properties)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What the business says about a customer, as a whole."""

    segments: frozenset[str] = frozenset()
    birthday: str | None = None
    """`MM-DD` or `YYYY-MM-DD`."""
    metadata: str | None = None
    """JSON text."""
    time_zone: str | None = None
    locale: str | None = None
    imported_orders: int = 0
    """The orders before the business used the product."""
    signals: frozenset[bytes] = frozenset()
    """Hashes of the business's hints, 16 bytes each: two customers with a common signal may be the same person."""
    unsubscribed: frozenset[Channel] = frozenset()


EMPTY_PROFILE = Profile()


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
    profile: Profile = EMPTY_PROFILE
    referral_code: str | None = None
    """The customer's own code."""
    referred_by: str | None = None
    """The customer id of the referrer."""
    referred_at: int = 0
    created_at: int = 0
    """The instant of the first profile; 0 if there was none."""
    undecided: tuple[Occurrence, ...] = ()
    """What happened and may not have been decided by campaigns yet."""

    @property
    def is_known(self) -> bool:
        """Whether anything is stored about the customer: an order or a profile."""
        return bool(self.version or self.revision)

    @property
    def order_count(self) -> int:
        return self.orders + self.profile.imported_orders

    @property
    def details(self) -> CustomerDetails:
        profile = self.profile
        return CustomerDetails(
            order_count=self.order_count,
            segments=profile.segments,
            metadata=None if profile.metadata is None else loads(profile.metadata, parse_float=Decimal),
            referred_by=self.referred_by,
            birthday=profile.birthday,
            created_at=self.created_at,
        )

    def forget(self) -> "Customer":
        """Returns the customer without what may identify a person."""
        kept = Profile(imported_orders=self.profile.imported_orders, unsubscribed=self.profile.unsubscribed)
        return replace(self, profile=kept, undecided=())

    def refer(self, referrer_id: str, at: int) -> "Customer":
        """Returns the customer with the referrer, which decides awards from now on."""
        return replace(self, referred_by=referrer_id, referred_at=at, version=self.version + 1)

    def change(self, profile: Profile, at: int, names: Collection[str]) -> "Customer":
        """Returns the customer with the profile, and with what thereby happened, if it has one of the names.

        An earlier undecided occurrence stays, unless its segment is not in the profile any more.
        """
        entered = sorted(profile.segments - self.profile.segments)
        happened = [Occurrence(SEGMENT_ENTERED, f"{one}:{self.revision + 1}", at, one) for one in entered]
        if not self.created_at:
            happened.insert(0, Occurrence(CUSTOMER_CREATED, CREATED_KEY, at))
        earlier = (one for one in self.undecided if one.segment is None or one.segment in profile.segments)
        return replace(
            self,
            profile=profile,
            created_at=self.created_at or at,
            undecided=(*earlier, *(one for one in happened if one.name in names)),
        )
