"""EventBridge, as the emulator implements it, answers for patterns as the product does, except where a row says why."""

import json
from typing import Any

import pytest

from tests.support.live import Live
from tests.support.patterns import INVALID, ROWS

pytestmark = pytest.mark.e2e

ENVELOPE = {
    "id": "1",
    "detail-type": "Test",
    "source": "test",
    "account": "000000000000",
    "time": "2027-03-01T12:00:00Z",
    "region": "us-east-1",
    "resources": [],
}


def emulator_matches(events: Any, pattern: Any, document: Any) -> bool:
    event = json.dumps({**ENVELOPE, "detail": document})
    return bool(events.test_event_pattern(EventPattern=json.dumps({"detail": pattern}), Event=event)["Result"])


def emulator_accepts(events: Any, pattern: Any) -> bool:
    try:
        emulator_matches(events, pattern, {})
    except events.exceptions.InvalidEventPatternException:
        return False
    return True


def test_eventbridge_matches_the_same_documents(live: Live) -> None:
    events = live.aws("events")
    answers = {row.name: emulator_matches(events, row.pattern, row.document) for row in ROWS}
    assert answers == {row.name: row.expected is not bool(row.differs) for row in ROWS}


def test_eventbridge_refuses_the_same_patterns(live: Live) -> None:
    events = live.aws("events")
    accepted = [row.name for row in INVALID if emulator_accepts(events, row.pattern)]
    assert accepted == [row.name for row in INVALID if row.differs]
