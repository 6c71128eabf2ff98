"""Tiers of random histories: they do not depend on when a card is settled, and an audit computes them again."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from loyalty.domain.audit.comparison import drifts
from loyalty.domain.audit.standings import standing_from_ledger, tier_drifts
from loyalty.domain.dates import CalendarUnit, Period, Unit
from loyalty.domain.tiers.progression import next_change, standings_at
from loyalty.domain.tiers.structure import Level, TierBasis, TierDowngrade, TierStructure, TierUpgrade, TierValidity
from loyalty.domain.wallets.settings import Expiration, ExpirationType
from loyalty.errors import LoyaltyError
from tests.support.tiers import Member, structure

DAY = 86_400
POINTS = st.sampled_from((1, 40, 100, 250))
STRUCTURES = st.builds(
    structure,
    st.builds(Level, st.just("base"), st.just("Base"), st.sampled_from((0, 30))),
    st.builds(Level, st.just("silver"), st.just("Silver"), st.just(100), st.booleans()),
    st.builds(Level, st.just("gold"), st.just("Gold"), st.just(250)),
    type=st.sampled_from(TierBasis),
    period=st.sampled_from((CalendarUnit.MONTH, CalendarUnit.QUARTER)),
    upgrade=st.sampled_from(TierUpgrade),
    validity=st.sampled_from(TierValidity),
    downgrade=st.sampled_from(TierDowngrade),
    grace=st.none() | st.builds(Period, st.sampled_from((1, 40)), st.just(Unit.DAY)),
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("credit", "credit", "later", "debit", "refund", "hold", "adjust", "give", "wait")),
        POINTS,
        st.sampled_from(("A", "B", "C")),
        st.integers(1, 50),
    ),
    min_size=1,
    max_size=14,
)


def _step(ann: Member, kind: str, points: int, order: str, days: int) -> None:
    try:
        match kind:
            case "credit":
                ann.credit(points, order)
            case "later":
                ann.credit(points, order, activates_at=ann.at + days * DAY)
            case "debit":
                ann.debit(points, order)
            case "refund":
                ann.refund(order)
            case "hold":
                ann.hold(points, ann.at + days * DAY)
            case "adjust":
                ann.adjust(points, qualifying=days % 2 == 0)
            case "give":
                ann.give("silver", ann.at + days * DAY)
    except LoyaltyError:
        pass
    ann.wait(days * DAY // 2)


@given(one=STRUCTURES, other=STRUCTURES, steps=STEPS, expires=st.booleans(), data=st.data())
def test_a_card_that_is_settled_in_between_has_the_same_tiers(
    one: TierStructure, other: TierStructure, steps: list[Any], expires: bool, data: st.DataObject
) -> None:
    more: dict[str, Any] = (
        {"expiration": Expiration(ExpirationType.ROLLING_EXPIRATION, 60, Unit.DAY)} if expires else {}
    )
    ann, swept = Member(one, other, **more), Member(one, other, **more)
    for step in steps:
        begins = ann.at
        _step(ann, *step)
        swept.at = begins
        _step(swept, *step)
        for _ in range(data.draw(st.integers(0, 2))):
            swept.at = data.draw(st.integers(begins, ann.at))
            begins = swept.at
            swept.settled()
        swept.at = ann.at
        assert standings_at(ann.card, ann.wallet, ann.at) == standings_at(swept.card, swept.wallet, swept.at)
    for member in (ann, swept):
        assert tier_drifts(member.card, member.rows, {1: member.wallet}) == []
        assert drifts(member.card, member.rows, {1}) == []
        if member.rows:
            folded = [
                standing_from_ledger(member.card, member.rows, tier, member.wallet) for tier in member.wallet.tiers
            ]
            assert tuple(folded) == member.card.tiers


@given(one=STRUCTURES, steps=STEPS)
def test_time_changes_no_tier_before_the_next_change(one: TierStructure, steps: list[Any]) -> None:
    ann = Member(one)
    for step in steps:
        _step(ann, *step)
    ann.settled()
    coming = next_change(ann.card, ann.wallet, ann.at)
    settles = ann.card.next_settlement()
    moment = min(filter(None, (coming, settles.at if settles else None)), default=None)
    tiers = [(standing.tier_id, standing.until) for standing in standings_at(ann.card, ann.wallet, ann.at)]
    count = len(ann.rows)
    ann.at = (moment or ann.at + 4_000 * DAY) - 1
    assert [(standing.tier_id, standing.until) for standing in standings_at(ann.card, ann.wallet, ann.at)] == tiers
    if coming and moment == coming:
        ann.at += 1
        ann.settled()
        assert any(row.tier for row in ann.rows[count:])
