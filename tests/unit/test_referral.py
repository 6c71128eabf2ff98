"""Rewards to the referrer: both sides of a referral, and what keeps one side or both from points."""

from dataclasses import replace
from typing import Any

import pytest

from loyalty.domain.dates import CalendarUnit
from loyalty.domain.earning.campaign import Budget, Campaign, CustomerLimits, PeriodLimit, Recipient
from loyalty.domain.earning.evaluation import Award, Candidate, Credit, Decision, Referrer, credit_in_full, evaluate
from loyalty.domain.earning.pools import Totals
from loyalty.domain.earning.recurrence import Use
from tests.support.campaigns import NEW_YORK, NOON, campaign, fixed, paid, reasons, situation

ANN, BEA = "ann", "bea"
REWARDS = (fixed(100), fixed(100, to=Recipient.REFERRER))


def referral(**settings: Any) -> Campaign:
    return campaign("referral", *REWARDS, **settings)


def decided(one: Campaign, referrer: Referrer | None, credit: Credit = credit_in_full, **more: Any) -> Decision:
    """The decision about a first order of Ann."""
    return evaluate(situation(paid(5_000), referrer=referrer, **more), [Candidate(one)], credit)


def got(decision: Decision) -> list[tuple[str, int]]:
    return [(award.customer_id, award.points) for award in decision.awards]


def used(times: int) -> Use:
    use = Use()
    for _ in range(times):
        use = use.count(100, NOON, NEW_YORK)
    return use


def test_both_sides_get_points() -> None:
    assert got(decided(referral(), Referrer(BEA))) == [(ANN, 100), (BEA, 100)]


def test_a_customer_without_a_referrer_gets_points_alone() -> None:
    decision = decided(referral(), None)
    assert (got(decision), reasons(decision)) == ([(ANN, 100)], ["not_referred"])


def test_a_common_signal_keeps_both_sides_from_points() -> None:
    decision = decided(referral(), Referrer(BEA, shares_signal=True))
    assert (got(decision), reasons(decision)) == ([], ["shared_signal"])


def test_a_common_signal_does_not_concern_campaigns_without_the_referrer() -> None:
    assert got(decided(campaign("own", fixed(5)), Referrer(BEA, shares_signal=True))) == [(ANN, 5)]


@pytest.mark.parametrize(
    "limits",
    [
        CustomerLimits(times=50),
        CustomerLimits(per=(PeriodLimit(CalendarUnit.MONTH, times=50),)),
    ],
)
def test_the_51st_friend_gets_points_and_the_referrer_none(limits: CustomerLimits) -> None:
    one = referral(referrer_limits=limits)
    fiftieth = decided(one, Referrer(BEA, {"referral": used(49)}))
    assert got(fiftieth) == [(ANN, 100), (BEA, 100)]
    assert fiftieth.referrer_uses["referral"].times == 50
    later = decided(one, Referrer(BEA, {"referral": used(50)}))
    assert (got(later), reasons(later)) == ([(ANN, 100)], ["referrer_limit"])
    assert later.referrer_uses == {}


def test_limits_of_the_customer_do_not_count_the_points_of_the_referrer() -> None:
    decision = decided(referral(customer_limits=CustomerLimits(points=150)), Referrer(BEA))
    assert got(decision) == [(ANN, 100), (BEA, 100)]
    assert decision.uses["referral"].points == 100


def test_a_budget_gives_points_to_both_sides_or_to_none() -> None:
    one = referral(budget=Budget(points=1_000))
    decision = decided(one, Referrer(BEA), budgets={"referral": Totals(150, None)})
    assert (got(decision), reasons(decision)) == ([], ["budget_exhausted"])
    assert got(decided(one, Referrer(BEA), budgets={"referral": Totals(200, None)})) == [(ANN, 100), (BEA, 100)]


def test_a_card_of_the_referrer_that_gets_no_points_costs_the_friend_none() -> None:
    def credit(award: Award) -> Award | str:
        return "card_frozen" if award.customer_id == BEA else replace(award, points=60)

    decision = decided(referral(referrer_limits=CustomerLimits(times=50)), Referrer(BEA), credit)
    assert (got(decision), reasons(decision)) == ([(ANN, 60)], ["card_frozen"])
    assert decision.referrer_uses == {}
