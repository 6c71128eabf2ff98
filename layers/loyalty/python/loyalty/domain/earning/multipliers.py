"""Multipliers: the factor by which the points of a reward rule rise."""

from collections.abc import Iterable
from fractions import Fraction

from loyalty.domain.earning.campaign import Multiplier, RewardRule

PRODUCT_MAX = 1_000
"""The largest factor of all multipliers together."""


def factor_for(rule: RewardRule, campaign_id: str, multipliers: Iterable[Multiplier]) -> Fraction:
    """Returns the largest factor that does not stack, at least 1, times all factors that stack; at most 1,000."""
    own = [one for one in multipliers if _applies(one, rule, campaign_id)]
    factor = max((Fraction(one.factor) for one in own if not one.stack), default=Fraction(1))
    factor = max(factor, Fraction(1))
    for one in own:
        if one.stack:
            factor *= Fraction(one.factor)
    return min(factor, Fraction(PRODUCT_MAX))


def _applies(multiplier: Multiplier, rule: RewardRule, campaign_id: str) -> bool:
    return (
        rule.type in multiplier.types
        and (not multiplier.wallets or rule.wallet_id in multiplier.wallets)
        and (not multiplier.campaigns or campaign_id in multiplier.campaigns)
    )
