"""The evaluation of an event: which campaigns give points, in which order, and why others give nothing."""

from decimal import Decimal
from fractions import Fraction

import pytest

from loyalty.domain.cards.card import Card
from loyalty.domain.dates import CalendarUnit, Period, Unit, Weekday
from loyalty.domain.earning.campaign import (
    CustomerLimits,
    Hours,
    Multiplier,
    Outcome,
    PeriodLimit,
    Recipient,
    RewardType,
)
from loyalty.domain.earning.evaluation import Award, Candidate, Credit, Referrer, evaluate
from loyalty.domain.earning.event import CustomerDetails
from loyalty.domain.earning.recurrence import Use
from loyalty.domain.earning.skips import Skip
from loyalty.domain.earning.trigger import Trigger
from loyalty.domain.movements.credit import Grant, credit_points
from loyalty.domain.patterns import compile_pattern
from loyalty.domain.wallets.settings import EarningLimit, EarningLimits, LimitType, WhenExceeded
from loyalty.errors import EarningLimitReached
from tests.support.campaigns import (
    NEW_YORK,
    NOON,
    History,
    campaign,
    conditional,
    fixed,
    given,
    happened,
    ids,
    multiplying,
    order,
    paid,
    per,
    percentage,
    points,
    reasons,
    reward,
    situation,
)
from tests.support.samples import card, local, wallet


def at(text: str) -> int:
    return local(text, NEW_YORK)


PURCHASES = campaign("purchases", per(10_000, 100))
FIRST_ORDER = conditional(campaign("first-order", fixed(200)), {"customer": {"orderCount": [0]}})
KNOWN = CustomerDetails(order_count=3)
CHRISTMAS = {"starts_at": at("2026-12-21 00:00"), "ends_at": at("2026-12-28 00:00")}
DECEMBER = {"starts_at": at("2026-12-01 00:00"), "ends_at": at("2027-01-01 00:00")}
REVIEWS = campaign(
    "reviews",
    fixed(20),
    trigger=Trigger(event="review.created"),
    customer_limits=CustomerLimits(once_per="properties.productId"),
)


def refuses(wallet_id: str, code: str) -> Credit:
    """One wallet that refuses all credits."""

    def credit(award: Award) -> Award | str:
        return code if award.wallet_id == wallet_id else award

    return credit


@pytest.mark.parametrize(("amount", "expected"), [(25_000, [200]), (9_999, ["rounds_to_zero"]), (10_000, [100])])
def test_purchases_give_100_points_for_each_100_dollars(amount: int, expected: list[object]) -> None:
    assert given(paid(amount), PURCHASES) == expected


def test_only_the_first_order_gives_the_bonus() -> None:
    shop = History(FIRST_ORDER)
    assert shop.give(paid(5_000, "A")) == [200]
    decision = shop.send(paid(5_000, "B"), customer=CustomerDetails(order_count=1))
    assert decision.awards == ()
    assert decision.skips == (Skip("first-order", "conditions", "customer.orderCount"),)


def test_points_are_double_at_christmas_but_not_the_bonus() -> None:
    shop = History(PURCHASES, FIRST_ORDER, multiplying("double", "2", **CHRISTMAS))

    doubled = shop.send(paid(25_000, at=at("2026-12-24 10:00")), customer=KNOWN)
    assert [(award.points, award.base, award.factor) for award in doubled.awards] == [(400, Fraction(200), Fraction(2))]

    after = shop.send(paid(25_000, at=at("2026-12-28 00:00")), customer=KNOWN)
    assert [(award.points, award.base, award.factor) for award in after.awards] == [(200, Fraction(200), Fraction(1))]
    assert Skip("double", "outside_window") in after.skips

    new = shop.send(paid(25_000, at=at("2026-12-24 10:00")), customer=CustomerDetails())
    assert dict(zip(ids(new), points(new), strict=True)) == {"purchases": 400, "first-order": 200}


