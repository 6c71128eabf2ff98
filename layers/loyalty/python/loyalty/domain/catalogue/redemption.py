"""Redemptions: what a customer got from the catalogue, what it cost, and whether it was handed over or canceled."""

from dataclasses import dataclass, replace
from enum import StrEnum
from zoneinfo import ZoneInfo

from loyalty.domain.catalogue.reward import Product, RewardKind, RewardSettings
from loyalty.domain.dates import expiry_after


class RedemptionStatus(StrEnum):
    """ISSUED: paid, and not handed over yet. FULFILLED: handed over. CANCELED: undone."""

    ISSUED = "ISSUED"
    FULFILLED = "FULFILLED"
    CANCELED = "CANCELED"


@dataclass(frozen=True, slots=True)
class MovedPoints:
    """The row that moved points of a redemption."""

    wallet_id: str
    wallet_version: int
    """The version of the wallet whose settings applied."""
    seq: int
    points: int


@dataclass(frozen=True, slots=True)
class CodePlace:
    """Where a code is among the codes of its reward."""

    shard: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption:
    redemption_id: str
    customer_id: str
    reward_id: str
    reward_version: int
    kind: RewardKind
    status: RedemptionStatus
    key: str
    """The idempotency key of the request, which the rows of the price have too."""
    fingerprint: bytes
    prices: tuple[MovedPoints, ...]
    given: MovedPoints | None = None
    """The points of a reward of the kind POINTS."""
    code: str | None = None
    code_place: CodePlace | None = None
    product: Product | None = None
    entitlement: str | None = None
    """The name of the right."""
    entitled_until: int | None = None
    """The end of the right; None for ever."""
    cancelable: bool = True
    """Whether the reward could be canceled without force when it was redeemed."""
    stock_shard: int | None = None
    """The shard that the redemption took its stock from."""
    counted_on: int | None = None
    """The local day on which the redemption counts for the limits of the customer; None if it does not count."""
    metadata: str | None = None
    """JSON text as sent."""
    actor: str
    created_at: int
    fulfilled_at: int = 0
    canceled_at: int = 0
    cancel_fingerprint: bytes = b""
    """The fingerprint of the request that canceled the redemption."""
    returns: tuple[MovedPoints, ...] = ()
    """The rows that gave the price back."""
    taken_back: MovedPoints | None = None
    """The row that took back the points of a reward of the kind POINTS."""
    written_off: bool = False
    """Whether the cancellation gave nothing back to the stock."""

    @property
    def is_closed(self) -> bool:
        """Whether only force cancels the redemption. Points that were given can be taken back."""
        has_been_handed_over = self.status is RedemptionStatus.FULFILLED and self.kind is not RewardKind.POINTS
        return has_been_handed_over or not self.cancelable

    @property
    def holds_stock(self) -> bool:
        """Whether the redemption is among those that the stock counts as used."""
        return self.stock_shard is not None and (self.status is not RedemptionStatus.CANCELED or self.written_off)

    def is_entitled(self, at: int) -> bool:
        """Returns whether the customer has the right of the redemption at the instant."""
        is_valid = self.entitled_until is None or at < self.entitled_until
        return self.entitlement is not None and self.status is RedemptionStatus.FULFILLED and is_valid

    @property
    def as_redeemed(self) -> "Redemption":
        """The redemption as it was at first."""
        status = first_status(self.kind)
        return replace(
            self,
            status=status,
            fulfilled_at=self.created_at if status is RedemptionStatus.FULFILLED else 0,
            canceled_at=0,
            cancel_fingerprint=b"",
            returns=(),
            taken_back=None,
            written_off=False,
        )

    def fulfill(self, at: int) -> "Redemption":
        return replace(self, status=RedemptionStatus.FULFILLED, fulfilled_at=at)


def first_status(kind: RewardKind) -> RedemptionStatus:
    """Returns the status of a new redemption: only a product must still be handed over."""
    return RedemptionStatus.ISSUED if kind is RewardKind.PRODUCT else RedemptionStatus.FULFILLED


def entitlement_end(settings: RewardSettings, at: int, zone: ZoneInfo) -> int | None:
    """Returns when a right that begins at the instant ends; None for ever."""
    right = settings.entitlement
    return expiry_after(at, right.valid_for, zone) if right and right.valid_for else None
