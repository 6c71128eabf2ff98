"""Settlement and notices by schedule, without a read of the card."""

from datetime import UTC, datetime

import pytest

from tests.e2e.conftest import Events, Soon
from tests.support.live import Live, within

pytestmark = [pytest.mark.e2e, pytest.mark.patient]


def test_points_past_their_expiry_expire_by_schedule(live: Live, bus: Events, soon: Soon) -> None:
    """The test reads the card only after the event, so that no read causes the row."""

    def expired() -> list[object]:
        found = [event for event in bus.of(soon.customer) if event["detail-type"] == "Points Expired"]
        return [event for event in found if event["detail"]["walletId"] == soon.expiring_wallet]

    (event,) = within(200, "the expiry's event", expired)

    assert event["detail"]["points"] == 100
    assert event["detail"]["eventTimestamp"] == soon.expires_at
    card = live.card(soon.expiring_wallet, soon.customer)
    assert (card["balance"]["active"], card["lifetime"]["expired"]) == (0, 100)
    assert [row["type"] for row in live.rows(soon.expiring_wallet, soon.customer)] == ["CREDIT", "EXPIRY"]


def test_points_activate_by_schedule_at_their_activation_date(live: Live, bus: Events, soon: Soon) -> None:
    def activated() -> list[object]:
        return [event for event in bus.of(soon.customer) if event["detail-type"] == "Points Activated"]

    (event,) = within(200, "the activation's event", activated)

    assert event["detail"]["points"] == 70
    assert event["detail"]["eventTimestamp"] == soon.activates_at
    card = live.card(soon.pending_wallet, soon.customer)
    assert (card["balance"]["active"], card["balance"]["pending"]) == (70, 0)
    assert [row["type"] for row in live.rows(soon.pending_wallet, soon.customer)] == ["CREDIT", "ACTIVATION"]


def test_an_expiry_is_announced_by_schedule(bus: Events, soon: Soon) -> None:
    def announced() -> list[object]:
        return [event for event in bus.of(soon.customer) if event["detail-type"] == "Points Expiring Soon"]

    (event,) = within(200, "the notice", announced)

    assert (event["detail"]["walletId"], event["detail"]["points"]) == (soon.notice_wallet, 40)
    assert event["detail"]["before"] == {"every": 1, "unit": "MINUTE"}


def test_a_read_is_correct_at_the_expiry_without_the_schedule(live: Live) -> None:
    wallet = live.wallet()
    soon = datetime.fromtimestamp(int(datetime.now(UTC).timestamp()) + 3, UTC)
    live.credit(wallet, "ann", 5, expiresAt=soon.isoformat())

    def has_expired() -> bool:
        requested_at = datetime.now(UTC)
        active = live.card(wallet, "ann")["balance"]["active"]
        assert active in ((0, 5) if requested_at < soon else (0,)), "points were active after their expiry"
        return bool(active == 0 and requested_at >= soon)

    within(10, "the instant", has_expired)
