"""Rewards of the catalogue: what customers get, for how many points, and on which conditions.

A reward of the catalogue is redeemed with points. A reward rule of a campaign is something else: it gives points.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from loyalty.domain.dates import Period
from loyalty.domain.earning.campaign import CustomerLimits, Hours
from loyalty.domain.earning.pools import AWARDS_PER_SHARD, SHARDS_MAX
from loyalty.errors import FieldProblem

REWARD_ID_PREFIX = "rwd_"
"""The beginning of every reward id, which no campaign id has."""
PRICES_MAX = 5
"""The most wallets that a redemption takes points from."""
CODE_SHARDS = 32
"""The shards of the codes of a DISCOUNT_CODE. Their number is known before the codes are."""


class RewardStatus(StrEnum):
    """DRAFT: may be incomplete. ACTIVE: can be redeemed. PAUSED: cannot be redeemed for now. ENDED, DELETED: final."""

    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    ENDED = "ENDED"
    DELETED = "DELETED"


class RewardKind(StrEnum):
    """What a customer gets.

    PRODUCT: something that the business hands over. DISCOUNT_CODE: one of the reward's codes. POINTS: points of another
    wallet. ENTITLEMENT: a right, such as free shipping, for a period or for ever.
    """

    PRODUCT = "PRODUCT"
    DISCOUNT_CODE = "DISCOUNT_CODE"
    POINTS = "POINTS"
    ENTITLEMENT = "ENTITLEMENT"


@dataclass(frozen=True, slots=True)
class WalletPoints:
    """Points of one wallet: a part of the price, or what a reward of the kind POINTS gives."""

    wallet_id: str
    points: int


@dataclass(frozen=True, slots=True)
class Product:
    """The business's own ids of a product."""

    product_id: str
    sku: str | None = None


@dataclass(frozen=True, slots=True)
class EntitlementSettings:
    """What a reward of the kind ENTITLEMENT gives."""

    key: str
    """The business's name of the right, such as `free_shipping`."""
    valid_for: Period | None = None
    """None: for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardSettings:
    """What a business decides about a reward. A draft may be incomplete."""

    name: str
    description: str = ""
    kind: RewardKind
    price: tuple[WalletPoints, ...] = ()
    stock: int | None = None
    """How often the reward can be redeemed, all added stock included; None: no limit, or as many as there are codes."""
    conditions: Mapping[str, Any] = field(default_factory=dict)
    """A pattern over the customer and the customer's balances."""
    starts_at: int | None = None
    ends_at: int | None = None
    hours: tuple[Hours, ...] = ()
    """All hours, if empty."""
    customer_limits: CustomerLimits = field(default_factory=CustomerLimits)
    """Only `times`, `per` with `times`, and `cooldown`."""
    product: Product | None = None
    entitlement: EntitlementSettings | None = None
    credit: WalletPoints | None = None
    cancelable: bool = True
    """Whether a redemption can be canceled without force."""
    metadata: str | None = None
    """JSON text as sent."""

    @property
    def wallet_ids(self) -> frozenset[str]:
        """The wallets whose points a redemption moves."""
        moved = (*self.price, self.credit) if self.credit else self.price
        return frozenset(one.wallet_id for one in moved)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reward:
    reward_id: str
    version: int
    status: RewardStatus
    settings: RewardSettings
    created_at: int
    created_by: str
    updated_at: int
    changed_by: str
    change: str
    """The change that made this version, as in the name of its event: Created, Changed, Activated, Paused, Ended,
    Deleted."""
    activated_at: int = 0
    """The instant of the first activation, or 0."""
    shards: int = 0
    """The shards of the stock or of the codes; 0 without any."""
    fingerprint: bytes = b""
    """The fingerprint of the request that created the reward, if it had an idempotency key."""
    action_required: tuple[FieldProblem, ...] = ()
    """The activation rules that the settings did not meet at the creation: a repetition answers them again."""

    @property
    def is_active(self) -> bool:
        return self.status is RewardStatus.ACTIVE

    @property
    def has_codes(self) -> bool:
        return self.settings.kind is RewardKind.DISCOUNT_CODE

    @property
    def wallets_in_use(self) -> frozenset[str]:
        """The wallets that cannot be deleted because of the reward."""
        in_use = self.status in (RewardStatus.ACTIVE, RewardStatus.PAUSED)
        return self.settings.wallet_ids if in_use else frozenset()

    def is_redeemable(self, at: int) -> bool:
        """Returns whether the reward is ACTIVE and the instant in its window. The end is not included."""
        starts_at, ends_at = self.settings.starts_at, self.settings.ends_at
        has_started, is_over = starts_at is None or starts_at <= at, ends_at is not None and ends_at <= at
        return self.is_active and has_started and not is_over


def stock_shards(stock: int) -> int:
    """Returns the number of shards of a stock, a power of two: no item is written by every redemption."""
    return 1 << min(max(stock // AWARDS_PER_SHARD, 1), SHARDS_MAX).bit_length() - 1
