"""Random campaigns and events: awards are whole points within all limits, and an examination gives what is awarded."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from loyalty.domain.cards.card import POINTS_MAX
from loyalty.domain.dates import CalendarUnit, Period, Unit
from loyalty.domain.earning.campaign import (
    Campaign,
    CustomerLimits,
    Outcome,
    PeriodLimit,
    PointsRounding,
    RewardRule,
    RewardType,
)
from loyalty.domain.earning.evaluation import AWARDS_MAX, CARDS_MAX, Award, Candidate, evaluate
from loyalty.domain.earning.event import Event
from loyalty.domain.earning.multipliers import PRODUCT_MAX
from loyalty.domain.earning.recurrence import points_left
from loyalty.domain.order import Charge, ChargeType
from tests.support.campaigns import NEW_YORK, NOON, History, campaign, multiplying, order, paid, situation

WALLETS = ("points", "stars", "miles")
AMOUNTS = st.integers(0, 10**9)
COUNTS = st.none() | st.integers(1, 5)
POINTS = st.none() | st.integers(1, 2_000)
PATHS = ("order.amount", "order.items.amount", "order.items.quantity", "properties.score")
NUMBERS = st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6) | st.text(max_size=3) | st.none()


@st.composite
def rules(draw: st.DrawFn) -> RewardRule:
    low = draw(st.integers(0, 100))
    return RewardRule(
        wallet_id=draw(st.sampled_from(WALLETS)),
        type=draw(st.sampled_from(RewardType)),
        points=draw(st.integers(1, 1_000)),
        percent=draw(st.decimals(Decimal("0.01"), 1_000, places=2)),
        of=draw(st.sampled_from(PATHS)),
        every=draw(st.decimals(Decimal("0.01"), 10_000, places=2)),
        pro_rata=draw(st.booleans()),
        outcomes=(Outcome(low, low + draw(st.integers(0, 100)), 3), Outcome(0, 0), Outcome(7, 7, 2)),
        max_points=draw(st.none() | st.integers(1, 500)),
        rounding=draw(st.sampled_from(PointsRounding)),
        earn_on_points_paid=draw(st.booleans()),
    )


@st.composite
def limits(draw: st.DrawFn) -> CustomerLimits:
    periods = st.lists(st.builds(PeriodLimit, st.sampled_from(CalendarUnit), COUNTS, POINTS), max_size=2)
    return CustomerLimits(
        times=draw(COUNTS),
        points=draw(POINTS),
        per=tuple(draw(periods)),
        cooldown=draw(st.none() | st.builds(Period, st.integers(1, 3), st.sampled_from((Unit.HOUR, Unit.DAY)))),
        once_per=draw(st.none() | st.just("properties.score")),
    )


@st.composite
def campaigns(draw: st.DrawFn) -> list[Campaign]:
    made = []
    for number in range(draw(st.integers(1, 6))):
        settings: dict[str, Any] = {
            "priority": draw(st.integers(0, 3)),
            "starts_at": NOON - draw(st.integers(-10, 100_000)),
        }
        if draw(st.integers(0, 3)) == 0:
            factor = str(draw(st.decimals(Decimal("1.01"), 100, places=2)))
            made.append(multiplying(f"c{number}", factor, stack=draw(st.booleans()), **settings))
            continue
        own = draw(st.lists(rules(), min_size=1, max_size=10))
        settings |= {"group": draw(st.sampled_from((None, "g"))), "customer_limits": draw(limits())}
        made.append(campaign(f"c{number}", *own, **settings))
    return made


@st.composite
def events(draw: st.DrawFn) -> Event:
    lines = draw(st.lists(st.tuples(st.sampled_from("abc"), AMOUNTS), max_size=3, unique_by=lambda line: line[0]))
    charges = (Charge(ChargeType.DISCOUNT, -draw(AMOUNTS)),) if draw(st.booleans()) else ()
    score = draw(NUMBERS)
    return paid(
        0,
        draw(st.text("AB12", min_size=1, max_size=4)),
        NOON + draw(st.integers(0, 200_000)),
        order=order(draw(AMOUNTS), *lines, charges=charges),
        properties={} if score is None else {"score": score},
    )


@given(campaigns(), events(), st.fractions(0, 1))
def test_awards_are_whole_points_within_all_bounds(made: list[Campaign], event: Event, net: Fraction) -> None:
    assert event.order
    facts = situation(event, net_amount=int(event.order.amount * net))
    decision = evaluate(facts, [Candidate(one) for one in made])
    for award in decision.awards:
        assert 1 <= award.points <= (award.rule.max_points or POINTS_MAX)
        assert 1 <= award.factor <= PRODUCT_MAX
        assert award.base >= 0
        assert award.points < award.base * award.factor + 1
    assert len(decision.awards) <= AWARDS_MAX
    assert len({award.wallet_id for award in decision.awards}) <= CARDS_MAX
    grouped = {one.campaign_id for one in made if one.settings.group}
    assert len({award.campaign_id for award in decision.awards} & grouped) <= 1
    silent = {one.campaign_id for one in made if one.settings.rewards} - {one.campaign_id for one in decision.awards}
    assert silent <= {skip.campaign_id for skip in decision.skips}


@given(campaigns(), events(), st.randoms(use_true_random=False))
def test_an_examination_gives_what_is_awarded_in_any_order_of_the_campaigns(
    made: list[Campaign], event: Event, shuffler: Any
) -> None:
    facts = situation(event)
    seen: list[Award] = []

    def credit(award: Award) -> Award | str:
        seen.append(award)
        return award

    examined = evaluate(facts, [Candidate(one) for one in made])
    shuffled = list(made)
    shuffler.shuffle(shuffled)
    assert evaluate(facts, [Candidate(one) for one in shuffled], credit) == examined
    assert tuple(seen) == examined.awards


@given(campaigns(), st.lists(events(), min_size=2, max_size=8), st.data())
def test_no_history_exceeds_the_limits_of_a_customer(
    made: list[Campaign], sent: list[Event], data: st.DataObject
) -> None:
    refused = data.draw(st.sampled_from((None, *WALLETS)))

    def credit(award: Award) -> Award | str:
        return "card_frozen" if award.wallet_id == refused else award.cap(300, "earningLimits.transaction")

    shop = History(*made, credit=credit)
    times, total = dict.fromkeys((one.campaign_id for one in made), 0), {one.campaign_id: 0 for one in made}
    for number, event in enumerate(sorted(sent, key=lambda one: one.occurred_at)):
        decision = shop.send(replace(event, key=f"e{number}"))
        for campaign_id in {award.campaign_id for award in decision.awards}:
            times[campaign_id] += 1
        for award in decision.awards:
            assert award.wallet_id != refused
            total[award.campaign_id] += award.points
    for one in made:
        own = one.settings.customer_limits
        use = shop.facts.use_of(one.campaign_id)
        if own.counts:
            assert (use.times, use.points) == (times[one.campaign_id], total[one.campaign_id])
        assert own.times is None or times[one.campaign_id] <= own.times
        assert own.points is None or total[one.campaign_id] <= own.points
        left = points_left(own, use, shop.facts.now, NEW_YORK)
        assert left is None or left >= 0
        values = [value for campaign_id, value in shop.facts.once_used if campaign_id == one.campaign_id]
        assert own.once_per is None or len(values) == times[one.campaign_id]
