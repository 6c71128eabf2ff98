"""The forecast of settings: dates, limits and sentences for points earned now."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.api.wallets.settings import DATES_MAX, NOTICES_MAX
from loyalty.domain.dates import EVERY_MAX, instant
from loyalty.domain.forecast import Condition, Example, ForecastEvent, forecast_examples
from loyalty.domain.wallets.document import settings_from
from loyalty.domain.wallets.settings import Settings
from loyalty.domain.zones import zone_of
from tests.support.samples import BERLIN, NOW, local

Json = dict[str, Any]

SLIDING = {"type": "SLIDING_EXPIRATION", "every": 90, "unit": "DAY", "resetBy": ["EARNING", "CUSTOM_EVENT"]}
DELIVERED = {"type": "EVENT_BASED", "events": ["order.delivered", "order.fetched"]}


def settings(**document: Any) -> Settings:
    return settings_from({"name": "Stars", **document})


def examples_of(document: Json, at: int = NOW, zone: ZoneInfo = BERLIN) -> dict[ForecastEvent, Example]:
    """The examples by their event. If there are several limits, the first one."""
    found: dict[ForecastEvent, Example] = {}
    for example in forecast_examples(settings(**document), at, zone):
        found.setdefault(example.event, example)
    return found


def moment(example: Example, zone: ZoneInfo = BERLIN) -> str:
    assert example.at is not None
    return datetime.fromtimestamp(example.at, zone).strftime("%Y-%m-%d %H:%M")


def test_default_settings_make_points_active_at_once_and_for_ever() -> None:
    examples = forecast_examples(settings(), NOW, BERLIN)
    assert [(example.event, example.points, example.text) for example in examples] == [
        (ForecastEvent.GRANTED, 100, "100 points are granted."),
        (ForecastEvent.ACTIVATES, 100, "The points become usable at once."),
        (ForecastEvent.NEVER_EXPIRES, 100, "The points never expire."),
    ]
    assert examples[1].at == NOW
    assert examples[1].day == date(2027, 3, 3)


def test_a_forecast_of_a_period_names_the_last_usable_day() -> None:
    found = examples_of(
        {
            "pending": {"type": "PERIOD_BASED", "every": 3, "unit": "DAY"},
            "expiration": {"type": "ROLLING_EXPIRATION", "every": 1, "unit": "MONTH", "rounding": "END_OF_QUARTER"},
        }
    )
    activates, expires = found[ForecastEvent.ACTIVATES], found[ForecastEvent.EXPIRES]
    assert (moment(activates), activates.day) == ("2027-03-06 00:00", date(2027, 3, 6))
    assert activates.text == "The points become usable on 6 March 2027."
    assert (moment(expires), expires.day) == ("2027-07-01 00:00", date(2027, 6, 30))
    assert expires.text == "The points are usable until the end of 30 June 2027, then they expire."
    assert expires.condition is None


def test_a_forecast_of_minutes_has_the_minute_and_the_time_zone() -> None:
    found = examples_of({"expiration": {"type": "ROLLING_EXPIRATION", "every": 90, "unit": "MINUTE"}})
    expires = found[ForecastEvent.EXPIRES]
    assert expires.text == (
        "The points are usable until 3 March 2027 at 23:50 (Europe/Berlin; 2027-03-03T22:50:00Z), then they expire."
    )
    assert expires.day == date(2027, 3, 3)


def test_the_time_zone_decides_the_day() -> None:
    document = {"expiration": {"type": "CALENDAR_EXPIRATION", "dates": [{"month": 3, "day": 3}]}}
    assert examples_of(document)[ForecastEvent.EXPIRES].day == date(2027, 3, 3)
    # In Tokyo, 4 March has begun.
    assert examples_of(document, zone=zone_of("Asia/Tokyo"))[ForecastEvent.EXPIRES].day == date(2028, 3, 3)


def test_the_forecast_of_a_sliding_expiry_lists_the_activities_that_move_it() -> None:
    expires = examples_of({"expiration": {**SLIDING, "events": ["app.opened"]}})[ForecastEvent.EXPIRES]
    assert (moment(expires), expires.day) == ("2027-06-02 00:00", date(2027, 6, 1))
    assert expires.condition is Condition.NO_ACTIVITY
    assert expires.text == (
        "The points are usable until the end of 1 June 2027, then they expire. "
        "Before that, earning or app.opened moves the expiry ahead."
    )


def test_the_forecast_of_event_based_pending_names_the_event_and_the_cancellation() -> None:
    found = examples_of(
        {
            "pending": {**DELIVERED, "cancelAfter": {"every": 2, "unit": "WEEK"}},
            "expiration": {"type": "ROLLING_EXPIRATION", "every": 10, "unit": "DAY"},
        }
    )
    activates, canceled, expires = (
        found[ForecastEvent.ACTIVATES],
        found[ForecastEvent.CANCELED],
        found[ForecastEvent.EXPIRES],
    )
    assert (activates.at, activates.condition) == (None, Condition.EVENT)
    assert activates.text == "The points become usable when order.delivered or order.fetched arrives."
    assert (moment(canceled), canceled.condition) == ("2027-03-17 00:00", Condition.NO_EVENT)
    assert canceled.text == "Without order.delivered or order.fetched, the points are canceled on 17 March 2027."
    assert (expires.day, expires.condition) == (date(2027, 3, 13), Condition.EVENT)
    assert expires.text.startswith("If the event arrived now, points would be usable until the end of 13 March 2027")


def test_event_based_points_without_cancel_after_stay_pending_for_ever() -> None:
    found = examples_of({"pending": DELIVERED})
    assert ForecastEvent.CANCELED not in found
    assert found[ForecastEvent.ACTIVATES].text.endswith("Without an event, the points stay pending for ever.")


def test_an_earning_limit_that_caps_grants_part_of_the_points() -> None:
    found = examples_of({"earningLimits": {"global": {"type": "TIME_BASED", "unit": "MONTH", "max": 40}}})
    granted, limit = found[ForecastEvent.GRANTED], found[ForecastEvent.EARNING_LIMIT]
    assert (granted.points, granted.rule) == (40, "earningLimits.global")
    assert granted.text == "40 of 100 points are granted: earningLimits.global cuts the rest."
    assert found[ForecastEvent.ACTIVATES].points == 40
    assert (limit.points, moment(limit), limit.day) == (40, "2027-04-01 00:00", date(2027, 3, 31))
    assert limit.text == (
        "A card earns at most 40 points a month; more is cut. The count starts again after 31 March 2027."
    )


def test_an_earning_limit_that_rejects_refuses_the_credit_and_names_the_allowed_points() -> None:
    document = {
        "earningLimits": {
            "global": {"type": "BALANCE_BASED", "max": 30},
            "transaction": {"maxPoints": 60, "whenExceeded": "REJECT"},
        }
    }
    found = examples_of(document)
    refused = found[ForecastEvent.REFUSED]
    assert (refused.points, refused.rule) == (0, "earningLimits.transaction")
    assert (
        refused.text
        == "A credit of 100 points is refused by earningLimits.transaction. A credit of 30 points is granted."
    )
    assert ForecastEvent.GRANTED not in found
    assert found[ForecastEvent.ACTIVATES].points == 30
    rules = [
        example.rule for example in forecast_examples(settings(**document), NOW, BERLIN) if "LIMIT" in example.event
    ]
    assert rules == ["earningLimits.global", "earningLimits.transaction.maxPoints"]


@pytest.mark.parametrize(
    ("unit", "last"),
    [
        ("DAY", "2027-03-03"),
        ("WEEK", "2027-03-07"),
        ("MONTH", "2027-03-31"),
        ("QUARTER", "2027-03-31"),
        ("YEAR", "2027-12-31"),
    ],
)
def test_the_forecast_of_a_period_limit_names_its_last_day(unit: str, last: str) -> None:
    found = examples_of({"spendingLimits": {"global": {"type": "TIME_BASED", "unit": unit, "max": 500}}})
    limit = found[ForecastEvent.SPENDING_LIMIT]
    assert limit.day == date.fromisoformat(last)
    assert limit.points == 100
    assert limit.text.startswith(f"A card spends at most 500 points a {unit.lower()}; more is refused.")


def test_the_forecast_lists_lifetime_limits_debit_limits_and_the_minimum_amount() -> None:
    document = {
        "spendingLimits": {
            "global": {"type": "SPENDING_BASED", "max": 1_000},
            "transaction": {"maxPoints": 50, "whenExceeded": "CAP"},
        },
        "earningLimits": {"transaction": {"minAmount": 2_500}},
    }
    texts = [example.text for example in forecast_examples(settings(**document), NOW, BERLIN)][3:]
    assert texts == [
        "A credit for an order is refused below an order amount of 2,500 minor units.",
        "A card spends at most 1,000 points in its life; more is refused.",
        "One debit takes at most 50 points; more is cut if the debit has allowPartial, otherwise refused.",
    ]


@pytest.mark.parametrize(
    ("step", "document"),
    [
        ("expiration", {"expiration": {"type": "ROLLING_EXPIRATION", "every": 500_000, "unit": "YEAR"}}),
        ("expiration", {"expiration": {**SLIDING, "resetBy": []}}),
        ("expiration", {"allowNegativeBalance": True, "expiration": {**SLIDING, "resetBy": ["EARNING"]}}),
        ("pending", {"pending": {"type": "PERIOD_BASED", "every": 1}}),
        ("pending", {"pending": {"type": "FIXED_DATES"}}),
        ("pending", {"pending": {"type": "EVENT_BASED"}}),
        ("earningLimits", {"earningLimits": {"global": {"type": "TIME_BASED", "max": 10}}}),
        ("spendingLimits", {"spendingLimits": {"global": {"type": "TIME_BASED", "unit": "DAY"}}}),
    ],
)
def test_a_step_that_needs_action_has_an_unknown_forecast_only(step: str, document: Json) -> None:
    examples = forecast_examples(settings(**document), NOW, BERLIN)
    assert [example.event for example in examples if example.rule.split(".")[0] == step] == [ForecastEvent.UNKNOWN]
    assert len({example.rule.split(".")[0] for example in examples}) >= 3


PERIODS = st.fixed_dictionaries(
    {}, optional={"every": st.integers(1, max(EVERY_MAX.values())), "unit": st.sampled_from([*EVERY_MAX])}
)
DATES = st.lists(st.fixed_dictionaries({"month": st.integers(1, 12), "day": st.integers(1, 31)}), max_size=DATES_MAX)
NAMES = st.lists(st.sampled_from(["order.delivered", "app.opened"]), max_size=2)
UNITS = st.sampled_from(["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"])
MAXIMA = st.integers(1, 10**12)
MODES = st.sampled_from(["CAP", "REJECT"])


def limits(whole: str, transaction: Any) -> Any:
    return st.fixed_dictionaries(
        {},
        optional={
            "global": st.fixed_dictionaries(
                {"type": st.sampled_from(["NO_LIMIT", whole, "TIME_BASED"]), "whenExceeded": MODES},
                optional={"max": MAXIMA, "unit": UNITS},
            ),
            "transaction": transaction,
        },
    )


AHEAD = st.lists(
    st.fixed_dictionaries({"every": st.integers(1, 12), "unit": st.sampled_from([*EVERY_MAX])}), max_size=NOTICES_MAX
)
DRAFTS = st.fixed_dictionaries(
    {"allowNegativeBalance": st.booleans()},
    optional={
        "expiration": st.builds(
            lambda group, period: {**group, **period},
            st.fixed_dictionaries(
                {
                    "type": st.sampled_from(
                        ["NO_EXPIRATION", "ROLLING_EXPIRATION", "CALENDAR_EXPIRATION", "SLIDING_EXPIRATION"]
                    )
                },
                optional={
                    "rounding": st.sampled_from(["NONE", "END_OF_HALF_YEAR", "END_OF_PARTICULAR_MONTH"]),
                    "month": st.integers(1, 12),
                    "dates": DATES,
                    "resetBy": st.lists(st.sampled_from(["EARNING", "SPENDING", "CUSTOM_EVENT"]), max_size=3),
                    "events": NAMES,
                },
            ),
            PERIODS,
        ),
        "pending": st.builds(
            lambda group, period: {**group, **period},
            st.fixed_dictionaries(
                {"type": st.sampled_from(["IMMEDIATE", "PERIOD_BASED", "FIXED_DATES", "EVENT_BASED"])},
                optional={
                    "dates": DATES,
                    "events": NAMES,
                    "cancelAfter": st.fixed_dictionaries(
                        {"every": st.integers(1, 525_600), "unit": st.sampled_from([*EVERY_MAX])}
                    ),
                },
            ),
            PERIODS,
        ),
        "earningLimits": limits(
            "BALANCE_BASED",
            st.fixed_dictionaries({}, optional={"maxPoints": MAXIMA, "minAmount": MAXIMA, "whenExceeded": MODES}),
        ),
        "spendingLimits": limits(
            "SPENDING_BASED", st.fixed_dictionaries({}, optional={"maxPoints": MAXIMA, "whenExceeded": MODES})
        ),
        "notices": st.fixed_dictionaries({}, optional={"expiring": AHEAD, "activating": AHEAD}),
    },
)
INSTANTS = st.integers(int(datetime(2020, 1, 1).astimezone().timestamp()), 4_000_000_000)
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu"])


@given(DRAFTS, INSTANTS, ZONES)
def test_every_draft_has_a_forecast(document: Json, at: int, zone: str) -> None:
    examples = forecast_examples(settings(**document), at, zone_of(zone))
    by_event = {example.event: example for example in examples}
    expires = by_event.get(ForecastEvent.EXPIRES)
    if expires and expires.condition is not Condition.EVENT:
        activates = by_event.get(ForecastEvent.ACTIVATES)
        assert expires.at is not None
        assert expires.at > ((activates.at if activates else at) or at)
    assert all(0 <= example.points <= 100 for example in examples)
    assert all(example.text.endswith(".") for example in examples)


def test_a_forecast_uses_the_clock_of_the_time_zone() -> None:
    at = local("2027-03-28 01:30")
    found = examples_of({"expiration": {"type": "ROLLING_EXPIRATION", "every": 60, "unit": "MINUTE"}}, at=at)
    # An hour later, the local time is half past three.
    assert "28 March 2027 at 03:30" in found[ForecastEvent.EXPIRES].text
    assert found[ForecastEvent.EXPIRES].at == instant(datetime.fromisoformat("2027-03-28T01:30:00+00:00"))


def notices(document: Json, at: int = NOW) -> list[tuple[str, str, Condition | None]]:
    """The setting, the date and the condition of each notice."""
    examples = forecast_examples(settings(**document), at, BERLIN)
    return [(one.rule, moment(one), one.condition) for one in examples if one.event is ForecastEvent.NOTICE]


NOTICES = {
    "expiring": [{"every": 3, "unit": "DAY"}, {"every": 1, "unit": "MONTH"}],
    "activating": [{"every": 2, "unit": "HOUR"}],
}


def test_the_forecast_lists_notices_by_their_date() -> None:
    document = {
        "pending": {"type": "PERIOD_BASED", "every": 3, "unit": "DAY"},
        "expiration": {"type": "ROLLING_EXPIRATION", "every": 40, "unit": "DAY"},
        "notices": NOTICES,
    }
    assert notices(document) == [
        ("notices.activating[0]", "2027-03-05 22:00", None),
        ("notices.expiring[1]", "2027-03-15 00:00", None),
        ("notices.expiring[0]", "2027-04-12 00:00", None),
    ]
    activating, month, _ = [
        one.text for one in forecast_examples(settings(**document), NOW, BERLIN) if "sent" in one.text
    ]
    assert activating == (
        "Points Activating Soon is sent on 5 March 2027 at 22:00 (Europe/Berlin; 2027-03-05T21:00:00Z), 2 hours ahead."
    )
    assert month == "Points Expiring Soon is sent on 15 March 2027, 1 month ahead."


def test_a_notice_that_is_due_before_the_credit_is_not_in_the_forecast() -> None:
    expiring = {"expiration": {"type": "ROLLING_EXPIRATION", "every": 3, "unit": "DAY"}, "notices": NOTICES}
    # The notice would be due at the start of the day on which the points are earned.
    assert notices(expiring) == []
    assert notices({**expiring, "pending": {"type": "PERIOD_BASED", "every": 1, "unit": "HOUR"}}) == []
    assert notices({"notices": NOTICES}) == []


def test_the_forecast_of_a_notice_has_a_condition_if_its_date_may_move() -> None:
    sliding = {"expiration": {**SLIDING, "events": ["app.opened"]}, "notices": NOTICES}
    assert notices(sliding) == [
        ("notices.expiring[1]", "2027-05-01 00:00", Condition.NO_ACTIVITY),
        ("notices.expiring[0]", "2027-05-29 00:00", Condition.NO_ACTIVITY),
    ]
    rolling = {"type": "ROLLING_EXPIRATION", "every": 10, "unit": "DAY"}
    assert notices({"pending": DELIVERED, "expiration": rolling, "notices": NOTICES}) == [
        ("notices.expiring[0]", "2027-03-10 00:00", Condition.EVENT)
    ]


def test_notice_periods_that_need_action_have_an_unknown_forecast() -> None:
    document = {"notices": {"expiring": [{"every": 11, "unit": "YEAR"}]}}
    assert examples_of(document)[ForecastEvent.UNKNOWN].text == "No forecast: notices needs action."
