"""A card written by one version of the zone data is valid by another, and goes on under it.

In winter, midnight in Vancouver is an hour earlier by the pinned data than by the older data.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.errors import LoyaltyError
from loyalty.usecases import audits
from tests.support.world import Request, World, client_of, emulator, outcome_of, world
from tests.support.zones import PINNED, older, zone_data

BETWEEN_MIDNIGHTS = datetime(2027, 12, 25, 7, 30, tzinfo=UTC)
"""Half past eleven at night by the older data, half past midnight by the pinned data."""
SLIDING = {
    "expiration": {"type": "SLIDING_EXPIRATION", "every": 90, "unit": "DAY", "resetBy": ["EARNING", "SPENDING"]},
}
KINDS: list[dict[str, Any]] = [
    SLIDING,
    {"expiration": {"type": "SLIDING_EXPIRATION", "every": 2, "unit": "DAY", "resetBy": ["SPENDING"]}},
    {
        "expiration": {"type": "ROLLING_EXPIRATION", "every": 3, "unit": "DAY"},
        "pending": {"type": "PERIOD_BASED", "every": 1, "unit": "DAY"},
        "notices": {"expiring": [{"every": 1, "unit": "DAY"}]},
    },
]
LIMITS = {
    "transfers": {"allowed": True, "countAsSpending": True},
    "earningLimits": {"global": {"type": "TIME_BASED", "unit": "DAY", "max": 500}},
    "spendingLimits": {"global": {"type": "TIME_BASED", "unit": "WEEK", "max": 500}},
}
DATA = {"pinned": lambda: PINNED, "older": older}
CUSTOMERS = ("ann", "bob")


@dataclass
class Shop:
    """The requests of two customers in Vancouver."""

    world: World
    sent: int = 0
    holds: list[tuple[str, str]] = field(default_factory=list)

    def send(self, verb: str, customer: str = "ann", points: int = 0, order: str | None = None) -> None:
        self.sent += 1
        more: dict[str, Any] = {}
        if verb == "transfer":
            more = {"recipient": CUSTOMERS[customer == "ann"]}
        elif verb == "hold":
            more = {"minutes": 2_000}
        elif verb in ("capture", "release"):
            customer, more["hold_id"] = self.holds.pop()
            order = None
        asked = Request(verb, customer, f"key-{self.sent}", order, points, **more)
        outcome = outcome_of(self.world.send(asked))
        if verb == "hold":
            self.holds.append((customer, outcome.transaction.transaction_id))

    def drifts(self) -> list[Any]:
        """The drifts of both cards, by both versions of the data."""
        found: list[Any] = []
        for data in DATA.values():
            with zone_data(data()):
                for customer in CUSTOMERS:
                    found += audits.verify(self.world.store, self.world.wallet_id, customer).drifts
        return found


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with emulator() as session:
        yield client_of(session)


@contextmanager
def opened(client: Any, data: str, **chosen: Any) -> Iterator[Shop]:
    """A shop whose customers have 100 points each, credited under the data."""
    with world(client, time_zone="America/Vancouver", **chosen) as made:
        made.now = BETWEEN_MIDNIGHTS
        shop = Shop(made)
        with zone_data(DATA[data]()):
            for customer in CUSTOMERS:
                shop.send("credit", customer, 100, "A")
        yield shop


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["credit", "credit", "debit", "debit", "hold", "capture", "release", "transfer", "refund"]),
        st.sampled_from(CUSTOMERS),
        st.integers(1, 60),
        st.sampled_from([None, "A", "B"]),
        st.sampled_from([0, 0, 1_800, 86_400, 90_000]),
        st.sampled_from(sorted(DATA)),
    ),
    min_size=4,
    max_size=14,
)


@settings(max_examples=max(10, settings().max_examples // 3))
@given(st.sampled_from(KINDS), STEPS)
def test_cards_are_valid_by_every_version_of_the_data_after_any_history_under_both(
    client: Any, kind: dict[str, Any], steps: list[Any]
) -> None:
    with opened(client, "older", **kind, **LIMITS) as shop:
        for verb, customer, points, order, wait, data in steps:
            shop.world.now += timedelta(seconds=wait)
            with zone_data(DATA[data]()), suppress(LoyaltyError, IndexError):
                shop.send(verb, customer, points, order or ("A" if verb == "refund" else None))
        assert shop.drifts() == []


@pytest.mark.parametrize(("first", "then"), [("older", "pinned"), ("pinned", "older")])
def test_a_sliding_card_is_valid_by_other_data_and_its_past_balance_stays(client: Any, first: str, then: str) -> None:
    with opened(client, first, **SLIDING) as shop:
        with zone_data(DATA[first]()):
            shop.send("credit", "ann", 50)
            shop.world.now += timedelta(hours=1)
            shop.send("debit", "ann", 10)
            past = shop.world.now
            shop.world.now += timedelta(days=1)
            shop.send("debit", "ann", 5)
        with zone_data(DATA[then]()):
            report = audits.verify(shop.world.store, shop.world.wallet_id, "ann")
            assert report.drifts == ()
            found = audits.balance_at(shop.world.store, shop.world.wallet_id, "ann", past, shop.world.now)
            assert [lot.points for lot in found.card.lots] == [140]


@pytest.mark.parametrize(("first", "then"), [("older", "pinned"), ("pinned", "older")])
def test_a_refund_gives_room_back_in_the_periods_of_the_data_at_the_time_of_the_order(
    client: Any, first: str, then: str
) -> None:
    with opened(client, first, **LIMITS) as shop:
        with zone_data(DATA[first]()):
            shop.send("credit", "bob", 70, "B")
            shop.send("debit", "bob", 40, "B")
        with zone_data(DATA[then]()):
            shop.send("refund", "bob", order="B")
            card = audits.verify(shop.world.store, shop.world.wallet_id, "bob").card
            assert card is not None
            assert [(counter.earned, counter.spent) for counter in card.counters] == [(100, 0)] * 5
        assert shop.drifts() == []


@pytest.mark.parametrize(("first", "then"), [("older", "pinned"), ("pinned", "older")])
def test_a_card_that_became_coarse_by_one_version_is_valid_by_the_other(client: Any, first: str, then: str) -> None:
    with opened(client, first, **KINDS[0], transfers={"allowed": True}) as shop:
        with zone_data(DATA[first]()):
            for number in range(101):
                request = Request("credit", "ann", f"lot-{number}", None, 9, expires_in=86_400 * (5 + number))
                shop.world.send(request_at(request, shop.world.now))
            shop.send("hold", "ann", 200)
        with zone_data(DATA[then]()):
            shop.send("transfer", "ann", 30)
            shop.send("transfer", "bob", 60)
            shop.world.now += timedelta(days=1)
            shop.send("release")
            shop.send("refund", "ann", order="A")
        report = audits.verify(shop.world.store, shop.world.wallet_id, "ann")
        assert report.card is not None
        assert report.card.coarse == 1
        assert shop.drifts() == []


def request_at(request: Request, now: datetime) -> Request:
    return Request(
        request.verb,
        request.customer_id,
        request.key,
        points=request.points,
        expires_in=request.expires_in,
        sent_at=int(now.timestamp()),
    )
