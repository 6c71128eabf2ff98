"""The activation rules of a wallet's settings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.domain.dates import EVERY_MAX, Period, Unit
from loyalty.domain.wallets.activation_rules import activation_problems
from loyalty.domain.wallets.codes import Code
from loyalty.domain.wallets.document import settings_from, settings_json
from loyalty.domain.wallets.settings import ConsumptionOrder, Expiration, ExpirationType, Pending, PendingType, Settings

ROLLING, PERIOD = ExpirationType.ROLLING_EXPIRATION, PendingType.PERIOD_BASED
EVERY = st.none() | st.integers(1, 1_000)
UNITS = st.none() | st.sampled_from(Unit)


def needed(**settings: object) -> list[tuple[str | None, str, str]]:
    problems = activation_problems(Settings(name="Stars", **settings))  # type: ignore[arg-type]  # named by each test
    return [(problem.step, problem.field, problem.code) for problem in problems]


def test_a_wallet_needs_only_a_name() -> None:
    assert needed() == []


@pytest.mark.parametrize(
    ("expiration", "problems"),
    [
        (Expiration(ROLLING, 12, Unit.MONTH), []),
        (Expiration(ROLLING), [("expiration.every", "required"), ("expiration.unit", "required")]),
        (Expiration(ROLLING, 12), [("expiration.unit", "required")]),
        (Expiration(ROLLING, None, Unit.DAY), [("expiration.every", "required")]),
        (Expiration(ROLLING, 121, Unit.MONTH), [("expiration.every", "too_long")]),
    ],
)
def test_a_rolling_expiration_needs_a_period_within_its_maximum(
    expiration: Expiration, problems: list[tuple[str, str]]
) -> None:
    assert needed(expiration=expiration) == [("expiration", *problem) for problem in problems]


@pytest.mark.parametrize("unit", Unit)
def test_a_period_may_be_as_long_as_its_maximum(unit: Unit) -> None:
    cap = EVERY_MAX[unit]
    assert needed(pending=Pending(PERIOD, cap, unit), expiration=Expiration(ROLLING, cap, unit)) == []
    assert needed(pending=Pending(PERIOD, cap + 1, unit)) == [("pending", "pending.every", "too_long")]


def test_period_based_pending_needs_a_period() -> None:
    problems = [("pending", "pending.every", "required"), ("pending", "pending.unit", "required")]
    assert needed(pending=Pending(PERIOD)) == problems


def test_too_few_possible_codes_and_too_long_codes_need_action() -> None:
    assert needed(code=Code(length=5, charset="NUMERIC")) == [("code", "code.length", "too_few_codes")]
    assert needed(code=Code(pattern="A-##", charset="NUMERIC")) == [("code", "code.pattern", "too_few_codes")]
    assert needed(code=Code(length=6, charset="NUMERIC")) == []
    assert needed(code=Code(length=60, prefix="LOYALTY")) == [("code", "code.pattern", "code_too_long")]


def test_problems_are_listed_in_the_order_of_the_steps() -> None:
    steps = [
        step for step, _, _ in needed(code=Code(length=1), expiration=Expiration(ROLLING), pending=Pending(PERIOD))
    ]
    assert steps == ["code", "expiration", "expiration", "pending", "pending"]


def test_an_incomplete_period_is_none() -> None:
    assert Expiration(ROLLING, 3).period is None
    assert Pending(PERIOD, None, Unit.DAY).period is None
    assert Pending(PERIOD, 3, Unit.DAY).period == Period(3, Unit.DAY)


@given(
    st.builds(
        Settings,
        name=st.text(min_size=1, max_size=20),
        description=st.text(max_size=20),
        consumption_order=st.sampled_from(ConsumptionOrder),
        points_decimals=st.integers(0, 3),
        point_value=st.none() | st.integers(0, 1_000),
        auto_enrol=st.booleans(),
        code=st.builds(Code, length=st.integers(1, 20), pattern=st.none() | st.text("#A", max_size=9)),
        expiration=st.builds(Expiration, st.sampled_from(ExpirationType), EVERY, UNITS),
        pending=st.builds(Pending, st.sampled_from(PendingType), EVERY, UNITS),
    )
)
def test_settings_are_read_as_they_were_stored(settings: Settings) -> None:
    assert settings_from(settings_json(settings)) == settings
