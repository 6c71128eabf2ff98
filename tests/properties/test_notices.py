"""No history records a notice twice, late, early or never. The expected dates are found day by day."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
from loyalty.domain.cards.card import BY_EVENT, Card, DueCard, points_of
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import Operation
from loyalty.domain.dates import NEVER, instant
from loyalty.domain.zones import zone_of
from loyalty.errors import LoyaltyError
from loyalty.usecases import sweeps
from loyalty.usecases.ledger import Outcome
from tests.support.invariants import announced, check_notices
from tests.support.world import Request, World, books, client_of, emulator, world

HOUR, DAY = 3_600, 86_400
AHEAD = st.lists(
    st.sampled_from([(30, "MINUTE"), (2, "HOUR"), (26, "HOUR"), (1, "DAY"), (2, "DAY"), (1, "WEEK"), (1, "MONTH")]),
    min_size=1,
    max_size=3,
    unique=True,
)
SLIDING = {"type": "SLIDING_EXPIRATION", "every": 3, "unit": "DAY", "resetBy": ["EARNING", "SPENDING"]}
WALLETS = st.fixed_dictionaries(
    {
        "time_zone": st.sampled_from(["Europe/Berlin", "America/New_York", "America/Santiago"]),
        "expiration": st.sampled_from(
            [
                {"type": "ROLLING_EXPIRATION", "every": 150, "unit": "MINUTE"},
                {"type": "ROLLING_EXPIRATION", "every": 3, "unit": "DAY"},
                {"type": "ROLLING_EXPIRATION", "every": 5, "unit": "WEEK"},
                SLIDING,
            ]
        ),
        "pending": st.sampled_from(
            [
                {"type": "IMMEDIATE"},
                {"type": "PERIOD_BASED", "every": 3, "unit": "HOUR"},
                {"type": "PERIOD_BASED", "every": 2, "unit": "DAY"},
            ]
        ),
        "notices": st.fixed_dictionaries({"expiring": AHEAD, "activating": AHEAD}),
    }
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["sweep", "sweep", "sweep", "credit", "credit", "debit"]),
        st.sampled_from([0, 1, 60, HOUR, 5 * HOUR, DAY, 9 * DAY]) | st.sampled_from(["due-1", "due", "due", "due+1"]),
        st.sampled_from([None, None, 4 * HOUR, 3 * DAY, 30 * DAY]),
    ),
    min_size=3,
    max_size=14,
)


@pytest.fixture(autouse=True, scope="module")
def dynamodb() -> Iterator[None]:
    with emulator() as session:
        _client.append(client_of(session))
        yield
        _client.clear()


_client: list["DynamoDBClient"] = []


# A step makes several requests to moto, which take 3 ms each.
@settings(max_examples=settings().max_examples // 5)
@given(WALLETS, STEPS)
def test_each_commit_records_exactly_the_notices_that_became_due_since_the_commit_before(
    kind: Any, steps: list[Any]
) -> None:
    notices = {
        group: [{"every": every, "unit": unit} for every, unit in periods] for group, periods in kind["notices"].items()
    }
    with world(_client[0], **{**kind, "notices": notices}) as made:
        zone = zone_of(kind["time_zone"])
        made.send(Request("credit", "ann", "key-zero", points=50))
        before = books(made.items())["ann"].card
        for number, (verb, delay, expires_in) in enumerate(steps):
            _wait(made, before, delay)
            expected = _expected(before, kind["notices"], instant(made.now), zone)
            if not _done(made, verb, f"key-{number:08d}", expires_in):
                expected = {}
            one = books(made.items())["ann"]
            new = [row for row in one.rows if row.seq > before.version and row.operation is Operation.NOTICE]
            found = {
                announced(row): (row.notice, row.effective_at, points_of((*row.lots, *row.pending_lots))) for row in new
            }
            assert found == expected
            assert len(found) == len(new)
            check_notices(one.rows)
            _check_due_moment(one.card, kind["notices"], zone, exactly=verb == "sweep")
            before = one.card


def _done(made: World, verb: str, key: str, expires_in: int | None) -> bool:
    """Runs the step and returns whether it wrote rows. The command's own row is the last one and its answer."""
    if verb == "sweep":
        sweeps.settle_due_card(made.store, DueCard("ann", made.wallet_id), made.now)
        return True
    points = 7 if verb == "credit" else 20
    try:
        answer = made.send(Request(verb, "ann", key, points=points, expires_in=expires_in, sent_at=instant(made.now)))
    except LoyaltyError:
        return False
    assert isinstance(answer, Outcome)
    assert answer.transaction == books(made.items())["ann"].rows[-1]
    assert answer.transaction.operation == verb
    return True


