"""Requests and answers about rewards of the catalogue."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field

from loyalty.api import answered
from loyalty.api.base import BY_VALUE, Answer, Request
from loyalty.api.catalogue.settings import (
    EntitlementInput,
    ProductInput,
    RewardLimitsInput,
    RewardSettingsRequest,
    Stock,
)
from loyalty.api.earning.settings import HoursInput
from loyalty.api.fields import Name, text_format
from loyalty.api.shown import Shown, setting
from loyalty.api.wallets.wallets import RequiredAction
from loyalty.domain.catalogue.document import settings_json
from loyalty.domain.catalogue.reward import RewardKind, RewardStatus, WalletPoints
from loyalty.domain.dates import datetime_of
from loyalty.errors import FieldProblem
from loyalty.usecases.catalogue.codes import CODES_MAX, AddedCodes
from loyalty.usecases.catalogue.offers import Offer
from loyalty.usecases.catalogue.rewards import ReviewedReward
from loyalty.usecases.catalogue.stock import StockCount

SETTINGS_EXAMPLES: list[dict[str, Any]] = [
    {
        "name": "Limited lipstick",
        "description": "The color of the season",
        "kind": "PRODUCT",
        "product": {"productId": "lip-7", "sku": "lip-7-red"},
        "price": [{"walletId": "wal_0123456789abcdef0123", "points": 500}],
        "stock": 3,
        "conditions": {"customer": {"segments": ["gold"]}},
        "startsAt": "2027-03-01T00:00:00+01:00",
        "endsAt": "2027-06-01T00:00:00+02:00",
        "hours": [{"days": ["SAT", "SUN"], "from": "09:00", "to": "24:00"}],
        "limits": {
            "perCustomer": {
                "times": 1,
                "per": [{"unit": "MONTH", "times": 1}],
                "cooldown": {"every": 30, "unit": "DAY"},
            }
        },
        "cancelable": True,
        "metadata": {"season": "spring"},
    },
    {
        "name": "Free shipping for a month",
        "kind": "ENTITLEMENT",
        "entitlement": {"key": "free_shipping", "validFor": {"every": 1, "unit": "MONTH"}},
        "price": [{"walletId": "wal_0123456789abcdef0123", "points": 200}],
    },
    {
        "name": "Points of the partner",
        "kind": "POINTS",
        "credit": {"walletId": "wal_abcdef0123456789abcd", "points": 50},
        "price": [{"walletId": "wal_0123456789abcdef0123", "points": 100}],
    },
]

VOUCHER = text_format(r"^[!-~]{1,64}$", "Use 1 to 64 letters A to Z, digits and punctuation marks, without spaces.")


class RewardCreateRequest(RewardSettingsRequest):
    """A reward to create. Settings that are left out or null get their defaults."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**settings, "status": "ACTIVE"} for settings in SETTINGS_EXAMPLES]}
    )

    name: Name = Field(description="The name of the reward. Several rewards may have one name.")
    kind: Annotated[RewardKind, BY_VALUE] = Field(
        description=(
            "PRODUCT: you hand over `product`. DISCOUNT_CODE: one of the codes of the reward. POINTS: the points of "
            "`credit`. ENTITLEMENT: the right of `entitlement`. The kind never changes."
        )
    )
    status: Literal[RewardStatus.ACTIVE, RewardStatus.DRAFT] = Field(
        default=RewardStatus.ACTIVE,
        description="DRAFT saves a reward that may be incomplete; a draft cannot be redeemed.",
    )


class RewardUpdateRequest(RewardSettingsRequest):
    """The settings to change. Settings that are left out keep their values, and null sets the default."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {name: value for name, value in settings.items() if name != "kind"} for settings in SETTINGS_EXAMPLES
            ]
        }
    )

    # A name cannot be null, because it has no default.
    name: Name = Field(default_factory=str, description="The name of the reward. Several rewards may have one name.")


class StockRequest(Request):
    """What to add to the stock."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"add": 100}]})

    add: Stock = Field(description="How many more times the reward can be redeemed.")


