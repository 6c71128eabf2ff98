"""The queue of members whose tier is computed again: a message is a page of a shard, or the start of all shards."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache

from loyalty import config
from loyalty.domain.tiers.recalculation import NOTHING, RecalculationCounts, RecalculationId
from loyalty.messaging.clients import sqs_client
from loyalty.messaging.message_queue import MessageQueue

DELAY_SECONDS = 30
"""When a recalculation begins.

By then no environment uses a wallet without the structure (10 seconds), and the index of members has every card that
such an environment made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberPage:
    """The members of a shard after the customer `after`, and the counts of the members before them."""

    identity: RecalculationId
    shard: int | None = None
    """None: the start of all shards."""
    after: str | None = None
    counts: RecalculationCounts = NOTHING
    only: str | None = None
    """This customer alone, who failed in a page: the page went on without the customer."""


class RecalculationQueue(MessageQueue):
    def start(self, identities: Sequence[RecalculationId]) -> None:
        """Sends the starts of recalculations, which arrive after 30 seconds.

        They are sent before the recalculations are saved: the start of an unsaved recalculation does nothing.
        """
        self._send_all([message_body(MemberPage(identity=one)) for one in identities], delay=DELAY_SECONDS)

    def send(self, pages: Sequence[MemberPage]) -> None:
        """Sends every page, or raises `MessagesNotAccepted`; some may have been sent then."""
        self._send_all(list(map(message_body, pages)))


def message_body(page: MemberPage) -> str:
    return json.dumps({name: value for name, value in asdict(page).items() if value is not None})


def page_from_message(body: str) -> MemberPage:
    """Returns the page of a message; raises `ValueError`, `KeyError` or `TypeError` if it has another form."""
    document = json.loads(body)
    return MemberPage(
        **{
            **document,
            "identity": RecalculationId(**document["identity"]),
            "counts": RecalculationCounts(**document["counts"]),
        }
    )


@cache
def connected_recalculation_queue() -> RecalculationQueue:
    return RecalculationQueue(sqs_client(), config.recalculation_queue_url())
