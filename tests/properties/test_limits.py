"""Random wallets and histories with a moving clock: the domain is compared with a model of every credit."""

from calendar import monthrange
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from loyalty.domain.cards.card import BALANCE_MAX, BY_EVENT, BY_WALLET, Card, points_of
from loyalty.domain.cards.coarsening import COARSE_MAX, LOTS_MAX, coarsen
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import Operation, TransactionType
from loyalty.domain.dates import (
    NEVER,
    AnnualDate,
    CalendarUnit,
    Period,
    Rounding,
    Unit,
    day_number,
    day_of,
    local_day,
    start_of_day,
)
from loyalty.domain.movements.credit import Grant, credit_points, grant_activation, grant_expiry
from loyalty.domain.movements.debit import debit_points
from loyalty.domain.movements.pending import activate_pending, cancel_pending, pending_by_event
from loyalty.domain.wallets.settings import (
    Activity,
    CancelAfter,
    ConsumptionOrder,
    EarningLimit,
    EarningLimits,
    EarningTransactionLimit,
    Expiration,
    ExpirationType,
    LimitType,
    Pending,
    PendingType,
    Settings,
    SpendingLimit,
    SpendingLimits,
    SpendingTransactionLimit,
    WhenExceeded,
)
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import EarningLimitReached, InsufficientPoints, SpendingLimitReached, TooManyPendingLots
from tests.support.samples import card, local, wallet

MINUTE, HOUR, DAY = 60, 3_600, 86_400
CAP, REJECT = WhenExceeded.CAP, WhenExceeded.REJECT
BEGIN = local("2027-10-29 21:00")
"""Two days before a clock change, soon before the end of a month, a quarter and a year."""

ROLLING, SLIDING = ExpirationType.ROLLING_EXPIRATION, ExpirationType.SLIDING_EXPIRATION
WHEN = st.sampled_from(WhenExceeded)
CAPS = st.none() | st.integers(1, 60)
EXPIRATIONS = st.one_of(
    st.just(Expiration()),
    st.builds(
        Expiration, st.just(ROLLING), st.integers(1, 3), st.just(Unit.MONTH), st.sampled_from(list(Rounding)[:5])
    ),
    st.builds(Expiration, st.just(ROLLING), st.sampled_from([1, 30, 365]), st.just(Unit.DAY)),
    st.builds(Expiration, st.just(ROLLING), st.sampled_from([90, 100_000]), st.just(Unit.MINUTE)),
    st.just(Expiration(ExpirationType.CALENDAR_EXPIRATION, dates=(AnnualDate(2, 29), AnnualDate(12, 31)))),
    st.builds(
        lambda every, unit, by: Expiration(SLIDING, every, unit, reset_by=tuple(by)),
        st.sampled_from([5, 40]),
        st.sampled_from([Unit.HOUR, Unit.DAY]),
        st.sets(st.sampled_from([Activity.EARNING, Activity.SPENDING]), min_size=1),
    ),
)
PENDINGS = st.one_of(
    st.just(Pending()),
    st.builds(Pending, st.just(PendingType.PERIOD_BASED), st.integers(1, 14), st.sampled_from([Unit.HOUR, Unit.DAY])),
    st.just(Pending(PendingType.FIXED_DATES, dates=(AnnualDate(11, 1), AnnualDate(1, 1)))),
    st.just(Pending(PendingType.EVENT_BASED, events=("delivered",))),
    st.just(Pending(PendingType.EVENT_BASED, events=("delivered",), cancel_after=CancelAfter(3, Unit.DAY))),
)
EARNING = st.one_of(
    st.just(EarningLimit()),
    st.just(EarningLimit()),
    st.builds(EarningLimit, st.just(LimitType.BALANCE_BASED), st.none(), st.integers(1, 200), WHEN),
    st.builds(EarningLimit, st.just(LimitType.TIME_BASED), st.sampled_from(CalendarUnit), st.integers(1, 200), WHEN),
)
SPENDING = st.one_of(
    st.just(SpendingLimit()),
    st.builds(SpendingLimit, st.just(LimitType.SPENDING_BASED), st.none(), st.integers(1, 200), WHEN),
    st.builds(SpendingLimit, st.just(LimitType.TIME_BASED), st.sampled_from(CalendarUnit), st.integers(1, 200), WHEN),
)
LIMITS = st.tuples(
    st.builds(EarningLimits, EARNING, st.builds(EarningTransactionLimit, CAPS, st.none(), WHEN)),
    st.builds(SpendingLimits, SPENDING, st.builds(SpendingTransactionLimit, CAPS, WHEN)),
)
WALLETS = st.builds(
    lambda zone, expiration, pending, limits, order: wallet(
        time_zone=zone,
        expiration=expiration,
        pending=pending,
        earning_limits=limits[0],
        spending_limits=limits[1],
        consumption_order=order,
    ),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago"]),
    EXPIRATIONS,
    PENDINGS,
    LIMITS,
    st.sampled_from(ConsumptionOrder),
)
WALLETS_WITH_DEBT = st.builds(
    lambda pending, limits, negative: wallet(
        pending=pending,
        earning_limits=limits[0],
        spending_limits=limits[1],
        allow_negative_balance=True,
        negative_limit=negative,
    ),
    PENDINGS,
    LIMITS,
    st.none() | st.integers(1, 90),
)
GRANTS = st.one_of(
    st.builds(Grant, st.integers(1, 80)),
    st.builds(Grant, st.integers(1, 80)),
    st.builds(Grant, st.integers(1, 80), expires_after=st.just(Period(2, Unit.WEEK))),
    st.builds(Grant, st.integers(1, 80), activates_after=st.just(Period(1, Unit.DAY))),
)