def test_each_product_is_reviewed_once() -> None:
    shop = History(REVIEWS)
    assert shop.give(happened("review.created", "e1", productId="A")) == [20]
    assert shop.give(happened("review.created", "e2", productId="A")) == ["once_per"]
    assert shop.give(happened("review.created", "e3", productId="B")) == [20]


@pytest.mark.parametrize(
    ("campaign_factor", "stacks", "expected"),
    [(None, False, 300), ("1.25", False, 300), ("2", False, 400), ("2", True, 600)],
)
def test_the_multiplier_of_a_tier_counts_as_one_more_that_does_not_stack(
    campaign_factor: str | None, stacks: bool, expected: int
) -> None:
    shop = [Candidate(PURCHASES), FIRST_ORDER]
    shop += [Candidate(multiplying("more", campaign_factor, stack=stacks))] if campaign_factor else []
    gold = Multiplier(factor=Decimal("1.5"), wallets=("points",))
    decision = evaluate(situation(paid(25_000), tier_multipliers=[gold]), shop)
    assert dict(zip(ids(decision), points(decision), strict=True)) == {"purchases": expected, "first-order": 200}


def test_the_multiplier_of_a_tier_raises_points_in_the_wallets_of_its_program_alone() -> None:
    both = campaign("both", per(10_000, 100), per(10_000, 100, wallet_id="stars"))
    decision = evaluate(
        situation(paid(25_000), tier_multipliers=[Multiplier(factor=Decimal(2), wallets=("stars",))]), [Candidate(both)]
    )
    assert points(decision) == [200, 400]


def test_the_multiplier_of_a_tier_does_not_raise_the_points_of_the_referrer() -> None:
    referral = campaign("referral", per(10_000, 100), per(10_000, 100, to=Recipient.REFERRER))
    found = situation(paid(25_000), referrer=Referrer("ann"), tier_multipliers=[Multiplier(factor=Decimal(2))])
    assert points(evaluate(found, [Candidate(referral)])) == [400, 200]


@pytest.mark.parametrize(("tiers", "expected"), [({"club": "gold"}, [200]), ({"club": "silver"}, []), ({}, [])])
def test_conditions_read_the_tier_of_a_program(tiers: dict[str, str], expected: list[int]) -> None:
    golden = conditional(PURCHASES, {"customer": {"tiers": {"club": ["gold"]}}})
    assert points(evaluate(situation(paid(25_000), customer=CustomerDetails(tiers=tiers)), [golden])) == expected


def test_the_largest_multiplier_wins_unless_both_stack() -> None:
    def shop(*, stack: bool) -> History:
        return History(
            PURCHASES,
            multiplying("double", "2", stack=stack, **CHRISTMAS),
            multiplying("triple", "3", stack=stack, **DECEMBER),
        )

    assert shop(stack=False).give(paid(25_000, at=at("2026-12-10 10:00"))) == [600]
    assert shop(stack=False).give(paid(25_000, at=at("2026-12-24 10:00"))) == [600]
    assert shop(stack=True).give(paid(25_000, at=at("2026-12-24 10:00"))) == [1_200]


def test_campaigns_give_by_priority_and_then_by_id() -> None:
    decision = evaluate(
        situation(paid(100)),
        [
            Candidate(campaign("b", fixed(1), priority=5)),
            Candidate(campaign("c", fixed(2), priority=900)),
            Candidate(campaign("a", fixed(3), priority=5)),
        ],
    )
    assert ids(decision) == ["c", "a", "b"]


def test_an_award_has_all_that_a_row_records() -> None:
    rule = percentage("10")
    (award,) = evaluate(situation(paid(12_345)), [Candidate(campaign("back", rule))]).awards
    assert (award.campaign_id, award.campaign_version, award.reward_no) == ("back", 1, 0)
    assert (award.wallet_id, award.rule, award.points, award.base) == ("points", rule, 12, Fraction("12.345"))
    assert (award.factor, award.draw, award.requested, award.capped_by) == (Fraction(1), None, None, None)


