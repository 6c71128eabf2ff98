"""The queue of cards to be settled: a message nominates up to a hundred cards."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
from loyalty import config
from loyalty.domain.cards.card import DueCard
from loyalty.messaging.clients import sqs_client
from loyalty.messaging.message_queue import BATCH_MAX

CARDS_PER_MESSAGE = 100
"""Ten such messages are below 256 KB, the size of a SendMessageBatch, also if customer ids have their full length."""
SENDERS = 8


class SettleQueue:
    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def backlog(self) -> int:
        """Returns the approximate number of cards in the queue, as if each message were full."""
        name: Any = "ApproximateNumberOfMessages"
        attributes = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=[name])["Attributes"]
        return int(attributes[name]) * CARDS_PER_MESSAGE

    def send(self, cards: Sequence[DueCard]) -> int:
        """Sends every card; returns how many were sent. A later tick sends the cards of a message that SQS refuses."""
        messages = [cards[start : start + CARDS_PER_MESSAGE] for start in range(0, len(cards), CARDS_PER_MESSAGE)]
        batches = [messages[start : start + BATCH_MAX] for start in range(0, len(messages), BATCH_MAX)]
        with ThreadPoolExecutor(SENDERS) as pool:
            return sum(pool.map(self._send, batches))

    def _send(self, batch: Sequence[Sequence[DueCard]]) -> int:
        entries: Any = [{"Id": str(place), "MessageBody": message_body(cards)} for place, cards in enumerate(batch)]
        answer = self._client.send_message_batch(QueueUrl=self._url, Entries=entries)
        return sum(len(batch[int(sent["Id"])]) for sent in answer.get("Successful", []))


def message_body(cards: Sequence[DueCard]) -> str:
    return json.dumps({"cards": [{"customerId": card.customer_id, "walletId": card.wallet_id} for card in cards]})


def cards_from_message(body: str) -> list[DueCard]:
    """Returns the cards of a message; raises ValueError, KeyError or TypeError if the message has another form."""
    return [DueCard(card["customerId"], card["walletId"]) for card in json.loads(body)["cards"]]


@cache
def connected_queue() -> SettleQueue:
    return SettleQueue(sqs_client(), config.settle_queue_url())