LONG_LIVED = st.builds(
    lambda expiration, order: wallet(expiration=expiration, consumption_order=order),
    st.sampled_from(
        [
            Expiration(),
            Expiration(ROLLING, 365, Unit.DAY),
            Expiration(ROLLING, 3_650, Unit.DAY),
            Expiration(ROLLING, 120, Unit.MONTH),
            Expiration(SLIDING, 3_650, Unit.DAY, reset_by=(Activity.SPENDING,)),
        ]
    ),
    st.sampled_from(ConsumptionOrder),
)

Step = Callable[["History"], None]
STEPS: st.SearchStrategy[Step] = st.one_of(
    st.builds(lambda grant: lambda history: history.credit(grant), GRANTS),
    st.builds(lambda grant: lambda history: history.credit(grant), GRANTS),
    st.builds(
        lambda points, partial: lambda history: history.debit(points, partial=partial),
        st.integers(1, 80),
        st.booleans(),
    ),
    st.builds(
        lambda seconds: lambda history: history.wait(seconds),
        st.sampled_from([1, 59 * MINUTE, 5 * HOUR, DAY, 3 * DAY, 40 * DAY, 100 * DAY]),
    ),
    st.builds(lambda seconds: lambda history: history.wait_until_due(seconds), st.sampled_from([-1, 0])),
    st.builds(lambda times: lambda history: history.earn(times, DAY), st.sampled_from([20, 101])),
    st.builds(lambda limits: lambda history: history.change(*limits), LIMITS),
    st.just(lambda history: history.activate()),
    st.just(lambda history: history.cancel()),
)
EARN_OFTEN: st.SearchStrategy[Step] = st.builds(
    lambda times, days: lambda history: history.earn(times, days * DAY),
    st.integers(60, 110),
    st.sampled_from([1, 7, 28, 31, 92]),
)


@dataclass
class Batch:
    """The remaining points of one credit, with their granted dates."""

    points: int
    activates: int
    cancels: int
    expires: int
    """The granted expiry; negative if it slides."""
    issued: date
    usable: bool = False
    uses_card_expiry: bool = False
    """Whether the card's sliding expiry is later than the batch's own expiry."""


