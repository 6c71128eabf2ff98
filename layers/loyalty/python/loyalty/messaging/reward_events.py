"""Events on the bus of the rewards catalogue: one for each version of a reward, and for each status of a redemption."""

from datetime import datetime
from typing import Any

from pydantic import Field

from loyalty.domain.catalogue.redemption import MovedPoints, Redemption, RedemptionStatus
from loyalty.domain.catalogue.reward import Reward
from loyalty.domain.dates import datetime_of
from loyalty.messaging.events import Detail, Event, NamedWallet, WalletOf, names_of


class RewardEvent(Detail):
    """A new version of a reward."""

    reward_id: str = Field(description="The id of the reward.")
    version: int = Field(description="The number of the version.")
    status: str = Field(description="The status of the reward: DRAFT, ACTIVE, PAUSED, ENDED or DELETED.")
    name: str = Field(description="The name of the reward.")
    kind: str = Field(description="PRODUCT, DISCOUNT_CODE, POINTS or ENTITLEMENT.")
    actor: str = Field(description="The id of the API key that made the change.")
    changed_at: datetime = Field(description="The instant of the change.")


class EventPoints(NamedWallet):
    """Points that a transaction of the redemption moved."""

    seq: int = Field(description="The number of the transaction's own event on the card.")
    points: int = Field(description="The number of points.")

    @classmethod
    def of(cls, moved: MovedPoints, wallet_of: WalletOf) -> "EventPoints":
        wallet = wallet_of(moved.wallet_id, moved.wallet_version)
        return cls(**names_of(wallet), seq=moved.seq, points=moved.points)


class RedemptionEvent(Detail):
    """The fields of every event about a redemption. Fields that do not apply to the kind are null."""

    redemption_id: str = Field(description="The id of the redemption.")
    customer_id: str = Field(description="The id of the customer.")
    reward_id: str = Field(description="The id of the reward.")
    reward_version: int = Field(description="The version of the reward whose settings applied.")
    reward_name: str = Field(description="The name of the reward, in this version.")
    kind: str = Field(description="PRODUCT, DISCOUNT_CODE, POINTS or ENTITLEMENT.")
    price: list[EventPoints] = Field(description="The points that the redemption took.")
    product_id: str | None = Field(description="Your id of the product.")
    sku: str | None = Field(description="Your id of the variant.")
    credit: EventPoints | None = Field(description="The points that a reward of the kind POINTS gave.")
    entitlement: str | None = Field(description="The name of the right of an ENTITLEMENT.")
    entitled_until: datetime | None = Field(description="The end of the right; null for ever.")
    redeemed_at: datetime = Field(description="The instant of the redemption.")


class RewardRedeemed(RedemptionEvent):
    """A customer redeemed a reward. The price is a `Points Debited` event of each card too. No event has the code."""

    status: str = Field(description="ISSUED if a product must still be handed over, otherwise FULFILLED.")


class RewardFulfilled(RedemptionEvent):
    """The reward was handed over: at once, unless the reward is a product."""

    fulfilled_at: datetime = Field(description="The instant at which the reward was handed over.")


class RewardRedemptionCanceled(RedemptionEvent):
    """A redemption was undone. The price is a `Points Returned` event of each card too."""

    returned: list[EventPoints] = Field(description="The points that were given back.")
    taken_back: EventPoints | None = Field(description="The given points that were taken back.")
    written_off: bool = Field(description="Whether the stock got nothing back.")
    canceled_at: datetime = Field(description="The instant of the cancellation.")


REDEEMED, FULFILLED, CANCELED = "Reward Redeemed", "Reward Fulfilled", "Reward Redemption Canceled"
REWARD_TYPES = ("Created", "Changed", "Activated", "Paused", "Ended", "Deleted")
REWARD_DETAILS: dict[str, type[Detail]] = {
    **{f"Reward {change}": RewardEvent for change in REWARD_TYPES},
    REDEEMED: RewardRedeemed,
    FULFILLED: RewardFulfilled,
    CANCELED: RewardRedemptionCanceled,
}
"""Every detail type of the catalogue with its model."""


def reward_version_event(reward: Reward) -> Event:
    changed_at = datetime_of(reward.updated_at)
    detail = RewardEvent(
        event_id=f"{reward.reward_id}.v{reward.version}",
        reward_id=reward.reward_id,
        version=reward.version,
        status=reward.status,
        name=reward.settings.name,
        kind=reward.settings.kind,
        actor=reward.changed_by,
        changed_at=changed_at,
    )
    return Event(detail_type=f"Reward {reward.change}", time=changed_at, detail=detail)


def new_redemption_events(redemption: Redemption, reward: Reward, wallet_of: WalletOf) -> list[Event]:
    """Returns the events of a new redemption: a second one if the reward was handed over at once."""
    fields = _fields(redemption, RedemptionStatus.ISSUED, reward, wallet_of)
    detail = RewardRedeemed(**fields, status=redemption.status)
    redeemed = Event(detail_type=REDEEMED, time=detail.redeemed_at, detail=detail)
    return [redeemed, *changed_redemption_events(redemption, reward, wallet_of)]


def changed_redemption_events(redemption: Redemption, reward: Reward, wallet_of: WalletOf) -> list[Event]:
    """Returns the event of a redemption that got this status. An erasure of its texts repeats the event.

    `reward` is the version of the reward that the redemption names.
    """
    fields = _fields(redemption, redemption.status, reward, wallet_of)
    match redemption.status:
        case RedemptionStatus.FULFILLED:
            fulfilled_at = datetime_of(redemption.fulfilled_at)
            fulfilled = RewardFulfilled(**fields, fulfilled_at=fulfilled_at)
            return [Event(detail_type=FULFILLED, time=fulfilled_at, detail=fulfilled)]
        case RedemptionStatus.CANCELED:
            canceled_at = datetime_of(redemption.canceled_at)
            canceled = RewardRedemptionCanceled(
                **fields,
                returned=[EventPoints.of(one, wallet_of) for one in redemption.returns],
                taken_back=EventPoints.of(redemption.taken_back, wallet_of) if redemption.taken_back else None,
                written_off=redemption.written_off,
                canceled_at=canceled_at,
            )
            return [Event(detail_type=CANCELED, time=canceled_at, detail=canceled)]
    return []


def _fields(redemption: Redemption, status: RedemptionStatus, reward: Reward, wallet_of: WalletOf) -> dict[str, Any]:
    product, entitled_until = redemption.product, redemption.entitled_until
    return {
        "event_id": f"{redemption.redemption_id}.{status}",
        "redemption_id": redemption.redemption_id,
        "customer_id": redemption.customer_id,
        "reward_id": redemption.reward_id,
        "reward_version": redemption.reward_version,
        "reward_name": reward.settings.name,
        "kind": redemption.kind,
        "price": [EventPoints.of(one, wallet_of) for one in redemption.prices],
        "product_id": product.product_id if product else None,
        "sku": product.sku if product else None,
        "credit": EventPoints.of(redemption.given, wallet_of) if redemption.given else None,
        "entitlement": redemption.entitlement,
        "entitled_until": None if entitled_until is None else datetime_of(entitled_until),
        "redeemed_at": datetime_of(redemption.created_at),
    }
