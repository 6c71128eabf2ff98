"""Cards as requests and answers."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from loyalty.api.base import Body, Shape
from loyalty.api.fields import CARD_CODE, CUSTOMER_ID, Metadata, metadata_text, parsed
from loyalty.api.points.balances import Balance, LotShape, active_lot, pending_lot
from loyalty.domain import dates
from loyalty.domain.cards import card as domain
from loyalty.domain.cards.profile import Profile
from loyalty.domain.dates import moment


class PointsAt(Shape):
    points: int
    at: datetime


class LifetimeShape(Shape):
    issued: int
    redeemed: int
    removed: int
    expired: int
    canceled: int
    revoked: int
    returned: int
    transferred_in: int
    transferred_out: int


class HoldShape(Shape):
    """An open hold. A capture spends its first lots."""

    hold_id: str
    points: int
    expires_at: datetime
    lots: list[LotShape]


class CardShape(Shape):
    card_id: str
    wallet_id: str
    customer_id: str
    code: str
    status: str
    balance: Balance
    lifetime: LifetimeShape
    next_expiration: PointsAt | None
    next_activation: PointsAt | None
    lots: list[LotShape]
    holds: list[HoldShape]
    version: int = Field(
        description="`seq` of the card's last transaction. The ETag counts changes of status and metadata instead."
    )
    metadata: dict[str, Any] | None
    created_at: datetime

    @classmethod
    def of(cls, card: domain.Card, profile: Profile) -> "CardShape":
        expiries = [(card.expiry_of(lot), lot.points) for lot in card.lots]
        activations = [(lot.activates_at, lot.points) for lot in card.pending]
        return cls(
            card_id=card.card_id,
            wallet_id=card.wallet_id,
            customer_id=card.customer_id,
            code=profile.code,
            status=card.status,
            balance=Balance.of(card.balance),
            lifetime=LifetimeShape(**{name: getattr(card.lifetime, name) for name in LifetimeShape.model_fields}),
            next_expiration=_next(expiries),
            next_activation=_next(activations),
            lots=[*map(pending_lot, card.pending), *(active_lot(lot, card.expiry_of(lot)) for lot in card.lots)],
            holds=[_hold(card, hold) for hold in card.holds],
            version=card.version,
            metadata=parsed(profile.metadata),
            created_at=moment(profile.created_at),
        )


class CardList(Shape):
    data: list[CardShape]
    next_cursor: str | None


def _hold(card: domain.Card, hold: domain.Hold) -> HoldShape:
    return HoldShape(
        hold_id=f"{card.card_id}.{hold.seq}",
        points=domain.points_of(hold.lots),
        expires_at=moment(hold.expires_at),
        lots=[active_lot(lot, card.expiry_of(lot), state="HELD") for lot in hold.lots],
    )


def _next(moments: list[tuple[int, int]]) -> PointsAt | None:
    """All points that share the earliest moment."""
    first = min((at for at, _ in moments if at > dates.NEVER), default=None)
    return (
        None
        if first is None
        else PointsAt(points=sum(points for at, points in moments if at == first), at=moment(first))
    )


class Enrolment(Body):
    """A customer, and a code of the caller's own where one is wanted."""

    customer_id: Annotated[str, Field(pattern=CUSTOMER_ID)]
    code: Annotated[str, Field(pattern=CARD_CODE)] | None = None
    metadata: Metadata | None = None


class CardPatch(Body):
    """BLOCKED may earn but not spend; FROZEN only activates and expires; CLOSED ends the card."""

    status: Literal["ACTIVE", "BLOCKED", "FROZEN", "CLOSED"] = "ACTIVE"
    metadata: Metadata | None = None

    def changes(self) -> dict[str, Any]:
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        return {**sent, **({"metadata": metadata_text(self.metadata)} if "metadata" in sent else {})}