@dataclass
class Model:
    wallet: Wallet
    batches: list[Batch] = field(default_factory=list)
    debt: int = 0
    sliding: int = 0
    earned: Counter[date] = field(default_factory=Counter)
    spent: Counter[date] = field(default_factory=Counter)
    redeemed: int = 0
    expired: int = 0
    canceled: int = 0

    def settle(self, at: int, coarse: int) -> None:
        due = [batch for batch in self.pending_batches() if 0 < batch.activates <= at]
        self.make_usable(due, coarse)
        self.cancel([batch for batch in self.pending_batches() if 0 < batch.cancels <= at], coarse)
        for batch in self.usable():
            if (ends := self.end_of(batch, coarse)) and ends <= at:
                self.expired += batch.points
                self.batches.remove(batch)

    def make_usable(self, batches: list[Batch], coarse: int) -> None:
        for batch in batches:
            batch.usable = True
            # Points whose own expiry is not later than the card's expire with the card, now and later.
            own = end_of_bucket(abs(batch.expires), coarse, self.wallet.zone)
            batch.uses_card_expiry = batch.expires < NEVER and own <= self.sliding
        for batch in sorted(self.usable(), key=lambda batch: batch.issued, reverse=True):
            repaid = min(self.debt, batch.points)
            self.debt -= repaid
            self._take(batch, repaid)

    def cancel(self, batches: list[Batch], coarse: int) -> None:
        for batch in batches:
            self.canceled += batch.points
            self.earned[first_of_bucket(batch.issued, coarse)] -= batch.points
            self.batches.remove(batch)

    def spend(self, points: int, day: date, coarse: int) -> None:
        self.spent[day] += points
        self.redeemed += points
        by_issue = self.wallet.settings.consumption_order is ConsumptionOrder.EARLIEST_ISSUE

        def key(batch: Batch) -> tuple[object, ...]:
            ends, issued = self.end_of(batch, coarse), first_of_bucket(batch.issued, coarse)
            return (issued, ends == NEVER, ends) if by_issue else (ends == NEVER, ends, issued)

        for batch in sorted(self.usable(), key=key):
            taken = min(points, batch.points)
            points -= taken
            self._take(batch, taken)
        self.debt += points

    def slide(self, at: int, activity: Activity, coarse: int) -> None:
        expiration = self.wallet.settings.expiration
        if expiration.is_reset_by(activity):
            self.sliding = max(self.sliding, -expiration.expiry_from(at, self.wallet.zone))
            for batch in self.usable():
                batch.uses_card_expiry = batch.uses_card_expiry or self.end_of(batch, coarse) == self.sliding

    def end_of(self, batch: Batch, coarse: int) -> int:
        """The expiry of the points: the granted expiry, or the end of its rounded period."""
        if batch.expires == NEVER:
            return NEVER
        own = end_of_bucket(abs(batch.expires), coarse, self.wallet.zone)
        if batch.expires > 0:
            return own
        return self.sliding if batch.uses_card_expiry else max(own, self.sliding)

    def usable(self) -> list[Batch]:
        return [batch for batch in self.batches if batch.usable]

    def pending_batches(self) -> list[Batch]:
        return [batch for batch in self.batches if not batch.usable]

    @property
    def active(self) -> int:
        return sum(batch.points for batch in self.usable()) - self.debt

    @property
    def pending(self) -> int:
        return sum(batch.points for batch in self.pending_batches())

    def counted(self, by_day: Counter[date], unit: CalendarUnit, today: date) -> int:
        return sum(points for day, points in by_day.items() if period_of(day, unit) == period_of(today, unit))

    def earning_rooms(self, today: date) -> list[tuple[int, WhenExceeded]]:
        limits = self.wallet.settings.earning_limits
        rooms = []
        if limits.global_.max is not None:
            unit = limits.global_.unit
            used = self.counted(self.earned, unit, today) if unit else self.active + self.pending
            rooms.append((max(limits.global_.max - used, 0), limits.global_.when_exceeded))
        if limits.transaction.max_points is not None:
            rooms.append((limits.transaction.max_points, limits.transaction.when_exceeded))
        return rooms

    def spending_rooms(self, today: date) -> list[tuple[int, WhenExceeded]]:
        limits = self.wallet.settings.spending_limits
        rooms = []
        if limits.global_.max is not None:
            unit = limits.global_.unit
            used = self.counted(self.spent, unit, today) if unit else self.redeemed
            rooms.append((max(limits.global_.max - used, 0), limits.global_.when_exceeded))
        if limits.transaction.max_points is not None:
            rooms.append((limits.transaction.max_points, limits.transaction.when_exceeded))
        return rooms

    def _take(self, batch: Batch, points: int) -> None:
        batch.points -= points
        if not batch.points:
            self.batches.remove(batch)


