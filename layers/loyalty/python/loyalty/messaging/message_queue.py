"""A queue whose messages are all accepted, or sent again by what sent them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

BATCH_MAX = 10
"""Messages of one SendMessageBatch (Amazon SQS quotas)."""


class MessagesNotAccepted(Exception):
    """The queue refused messages. What sent them is repeated as a whole."""


class MessageQueue:
    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def _send_all(self, bodies: Sequence[str], *, delay: int = 0) -> None:
        """Sends every message, or raises `MessagesNotAccepted`; some may have been sent then. `delay`: in seconds."""
        for start in range(0, len(bodies), BATCH_MAX):
            batch = bodies[start : start + BATCH_MAX]
            entries: Any = [
                {"Id": str(place), "MessageBody": body, "DelaySeconds": delay} for place, body in enumerate(batch)
            ]
            answer = self._client.send_message_batch(QueueUrl=self._url, Entries=entries)
            if answer.get("Failed"):
                raise MessagesNotAccepted(f"{len(answer['Failed'])} messages were refused")
