"""Runs: a scheduled campaign gives its points to members on one date, shard by shard."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from loyalty.domain.earning.event import Event
from loyalty.domain.earning.schedule import birthdays_on

SCHEDULED = "loyalty.schedule"
"""The name of the event by which a run gives points to one member."""


class RunStatus(StrEnum):
    """STARTING: not all shards are in the queue. RUNNING: members get points. COMPLETED: all shards are finished."""

    STARTING = "STARTING"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    campaign_id: str
    day: date
    """The local date, in the project's zone."""
    scheduled_at: int
    """The instant that counts as the time of the event."""
    wallet_id: str
    """The members of this wallet get points."""
    birthday: date | None = None
    """Only members with this birthday get points; None: all members."""
    shards: int
    """The number of parts in which the members are read."""
    status: RunStatus = RunStatus.STARTING
    finished: frozenset[int] = frozenset()
    """The shards that are finished."""
    awards: int = 0
    """Members of finished shards who got points."""
    points: int = 0
    started_at: int
    completed_at: int = 0

    @property
    def is_finished(self) -> bool:
        """Whether all shards are finished."""
        return len(self.finished) == self.shards

    @property
    def birthdays(self) -> tuple[str, ...]:
        """The birthdays of the members who get points, as `MM-DD`; none if all members get points."""
        return birthdays_on(self.birthday) if self.birthday else ()

    @property
    def key(self) -> str:
        """The key of the run's event of each member: a member gets points of a date once."""
        return f"{self.campaign_id}@{self.day}"

    def event_of(self, customer_id: str) -> Event:
        """Returns the event that gives the member points of the campaign alone."""
        properties: dict[str, Any] = {"date": str(self.day)}
        if self.birthday:
            properties["birthdayYear"] = self.birthday.year
        return Event(
            name=SCHEDULED,
            customer_id=customer_id,
            key=self.key,
            occurred_at=self.scheduled_at,
            properties=properties,
            campaign_id=self.campaign_id,
        )
