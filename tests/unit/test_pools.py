"""Pools: how many shards a budget has, what each shard gets, and from which shards an award takes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.domain.dates import CalendarUnit
from loyalty.domain.earning.campaign import (
    Budget,
    CampaignSettings,
    CustomerLimits,
    Outcome,
    PeriodLimit,
    Recipient,
    RewardRule,
    RewardType,
)
from loyalty.domain.earning.pools import (
    Part,
    Shard,
    Taken,
    Totals,
    chosen_shards,
    gatherable,
    is_exhausted,
    limit_changes,
    limits_of,
    new_shards,
    shard_count,
    shares,
    smallest_award,
    used_of,
)
from loyalty.domain.earning.trigger import Trigger
from loyalty.domain.wallets.settings import WhenExceeded
from loyalty.errors import BudgetSpent
from tests.support.campaigns import fixed, per, reward

amounts = st.lists(st.integers(0, 1_000), min_size=1, max_size=64)


def settings(*rewards: RewardRule, **more: Any) -> CampaignSettings:
    budget = Budget(**{name: more.pop(name) for name in ("points", "awards", "when_exceeded") if name in more})
    return CampaignSettings(name="Limited", trigger=Trigger(event="order.paid"), rewards=rewards, budget=budget, **more)


def shards(*parts: tuple[int, int]) -> list[Shard]:
    """Shards of points: limit and what is left."""
    return [Shard(Part(limit, left)) for limit, left in parts]


@pytest.mark.parametrize(
    ("rewards", "budget", "expected"),
    [
        ([fixed(10)], {"points": 500}, 2),
        ([fixed(10)], {"points": 399}, 1),
        ([fixed(10)], {"points": 400}, 2),
        ([fixed(10)], {"points": 12_799}, 32),
        ([fixed(10)], {"points": 12_800}, 64),
        ([fixed(10)], {"points": 10**15}, 64),
        ([fixed(10)], {"points": 1}, 1),
        ([fixed(10)], {"awards": 1_000}, 32),
        ([fixed(10)], {"points": 10**6, "awards": 40}, 2),
        ([fixed(6), fixed(4)], {"points": 500}, 2),
        ([fixed(100, max_points=10)], {"points": 500}, 2),
        ([per(100)], {"points": 8_000}, 4),
        ([per(100, max_points=10)], {"points": 8_000}, 32),
        ([reward(RewardType.RANDOM, outcomes=(Outcome(0, 0), Outcome(5, 50)))], {"points": 8_000}, 8),
    ],
)
def test_a_shard_has_room_for_twenty_of_the_largest_awards(
    rewards: list[RewardRule], budget: dict[str, int], expected: int
) -> None:
    assert shard_count(settings(*rewards, **budget)) == expected


def test_a_campaign_without_a_budget_has_no_shards() -> None:
    assert shard_count(CampaignSettings(name="Unlimited", rewards=(fixed(10),))) == 0


def test_shares_are_even_and_the_first_shards_get_the_rest() -> None:
    assert shares(505, 4) == [127, 126, 126, 126]
    pool = new_shards(Budget(points=505, awards=7), 2)
    assert pool == [Shard(Part(253, 253), Part(4, 4)), Shard(Part(252, 252), Part(3, 3))]


def test_an_award_takes_from_one_shard_that_has_enough() -> None:
    offered: list[list[int]] = []

    def pick(places: Any) -> int:
        offered.append(list(places))
        return int(places[-1])

    assert chosen_shards([9, 10, 3, 12], 10, pick, gathered_max=4) == {3: 10}
    assert chosen_shards([9, 10, 3, 12], 10, pick, gathered_max=4, preferred=[1]) == {1: 10}
    assert offered == [[1, 3], [1]]


@pytest.mark.parametrize(
    ("lefts", "amount", "expected"),
    [
        ([4, 7, 2, 0], 10, {1: 7, 0: 3}),
        ([4, 7, 2, 0], 13, {1: 7, 0: 4, 2: 2}),
        ([4, 7, 2, 0], 14, None),
        ([3, 3, 3, 3, 3], 12, {0: 3, 1: 3, 2: 3, 3: 3}),
        ([3, 3, 3, 3, 3], 13, None),
    ],
)
def test_an_award_gathers_from_four_shards_the_fullest_first(
    lefts: list[int], amount: int, expected: dict[int, int] | None
) -> None:
    assert chosen_shards(lefts, amount, max, gathered_max=4) == expected


@given(amounts, st.integers(1, 5_000))
def test_what_is_taken_is_the_amount_and_never_more_than_a_shard_has(lefts: list[int], amount: int) -> None:
    taken = chosen_shards(lefts, amount, max, gathered_max=len(lefts))
    assert (taken is None) == (sum(lefts) < amount)
    if taken:
        assert sum(taken.values()) == amount
        assert all(0 < of <= lefts[place] for place, of in taken.items())


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=64), st.integers(0, 40_000))
def test_a_change_of_the_limit_changes_the_sum_and_takes_nothing_that_was_given(
    used_and_left: list[tuple[int, int]], limit: int
) -> None:
    before = shards(*((used + left, left) for used, left in used_and_left))
    used = used_of(before).points or 0
    if limit < used:
        with pytest.raises(BudgetSpent) as refusal:
            limit_changes(before, Budget(points=limit))
        assert refusal.value.extensions == {"used": used}
        return
    changes = limit_changes(before, Budget(points=limit))
    after = [
        Shard(Part(one.points.limit + change.points, one.points.left + change.points))
        for one, change in zip(before, changes, strict=True)
        if one.points
    ]
    assert limits_of(after).points == limit
    assert used_of(after).points == used
    assert all(one.points.left >= 0 for one in after if one.points)
    assert len({change.points > 0 for change in changes if change.points}) <= 1


def test_the_fullest_shards_give_up_the_most() -> None:
    changes = limit_changes(shards((100, 100), (100, 10), (100, 0)), Budget(points=220))
    assert changes == [Taken(-75), Taken(-5), Taken(0)] or sum(change.points for change in changes) == -80
    assert changes[0].points < changes[1].points <= changes[2].points == 0


@pytest.mark.parametrize(
    ("given_settings", "expected"),
    [
        (settings(fixed(10), points=500), 10),
        (settings(fixed(10), fixed(5, max_points=3), points=500), 13),
        (settings(fixed(10), fixed(10, to=Recipient.REFERRER), points=500), 10),
        (settings(fixed(10, to=Recipient.REFERRER), points=500), 10),
        (settings(fixed(10), points=500, when_exceeded=WhenExceeded.CAP), 1),
        (settings(per(100), points=500), 1),
        (settings(fixed(10), points=500, customer_limits=CustomerLimits(points=15)), 1),
        (settings(fixed(10), points=500, customer_limits=CustomerLimits(times=2)), 10),
        (
            settings(fixed(10), points=500, customer_limits=CustomerLimits(per=(PeriodLimit(CalendarUnit.DAY, 1, 5),))),
            1,
        ),
    ],
)
def test_the_smallest_award_is_known_only_of_fixed_rewards(given_settings: CampaignSettings, expected: int) -> None:
    assert smallest_award(given_settings) == expected


def test_a_budget_is_exhausted_when_it_has_too_little_for_any_award_and_no_change_is_being_applied() -> None:
    tens = settings(fixed(10), points=500)
    assert not is_exhausted(shards((250, 6), (250, 4)), tens)
    assert is_exhausted(shards((250, 5), (250, 4)), tens)
    assert not is_exhausted(shards((250, 5), (200, 4)), tens)
    assert is_exhausted([Shard(Part(500, 100), Part(20, 0))], settings(fixed(10), points=500, awards=20))


def test_an_event_can_take_points_of_the_fullest_shards_and_the_award_of_any_shard() -> None:
    spent = [Shard(awards=Part(20, 0))] * 63
    assert gatherable([*spent, Shard(awards=Part(20, 3))], 32) == Totals(None, 3)
    assert gatherable([Shard(Part(9, 5), Part(2, 0)), Shard(Part(9, 4), Part(2, 1))], 1) == Totals(5, 1)
