"""The settle queue as its function meets it: messages out of it, and the answer Lambda would go by."""

import json
from typing import Any

from tests.integration.invoking import invoke
from tests.support.stack import Stack


def message(wallet: str, customer: str = "ann") -> str:
    return json.dumps({"customerId": customer, "walletId": wallet})


def waiting(stack: Stack) -> list[str]:
    """Takes all messages out of the queue."""
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
    """Customers of the waiting messages."""
    return sorted(json.loads(body)["customerId"] for body in waiting(stack))


def settle(*bodies: str, receives: int = 1) -> list[str]:
    """Gives the messages to settle_cards as one batch; those it wants again."""
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
    """A tick of the schedule and all that follows from it; how many cards it nominated."""
    count = int(invoke(folder, {})["nominated"])
    bodies = waiting(stack)
    for start in range(0, len(bodies), 10):
        assert settle(*bodies[start : start + 10]) == []
    return count
