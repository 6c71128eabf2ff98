"""A customer's progress in a program: the tier, what the next tier needs, and what keeps the tier."""

from dataclasses import dataclass

from loyalty.domain.cards.card import Card
from loyalty.domain.cards.settlement import settle
from loyalty.domain.dates import local_day
from loyalty.domain.tiers.periods import period_number, period_start
from loyalty.domain.tiers.progression import is_calculated, standings_at
from loyalty.domain.tiers.standing import TierStanding
from loyalty.domain.tiers.structure import AttachedTiers, Level, TierBasis, TierStructure, TierUpgrade, TierValidity
from loyalty.domain.wallets.wallet import Wallet


@dataclass(frozen=True, slots=True)
class NextTier:
    level: Level
    missing: int
    """Points, 0 or more: with 0, the tier begins at the end of the period."""


@dataclass(frozen=True, slots=True)
class TierKeeping:
    missing: int
    """The points, 0 or more, that the customer needs by the instant to keep the tier after it."""
    by: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TierProgress:
    program_id: str
    wallet_id: str
    calculating: bool = False
    """Whether the card is not yet calculated: then the tier is unknown."""
    level: Level | None = None
    """None: no tier."""
    since: int = 0
    """0: the card has had the tier since its first transaction."""
    until: int = 0
    """0: time alone does not end the tier."""
    points: int = 0
    """The points that decide: those of the current period, or those that the card has."""
    next: NextTier | None = None
    keep: TierKeeping | None = None


def progress_of(card: Card, attached: AttachedTiers, wallet: Wallet, now: int) -> TierProgress:
    """Returns the progress at the instant; the card is as it was read, not settled, or a new card."""
    program_id, structure = attached.program_id, attached.structure
    if not is_calculated(card, attached):
        return TierProgress(program_id=program_id, wallet_id=wallet.wallet_id, calculating=True)
    standing = next(one for one in standings_at(card, wallet, now) if one.program_id == program_id)
    level = structure.level(standing.tier_id)
    points = standing.points
    if structure.type is TierBasis.POINT_BALANCE:
        balance = settle(card, now)[0].balance
        points = max(balance.active + balance.held, 0)
    higher = (one for one in structure.levels if level is None or one.start > level.start)
    coming = next(higher, None)
    return TierProgress(
        program_id=program_id,
        wallet_id=wallet.wallet_id,
        level=level,
        since=standing.since,
        until=standing.grace_until or standing.until,
        points=points,
        next=NextTier(coming, max(coming.start - points, 0)) if coming else None,
        keep=_keeping(standing, level, structure, points, wallet, now) if level else None,
    )


def _keeping(
    standing: TierStanding, level: Level, structure: TierStructure, points: int, wallet: Wallet, now: int
) -> TierKeeping | None:
    """Returns what keeps the tier; None if time alone does not end it, or if no points can keep it."""
    if standing.grace_until:
        counted = max(points, standing.points_before)
        return TierKeeping(max(level.start - counted, 0), standing.grace_until)
    ends_with_period = (
        structure.upgrade is TierUpgrade.IMMEDIATELY and structure.validity is TierValidity.CURRENT_PERIOD
    )
    if not standing.until or ends_with_period:
        return None
    # The period that ends with the tier decides. It may not have begun.
    following = period_number(local_day(now, wallet.zone), structure.period) + 1
    counted = points if period_start(following, structure.period, wallet.zone) >= standing.until else 0
    return TierKeeping(max(level.start - counted, 0), standing.until)