def test_a_random_award_has_its_draw_and_repeats_it() -> None:
    spin = campaign("spin", reward(RewardType.RANDOM, outcomes=(Outcome(1, 1_000), Outcome(2_000, 3_000))))
    first, again = (evaluate(situation(paid(100)), [Candidate(spin)]) for _ in range(2))
    assert first == again
    assert first.awards[0].draw is not None
    other = evaluate(situation(paid(100, "B")), [Candidate(spin)])
    assert other.awards[0].draw != first.awards[0].draw


def test_conditions_window_and_hours_skip_a_campaign() -> None:
    evening = Hours((Weekday.THU,), 18 * 60, 21 * 60)
    shop = History(campaign("evening", fixed(10), hours=(evening,), **DECEMBER))
    assert shop.give(paid(100, at=at("2026-12-24 18:00"))) == [10]
    assert shop.give(paid(100, at=at("2026-12-24 21:00"))) == ["outside_hours"]
    assert shop.give(paid(100, at=at("2027-01-07 18:00"))) == ["outside_window"]

    shoes = conditional(campaign("shoes", fixed(10)), {"properties": {"kind": ["shoes"]}})
    decision = evaluate(situation(paid(100)), [shoes])
    assert decision.skips == (Skip("shoes", "conditions", "properties.kind"),)


def test_a_late_event_is_in_the_window_of_its_own_time_and_in_the_limits_of_today() -> None:
    limits = CustomerLimits(per=(PeriodLimit(CalendarUnit.DAY, 1),))
    shop = History(campaign("christmas", fixed(10), customer_limits=limits, **CHRISTMAS))
    late = at("2026-12-29 12:00")
    assert shop.give(paid(100, "A", at("2026-12-23 12:00")), now=late) == [10]
    assert shop.give(paid(100, "B", at("2026-12-24 12:00")), now=late) == ["limit_per_customer"]


def test_a_missing_value_names_its_path() -> None:
    walks = campaign("walks", per(10, of="properties.steps"), fixed(5))
    decision = evaluate(situation(happened("walked")), [Candidate(walks), Candidate(REVIEWS)])
    assert points(decision) == [5]
    assert decision.skips == (
        Skip("reviews", "input_missing", "properties.productId"),
        Skip("walks", "input_missing", "properties.steps"),
    )


def test_rewards_that_give_nothing_for_one_reason_are_one_skip() -> None:
    decision = evaluate(situation(paid(10)), [Candidate(campaign("c", per(100), per(200), per(300)))])
    assert decision.skips == (Skip("c", "rounds_to_zero"),)


def test_only_matching_lines_count_for_a_reward() -> None:
    rewards = (per(100, of="order.items.amount", items={"productId": ["boots"]}), per(100, of="order.items.amount"))
    one = Candidate(campaign("boots", *rewards), lines={0: compile_pattern({"productId": ["boots"]}).matches})
    event = paid(0, order=order(10_000, ("boots", 3_000), ("cap", 7_000)))
    assert given(event, one) == [30, 100]
    assert points(evaluate(situation(event, net_amount=5_000), [one])) == [15, 50]


def test_an_event_counts_once_whatever_the_rewards() -> None:
    two = campaign("two", fixed(10), fixed(5, wallet_id="stars"), customer_limits=CustomerLimits(times=2))
    shop = History(two)
    decision = shop.send(paid(100, "A"))
    assert points(decision) == [10, 5]
    assert decision.uses["two"] == Use().count(15, NOON, NEW_YORK)
    assert shop.give(paid(100, "B")) == [10, 5]
    assert shop.give(paid(100, "C")) == ["limit_per_customer"]


def test_a_campaign_without_limits_counts_nothing() -> None:
    decision = evaluate(situation(paid(10_000)), [Candidate(PURCHASES)])
    assert (decision.uses, decision.once) == ({}, ())


