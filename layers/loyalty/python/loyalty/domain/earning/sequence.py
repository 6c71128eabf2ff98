"""Sequences: an event gives points because another event of the same customer happened before it."""

from collections.abc import Iterable
from dataclasses import dataclass

from loyalty.domain.earning.event import Document, Event
from loyalty.domain.earning.recurrence import once_value
from loyalty.domain.earning.trigger import Trigger, seconds_of

ANY = "-"
"""The value of every event, for a sequence that compares no values."""


@dataclass(frozen=True, slots=True)
class Seen:
    """When a customer's events with one name and one value happened: the first and the last of them."""

    first: int
    last: int
    first_key: str
    last_key: str
    """`Event.key` of them."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """What sequences compare of an earlier event, and the longest time until the later event, in seconds."""

    path: str | None
    within: int


def awaited_by(triggers: Iterable[Trigger]) -> dict[str, tuple[Awaited, ...]]:
    """Returns what the sequences compare of their earlier events, by the name of the earlier event."""
    longest: dict[str, dict[str | None, int]] = {}
    for trigger in triggers:
        after = trigger.after
        if after and after.event is not None and after.within:
            path = after.match_by[1] if after.match_by else None
            of_event = longest.setdefault(after.event, {})
            of_event[path] = max(of_event.get(path, 0), seconds_of(after.within))
    return {name: tuple(Awaited(*one) for one in of_event.items()) for name, of_event in longest.items()}


def compared_value(path: str | None, read: Document) -> str | None:
    """Returns the value at the path, as text; None if it is missing or no single value."""
    return ANY if path is None else once_value(path, read)


def is_in_time(trigger: Trigger, seen: Seen, later: Event) -> bool:
    """Returns whether the first or the last earlier event happened within the time before the later event.

    An event is not the earlier event of itself, although it happens later each time that it is sent without a time.
    """
    after = trigger.after
    assert after, "an active sequence has its earlier event"
    assert after.within, "an active sequence has a longest time"
    least = seconds_of(after.at_least) if after.at_least else 0
    earliest, latest = later.occurred_at - seconds_of(after.within), later.occurred_at - least
    own_key = later.key if after.event == trigger.event else None
    earlier = ((seen.first, seen.first_key), (seen.last, seen.last_key))
    return any(earliest <= at <= latest and key != own_key for at, key in earlier)
