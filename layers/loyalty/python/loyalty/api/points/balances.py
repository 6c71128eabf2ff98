"""Balances and lots as JSON."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum

from pydantic import Field

from loyalty.api.base import Answer
from loyalty.domain import dates
from loyalty.domain.cards import card as domain
from loyalty.domain.dates import datetime_of, day_of


class Balance(Answer):
    """The points of a card."""

    active: int = Field(description="Points that can be spent now; negative while the card owes points.")
    pending: int = Field(description="Granted points that cannot be spent yet.")
    held: int = Field(description="Points that open holds reserve.")
    available: int = Field(
        description="Points that a debit can take without a debt: `active`, or 0 if `active` is negative."
    )
    debt: int = Field(description="Points that the card owes; 0 if `active` is not negative.")

    @classmethod
    def of(cls, balance: domain.Balance) -> "Balance":
        return cls(
            active=balance.active,
            pending=balance.pending,
            held=balance.held,
            available=balance.available,
            debt=balance.debt,
        )


class LotState(StrEnum):
    """PENDING points cannot be spent yet, ACTIVE points can be spent, and an open hold reserves HELD points."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    HELD = "HELD"


class Lot(Answer):
    """Points that share expiry and issue day."""

    state: LotState = Field(description="What can be done with the points.")
    points: int = Field(description="The number of points of the lot, at least 1.")
    activates_at: datetime | None = Field(
        description=(
            "The instant at which the points become active; null if they are not pending, or if an event "
            "activates them."
        )
    )
    cancels_at: datetime | None = Field(
        description=(
            "The instant at which pending points are canceled, unless their event arrives before; null if no event "
            "activates them, or if they are never canceled."
        )
    )
    expires_at: datetime | None = Field(
        description=(
            "The instant from which the points cannot be spent; null if they never expire, or if the expiry "
            "is not known yet."
        )
    )
    issued_on: date = Field(description="The local day on which the points were granted.")


def pending_lot(lot: domain.PendingLot) -> Lot:
    return Lot(
        state=LotState.PENDING,
        points=lot.points,
        activates_at=datetime_of(lot.activates_at) if lot.activates_at else None,
        cancels_at=datetime_of(lot.cancel_at) if lot.cancel_at else None,
        expires_at=_expiry(lot.expires_at),
        issued_on=day_of(lot.issue_day),
    )


def active_lot(lot: domain.Lot, expires_at: int, *, state: LotState = LotState.ACTIVE) -> Lot:
    return Lot(
        state=state,
        points=lot.points,
        activates_at=None,
        cancels_at=None,
        expires_at=_expiry(expires_at),
        issued_on=day_of(lot.issue_day),
    )


def own_lots(lots: Iterable[domain.Lot]) -> list[Lot]:
    """Returns a row's lots with their own expiry."""
    return [active_lot(lot, lot.expires_at) for lot in lots]


def _expiry(at: int) -> datetime | None:
    """Returns None if the points never expire or the expiry is not known yet; a sliding lot has its current expiry."""
    return datetime_of(abs(at)) if at > dates.NEVER or at <= domain.PERIOD_MIN else None
