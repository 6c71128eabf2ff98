"""The event that campaigns react to, and the document that conditions and reward rules read."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from json import loads
from typing import Any

from loyalty.domain.dates import datetime_of
from loyalty.domain.order import Order, OrderItem

ORDER_PAID = "order.paid"
"""The built-in event of a paid order: an order is paid once."""
ORDER_CANCELED = "order.canceled"
"""The built-in event of a canceled order: it refunds the whole order."""
ORDER_REFUNDED = "order.refunded"
"""The built-in event of a refunded order, or of a refunded part."""
UNDOING_EVENTS = frozenset({ORDER_CANCELED, ORDER_REFUNDED})
"""The events that undo orders. No campaign reacts to them."""
EVENTS_OF_ORDERS = frozenset({ORDER_PAID, ORDER_CANCELED})
"""The events that happen once to an order: the order identifies them, whatever the event id."""
CUSTOMER_CREATED = "loyalty.customer.created"
"""The product's own event of a customer's first profile."""
SEGMENT_ENTERED = "loyalty.segment.entered"
"""The product's own event of a segment that a customer entered. Its property `segment` has the name of the segment."""
COUPON_REDEEMED = "loyalty.coupon.redeemed"
"""The product's own event of a redeemed coupon. Its property `code` has the code."""
TIER_CHANGED = "loyalty.tier.changed"
"""The product's own event of a tier that changed. Its properties are `programId`, `from`, `to` and `cause`."""
RESERVED_PREFIX = "loyalty."
"""The beginning of the names of the product's own events."""
CATEGORIES_MAX = 10
"""The most categories of a line."""
CATEGORY_LENGTH_MAX = 64

Document = Mapping[str, Any]
LineKey = tuple[str, str | None]
"""`OrderItem.key`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that a customer did. `key` identifies the event among the customer's events with this name."""

    name: str
    customer_id: str
    key: str
    occurred_at: int
    """Epoch seconds."""
    order_id: str | None = None
    order: Order | None = None
    categories: Mapping[LineKey, tuple[str, ...]] = field(default_factory=dict)
    """The categories of the order's lines. Conditions read them; the order's details do not have them."""
    properties: Document = field(default_factory=dict)
    """Parsed JSON."""
    campaign_id: str | None = None
    """The only campaign that reacts to the event; None: all that its name triggers."""
    coupon: str | None = None
    """The code of the redeemed coupon."""

    @property
    def own_fingerprint(self) -> bytes:
        """The fingerprint of an event that the product itself records: name and key decide all that the event has."""
        return sha256(f"{self.name}\n{self.key}".encode()).digest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDetails:
    """What conditions read about the customer."""

    order_count: int = 0
    """The customer's orders before this one."""
    segments: Collection[str] = ()
    metadata: Document | None = None
    """Parsed JSON."""
    referred_by: str | None = None
    """The customer id of the referrer."""
    birthday: str | None = None
    """`MM-DD` or `YYYY-MM-DD`."""
    created_at: int = 0
    """Epoch seconds; 0 if the customer has no profile."""
    tiers: Mapping[str, str] = field(default_factory=dict)
    """The ids of the customer's tiers, by program id. Programs in which the customer has no tier are absent."""


def order_key(order_id: str) -> str:
    """Returns the key of an event that happens once to the order."""
    return f"={order_id}"


def redemption_key(key: str, code: str, order_id: str | None) -> str:
    """Returns the key of a redemption: a coupon works once for an order, whatever the idempotency key.

    Codes contain neither `:` nor `=`, so that no two redemptions have the same key.
    """
    return f"K:{key}" if order_id is None else f"{code}{order_key(order_id)}"


def document(event: Event, customer: CustomerDetails) -> dict[str, Any]:
    """Returns the document that conditions match. Absent parts have no key."""
    return _without_absent(
        name=event.name,
        customerId=event.customer_id,
        orderId=event.order_id,
        occurredAt=_text_of(event.occurred_at),
        properties=event.properties or None,
        order=_order(event.order, lines_of(event)) if event.order else None,
        customer=customer_document(customer),
    )


def lines_of(event: Event) -> list[dict[str, Any]]:
    """Returns the order's lines as the document has them, in their order."""
    return [_line(item, event.categories.get(item.key, ())) for item in (event.order.items if event.order else ())]


def value_at(read: Document, path: str) -> Any:
    """Returns the value at the path, such as `properties.productId`; None if there is no value."""
    value: Any = read
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            return None
        value = value[name]
    return value


def number_in(value: Any) -> Fraction | None:
    """Returns the number in a parsed JSON value, exactly as it was sent; None if the value is not a number.

    Text of digits, true and false are not numbers.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return Fraction(Decimal(repr(value)) if isinstance(value, float) else value)


def customer_document(customer: CustomerDetails) -> dict[str, Any]:
    """Returns the part of the document about the customer."""
    return _without_absent(
        orderCount=customer.order_count,
        segments=sorted(customer.segments) or None,
        metadata=customer.metadata,
        referred=customer.referred_by is not None,
        referredBy=customer.referred_by,
        birthday=customer.birthday,
        createdAt=_text_of(customer.created_at) if customer.created_at else None,
        tiers=customer.tiers or None,
    )


def _order(order: Order, lines: list[dict[str, Any]]) -> dict[str, Any]:
    return _without_absent(
        amount=order.amount,
        currency=order.currency,
        items=lines or None,
        metadata=None if order.metadata is None else loads(order.metadata, parse_float=Decimal),
    )


def _line(item: OrderItem, categories: tuple[str, ...]) -> dict[str, Any]:
    return _without_absent(
        productId=item.product_id,
        quantity=item.quantity,
        amount=item.amount,
        lineId=item.line_id,
        categories=list(categories) or None,
    )


def _text_of(at: int) -> str:
    return datetime_of(at).isoformat().replace("+00:00", "Z")


def _without_absent(**parts: Any) -> dict[str, Any]:
    return {name: value for name, value in parts.items() if value is not None}
