"""The queue of members to whom a run of a scheduled campaign gives points: a message is a page of a shard."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from loyalty import config
from loyalty.messaging.clients import sqs_client
from loyalty.messaging.message_queue import MessageQueue


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberPage:
    """The members of a shard after the customer `after`, and what the members before them got in this run."""

    campaign_id: str
    day: date
    shard: int
    after: str | None = None
    awards: int = 0
    points: int = 0
    only: str | None = None
    """This customer alone, whose award failed in the page: the page went on without the customer."""


class AwardQueue(MessageQueue):
    def send(self, pages: Sequence[MemberPage]) -> None:
        """Sends every page, or raises `MessagesNotAccepted`; some may have been sent then."""
        self._send_all(list(map(message_body, pages)))


def message_body(page: MemberPage) -> str:
    document = {
        "campaignId": page.campaign_id,
        "date": str(page.day),
        "shard": page.shard,
        "after": page.after,
        "awards": page.awards,
        "points": page.points,
        "only": page.only,
    }
    return json.dumps({name: value for name, value in document.items() if value is not None})


def page_from_message(body: str) -> MemberPage:
    """Returns the page of a message; raises `ValueError`, `KeyError` or `TypeError` if it has another form."""
    document = json.loads(body)
    return MemberPage(
        campaign_id=document["campaignId"],
        day=date.fromisoformat(document["date"]),
        shard=int(document["shard"]),
        after=document.get("after"),
        awards=document.get("awards", 0),
        points=document.get("points", 0),
        only=document.get("only"),
    )


@cache
def connected_award_queue() -> AwardQueue:
    return AwardQueue(sqs_client(), config.award_queue_url())
