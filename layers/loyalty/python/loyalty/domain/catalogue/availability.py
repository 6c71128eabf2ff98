"""Whether a customer may redeem a reward now: the gates that neither stock nor wallets decide."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from zoneinfo import ZoneInfo

from loyalty.domain.catalogue.reward import Reward
from loyalty.domain.earning.event import CustomerDetails, customer_document
from loyalty.domain.earning.recurrence import Use, refusal
from loyalty.domain.earning.windows import is_in_hours
from loyalty.domain.patterns import Pattern, compile_pattern

CUSTOMER, TIERS, BALANCES = "customer", "tiers", "walletBalances"
"""The keys of the document that conditions read: tiers are below the customer."""
WALLET_ID_MAX = 64
"""The most characters of a wallet's id. No customer has a card in a wallet with a longer id, and none is looked up."""


class Unavailable(StrEnum):
    """Why a customer cannot redeem an ACTIVE reward now. Stock and wallets refuse by their own codes."""

    CONDITIONS = "conditions"
    OUTSIDE_HOURS = "outside_hours"
    LIMIT_PER_CUSTOMER = "limit_per_customer"
    COOLDOWN = "cooldown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeemer:
    """What the gates of a reward read about a customer."""

    customer: CustomerDetails = field(default_factory=CustomerDetails)
    balances: Mapping[str, int] = field(default_factory=dict)
    """The points that the customer can spend, by wallet id. A wallet without a card of the customer is absent."""
    use: Use = field(default_factory=Use)


def unavailable(reward: Reward, pattern: Pattern, redeemer: Redeemer, now: int, zone: ZoneInfo) -> Unavailable | None:
    """Returns why the gates refuse the customer; None if they do not. `pattern` is that of the conditions."""
    settings = reward.settings
    if not pattern.matches({CUSTOMER: customer_document(redeemer.customer), BALANCES: redeemer.balances}):
        return Unavailable.CONDITIONS
    if not is_in_hours(settings.hours, now, zone):
        return Unavailable.OUTSIDE_HOURS
    reason = refusal(settings.customer_limits, redeemer.use, now, zone)
    return Unavailable(reason) if reason else None


def gate_of(reward: Reward) -> Pattern:
    """Returns the compiled conditions of the reward; without conditions, a pattern that every customer matches."""
    return compile_pattern(reward.settings.conditions) if reward.settings.conditions else Pattern()


def wallets_read(pattern: Pattern) -> frozenset[str]:
    """Returns the wallets whose balance the conditions read."""
    named = {path[1] for path in pattern.fields if path[0] == BALANCES and len(path) > 1}
    return frozenset(wallet_id for wallet_id in named if len(wallet_id) <= WALLET_ID_MAX)


def programs_read(pattern: Pattern) -> frozenset[str]:
    """Returns the programs in which the conditions read the customer's tier."""
    of_tiers = (CUSTOMER, TIERS)
    return frozenset(path[2] for path in pattern.fields if path[:2] == of_tiers and len(path) > len(of_tiers))


def reads_customer(pattern: Pattern) -> bool:
    return any(path[0] == CUSTOMER for path in pattern.fields)