def _wait(made: World, before: Card, delay: int | str) -> None:
    if isinstance(delay, int):
        made.now += timedelta(seconds=delay)
    elif before.due:
        seconds = before.due.at + int(delay.removeprefix("due") or 0) - instant(made.now)
        made.now += timedelta(seconds=max(seconds, 0))


def _moments(one: Card) -> dict[tuple[str, int], int]:
    """The points by kind and date."""
    points: dict[tuple[str, int], int] = {}
    for lot in one.lots:
        key = "expiry", one.expiry_of(lot)
        points[key] = points.get(key, 0) + lot.points
    for pending in one.pending:
        key = "activation", pending.activates_at
        points[key] = points.get(key, 0) + pending.points
    return {key: count for key, count in points.items() if key[1] not in (NEVER, BY_EVENT)}


def _expected(before: Card, notices: Any, now: int, zone: ZoneInfo) -> dict[Any, Any]:
    """The last notice of each future date since the last write of the card, with the current points."""
    expected = {}
    current = _moments(settle(before, now)[0])
    for kind, at in _moments(before):
        ahead = [(_walked_back(kind, at, period, zone), period) for period in notices[_group(kind)]]
        passed = [notice for notice, _ in ahead if before.at < notice <= now < at]
        if passed:
            # Two notices may be due at the same second (26 hours and a day): the wallet's first period counts.
            notice, (every, unit) = next(one for one in ahead if one[0] == max(passed))
            expected[kind, at] = f"{every} {unit}", notice, current[kind, at]
    return expected


def _check_due_moment(after: Card, notices: Any, zone: ZoneInfo, *, exactly: bool) -> None:
    """Checks that the due moment of the card is not later than its next date or notice."""
    coming = [
        notice
        for kind, at in _moments(after)
        for notice in (at, *(_walked_back(kind, at, period, zone) for period in notices[_group(kind)]))
        if notice > after.at
    ]
    if coming:
        assert after.due is not None
        assert after.due.at == min(coming) if exactly else after.due.at <= min(coming)


def _group(kind: str) -> str:
    return {"expiry": "expiring", "activation": "activating"}[kind]


@cache
def _walked_back(kind: str, at: int, period: tuple[int, str], zone: ZoneInfo) -> int:
    every, unit = period
    if unit in ("MINUTE", "HOUR"):
        return at - every * {"MINUTE": 60, "HOUR": HOUR}[unit]
    day = datetime.fromtimestamp(at - (kind == "expiry"), zone).date()
    for _ in range(every):
        day = _month_back(day) if unit == "MONTH" else day - timedelta(days=7 if unit == "WEEK" else 1)
    # The day starts at its first quarter of an hour in the zone.
    start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) - 15 * HOUR
    return next(
        second for second in range(start, start + 2 * DAY, 900) if datetime.fromtimestamp(second, zone).date() == day
    )


def _month_back(day: date) -> date:
    """The same day of the previous month, or the last day of that month."""
    last = day.replace(day=1) - timedelta(days=1)
    return last.replace(day=min(day.day, last.day))
