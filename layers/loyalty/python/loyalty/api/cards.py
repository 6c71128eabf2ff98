"""Requests and answers about cards."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import ConfigDict, Field

from loyalty.api import answered
from loyalty.api.base import BY_VALUE, Answer, Request
from loyalty.api.fields import CardCode, CustomerId, Metadata, metadata_from
from loyalty.api.points.balances import Balance, Lot, LotState, active_lot, pending_lot
from loyalty.domain import dates
from loyalty.domain.cards import card as domain
from loyalty.domain.cards.card import CardStatus
from loyalty.domain.cards.profile import Profile
from loyalty.domain.dates import datetime_of

if TYPE_CHECKING:
    from loyalty.domain.tiers.standing import TierStanding


class PointsDue(Answer):
    """Points that expire or become active at the same instant."""

    points: int = Field(description="The number of points.")
    at: datetime = Field(description="The instant.")


class Lifetime(Answer):
    """The sums of points since the card's enrolment."""

    issued: int = Field(description="Points that credits and adjustments added.")
    redeemed: int = Field(description="Points that debits and captures spent.")
    removed: int = Field(description="Points that adjustments removed.")
    expired: int = Field(description="Points that expired.")
    canceled: int = Field(description="Pending points that were canceled.")
    revoked: int = Field(description="Earned points that refunds and reversals took back.")
    returned: int = Field(description="Spent points that refunds and reversals gave back.")
    transferred_in: int = Field(description="Points that other customers transferred to the card.")
    transferred_out: int = Field(description="Points that were transferred to other customers.")


class OpenHold(Answer):
    """An open hold."""

    hold_id: str = Field(description="The `transactionId` of the hold.")
    points: int = Field(description="The number of points that are still held.")
    expires_at: datetime = Field(description="The instant at which points that are still held are released.")
    lots: list[Lot] = Field(description="The held points, in the order in which captures spend them.")


class CardTier(Answer):
    """The card's tier in a program."""

    program_id: str = Field(description="The program whose tier structure decides.")
    tier_id: str | None = Field(description="The tier; null for no tier.")
    since: datetime | None = Field(
        description="The instant at which the card got the tier; null if the card has had the tier from its start."
    )
    until: datetime | None = Field(
        description=(
            "The instant at which the tier ends unless points prolong it; null if time does not end the tier, and "
            "without a tier."
        )
    )
    grace_until: datetime | None = Field(
        description="The end of the period of grace, if the card has lost the right to its tier; otherwise null."
    )
    points: int = Field(description="The points that count in the current period; 0 if the balance decides.")

    @classmethod
    def of(cls, standing: "TierStanding") -> "CardTier":
        return cls(
            program_id=standing.program_id,
            tier_id=standing.tier_id or None,
            since=_instant(standing.since),
            until=_instant(standing.until),
            grace_until=_instant(standing.grace_until),
            points=standing.points,
        )


class Card(Answer):
    """The points of one customer in one wallet."""

    has_etag = True
    has_location = True

    card_id: answered.CardId
    wallet_id: answered.WalletId
    customer_id: answered.CustomerId
    code: str = Field(description="The text that identifies the card, such as the number on a printed card.")
    status: CardStatus = Field(description="Which movements the card accepts.")
    balance: Balance = Field(description="The points of the card now, including everything that is due by now.")
    lifetime: Lifetime = Field(description="The sums of points since the enrolment.")
    next_expiration: PointsDue | None = Field(
        description="The points that expire first; null if no active points expire."
    )
    next_activation: PointsDue | None = Field(
        description="The pending points that become active first; null if no activation has a date."
    )
    lots: list[Lot] = Field(description="The pending and active points, by lot.")
    holds: list[OpenHold] = Field(description="The open holds.")
    tiers: list[CardTier] = Field(
        description="The tiers, one for each program. A tier that is still being calculated is missing."
    )
    version: int = Field(
        description=(
            "The `seq` of the card's last transaction. The ETag counts changes of status and metadata instead."
        )
    )
    metadata: dict[str, Any] | None = Field(description="Your own data about the card.")
    created_at: datetime = Field(description="The instant of the enrolment.")

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
            tiers=list(map(CardTier.of, card.tiers)),
            version=card.version,
            metadata=metadata_from(profile.metadata),
            created_at=datetime_of(profile.created_at),
        )


class CardList(Answer):
    """A page of cards."""

    data: list[Card] = Field(description="The cards of the page.")
    next_cursor: answered.NextCursor


def _instant(at: int) -> datetime | None:
    return datetime_of(at) if at else None


def _hold(card: domain.Card, hold: domain.Hold) -> OpenHold:
    return OpenHold(
        hold_id=f"{card.card_id}.{hold.seq}",
        points=domain.points_of(hold.lots),
        expires_at=datetime_of(hold.expires_at),
        lots=[active_lot(lot, card.expiry_of(lot), state=LotState.HELD) for lot in hold.lots],
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
    """A customer to enrol."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"customerId": "carol", "code": "SHOP-2027-0001", "metadata": {"store": "Berlin"}}]
        }
    )

    customer_id: CustomerId = Field(
        description="A pseudonym, because the id is part of keys, logs and events and is never erased."
    )
    code: CardCode | None = Field(
        default=None, description="The code of the card; the default is a code that the wallet's settings generate."
    )
    metadata: Metadata | None = Field(
        default=None, description="Your own data, at most 2,048 bytes as JSON, checked by the project's schema."
    )


class CardUpdateRequest(Request):
    """The fields of a card to change. A field that is left out keeps its value."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "BLOCKED", "metadata": {"store": "Berlin"}}]})

    status: Annotated[CardStatus, BY_VALUE] = Field(
        default=CardStatus.ACTIVE, description="Which movements the card accepts from now on."
    )
    metadata: Metadata | None = Field(
        default=None, description="Your own data, at most 2,048 bytes as JSON, checked by the project's schema."
    )

    @property
    def patch(self) -> dict[str, Any]:
        """What was sent."""
        return {name: getattr(self, name) for name in self.model_fields_set}
