"""The queue of cards to be settled."""

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
from loyalty import config
from loyalty.domain.cards.card import DueCard

BATCH_MAX = 10
"""Messages of one SendMessageBatch (Amazon SQS quotas)."""
SENDERS = 8


class SettleQueue:
    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def backlog(self) -> int:
        """Returns the approximate number of messages in the queue."""
        name: Any = "ApproximateNumberOfMessages"
        return int(self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=[name])["Attributes"][name])

    def send(self, batches: Iterable[list[DueCard]]) -> int:
        """Sends every card, one per message; returns how many were sent.

        A message that SQS refuses is left to the next tick.
        """
        with ThreadPoolExecutor(SENDERS) as pool:
            return sum(pool.map(self._send, batches))

    def _send(self, batch: list[DueCard]) -> int:
        entries: Any = [{"Id": str(place), "MessageBody": message_body(card)} for place, card in enumerate(batch)]
        answer = self._client.send_message_batch(QueueUrl=self._url, Entries=entries)
        return len(answer.get("Successful", []))


def message_body(card: DueCard) -> str:
    return json.dumps({"customerId": card.customer_id, "walletId": card.wallet_id})


def card_from_message(body: str) -> DueCard:
    """Returns the card of a message; raises ValueError or KeyError if the message has another form."""
    document = json.loads(body)
    return DueCard(document["customerId"], document["walletId"])


@cache
def connected_queue() -> SettleQueue:
    return SettleQueue(boto3.client("sqs"), config.settle_queue_url())
