"""One credit per day for ten years: the card stays small, and points expire on time."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from loyalty.domain.cards.card import Card, earliest_due, points_of
from loyalty.domain.cards.coarsening import LOTS_MAX, coarsen
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import Context, Source, Transaction, TransactionType, record
from loyalty.domain.dates import Unit, local_day
from loyalty.domain.movements.credit import Grant, credit_points
from loyalty.domain.wallets.settings import Activity, Expiration, ExpirationType, Pending, PendingType
from loyalty.domain.wallets.wallet import Wallet
from loyalty.store.card_items import card_item
from tests.support.item_size import item_size
from tests.support.samples import BERLIN, card, local, wallet

CONTEXT = Context(source=Source.API)

FIRST = date(2027, 3, 3)
DAYS = 3_653
POINTS = 137
BUDGET_BYTES = 2 * 1_024
DAY = timedelta(days=1)
ROLLING, SLIDING = ExpirationType.ROLLING_EXPIRATION, ExpirationType.SLIDING_EXPIRATION
A_YEAR = Expiration(ROLLING, 365, Unit.DAY)

Day = tuple[date, Card, list[Transaction]]
"""A day with the card after its credit and with the rows of the day."""


def days_of_credits(one: Wallet) -> Iterator[Day]:
    before = card(wallet_id="w" * 64, customer_id="c" * 64, shard=63, at=0)
    for number in range(DAYS):
        day = FIRST + number * DAY
        at = local(f"{day} 18:43:21")
        current, moved = settle(before, at)
        after, movement = credit_points(current, Grant(POINTS), one, at)
        after = coarsen(after, BERLIN)
        after, rows = record(before, [*moved, movement], CONTEXT, after=after, at=at, wallet_version=12, salt=bytes(12))
        before = replace(after, due=earliest_due(before, after.next_settlement()))
        yield day, before, rows


@pytest.fixture(scope="module")
def days_of_a_year() -> list[Day]:
    """The days of points that expire after one year."""
    return list(days_of_credits(wallet(expiration=A_YEAR)))


def test_points_with_an_expiry_of_one_year_last_one_year_rounded_up(days_of_a_year: list[Day]) -> None:
    coarse, largest = 0, 0
    for day, now, _ in days_of_a_year:
        assert len(now.lots) <= LOTS_MAX
        assert now.coarse >= coarse
        coarse = now.coarse
        largest = max(largest, item_size(card_item(now)))
        # Points with their last day in the current rounded period are there, and all later points.
        oldest = max(first_of_bucket(day, coarse) - timedelta(days=365), FIRST)
        assert now.balance.active == ((day - oldest).days + 1) * POINTS
        assert now.lifetime.total == now.balance.active
        assert now.lifetime.issued == ((day - FIRST).days + 1) * POINTS
    assert coarse == 2, "days do not fit, and neither do weeks by the week of issue"
    assert BUDGET_BYTES // 2 < largest <= BUDGET_BYTES


def first_of_bucket(day: date, coarse: int) -> date:
    first_of_month = day.replace(day=1)
    return (day, max(day - timedelta(days=day.weekday()), first_of_month), first_of_month)[coarse]


@pytest.mark.parametrize(
    "one",
    [
        wallet(),
        wallet(expiration=Expiration(ROLLING, 10, Unit.YEAR)),
        wallet(expiration=Expiration(SLIDING, 1, Unit.YEAR, reset_by=(Activity.SPENDING,))),
        wallet(expiration=A_YEAR, pending=Pending(PendingType.PERIOD_BASED, 60, Unit.DAY)),
    ],
    ids=["for ever", "ten years", "never reset", "pending for two months"],
)
def test_a_card_keeps_within_its_lots_for_every_type_of_expiration(one: Wallet) -> None:
    rows = 0
    for _, now, new in days_of_credits(one):
        rows += len(new)
        assert len(now.lots) <= LOTS_MAX
        assert now.lifetime.total == now.balance.active + now.balance.pending
    assert now.version == rows
    assert now.lifetime.issued == DAYS * POINTS


def test_each_day_writes_at_most_one_expiry_row_beside_the_credit(days_of_a_year: list[Day]) -> None:
    seen = [rows for _, _, rows in days_of_a_year]
    assert all(
        [row.type for row in rows] in ([TransactionType.CREDIT], [TransactionType.EXPIRY, TransactionType.CREDIT])
        for rows in seen
    )
    expired = [row for rows in seen for row in rows if row.type is TransactionType.EXPIRY]
    assert all(earlier.effective_at < later.effective_at for earlier, later in pairwise(expired))
    assert all(local_day(row.effective_at, BERLIN) <= local_day(row.created_at, BERLIN) for row in expired)
    assert sum(points_of(row.lots) for row in expired) == sum(row.points for row in expired)
