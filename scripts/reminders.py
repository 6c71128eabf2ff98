"""Prints whom to remind: customers who were credited some days ago and have spent no points since.

The queue has `Points Credited` events; docs/events/README.md makes it. Run this command every hour.
"""

import argparse
import json
import os
import sys
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import boto3

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

HIDDEN_SECONDS = 3_600
"""How long the queue hides a message that was read: a message that is too young is read again after this time."""


def arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="reminders", description=__doc__)
    parser.add_argument("--queue-url", required=True, help="the queue with the events")
    parser.add_argument("--days", type=int, default=3, help="how long after the credit the reminder is due")
    return parser.parse_args(words)


def main(words: Sequence[str]) -> int:
    wanted = arguments(words)
    for event in due_events(boto3.client("sqs"), wanted.queue_url, timedelta(days=wanted.days), datetime.now(UTC)):
        if not has_redeemed(event, answer_of):
            print(reminder(event))
    return 0


def due_events(sqs: "SQSClient", queue_url: str, wait: timedelta, now: datetime) -> Iterator[dict[str, Any]]:
    """Yields the details of the events that are old enough, each once, until the queue shows no message.

    A message is deleted after its event was handled: if the handling fails, the message is read again.
    """
    handled = set()
    while messages := sqs.receive_message(
        QueueUrl=queue_url, MaxNumberOfMessages=10, VisibilityTimeout=HIDDEN_SECONDS
    ).get("Messages"):
        for message in messages:
            event = json.loads(message["Body"])["detail"]
            if datetime.fromisoformat(event["eventTimestamp"]) + wait > now:
                continue
            if event["eventId"] not in handled:
                handled.add(event["eventId"])
                yield event
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])


def has_redeemed(event: dict[str, Any], answer: Callable[[str], Any]) -> bool:
    """Returns whether the customer has spent points of the wallet since the credit: one request."""
    card = f"/v1/wallets/{quote(event['walletId'])}/cards/{quote(event['customerId'], safe='')}"
    query = urlencode({"type": "DEBIT", "from": event["eventTimestamp"], "limit": 1})
    return bool(answer(f"{card}/transactions?{query}")["data"])


def reminder(event: dict[str, Any]) -> str:
    until = f" until {event['expiresAt']}" if event["expiresAt"] else ""
    return f"{event['customerId']}: you have {event['points']} {event['pointsName']} of {event['walletName']}{until}."


def answer_of(path: str) -> Any:
    request = urllib.request.Request(  # noqa: S310  # the URL of the stack
        os.environ["LOYALTY_API_URL"] + path, headers={"X-Api-Key": os.environ["LOYALTY_API_KEY"]}
    )
    with urllib.request.urlopen(request, timeout=30) as answered:  # noqa: S310  # the URL of the stack
        return json.load(answered)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
