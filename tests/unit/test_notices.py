"""Notices: when they are due, for which dates, and how often."""

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from loyalty.domain.cards.card import SLIDING, Card, Due, Hold, points_of
from loyalty.domain.cards.notices import NOTICE_ROWS_MAX, NoticeKind, due_notices, next_due
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import (
    SYSTEM_CONTEXT,
    Context,
    Movement,
    Operation,
    Source,
    TransactionType,
    record,
)
from loyalty.domain.dates import Period, Unit
from loyalty.domain.wallets.settings import Notices
from loyalty.domain.wallets.wallet import Wallet
from loyalty.domain.zones import zone_of
from tests.support.samples import BERLIN, NOW, TODAY, card, local, lot, pending_lot, wallet

NEW_YORK = zone_of("America/New_York")
SANTIAGO = zone_of("America/Santiago")
"""A zone whose clocks change at midnight."""
EXPIRY, ACTIVATION = NoticeKind.EXPIRY, NoticeKind.ACTIVATION
HOUR, DAY = 3_600, 86_400


def period(text: str) -> Period:
    every, unit = text.split()
    return Period(int(every), Unit(unit))


def wallet_with(*, expiring: tuple[str, ...] = (), activating: tuple[str, ...] = (), **settings: Any) -> Wallet:
    notices = Notices(tuple(map(period, expiring)), tuple(map(period, activating)))
    return wallet(notices=notices, **settings)


def notices_of(before: Card, now: int, one: Wallet) -> list[tuple[str | None, int, int]]:
    """The period, the points and the due moment of each notice."""
    movements = due_notices(before, settle(before, now)[0], one, now)
    return [
        (movement.notice, points_of((*movement.lots, *movement.pending_lots)), movement.effective_at)
        for movement in movements
    ]


@pytest.mark.parametrize(
    ("coming", "moment", "ahead", "zone", "notice"),
    [
        # Minutes and hours are elapsed time, also at clock changes.
        (EXPIRY, "2027-03-28 04:30", "120 MINUTE", BERLIN, "2027-03-28 01:30"),
        (ACTIVATION, "2027-11-07 03:00", "3 HOUR", NEW_YORK, "2027-11-07 01:00"),
        # Points that expire at midnight have the day before as their last day.
        (EXPIRY, "2027-04-01 00:00", "1 DAY", BERLIN, "2027-03-30 00:00"),
        (EXPIRY, "2027-04-01 00:01", "1 DAY", BERLIN, "2027-03-31 00:00"),
        (ACTIVATION, "2027-04-01 00:00", "1 DAY", BERLIN, "2027-03-31 00:00"),
        (ACTIVATION, "2027-04-01 15:00", "1 DAY", BERLIN, "2027-03-31 00:00"),
        (EXPIRY, "2027-04-15 00:00", "2 WEEK", BERLIN, "2027-03-31 00:00"),
        # Days with 23 and 25 hours.
        (EXPIRY, "2027-03-30 00:00", "1 DAY", BERLIN, "2027-03-28 00:00"),
        (ACTIVATION, "2027-03-29 00:00", "1 DAY", BERLIN, "2027-03-28 00:00"),
        (ACTIVATION, "2027-11-08 00:00", "1 DAY", NEW_YORK, "2027-11-07 00:00"),
        (EXPIRY, "2027-11-09 00:00", "1 WEEK", NEW_YORK, "2027-11-01 00:00"),
        # A midnight that does not exist because of a clock change.
        (ACTIVATION, "2027-09-06 00:00", "1 DAY", SANTIAGO, "2027-09-05 01:00"),
        # A month may end earlier than the day of the date.
        (EXPIRY, "2027-04-01 00:00", "1 MONTH", BERLIN, "2027-02-28 00:00"),
        (EXPIRY, "2028-04-01 00:00", "1 MONTH", BERLIN, "2028-02-29 00:00"),
        (EXPIRY, "2027-04-29 00:00", "2 MONTH", NEW_YORK, "2027-02-28 00:00"),
        (ACTIVATION, "2027-01-31 00:00", "2 MONTH", NEW_YORK, "2026-11-30 00:00"),
        (ACTIVATION, "2028-02-29 12:00", "1 YEAR", BERLIN, "2027-02-28 00:00"),
        (EXPIRY, "2037-01-01 00:00", "10 YEAR", BERLIN, "2026-12-31 00:00"),
    ],
)
def test_a_notice_is_due_one_period_before_the_date(
    coming: NoticeKind, moment: str, ahead: str, zone: ZoneInfo, notice: str
) -> None:
    assert coming.notice_at(local(moment, zone), period(ahead), zone) == local(notice, zone)