def period_of(day: date, unit: CalendarUnit) -> object:
    match unit:
        case CalendarUnit.DAY:
            return day
        case CalendarUnit.WEEK:
            return day.isocalendar()[:2]
        case CalendarUnit.MONTH:
            return day.year, day.month
        case CalendarUnit.QUARTER:
            return day.year, (day.month - 1) // 3
        case CalendarUnit.YEAR:
            return day.year


@cache
def end_of_bucket(expires: int, coarse: int, zone: ZoneInfo) -> int:
    if not coarse:
        return expires
    return start_of_day(last_of_bucket(local_day(expires - 1, zone), coarse) + timedelta(days=1), zone)


def last_of_bucket(day: date, coarse: int) -> date:
    month = day.month if coarse < 3 else (day.month + 2) // 3 * 3
    last = date(day.year, month, monthrange(day.year, month)[1])
    return min(last, day + timedelta(days=6 - day.weekday())) if coarse == 1 else last


def first_of_bucket(day: date, coarse: int) -> date:
    if not coarse:
        return day
    first = date(day.year, day.month if coarse < 3 else (day.month - 1) // 3 * 3 + 1, 1)
    return max(first, day - timedelta(days=day.weekday())) if coarse == 1 else first


class History:
    """A card and its model, which take the same steps and are compared after each step."""

    def __init__(self, wallet: Wallet) -> None:
        self.card: Card = card(at=BEGIN)
        self.at = BEGIN
        self.model = Model(wallet)

    @property
    def wallet(self) -> Wallet:
        return self.model.wallet

    @property
    def today(self) -> date:
        return local_day(self.at, self.wallet.zone)

    def credit(self, grant: Grant) -> None:
        if self.wallet.settings.allow_negative_balance:
            grant = replace(grant, expires_after=None)
        self._settle()
        rooms = self.model.earning_rooms(self.today)
        allowed = _allowed(grant.points, rooms)
        if not allowed:
            with pytest.raises(EarningLimitReached):
                credit_points(self.card, grant, self.wallet, self.at)
            _is_right_to_refuse(grant.points, rooms)
            return
        try:
            after, movement = credit_points(self.card, grant, self.wallet, self.at)
        except TooManyPendingLots:
            assert len(self.card.pending) == LOTS_MAX
            return
        assert movement.points == allowed, "CAP grants all points for which there is room"
        assert (movement.requested is None) == (allowed == grant.points)
        assert allowed == grant.points or all(when is CAP for room, when in rooms if room < grant.points), (
            "REJECT never cuts"
        )
        self._grant(replace(grant, points=allowed))
        self._moved(after)
        limit = self.wallet.settings.earning_limits.global_
        if limit.max is not None:
            used = (
                self.model.counted(self.model.earned, limit.unit, self.today)
                if limit.unit
                else self.card.balance.active + self.card.balance.pending
            )
            assert used <= limit.max, "the limit is not exceeded"

    def debit(self, points: int, *, partial: bool) -> None:
        self._settle()
        rooms = self.model.spending_rooms(self.today)
        allowed = _allowed(points, rooms, cut=partial)
        reach = max(self.model.active + self._credit_line(), 0)
        if not allowed:
            with pytest.raises(SpendingLimitReached):
                debit_points(self.card, points, self.wallet, self.at, allow_partial=partial)
            if partial:
                _is_right_to_refuse(points, rooms)
            return
        if allowed > reach and not (partial and reach):
            with pytest.raises(InsufficientPoints) as refusal:
                debit_points(self.card, points, self.wallet, self.at, allow_partial=partial)
            assert refusal.value.extensions["available"] == reach
            return
        after, movement = debit_points(self.card, points, self.wallet, self.at, allow_partial=partial)
        assert movement.points == min(allowed, reach)
        assert movement.points == points or partial
        self.model.spend(movement.points, self.today, self.card.coarse)
        self.model.slide(self.at, Activity.SPENDING, self.card.coarse)
        self._moved(after)
        assert self.card.balance.active >= -self._credit_line()

    def earn(self, times: int, pause: int) -> None:
        for _ in range(times):
            self.credit(Grant(1))
            self.wait(pause)

    def wait(self, seconds: int) -> None:
        self.at += seconds

    def wait_until_due(self, seconds: int) -> None:
        due = self.card.next_settlement()
        if due:
            self.at = max(self.at, due.at + seconds)

    def change(self, earning: EarningLimits, spending: SpendingLimits) -> None:
        """Sets new limits. Points that were earned and spent before count against them."""
        changed: Settings = replace(self.wallet.settings, earning_limits=earning, spending_limits=spending)
        self.model.wallet = replace(self.wallet, settings=changed)

    def activate(self) -> None:
        """Activates all event-based pending points, as a custom event does."""
        self._settle()
        parts = pending_by_event(self.card)
        if not parts:
            return
        after, movement = activate_pending(self.card, parts, self.wallet, self.at, Operation.EVENT)
        assert movement.points == points_of(parts)
        due = [batch for batch in self.model.pending_batches() if batch.activates == BY_EVENT]
        for batch in due:
            own = replace(
                Grant(batch.points), expires_after=Period(2, Unit.WEEK) if batch.expires != BY_WALLET else None
            )
            batch.expires = grant_expiry(own, self.wallet, self.at)
        self.model.make_usable(due, self.card.coarse)
        self._moved(after)

    def cancel(self) -> None:
        self._settle()
        if self.card.pending:
            self.model.cancel(self.model.pending_batches(), self.card.coarse)
            self._moved(cancel_pending(self.card, self.card.pending, self.at)[0])

    def _settle(self) -> None:
        after, movements = settle(self.card, self.at)
        self.model.settle(self.at, self.card.coarse)
        assert [movement.type for movement in movements] == sorted(
            {movement.type for movement in movements},
            key=[TransactionType.ACTIVATION, TransactionType.CANCELLATION, TransactionType.EXPIRY].index,
        )
        self._moved(after)

    def _grant(self, grant: Grant) -> None:
        pending = self.wallet.settings.pending
        self.model.earned[self.today] += grant.points
        batch = Batch(grant.points, self.at, 0, NEVER, self.today)
        if pending.type is PendingType.EVENT_BASED and not grant.has_activation:
            batch.activates, batch.cancels = BY_EVENT, pending.cancellation_from(self.at, self.wallet.zone)
            batch.expires = BY_WALLET if grant.expires_after is None else BY_WALLET - 1
        else:
            batch.activates = grant_activation(grant, self.wallet, self.at)
            batch.expires = grant_expiry(grant, self.wallet, batch.activates)
        self.model.batches.append(batch)
        if batch.activates == self.at:
            self.model.make_usable([batch], self.card.coarse)
        self.model.slide(self.at, Activity.EARNING, self.card.coarse)

    def _moved(self, after: Card) -> None:
        before, after = self.card, coarsen(after, self.wallet.zone)
        self.card = after
        assert after.coarse >= before.coarse
        assert len(after.lots) <= LOTS_MAX or after.coarse == COARSE_MAX
        if after.coarse > before.coarse:
            event(f"coarse {after.coarse}")

    def compare(self) -> None:
        card, model = self.card, self.model
        lots = {(card.expiry_of(lot), day_of(lot.issue_day)): 0 for lot in card.lots}
        for lot in card.lots:
            lots[card.expiry_of(lot), day_of(lot.issue_day)] += lot.points
        wanted: Counter[tuple[int, date]] = Counter()
        for batch in model.usable():
            wanted[model.end_of(batch, card.coarse), first_of_bucket(batch.issued, card.coarse)] += batch.points
        assert lots == dict(wanted), "points expire at their granted expiry or at the end of its rounded period"
        assert (card.debt, card.balance.active, card.balance.pending) == (model.debt, model.active, model.pending)
        assert card.lifetime.total == model.active + model.pending
        assert (card.lifetime.expired, card.lifetime.canceled) == (model.expired, model.canceled)
        for unit, counter in zip(CalendarUnit, card.counters, strict=True):
            current = counter.number == _number(self.today, unit)
            assert (counter.earned if current else 0) == model.counted(model.earned, unit, self.today)
            assert (counter.spent if current else 0) == model.counted(model.spent, unit, self.today)

    def _credit_line(self) -> int:
        settings = self.wallet.settings
        if not settings.allow_negative_balance:
            return 0
        return BALANCE_MAX if settings.negative_limit is None else settings.negative_limit


def _number(day: date, unit: CalendarUnit) -> int:
    """The number of the day's period in the counters of a card."""
    month = day.year * 12 + day.month - 1
    return {
        CalendarUnit.DAY: day_number(day),
        CalendarUnit.WEEK: (day - timedelta(days=day.weekday()) - date(1, 1, 1)).days // 7,
        CalendarUnit.MONTH: month,
        CalendarUnit.QUARTER: month // 3,
        CalendarUnit.YEAR: day.year,
    }[unit]


def _allowed(points: int, rooms: list[tuple[int, WhenExceeded]], *, cut: bool = True) -> int:
    """The points that all limits allow, or 0 if a limit refuses."""
    for room, when in rooms:
        if room < points and (when is REJECT or not cut):
            return 0
    return min([points, *(room for room, _ in rooms)])


def _is_right_to_refuse(points: int, rooms: list[tuple[int, WhenExceeded]]) -> None:
    exceeded = [(room, when) for room, when in rooms if room < points]
    assert any(room == 0 or when is REJECT for room, when in exceeded), "CAP never refuses while there is room"


def _run(wallet: Wallet, steps: list[Step]) -> None:
    history = History(wallet)
    for step in steps:
        step(history)
        history.compare()
    history.wait(40 * DAY)
    history.credit(Grant(1))
    history.compare()


@given(WALLETS, st.lists(STEPS, min_size=1, max_size=20))
def test_limits_and_dates_hold_for_all_settings_and_histories(wallet: Wallet, steps: list[Step]) -> None:
    _run(wallet, steps)


@given(WALLETS_WITH_DEBT, st.lists(STEPS, min_size=1, max_size=20))
def test_limits_and_dates_hold_with_negative_balances(wallet: Wallet, steps: list[Step]) -> None:
    _run(wallet, steps)


@settings(max_examples=settings().max_examples // 2)
@given(LONG_LIVED, st.lists(EARN_OFTEN, min_size=2, max_size=3), st.lists(STEPS, min_size=1, max_size=6))
def test_limits_and_dates_hold_on_a_card_with_many_lots(wallet: Wallet, often: list[Step], steps: list[Step]) -> None:
    _run(wallet, [often[0], *steps, *often[1:]])
