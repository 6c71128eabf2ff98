"""Settlement and notices by schedule, without a read of the card."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import pytest

from tests.e2e.conftest import Events, Soon
from tests.support.live import Live, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.patient]


def events_in(wallet: str, type_: str, bus: Events, soon: Soon) -> list[Any]:
    """The customer's events of this type in this wallet alone."""
    found = [event for event in bus.of(soon.customer) if event["detail-type"] == type_]
    return [event for event in found if event["detail"]["walletId"] == wallet]


def test_points_past_their_expiry_expire_by_schedule(live: Live, bus: Events, soon: Soon) -> None:
    """The test reads the card only after the event, so that no read causes the row."""
    (event,) = eventually("the expiry's event", lambda: events_in(soon.expiring_wallet, "Points Expired", bus, soon))

    assert event["detail"]["points"] == 100
    assert event["detail"]["eventTimestamp"] == soon.expires_at
    card = live.card(soon.expiring_wallet, soon.customer)
    assert (card["balance"]["active"], card["lifetime"]["expired"]) == (0, 100)
    assert [row["type"] for row in live.rows(soon.expiring_wallet, soon.customer)] == ["CREDIT", "EXPIRY"]


def test_points_activate_by_schedule_at_their_activation_date(live: Live, bus: Events, soon: Soon) -> None:
    (event,) = eventually(
        "the activation's event", lambda: events_in(soon.pending_wallet, "Points Activated", bus, soon)
    )

    assert event["detail"]["points"] == 70
    assert event["detail"]["eventTimestamp"] == soon.activates_at
    card = live.card(soon.pending_wallet, soon.customer)
    assert (card["balance"]["active"], card["balance"]["pending"]) == (70, 0)
    assert [row["type"] for row in live.rows(soon.pending_wallet, soon.customer)] == ["CREDIT", "ACTIVATION"]


def test_an_expiry_is_announced_by_schedule(bus: Events, soon: Soon) -> None:
    (event,) = eventually("the notice", lambda: events_in(soon.notice_wallet, "Points Expiring Soon", bus, soon))

    assert event["detail"]["points"] == 40
    assert event["detail"]["before"] == {"every": 1, "unit": "HOUR"}


def test_a_read_is_correct_at_the_expiry_without_the_schedule(live: Live) -> None:
    wallet = live.wallet()
    soon = credited_until_soon(live, wallet)

    def has_expired() -> bool:
        requested_at = datetime.now(UTC)
        active = live.card(wallet, "ann")["balance"]["active"]
        assert active in ((0, 5) if requested_at < soon else (0,)), "points were active after their expiry"
        return bool(active == 0 and requested_at >= soon)

    eventually("the instant", has_expired)


def credited_until_soon(live: Live, wallet: str) -> datetime:
    """Credits points that expire in three seconds, or later if the machine is too slow; returns when."""
    for seconds in (3, 10, 30, 90, 270):
        soon = datetime.fromtimestamp(int(datetime.now(UTC).timestamp()) + seconds, UTC)
        answer = live.move("credits", wallet, "ann", {"points": 5, "expiresAt": soon.isoformat()})
        if answer.status_code == HTTPStatus.CREATED:
            return soon
    pytest.fail(f"no credit before its own expiry: {answer.text}")