def test_an_event_that_gives_nothing_counts_nothing() -> None:
    limits = CustomerLimits(times=1, cooldown=Period(1, Unit.HOUR), once_per="orderId")
    shop = History(campaign("c", per(100), customer_limits=limits))
    nothing = shop.send(paid(99, "A"))
    assert (nothing.awards, nothing.uses, nothing.once) == ((), {}, ())
    assert shop.give(paid(100, "A")) == [1]


def test_two_awards_a_day_start_again_at_midnight() -> None:
    shop = History(
        campaign("daily", fixed(10), customer_limits=CustomerLimits(per=(PeriodLimit(CalendarUnit.DAY, 2),)))
    )
    evening = [shop.give(paid(100, f"A{number}", at("2026-12-10 23:59"))) for number in range(5)]
    morning = [shop.give(paid(100, f"B{number}", at("2026-12-11 00:01"))) for number in range(5)]
    assert evening == morning == [[10]] * 2 + [["limit_per_customer"]] * 3


def test_a_cooldown_is_a_reason_of_its_own() -> None:
    shop = History(campaign("calm", fixed(10), customer_limits=CustomerLimits(times=2, cooldown=Period(1, Unit.HOUR))))
    assert shop.give(paid(100, "A", NOON)) == [10]
    assert shop.give(paid(100, "B", NOON + 3_599)) == ["cooldown"]
    assert shop.give(paid(100, "C", NOON + 3_600)) == [10]
    assert shop.give(paid(100, "D", NOON + 7_200)) == ["limit_per_customer"]


def test_the_points_limit_cuts_the_last_award() -> None:
    shop = History(campaign("c", per(100), customer_limits=CustomerLimits(points=150)))
    assert shop.give(paid(10_000, "A")) == [100]
    (cut,) = shop.send(paid(10_000, "B")).awards
    assert (cut.points, cut.requested, cut.capped_by) == (50, 100, "limits.perCustomer")
    assert shop.give(paid(10_000, "C")) == ["limit_per_customer"]


def test_the_rewards_of_a_campaign_share_the_points_limit() -> None:
    three = campaign(
        "c", fixed(60), fixed(60, wallet_id="stars"), fixed(60), customer_limits=CustomerLimits(points=100)
    )
    decision = evaluate(situation(paid(100)), [Candidate(three)])
    assert [(award.points, award.requested) for award in decision.awards] == [(60, None), (40, 60)]
    assert decision.skips == (Skip("c", "limit_per_customer"),)
    assert decision.uses["c"].points == 100


def test_of_a_group_only_the_first_campaign_gives_points() -> None:
    shop = (
        campaign("gold", fixed(50), group="welcome", priority=200),
        campaign("silver", fixed(20), group="welcome"),
        campaign("other", fixed(5), group="else"),
        campaign("free", fixed(1)),
    )
    decision = evaluate(situation(paid(100)), [Candidate(one) for one in shop])
    assert ids(decision) == ["gold", "free", "other"]
    assert decision.skips == (Skip("silver", "group_taken"),)


def test_a_campaign_that_rounds_to_zero_leaves_the_group_to_the_next() -> None:
    shop = History(
        campaign("a", per(10_000, 100), group="g", priority=200), campaign("b", fixed(20), group="g", priority=100)
    )
    decision = shop.send(paid(9_999))
    assert (ids(decision), reasons(decision)) == (["b"], ["rounds_to_zero"])
    decision = shop.send(paid(10_000))
    assert (ids(decision), reasons(decision)) == (["a"], ["group_taken"])