def test_a_notice_is_recorded_from_its_second_until_the_date() -> None:
    one = wallet_with(expiring=("2 HOUR",))
    before = card(lot(5, NOW + 3 * HOUR))
    assert notices_of(before, NOW + HOUR - 1, one) == []
    assert notices_of(before, NOW + HOUR, one) == [("2 HOUR", 5, NOW + HOUR)]
    assert notices_of(before, NOW + 3 * HOUR - 1, one) == [("2 HOUR", 5, NOW + HOUR)]


def test_no_notice_is_recorded_at_the_date_or_later() -> None:
    before = card(lot(5, NOW + 3 * HOUR), pending=(pending_lot(7, NOW + 3 * HOUR),))
    assert notices_of(before, NOW + 3 * HOUR, wallet_with(expiring=("2 HOUR",), activating=("2 HOUR",))) == []


def test_a_card_that_was_written_at_the_second_of_a_notice_does_not_repeat_it() -> None:
    one = wallet_with(expiring=("2 HOUR",))
    assert notices_of(card(lot(5, NOW + 2 * HOUR)), NOW, one) == []
    assert notices_of(card(lot(5, NOW + 2 * HOUR)), NOW + 1, one) == []
    assert notices_of(card(lot(5, NOW + 2 * HOUR), at=NOW - 1), NOW, one) == [("2 HOUR", 5, NOW)]


def test_only_the_notice_nearest_to_the_date_is_recorded_if_several_are_due() -> None:
    one = wallet_with(expiring=("1 HOUR", "3 HOUR", "2 HOUR"))
    before = card(lot(5, NOW + 4 * HOUR))
    assert notices_of(before, NOW + HOUR, one) == [("3 HOUR", 5, NOW + HOUR)]
    assert notices_of(before, NOW + 2 * HOUR, one) == [("2 HOUR", 5, NOW + 2 * HOUR)]
    assert notices_of(before, NOW + 4 * HOUR - 1, one) == [("1 HOUR", 5, NOW + 3 * HOUR)]


def test_lots_with_the_same_expiry_share_a_notice_and_others_have_their_own() -> None:
    before = card(
        lot(5, "2027-03-20", issued="2027-03-01"), lot(7, "2027-03-20"), lot(9, "2027-03-21"), lot(11), lot(13, NOW + 1)
    )
    one = wallet_with(expiring=("2 WEEK",))
    assert notices_of(before, local("2027-03-06 10:00"), one) == [
        ("2 WEEK", 12, local("2027-03-05 00:00")),
        ("2 WEEK", 9, local("2027-03-06 00:00")),
    ]


def test_activations_and_expiries_have_separate_notices_and_points_without_dates_have_none() -> None:
    before = card(lot(5, NOW + 3 * HOUR), lot(1), pending=(pending_lot(7, NOW + 3 * HOUR), pending_lot(9, 0)))
    one = wallet_with(expiring=("2 HOUR",), activating=("1 HOUR",))
    assert notices_of(before, NOW + HOUR, one) == [("2 HOUR", 5, NOW + HOUR)]
    assert notices_of(replace(before, at=NOW + HOUR), NOW + 2 * HOUR, one) == [("1 HOUR", 7, NOW + 2 * HOUR)]


def test_a_notice_moves_no_points_and_names_the_affected_lots() -> None:
    before = card(lot(5, NOW + 3 * HOUR), pending=(pending_lot(7, NOW + 4 * HOUR),))
    one = wallet_with(expiring=("2 HOUR",), activating=("3 HOUR",))
    expiring, activating = due_notices(before, before, one, NOW + HOUR)
    assert (expiring.type, expiring.operation, expiring.points) == (TransactionType.ACTIVITY, Operation.NOTICE, 0)
    assert (expiring.lots, expiring.pending_lots) == (before.lots, ())
    assert (activating.lots, activating.pending_lots) == ((), before.pending)
    assert expiring.balance == activating.balance == before.balance


def test_a_sliding_lot_has_its_notice_before_the_date_to_which_it_slid() -> None:
    one = wallet_with(expiring=("2 HOUR",))
    before = card(lot(5, SLIDING), lot(7, -(NOW + HOUR)), lot(9, NOW + 5 * HOUR), sliding_expires_at=NOW + 5 * HOUR)
    assert notices_of(before, NOW + 2 * HOUR, one) == []
    (movement,) = due_notices(before, before, one, NOW + 3 * HOUR)
    assert {lot.expires_at for lot in movement.lots} == {-(NOW + 5 * HOUR), NOW + 5 * HOUR}
    assert points_of(movement.lots) == 21