class RewardCodesRequest(Request):
    """The codes to add. Codes that the reward has already are left out."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"codes": ["SPRING-7F3K", "SPRING-9Q2M"]}]})

    codes: Annotated[list[Annotated[str, Field(pattern=VOUCHER)]], Field(min_length=1, max_length=CODES_MAX)] = Field(
        description="The codes as customers get them. Each code is given to one redemption."
    )


class RewardCodes(Answer):
    """The result of adding codes."""

    added: int = Field(description="How many codes of the request are new.")
    codes: int = Field(description="How many codes the reward has in all.")
    left: int = Field(description="How many codes are left.")

    @classmethod
    def of(cls, added: AddedCodes) -> Self:
        return cls(added=added.added, codes=added.stock.total, left=added.stock.left)


class Price(Answer):
    """Points of one wallet."""

    wallet_id: answered.WalletId
    points: int = Field(description="The number of points of the wallet.")

    @classmethod
    def of(cls, part: WalletPoints) -> Self:
        return cls(wallet_id=part.wallet_id, points=part.points)


class Reward(Answer):
    """A reward with its settings, which RewardCreateRequest describes."""

    has_etag = True
    has_location = True

    reward_id: answered.RewardId
    version: int = Field(description="The number of the reward's version, which is also the ETag.")
    status: RewardStatus = Field(
        description="The stage in the life of the reward: only an ACTIVE reward can be redeemed."
    )
    action_required: list[RequiredAction] = Field(
        description="The activation rules that the settings do not meet; empty if the reward may be ACTIVE."
    )
    name: str = setting(RewardCreateRequest, "name")
    description: str = setting(RewardCreateRequest, "description")
    kind: RewardKind = setting(RewardCreateRequest, "kind")
    price: list[Price] = setting(RewardCreateRequest, "price")
    stock: int | None = setting(RewardCreateRequest, "stock")
    codes: int | None = Field(description="How many codes a DISCOUNT_CODE has; null for other kinds.")
    left: int | None = Field(
        description="How often the reward can still be redeemed; null without a limit and before the activation."
    )
    conditions: dict[str, Any] = setting(RewardCreateRequest, "conditions")
    starts_at: datetime | None = setting(RewardCreateRequest, "starts_at")
    ends_at: datetime | None = setting(RewardCreateRequest, "ends_at")
    hours: list[Annotated[dict[str, Any], Shown(HoursInput)]] = setting(RewardCreateRequest, "hours")
    limits: Annotated[dict[str, Any], Shown(RewardLimitsInput)] = setting(RewardCreateRequest, "limits")
    product: Annotated[dict[str, Any], Shown(ProductInput, nulls=True)] | None = setting(RewardCreateRequest, "product")
    entitlement: Annotated[dict[str, Any], Shown(EntitlementInput, nulls=True)] | None = setting(
        RewardCreateRequest, "entitlement"
    )
    credit: Price | None = setting(RewardCreateRequest, "credit")
    cancelable: bool = setting(RewardCreateRequest, "cancelable")
    metadata: dict[str, Any] = setting(RewardCreateRequest, "metadata")
    activated_at: datetime | None = Field(description="The instant of the first activation.")
    created_at: answered.CreatedAt
    created_by: str = Field(description="The id of the API key that created the reward.")
    updated_at: answered.SavedAt

    @classmethod
    def of(cls, found: ReviewedReward) -> Self:
        return cls(**cls.values_of(found))

    @staticmethod
    def values_of(found: ReviewedReward) -> dict[str, Any]:
        """What any answer with a reward has."""
        reward, count = found.reward, found.stock or StockCount(0, 0)
        return {
            **settings_json(reward.settings),
            "reward_id": reward.reward_id,
            "version": reward.version,
            "status": reward.status,
            "action_required": [RequiredAction.of(one) for one in found.action_required],
            "codes": count.total if reward.has_codes else None,
            "left": count.left if found.stock or reward.has_codes else None,
            "activated_at": datetime_of(reward.activated_at) if reward.activated_at else None,
            "created_at": datetime_of(reward.created_at),
            "created_by": reward.created_by,
            "updated_at": datetime_of(reward.updated_at),
        }


class RewardVersion(Reward):
    """A version of a reward. `codes` and `left` are those of now."""

    change: Literal["Created", "Changed", "Activated", "Paused", "Ended", "Deleted"] = Field(
        description="What made this version of the version before."
    )
    changed_by: str = Field(description="The id of the API key that made the change.")

    @classmethod
    def of(cls, found: ReviewedReward) -> Self:
        reward = found.reward
        return cls(**cls.values_of(found), change=reward.change, changed_by=reward.changed_by)


class RewardVersionList(Answer):
    """A page of a reward's versions, newest first."""

    data: list[RewardVersion] = Field(description="The versions of the page, newest first.")
    next_cursor: answered.NextCursor


class Availability(Answer):
    """Whether the customer of the request can redeem the reward now."""

    available: bool = Field(description="Whether a redemption would succeed now.")
    reason: str | None = Field(
        description=(
            "Why the customer cannot: `reward_not_active`, `conditions`, `outside_hours`, `limit_per_customer`, "
            "`cooldown`, `out_of_stock`, or the code of a wallet's refusal, such as `insufficient_points`."
        )
    )
    missing: list[Price] = Field(description="The points that the customer lacks for the price, by wallet.")

    @classmethod
    def of(cls, offer: Offer) -> Self:
        return cls(available=offer.available, reason=offer.reason, missing=list(map(Price.of, offer.missing)))


class ListedReward(Reward):
    """A reward of a list."""

    availability: Availability | None = Field(description="Null without `customerId`.")

    @classmethod
    def of(cls, found: ReviewedReward, offer: Offer | None = None) -> Self:
        return cls(**cls.values_of(found), availability=Availability.of(offer) if offer else None)


class RewardList(Answer):
    """A page of rewards."""

    data: list[ListedReward] = Field(description="The rewards of the page, in the order of their ids.")
    next_cursor: answered.NextCursor


class RewardValidation(Answer):
    """The activation rules that the settings do not meet."""

    valid: bool = Field(description="Whether the settings meet all activation rules.")
    action_required: list[RequiredAction] = Field(description="The activation rules that the settings do not meet.")

    @classmethod
    def of(cls, problems: Sequence[FieldProblem]) -> Self:
        return cls(valid=not problems, action_required=[RequiredAction.of(problem) for problem in problems])
