"""Tier structures: their levels, and their form in the table."""

from decimal import Decimal

import pytest

from loyalty.domain.dates import CalendarUnit, Period, Unit
from loyalty.domain.tiers.document import structure_from, structure_json
from loyalty.domain.tiers.structure import AttachedTiers, Benefits, Level, TierBasis, TierDowngrade, TierStructure
from loyalty.store.tier_items import attached_from, attached_item

CLUB = TierStructure(
    name="Club",
    type=TierBasis.POINTS_EARNED,
    period=CalendarUnit.YEAR,
    levels=(
        Level("silver", "Silver", 100),
        Level(
            "gold", "Gold", 1_000, keep_forever=True, benefits=Benefits(Decimal("1.25"), ("lounge",), '{"color":"é"}')
        ),
    ),
    downgrade=TierDowngrade.SINGLE_LEVEL,
    grace=Period(1, Unit.MONTH),
)


@pytest.mark.parametrize(
    ("points", "tier_id"), [(-5, None), (99, None), (100, "silver"), (999, "silver"), (1_000, "gold"), (10**9, "gold")]
)
def test_the_best_level_is_the_highest_that_the_points_reach(points: int, tier_id: str | None) -> None:
    best = CLUB.best(points)
    assert (best.tier_id if best else None) == tier_id


def test_a_level_that_the_structure_does_not_have_is_no_level() -> None:
    assert CLUB.level("gold") is CLUB.levels[1]
    assert CLUB.level("platinum") is None
    assert CLUB.level("") is None


def test_an_attached_structure_is_read_as_it_was_written() -> None:
    attached = (AttachedTiers("club", "ts_1", 3, 7, CLUB),)
    assert attached_from(attached_item(attached)) == attached


def test_settings_that_a_structure_does_not_name_have_their_defaults() -> None:
    document = {
        "name": "Club",
        "type": "POINT_BALANCE",
        "period": "MONTH",
        "levels": [{"tierId": "member", "name": "Member", "from": 0}],
    }
    structure = structure_from(document)
    assert structure_json(structure) == {
        **document,
        "upgrade": "IMMEDIATELY",
        "validity": "NEXT_PERIOD",
        "downgrade": "MULTI_LEVEL",
        "grace": None,
        "levels": [
            {
                "tierId": "member",
                "name": "Member",
                "from": 0,
                "keepForever": False,
                "benefits": {"multiplier": None, "entitlements": [], "metadata": {}},
            }
        ],
    }