def test_a_date_that_slides_ahead_has_another_notice() -> None:
    one = wallet_with(expiring=("2 HOUR",))
    first = card(lot(5, SLIDING), sliding_expires_at=NOW + 3 * HOUR)
    assert notices_of(first, NOW + HOUR, one)
    second = replace(first, at=NOW + HOUR).slide_to(NOW + 4 * HOUR)
    assert notices_of(second, NOW + 2 * HOUR, one) == [("2 HOUR", 5, NOW + 2 * HOUR)]


def test_points_that_become_active_after_the_notice_have_no_late_notice() -> None:
    """No notice is recorded at once or by a late sweep: notices must not depend on the time of a write."""
    one = wallet_with(expiring=("5 HOUR",))
    pending = card(pending=(pending_lot(7, NOW + 2 * HOUR, NOW + 6 * HOUR),))
    held = card(holds=(Hold(1, NOW + 2 * HOUR, TODAY, (lot(7, NOW + 6 * HOUR),)),))
    for before in (pending, held):
        current, _ = settle(before, NOW + 3 * HOUR)
        assert points_of(current.lots) == 7
        assert notices_of(before, NOW + 3 * HOUR, one) == []
        assert notices_of(replace(current, at=NOW), NOW + 3 * HOUR, one) == [("5 HOUR", 7, NOW + HOUR)]


def test_points_that_join_a_lot_are_included_in_its_notice() -> None:
    before = card(lot(5, NOW + 6 * HOUR), pending=(pending_lot(7, NOW + HOUR, NOW + 6 * HOUR),))
    assert notices_of(before, NOW + 2 * HOUR, wallet_with(expiring=("4 HOUR",))) == [("4 HOUR", 12, NOW + 2 * HOUR)]


def test_without_a_wallet_or_a_setting_no_notice_is_recorded() -> None:
    before = card(lot(5, NOW + 3 * HOUR), pending=(pending_lot(7, NOW + 3 * HOUR),))
    assert due_notices(before, before, None, NOW + HOUR) == []
    assert notices_of(before, NOW + HOUR, wallet()) == []
    assert next_due(before, None, NOW) == next_due(before, wallet(), NOW) == before.next_settlement()


def test_the_due_moment_is_a_notice_if_the_notice_is_earliest() -> None:
    one = wallet_with(expiring=("2 HOUR", "1 HOUR"), activating=("30 MINUTE",))
    before = card(lot(5, NOW + 3 * HOUR), pending=(pending_lot(7, NOW + 2 * HOUR),))
    assert next_due(before, one, NOW) == Due("E", NOW + HOUR)
    assert next_due(before, one, NOW + HOUR) == Due("E", NOW + 90 * 60)
    assert next_due(before, one, NOW + 90 * 60) == Due("A", NOW + 2 * HOUR)
    assert next_due(card(lot(5)), one, NOW) is None


def test_a_transaction_records_a_limited_number_of_notices_the_earliest_dates_first() -> None:
    before = card(*(lot(1, NOW + (100 + n) * HOUR) for n in reversed(range(NOTICE_ROWS_MAX + 5))))
    found = due_notices(before, before, wallet_with(expiring=("99 HOUR",)), NOW + 50 * HOUR)
    assert [one.lots[0].expires_at for one in found] == [NOW + (100 + n) * HOUR for n in range(NOTICE_ROWS_MAX)]


def test_rows_of_notices_have_no_caller() -> None:
    before = card(lot(5, NOW + 3 * HOUR))
    (notice,) = due_notices(before, before, wallet_with(expiring=("2 HOUR",)), NOW + HOUR)
    own = Movement(
        type=TransactionType.CREDIT,
        operation=Operation.CREDIT,
        points=1,
        effective_at=NOW + HOUR,
        balance=before.balance,
    )
    context = Context(source=Source.API, reason="Ann", actor="key", fingerprint=b"1" * 16)
    _, rows = record(before, [notice, own], context, after=before, at=NOW + HOUR, wallet_version=1, salt=b"salt")
    assert [row.context for row in rows] == [SYSTEM_CONTEXT, context]
    assert [row.notice for row in rows] == ["2 HOUR", None]
    assert rows[0].deltas == (0, 0, 0)
    assert rows[0].salt == b""
