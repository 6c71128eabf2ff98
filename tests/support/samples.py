"""Domain values for tests: a card, a lot, a wallet, an instant. Tests name only the values that matter."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from loyalty.domain.cards.card import Card, Lot, PendingLot
from loyalty.domain.dates import NEVER, day_number, instant
from loyalty.domain.wallets.settings import Settings
from loyalty.domain.wallets.wallet import Wallet, WalletStatus
from loyalty.domain.zones import zone_of

BERLIN = zone_of("Europe/Berlin")


def local(text: str, zone: ZoneInfo = BERLIN) -> int:
    """The epoch second of a local time such as `2027-03-03 22:20`; the first one if the time happens twice."""
    return instant(datetime.fromisoformat(text).replace(tzinfo=zone))


def day(text: str) -> int:
    """The number of a day such as `2027-03-03`."""
    return day_number(date.fromisoformat(text))


NOW = local("2027-03-03 22:20")
TODAY = day("2027-03-03")


def lot(points: int, expires: int | str = NEVER, issued: int | str = TODAY) -> Lot:
    """A lot. Texts are local days: the lot expires at the start of the day, or was issued on it."""
    return Lot(points, _instant(expires), day(issued) if isinstance(issued, str) else issued)


def pending_lot(points: int, activates: int | str, expires: int | str = NEVER, *, cancel_at: int = 0) -> PendingLot:
    return PendingLot(points, _instant(activates), cancel_at, _instant(expires), TODAY)


def card(*lots: Lot, pending: tuple[PendingLot, ...] = (), **more: Any) -> Card:
    one = Card(
        card_id="abcdefghijklmnop", wallet_id="wal_1", customer_id="ann", shard=7, at=NOW, lots=lots, pending=pending
    )
    return replace(one, **more)


def wallet(*, time_zone: str = "Europe/Berlin", **settings: Any) -> Wallet:
    return Wallet(
        wallet_id="wal_1",
        version=1,
        status=WalletStatus.ACTIVE,
        settings=Settings(name="Stars", **settings),
        time_zone=time_zone,
        currency="EUR",
        created_at=NOW,
        created_by="test",
        updated_at=NOW,
    )


def _instant(value: int | str) -> int:
    return local(f"{value} 00:00") if isinstance(value, str) else value
