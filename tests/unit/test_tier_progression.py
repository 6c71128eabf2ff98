"""How points and the ends of periods change the tier of a card."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from loyalty.domain.dates import CalendarUnit, Period, Unit
from loyalty.domain.movements.transfer import receive_points
from loyalty.domain.tiers.progression import standings_at
from loyalty.domain.tiers.structure import Level, TierBasis, TierDowngrade, TierStructure, TierUpgrade, TierValidity
from loyalty.domain.wallets.settings import Expiration, ExpirationType, Pending, PendingType
from tests.support.samples import local, lot
from tests.support.tiers import Member, attached, structure

MEMBER, VIP = ("member", 0), ("vip", 1_000)
CLUB = structure(MEMBER, VIP)
THREE = structure(MEMBER, ("silver", 100), ("gold", 1_000))
MONTH_OF_GRACE = Period(1, Unit.MONTH)
NEXT, CURRENT = TierUpgrade.NEXT_PERIOD, TierValidity.CURRENT_PERIOD
SINGLE, NO_DOWNGRADE = TierDowngrade.SINGLE_LEVEL, TierDowngrade.NO_DOWNGRADE


def test_the_tier_is_reached_at_once_and_lasts_until_the_end_of_the_next_year() -> None:
    ann = Member(CLUB)
    ann.credit(999)
    assert (ann.tier, ann.standing().points, ann.changes) == ("member", 999, [])
    ann.on("2026-06-02").credit(1)
    assert (ann.tier, ann.standing().until) == ("vip", local("2028-01-01 00:00"))
    assert ann.on("2027-12-31 23:59").tier == "vip"
    assert ann.on("2028-01-01 00:00").tier == "member"
    ann.settled()
    assert ann.changes == ["2026-06-02 member > vip UPGRADE", "2028-01-01 vip > member DOWNGRADE"]


def test_points_of_the_next_year_prolong_the_tier_at_its_end() -> None:
    ann = Member(CLUB)
    ann.credit(1_000)
    ann.on("2027-05-01").credit(1_000)
    assert ann.standing().until == local("2028-01-01 00:00")
    ann.on("2028-02-01").settled()
    assert ann.changes[1:] == ["2028-01-01 vip > vip PROLONGED"]
    assert ann.on("2029-01-01").tier == "member"


ENDS = [
    ("at once, valid to the end of the next year", CLUB, "vip", "2028-01-01"),
    ("at once, valid to the end of this year", structure(MEMBER, VIP, validity=CURRENT), "vip", "2027-01-01"),
    ("at the year's end, valid for a year", structure(MEMBER, VIP, upgrade=NEXT, validity=CURRENT), "member", None),
    ("at the year's end, valid for two years", structure(MEMBER, VIP, upgrade=NEXT), "member", None),
    ("kept forever", structure(MEMBER, Level("vip", "VIP", 1_000, keep_forever=True)), "vip", None),
    ("never lost", structure(MEMBER, VIP, downgrade=NO_DOWNGRADE), "vip", None),
]


@pytest.mark.parametrize(("one", "tier", "until"), [row[1:] for row in ENDS], ids=[row[0] for row in ENDS])
def test_the_structure_decides_when_a_tier_begins_and_ends(one: TierStructure, tier: str, until: str | None) -> None:
    ann = Member(one)
    ann.credit(1_000)
    assert (ann.tier, ann.standing().until) == (tier, local(f"{until} 00:00") if until else 0)


@pytest.mark.parametrize(("validity", "last_day"), [(CURRENT, "2027-12-31"), (TierValidity.NEXT_PERIOD, "2028-12-31")])
def test_an_upgrade_of_the_next_period_comes_with_its_beginning(validity: TierValidity, last_day: str) -> None:
    ann = Member(structure(MEMBER, VIP, upgrade=NEXT, validity=validity))
    ann.credit(1_000)
    assert ann.on("2026-12-31 23:59").tier == "member"
    assert ann.on("2027-01-01 00:00").tier == "vip"
    assert ann.on(f"{last_day} 23:59").tier == "vip"
    ann.wait(60)
    assert ann.tier == "member"


def test_pending_points_count_for_the_year_of_their_grant_once_they_are_active() -> None:
    ann = Member(CLUB, start="2026-12-20 12:00")
    ann.credit(1_000, activates_at=local("2027-01-10 00:00"))
    assert (ann.tier, ann.standing().points) == ("member", 0)
    standing = ann.on("2027-01-10 00:00").standing()
    assert (standing.tier_id, standing.since) == ("vip", local("2027-01-10 00:00"))
    assert (standing.points, standing.points_before) == (0, 1_000)
    assert standing.until == local("2028-01-01 00:00")


def test_points_that_become_active_two_periods_late_count_nowhere() -> None:
    ann = Member(structure(MEMBER, VIP, period=CalendarUnit.MONTH), start="2026-06-20 12:00")
    ann.credit(1_000, activates_at=local("2026-08-02 00:00"))
    assert ann.on("2026-08-03").tier == "member"


def test_the_last_second_of_a_period_is_in_the_zone_of_the_project() -> None:
    ann = Member(CLUB, time_zone="Europe/Berlin")
    ann.on("2026-12-31 23:59").credit(600)
    ann.on("2027-01-01 00:00").credit(600)
    assert (ann.tier, ann.standing().points, ann.standing().points_before) == ("member", 600, 600)


def _transfer(ann: Member) -> None:
    after, movement = receive_points(ann.card, (lot(1_000),), ann.wallet, ann.at, sender_id="ben")
    ann.write([movement], after)


UNCOUNTED: list[tuple[str, Callable[[Member], None]]] = [
    ("an adjustment that is not qualifying", lambda ann: ann.adjust(1_000, qualifying=False)),
    ("a transfer", _transfer),
]


@pytest.mark.parametrize("gain", [row[1] for row in UNCOUNTED], ids=[row[0] for row in UNCOUNTED])
def test_points_that_were_not_earned_do_not_count(gain: Callable[[Member], None]) -> None:
    ann = Member(CLUB)
    gain(ann)
    assert ann.active == 1_000
    assert (ann.tier, ann.standing().points) == ("member", 0)


def test_a_qualifying_adjustment_counts() -> None:
    ann = Member(CLUB)
    ann.adjust(1_000, qualifying=True)
    assert ann.tier == "vip"


def test_returned_points_do_not_count_again() -> None:
    ann = Member(CLUB)
    ann.credit(999)
    ann.debit(500, "A")
    ann.refund("A")
    assert (ann.active, ann.standing().points) == (999, 999)


def test_a_refund_in_the_year_in_which_the_tier_was_reached_takes_it_at_once() -> None:
    ann = Member(CLUB)
    ann.credit(800)
    ann.credit(400, "A")
    assert ann.tier == "vip"
    ann.on("2026-07-01").refund("A")
    assert (ann.tier, ann.standing().points) == ("member", 800)
    assert ann.changes[-1] == "2026-07-01 vip > member DOWNGRADE"


def test_a_tier_of_last_year_stays_to_its_end_despite_a_refund() -> None:
    ann = Member(CLUB)
    ann.credit(800)
    ann.on("2026-12-01").credit(400, "A")
    ann.on("2027-01-05").refund("A")
    assert (ann.tier, ann.standing().points_before) == ("vip", 800)
    assert ann.on("2027-12-31").tier == "vip"
    assert ann.on("2028-01-01").tier == "member"


def test_a_refund_of_pending_points_takes_back_nothing_that_counts() -> None:
    ann = Member(CLUB, pending=Pending(type=PendingType.PERIOD_BASED, every=10, unit=Unit.DAY))
    ann.credit(1_000)
    ann.on("2026-06-20").credit(400, "A")
    ann.refund("A")
    assert (ann.tier, ann.standing().points) == ("vip", 1_000)


def test_a_level_that_is_kept_forever_is_not_won_by_an_order_that_goes_back() -> None:
    ann = Member(structure(MEMBER, Level("vip", "VIP", 1_000, keep_forever=True)))
    ann.credit(1_000, "A")
    ann.on("2026-07-01").refund("A")
    assert ann.tier == "member"


def test_a_level_that_was_kept_into_a_new_period_stays_forever() -> None:
    ann = Member(structure(MEMBER, Level("vip", "VIP", 1_000, keep_forever=True), ("gold", 2_000)))
    ann.credit(1_000)
    ann.on("2028-03-01").credit(2_000, "A")
    assert ann.tier == "gold"
    ann.refund("A")
    assert (ann.tier, ann.standing().until) == ("vip", 0)
    assert ann.on("2040-01-01").tier == "vip"


def test_each_end_of_a_period_takes_one_level_with_grace() -> None:
    ann = Member(replace(THREE, downgrade=SINGLE, grace=MONTH_OF_GRACE))
    ann.credit(1_000)
    assert ann.on("2028-01-31 23:59").tier == "gold"
    assert ann.standing().grace_until == local("2028-02-01 00:00")
    assert ann.on("2028-02-01 00:00").tier == "silver"
    assert ann.on("2029-01-31").tier == "silver"
    assert ann.on("2029-02-01").tier == "member"
    ann.on("2040-01-01").settled()
    assert ann.changes == [
        "2026-06-01 member > gold UPGRADE",
        "2028-02-01 gold > silver DOWNGRADE",
        "2029-02-01 silver > member DOWNGRADE",
    ]


def test_points_of_the_new_year_count_in_the_period_of_grace() -> None:
    ann = Member(replace(CLUB, grace=MONTH_OF_GRACE))
    ann.credit(1_000)
    ann.on("2028-01-20").credit(1_000)
    assert ann.tier == "vip"
    ann.on("2028-03-01").settled()
    assert ann.changes[1:] == ["2028-02-01 vip > vip PROLONGED"]
    assert ann.standing().until == local("2030-01-01 00:00")


@pytest.mark.parametrize(("points", "tier"), [(0, "member"), (100, "silver"), (999, "silver"), (1_000, "gold")])
def test_the_points_of_the_ended_year_decide_how_far_a_card_falls(points: int, tier: str) -> None:
    ann = Member(THREE)
    ann.credit(1_000)
    if points:
        ann.on("2027-06-01").credit(points)
    assert ann.on("2028-01-01").tier == tier


def test_a_card_does_not_fall_below_a_level_that_is_kept_forever() -> None:
    ann = Member(structure(MEMBER, Level("silver", "Silver", 100, keep_forever=True), ("gold", 1_000)))
    ann.credit(1_000)
    assert ann.on("2040-01-01").tier == "silver"


def test_without_a_level_from_0_a_card_has_no_tier() -> None:
    ann = Member(structure(VIP))
    ann.credit(1_000)
    ann.on("2030-01-01").settled()
    assert ann.tier == ""
    assert ann.changes == ["2026-06-01 - > vip UPGRADE", "2028-01-01 vip > - DOWNGRADE"]


def test_a_tier_given_by_hand_is_a_floor_until_its_end() -> None:
    ann = Member(THREE)
    ann.give("silver", local("2027-03-01 00:00"))
    ann.credit(1_000, "A")
    assert ann.tier == "gold"
    ann.on("2026-07-01").refund("A")
    assert (ann.tier, ann.standing().until) == ("silver", local("2027-03-01 00:00"))
    ann.on("2027-05-01").settled()
    assert ann.changes == [
        "2026-06-01 member > silver MANUAL",
        "2026-06-01 silver > gold UPGRADE",
        "2026-07-01 gold > silver DOWNGRADE",
        "2027-03-01 silver > member DOWNGRADE",
    ]


def test_a_tier_given_by_hand_lasts_until_the_end_of_the_next_period_by_default() -> None:
    ann = Member(CLUB)
    ann.give("vip")
    assert ann.standing().until == local("2028-01-01 00:00")


def test_a_tier_by_hand_that_is_lower_than_what_the_points_give_changes_nothing_in_the_end() -> None:
    ann = Member(CLUB)
    ann.credit(1_000)
    ann.on("2026-07-01").give("member")
    assert ann.tier == "vip"


BALANCE = structure(MEMBER, VIP, type=TierBasis.POINT_BALANCE)


def test_a_tier_by_balance_follows_the_points_that_the_card_has() -> None:
    ann = Member(BALANCE)
    ann.adjust(1_000, qualifying=False)
    assert (ann.tier, ann.standing().until) == ("vip", 0)
    ann.on("2026-07-01").hold(500, local("2026-07-02 00:00"))
    assert ann.tier == "vip"
    ann.on("2026-07-03").debit(1)
    assert ann.tier == "member"


def test_a_balance_that_recovers_in_the_period_of_grace_keeps_the_tier() -> None:
    ann = Member(replace(BALANCE, grace=Period(10, Unit.DAY)))
    ann.credit(1_000)
    ann.on("2026-07-01").debit(1)
    assert (ann.tier, ann.standing().grace_until) == ("vip", local("2026-07-11 00:00"))
    ann.on("2026-07-05").credit(1)
    assert (ann.tier, ann.standing().grace_until) == ("vip", 0)
    ann.debit(500)
    assert ann.on("2026-07-14 23:59").tier == "vip"
    assert ann.on("2026-07-15 00:00").tier == "member"


def test_a_tier_by_balance_falls_with_each_expiry_at_its_own_instant() -> None:
    ann = Member(BALANCE, expiration=Expiration(type=ExpirationType.ROLLING_EXPIRATION, every=10, unit=Unit.DAY))
    ann.credit(600)
    ann.on("2026-06-05").credit(600)
    ann.on("2026-08-01").settled()
    assert ann.changes == ["2026-06-05 member > vip UPGRADE", "2026-06-12 vip > member DOWNGRADE"]


def test_two_structures_count_independently() -> None:
    ann = Member(CLUB, BALANCE)
    ann.credit(1_000)
    ann.debit(500)
    assert [one.tier_id for one in standings_at(ann.card, ann.wallet, ann.at)] == ["vip", "member"]


def test_a_card_with_rows_from_before_the_structure_has_no_standing() -> None:
    ann = Member()
    ann.credit(500)
    ann.wallet = replace(ann.wallet, tiers=(attached(CLUB),))
    ann.on("2026-07-01").credit(500)
    assert (ann.card.tiers, standings_at(ann.card, ann.wallet, ann.at)) == ((), ())


def test_a_structure_that_was_detached_is_gone_with_the_next_write() -> None:
    ann = Member(CLUB)
    ann.credit(1_000)
    ann.wallet = replace(ann.wallet, tiers=())
    ann.credit(1)
    assert ann.card.tiers == ()


def test_a_tier_that_a_new_version_lacks_is_no_tier_at_the_next_write() -> None:
    ann = Member(CLUB)
    ann.credit(1_000)
    ann.wallet = replace(ann.wallet, tiers=(attached(structure(MEMBER, ("elite", 900))),))
    ann.on("2026-07-01").credit(1)
    assert ann.changes[-1] == "2026-07-01 vip > elite UPGRADE"
    assert ann.standing().until == local("2028-01-01 00:00")


def test_held_points_that_a_refund_claims_count_until_their_hold_ends() -> None:
    ann = Member(CLUB)
    ann.credit(1_000, "A")
    ann.hold(1_000, local("2026-06-02 00:00"))
    ann.refund("A")
    assert (ann.tier, ann.standing().points) == ("vip", 1_000)
    ann.on("2026-08-01").settled()
    assert (ann.tier, ann.standing().points) == ("member", 0)
    assert ann.changes[-1] == "2026-06-02 vip > member DOWNGRADE"


def test_many_changes_at_once_are_recorded_as_a_few() -> None:
    ann = Member(replace(structure(*((f"t{one:02}", one * 10) for one in range(20))), downgrade=SINGLE))
    ann.credit(190)
    ann.on("2050-01-01").settled()
    assert [change.split(" ", 1)[1] for change in ann.changes] == [
        "t00 > t19 UPGRADE",
        "t19 > t05 DOWNGRADE",
        *(f"t{one:02} > t{one - 1:02} DOWNGRADE" for one in (5, 4, 3, 2, 1)),
    ]


@pytest.mark.parametrize("one", [CLUB, BALANCE], ids=["points earned", "balance"])
def test_a_level_that_is_renamed_is_another_tier(one: TierStructure) -> None:
    ann = Member(one)
    ann.credit(1_000)
    ann.wallet = replace(ann.wallet, tiers=(attached(replace(one, levels=structure(MEMBER, ("top", 1_000)).levels)),))
    ann.on("2026-07-01").settled()
    assert ann.changes[-1] == "2026-07-01 vip > top UPGRADE"


def test_a_level_that_becomes_one_to_keep_forever_has_no_end_from_its_former_end_on() -> None:
    ann = Member(CLUB)
    ann.credit(1_000)
    forever = structure(MEMBER, Level("vip", "VIP", 1_000, keep_forever=True))
    ann.wallet = replace(ann.wallet, tiers=(attached(forever),))
    ann.on("2028-01-01").settled()
    assert (ann.changes[-1], ann.standing().until) == ("2028-01-01 vip > vip PROLONGED", 0)
