"""The settle queue: its messages, and the answer of its function to Lambda."""

import json
from typing import Any

from tests.integration.invoking import invoke
from tests.support.stack import Stack


def message(wallet: str, customer: str = "ann") -> str:
    return json.dumps({"customerId": customer, "walletId": wallet})


def take_messages(stack: Stack) -> list[str]:
    """Takes and returns all messages of the queue."""
    bodies: list[str] = []
    while True:
        answer = stack.sqs.receive_message(QueueUrl=stack.settle_url, MaxNumberOfMessages=10)
        found = answer.get("Messages", [])
        if not found:
            return bodies
        for taken in found:
            bodies.append(taken["Body"])
            stack.sqs.delete_message(QueueUrl=stack.settle_url, ReceiptHandle=taken["ReceiptHandle"])


def nominated(stack: Stack) -> list[str]:
    """The customers of the messages in the queue."""
    return sorted(json.loads(body)["customerId"] for body in take_messages(stack))


def settle(*bodies: str, receives: int = 1) -> list[str]:
    """Gives the messages to settle_cards as one batch and returns the failed ones."""
    records: list[dict[str, Any]] = [
        {
            "messageId": str(place),
            "body": body,
            "attributes": {"ApproximateReceiveCount": str(receives)},
            "eventSource": "aws:sqs",
        }
        for place, body in enumerate(bodies)
    ]
    answer = invoke("settle_cards", {"Records": records})
    return [bodies[int(failure["itemIdentifier"])] for failure in answer["batchItemFailures"]]


def sweep(stack: Stack, folder: str) -> int:
    """Runs a tick of the schedule with its settlements and returns the number of nominated cards."""
    count = int(invoke(folder, {})["nominated"])
    bodies = take_messages(stack)
    for start in range(0, len(bodies), 10):
        assert settle(*bodies[start : start + 10]) == []
    return count
