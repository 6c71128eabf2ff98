"""Answers about what a campaign gave."""

from collections.abc import Sequence
from datetime import date
from typing import Self

from pydantic import Field

from loyalty.api.base import Answer
from loyalty.domain.earning.stats import DayStats


class CampaignDay(Answer):
    """What the campaign gave on one day."""

    day: date = Field(alias="date", description="The day in the project's zone on which the events were decided.")
    awards: int = Field(description="The events that gave points.")
    points: int = Field(description="The points that these events gave.")


class CampaignStats(Answer):
    """What the campaign gave on each of the last days, oldest first. Refunds take nothing back from these numbers."""

    data: list[CampaignDay] = Field(description="The days on which the campaign gave points.")
    awards: int = Field(description="The events of these days that gave points.")
    points: int = Field(description="The points of these days.")

    @classmethod
    def of(cls, days: Sequence[DayStats]) -> Self:
        return cls(
            data=[CampaignDay(day=one.day, awards=one.awards, points=one.points) for one in days],
            awards=sum(one.awards for one in days),
            points=sum(one.points for one in days),
        )
