"""The queues of sweeps and of scheduled campaigns: their messages, and the answers of their functions to Lambda."""

import json
from typing import Any

from tests.integration.invoking import invoke
from tests.support.emulator import take_bodies
from tests.support.stack import CONTEXT, Stack


def message(wallet: str, *customers: str) -> str:
    """A message that nominates the customers' cards, by default Ann's."""
    return json.dumps({"cards": [{"customerId": customer, "walletId": wallet} for customer in customers or ("ann",)]})


def take_messages(stack: Stack, queue: str | None = None) -> list[str]:
    """Takes and returns all messages of the queue, by default of the settle queue."""
    return take_bodies(queue or stack.settle_url)


def nominated(stack: Stack) -> list[str]:
    """The customers of the messages in the queue."""
    return sorted(card["customerId"] for body in take_messages(stack) for card in json.loads(body)["cards"])


def settle(*bodies: str, receives: int = 1, context: Any = CONTEXT) -> list[str]:
    """Gives the messages to settle_cards as one batch and returns the failed ones."""
    return deliver("settle_cards", *bodies, receives=receives, context=context)


def deliver(folder: str, *bodies: str, receives: int = 1, context: Any = CONTEXT) -> list[str]:
    """Gives the messages to the function as one batch and returns the failed ones."""
    records: list[dict[str, Any]] = [
        {
            "messageId": str(place),
            "body": body,
            "attributes": {"ApproximateReceiveCount": str(receives)},
            "eventSource": "aws:sqs",
        }
        for place, body in enumerate(bodies)
    ]
    answer = invoke(folder, {"Records": records}, context)
    return [bodies[int(failure["itemIdentifier"])] for failure in answer["batchItemFailures"]]


def sweep(stack: Stack, folder: str) -> int:
    """Runs a tick of the schedule with its settlements and returns the number of nominated cards."""
    count = int(invoke(folder, {})["nominated"])
    for body in take_messages(stack):
        assert settle(body) == []
    return count


def run_campaigns(stack: Stack) -> dict[str, int]:
    """Runs a tick of the scheduled campaigns with all awards, and returns what the tick did."""
    tick: dict[str, int] = invoke("run_campaigns", {})
    award_members(stack)
    return tick


def award_members(stack: Stack, *, deliveries: int = 1) -> int:
    """Delivers the messages until the queue is empty, each so many times; returns the number of different messages."""
    count = 0
    while bodies := take_messages(stack, stack.award_url):
        for body in dict.fromkeys(bodies):
            count += 1
            for _ in range(deliveries):
                assert deliver("award_members", body) == []
    return count