def test_a_campaign_whose_wallet_refuses_leaves_the_group_to_the_next() -> None:
    shop = (
        campaign("a", fixed(50, wallet_id="stars"), group="g", priority=200),
        campaign("b", fixed(20), group="g"),
        campaign("c", fixed(10), group="g"),
    )
    decision = evaluate(situation(paid(100)), [Candidate(one) for one in shop], refuses("stars", "card_frozen"))
    assert ids(decision) == ["b"]
    assert decision.skips == (Skip("a", "card_frozen"), Skip("c", "group_taken"))


def test_a_refusal_of_one_wallet_drops_only_its_award() -> None:
    three = campaign("c", *(fixed(10, wallet_id=wallet_id) for wallet_id in ("points", "stars", "miles")))
    decision = evaluate(situation(paid(100)), [Candidate(three)], refuses("stars", "card_frozen"))
    assert [award.wallet_id for award in decision.awards] == ["points", "miles"]
    assert decision.skips == (Skip("c", "card_frozen"),)


def test_a_refused_award_uses_up_neither_limit_nor_value() -> None:
    limits = CustomerLimits(times=1, once_per="orderId")
    one = Candidate(campaign("c", fixed(10), customer_limits=limits))
    decision = evaluate(situation(paid(100)), [one], refuses("points", "earning_limit_reached"))
    assert (decision.awards, decision.uses, decision.once) == ((), {}, ())


def test_a_wallet_can_reduce_an_award_and_the_limit_counts_what_it_gave() -> None:
    own = wallet(
        earning_limits=EarningLimits(EarningLimit(LimitType.TIME_BASED, CalendarUnit.DAY, 25, WhenExceeded.CAP))
    )
    cards: list[Card] = [card()]

    def credit(award: Award) -> Award | str:
        try:
            after, movement = credit_points(cards[-1], Grant(award.points), own, NOON)
        except EarningLimitReached as refusal:
            return refusal.code
        cards.append(after)
        return award.cap(movement.points, movement.capped_by) if movement.capped_by else award

    limits = CustomerLimits(points=1_000)
    shop = [Candidate(campaign(name, fixed(20), customer_limits=limits)) for name in "abc"]
    decision = evaluate(situation(paid(100)), shop, credit)
    assert [(award.points, award.requested, award.capped_by) for award in decision.awards] == [
        (20, None, None),
        (5, 20, "earningLimits.global"),
    ]
    assert decision.skips == (Skip("c", "earning_limit_reached"),)
    assert {name: use.points for name, use in decision.uses.items()} == {"a": 20, "b": 5}
    assert cards[-1].balance.active == 25


def test_two_caps_keep_the_points_that_were_requested_first() -> None:
    own = campaign("c", fixed(100), customer_limits=CustomerLimits(points=60))
    (award,) = evaluate(
        situation(paid(100)), [Candidate(own)], lambda award: award.cap(5, "earningLimits.global")
    ).awards
    assert (award.points, award.requested, award.capped_by) == (5, 100, "earningLimits.global")


def test_an_event_gives_20_awards_at_most_by_priority() -> None:
    shop = [campaign(name, *[fixed(1)] * 10, priority=priority) for name, priority in (("c", 3), ("b", 2), ("a", 1))]
    decision = evaluate(situation(paid(100)), [Candidate(one) for one in shop])
    assert ids(decision) == ["c"] * 10 + ["b"] * 10
    assert decision.skips == (Skip("a", "too_many_awards"),)


def test_an_event_gives_points_to_10_cards_at_most() -> None:
    ten = [fixed(1, wallet_id=f"wallet-{number}") for number in range(10)]
    shop = (campaign("a", *ten), campaign("b", fixed(1, wallet_id="wallet-10")), campaign("c", ten[0]))
    decision = evaluate(situation(paid(100)), [Candidate(one) for one in shop])
    assert ids(decision) == ["a"] * 10 + ["c"]
    assert decision.skips == (Skip("b", "too_many_awards"),)


def test_no_campaign_gives_nothing() -> None:
    decision = evaluate(situation(paid(100)), [])
    assert (decision.awards, decision.skips) == ((), ())
