"""docs/events/README.md: its queue gets the shown event, and its recipe reminds the right customers."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from scripts import reminders
from tests.integration.publishing import publish, stream
from tests.support.aws_commands import is_aws, run_aws
from tests.support.commands import Commands, blocks
from tests.support.stack import Stack
from tests.support.template import ROOT

TEXT = (ROOT / "docs" / "events" / "README.md").read_text()
SECTIONS = dict(section.split("\n", 1) for section in re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:])
GENERATED = {"walletId", "eventId", "cardId", "transactionId", "hash"}
WAIT = timedelta(days=3)


class Listening:
    """The commands of the page in their order, with what the last one answered."""

    def __init__(self, stack: Stack) -> None:
        self.commands = Commands(stack, {"LOYALTY_BUS": "loyalty"})
        self.answer: Any = None
        self.compared = 0

    @property
    def queue_url(self) -> str:
        return self.commands.variables["QUEUE_URL"]

    def run(self, section: str) -> None:
        for language, block in blocks(SECTIONS[section]):
            if language == "json":
                require_event(json.loads(block), json.loads(self.answer))
                self.compared += 1
            elif is_aws(block):
                if "receive-message" in block:
                    publish(stream(self.commands.stack))
                self.answer = run_aws(block, self.commands.variables)
            else:
                self.commands.run(language, block.replace("set -a\n", "").replace("set +a\n", ""))


def require_event(shown: Any, event: Any) -> None:
    """Requires the shown event, apart from values that are generated, and all of its details."""
    for part, found in ((shown["detail"], event["detail"]), (shown, {name: event[name] for name in shown})):
        assert part.keys() == found.keys()
        assert {name for name, value in part.items() if value != found[name]} <= {*GENERATED, "detail"}


@pytest.fixture
def listening(clock: time_machine.Traveller, stack: Stack) -> Listening:
    clock.move_to("2026-11-30T17:00:00+00:00")
    # The zone of `make run`.
    project = {"timeZone": "Europe/London", "currency": "GBP"}
    assert stack.http("PUT", "/v1/project", project, headers={"If-Match": '"0"'}).status == 200
    found = Listening(stack)
    for section in ("Prepare", "Listen with a queue"):
        found.run(section)
    return found


def reminded(stack: Stack, listening: Listening) -> list[str]:
    def answer(path: str) -> Any:
        path, _, query = path.partition("?")
        return stack.http("GET", path, raw_query=query).body

    due = reminders.due_events(stack.sqs, listening.queue_url, WAIT, datetime.now(UTC))
    return [reminders.reminder(event) for event in due if not reminders.has_redeemed(event, answer)]


def test_the_queue_gets_the_shown_event_and_no_event_that_the_rule_leaves_out(
    stack: Stack, listening: Listening
) -> None:
    assert listening.compared == 1
    (message,) = stack.sqs.receive_message(QueueUrl=listening.queue_url, MaxNumberOfMessages=10)["Messages"]
    assert json.loads(message["Body"])["detail"]["points"] == 100


def test_the_recipe_reminds_customers_who_have_not_redeemed_within_three_days(
    clock: time_machine.Traveller, stack: Stack, listening: Listening
) -> None:
    wallet = listening.commands.variables["WALLET"]
    before = {item["sk"]["S"] + item["pk"]["S"] for item in stack.items()}
    stack.credit(wallet, 60, customer="bob")
    publish([one for one in stream(stack) if place(one) not in before])
    assert reminded(stack, listening) == []

    clock.shift(timedelta(days=1))
    stack.debit(wallet, 5, customer="bob")
    assert reminded(stack, listening) == []
    clock.shift(timedelta(days=2))
    assert reminded(stack, listening) == ["ann: you have 100 stars of Star club until 2026-12-31T00:00:00Z."]
    clock.shift(timedelta(days=1))
    assert reminded(stack, listening) == []


def place(record: dict[str, Any]) -> str:
    keys = record["dynamodb"]["Keys"]
    return str(keys["sk"]["S"] + keys["pk"]["S"])
