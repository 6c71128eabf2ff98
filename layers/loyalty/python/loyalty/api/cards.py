"""Requests and answers about cards."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from loyalty.api.base import BY_VALUE, Answer, Request
from loyalty.api.fields import CARD_CODE, CUSTOMER_ID, Metadata, metadata_from
from loyalty.api.points.balances import Balance, Lot, active_lot, pending_lot
from loyalty.domain import dates
from loyalty.domain.cards import card as domain
from loyalty.domain.cards.card import CardStatus
from loyalty.domain.cards.profile import Profile
from loyalty.domain.dates import datetime_of


class PointsDue(Answer):
    points: int
    at: datetime


class Lifetime(Answer):
    issued: int
    redeemed: int
    removed: int
    expired: int
    canceled: int
    revoked: int
    returned: int
    transferred_in: int
    transferred_out: int


class OpenHold(Answer):
    """An open hold. A capture spends the lots in this order."""

    hold_id: str
    points: int
    expires_at: datetime
    lots: list[Lot]


class Card(Answer):
    card_id: str
    wallet_id: str
    customer_id: str
    code: str
    status: CardStatus
    balance: Balance
    lifetime: Lifetime
    next_expiration: PointsDue | None
    next_activation: PointsDue | None
    lots: list[Lot]
    holds: list[OpenHold]
    version: int = Field(
        description="`seq` of the card's last transaction. The ETag counts changes of status and metadata instead."
    )
    metadata: dict[str, Any] | None
    created_at: datetime

    @classmethod
    def of(cls, card: domain.Card, profile: Profile) -> "Card":
        expiries = [(card.expiry_of(lot), lot.points) for lot in card.lots]
        activations = [(lot.activates_at, lot.points) for lot in card.pending]
        return cls(
            card_id=card.card_id,
            wallet_id=card.wallet_id,
            customer_id=card.customer_id,
            code=profile.code,
            status=card.status,
            balance=Balance.of(card.balance),
            lifetime=Lifetime(**{name: getattr(card.lifetime, name) for name in Lifetime.model_fields}),
            next_expiration=_next(expiries),
            next_activation=_next(activations),
            lots=[*map(pending_lot, card.pending), *(active_lot(lot, card.expiry_of(lot)) for lot in card.lots)],
            holds=[_hold(card, hold) for hold in card.holds],
            version=card.version,
            metadata=metadata_from(profile.metadata),
            created_at=datetime_of(profile.created_at),
        )


class CardList(Answer):
    data: list[Card]
    next_cursor: str | None


def _hold(card: domain.Card, hold: domain.Hold) -> OpenHold:
    return OpenHold(
        hold_id=f"{card.card_id}.{hold.seq}",
        points=domain.points_of(hold.lots),
        expires_at=datetime_of(hold.expires_at),
        lots=[active_lot(lot, card.expiry_of(lot), state="HELD") for lot in hold.lots],
    )


def _next(moments: list[tuple[int, int]]) -> PointsDue | None:
    """Returns all points that share the earliest moment."""
    first = min((at for at, _ in moments if at > dates.NEVER), default=None)
    return (
        None
        if first is None
        else PointsDue(points=sum(points for at, points in moments if at == first), at=datetime_of(first))
    )


class EnrolmentRequest(Request):
    """A customer to enrol. Without `code`, the card gets a generated code."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"customerId": "carol", "code": "SHOP-2027-0001", "metadata": {"store": "Berlin"}}]
        }
    )

    customer_id: Annotated[str, Field(pattern=CUSTOMER_ID)]
    code: Annotated[str, Field(pattern=CARD_CODE)] | None = None
    metadata: Metadata | None = None


class CardUpdateRequest(Request):
    """BLOCKED: the card may earn but not spend. FROZEN: points only activate and expire. CLOSED: the card has ended."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "BLOCKED", "metadata": {"store": "Berlin"}}]})

    status: Annotated[CardStatus, BY_VALUE] = CardStatus.ACTIVE
    metadata: Metadata | None = None

    @property
    def patch(self) -> dict[str, Any]:
        """What was sent."""
        return {name: getattr(self, name) for name in self.model_fields_set}
