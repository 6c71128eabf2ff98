"""Answers about the runs of scheduled campaigns."""

from datetime import date, datetime
from typing import Self

from pydantic import Field

from loyalty.api import answered
from loyalty.api.base import Answer
from loyalty.domain.dates import datetime_of
from loyalty.domain.earning import run as domain
from loyalty.domain.earning.run import RunStatus


class CampaignRun(Answer):
    """A run of a scheduled campaign: on one date, the members of a wallet get their points."""

    day: date = Field(alias="date", description="The date in the project's zone.")
    status: RunStatus = Field(
        description=(
            "STARTING and RUNNING: members get their points. COMPLETED: all members who are entitled have their points."
        )
    )
    awards: int = Field(description="The customers who got points. The number grows while the run continues.")
    points: int = Field(description="The points that they got.")
    scheduled_at: datetime = Field(description="The instant of the schedule.")
    started_at: datetime = Field(description="The instant at which the run started.")
    completed_at: datetime | None = Field(description="The instant at which the run was completed; null before.")

    @classmethod
    def of(cls, run: domain.Run) -> Self:
        return cls(
            day=run.day,
            status=run.status,
            awards=run.awards,
            points=run.points,
            scheduled_at=datetime_of(run.scheduled_at),
            started_at=datetime_of(run.started_at),
            completed_at=datetime_of(run.completed_at) if run.completed_at else None,
        )


class CampaignRunList(Answer):
    """A page of a campaign's runs, newest first."""

    data: list[CampaignRun] = Field(description="The runs of the page, newest first.")
    next_cursor: answered.NextCursor
