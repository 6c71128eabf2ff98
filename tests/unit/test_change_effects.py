"""The effects of a changed wallet setting on points already granted and on cards."""

from dataclasses import replace

import pytest

from loyalty.domain.wallets.change_effects import Reach, effects_of_change
from loyalty.domain.wallets.settings import Refunds, SpentRefunds, SpentRefundType
from tests.unit.test_forecast import DELIVERED, SLIDING, Json, settings

CHANGES: dict[str, Json] = {
    "name": {"name": "Miles"},
    "pointsName": {"pointsName": "miles"},
    "description": {"description": "Other"},
    "allowNegativeBalance": {"allowNegativeBalance": True},
    "negativeLimit": {"negativeLimit": 5},
    "consumptionOrder": {"consumptionOrder": "EARLIEST_ISSUE"},
    "pointsDecimals": {"pointsDecimals": 2},
    "pointValue": {"pointValue": 3},
    "autoEnrol": {"autoEnrol": False},
    "code": {"code": {"length": 12}},
    "expiration": {"expiration": {**SLIDING, "events": ["app.opened"]}},
    "pending": {"pending": DELIVERED},
    "earningLimits": {"earningLimits": {"transaction": {"maxPoints": 5}}},
    "spendingLimits": {"spendingLimits": {"transaction": {"maxPoints": 5}}},
    "notices": {"notices": {"expiring": [{"every": 5, "unit": "DAY"}]}},
}


@pytest.mark.parametrize("setting", CHANGES)
def test_a_change_of_one_setting_has_effects_of_this_setting_only(setting: str) -> None:
    found = effects_of_change(settings(), settings(**CHANGES[setting]), has_cards=False)
    assert {effect.setting for effect in found} == {setting}
    assert effects_of_change(settings(), settings(), has_cards=True) == []


def reaches(before: Json, after: Json) -> list[tuple[Reach, str]]:
    found = effects_of_change(settings(**before), settings(**after), has_cards=True)
    return [(effect.reach, effect.text) for effect in found]


def test_granted_points_keep_their_expiry() -> None:
    rolling = {"expiration": {"type": "ROLLING_EXPIRATION", "every": 1, "unit": "YEAR"}}
    assert reaches(rolling, {}) == [(Reach.KEPT, "Points already granted keep their expiry.")]


def test_sliding_points_follow_the_new_rule_or_keep_their_expiry_without_one() -> None:
    slow, fast = {"expiration": {**SLIDING, "every": 90}}, {"expiration": {**SLIDING, "every": 30}}
    assert [reach for reach, _ in reaches(slow, fast)] == [Reach.CHANGED]
    assert reaches(slow, {}) == [
        (Reach.KEPT, "Sliding points keep their current expiry; activities no longer move the expiry.")
    ]


def test_event_based_pending_points_follow_the_new_events_and_the_new_expiry() -> None:
    before = {"pending": DELIVERED}
    after = {
        "pending": {"type": "EVENT_BASED", "events": ["order.closed"]},
        "expiration": {"type": "ROLLING_EXPIRATION", "every": 1, "unit": "YEAR"},
    }
    assert reaches(before, after) == [
        (Reach.KEPT, "Points already granted keep their expiry."),
        (Reach.CHANGED, "Event-based pending points get their expiry when the event arrives, by the new rule."),
        (Reach.KEPT, "Event-based pending points keep the date at which they are canceled."),
        (Reach.CHANGED, "Pending points become usable by the new events: order.closed."),
    ]
    assert (Reach.CHANGED, "Events no longer activate the points: activate them by hand, or let them be canceled.") in (
        reaches(before, {})
    )


def test_limits_apply_at_once_and_remove_no_points() -> None:
    found = reaches({}, {"earningLimits": {"global": {"type": "BALANCE_BASED", "max": 5}}})
    assert [reach for reach, _ in found] == [Reach.CHANGED, Reach.KEPT]


def test_a_debt_remains_if_negative_balances_are_no_longer_allowed() -> None:
    assert reaches({"allowNegativeBalance": True}, {}) == [
        (Reach.KEPT, "Cards keep their debts, which the next points repay.")
    ]


def test_points_decimals_cannot_change_after_the_first_card() -> None:
    before, after = settings(), settings(pointsDecimals=2)
    assert [effect.reach for effect in effects_of_change(before, after, has_cards=True)] == [Reach.REFUSED]
    assert [effect.reach for effect in effects_of_change(before, after, has_cards=False)] == [Reach.CHANGED]


def test_notices_follow_the_new_periods() -> None:
    assert [reach for reach, _ in reaches(CHANGES["notices"], {})] == [Reach.CHANGED]


def test_refunds_of_older_orders_follow_the_new_rule() -> None:
    changed = replace(settings(), refunds=Refunds(spent=SpentRefunds(type=SpentRefundType.NONE)))
    assert [effect.reach for effect in effects_of_change(settings(), changed, has_cards=True)] == [Reach.CHANGED]
