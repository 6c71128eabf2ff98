"""The call that is under way: who calls, what was sent, the store."""

from dataclasses import dataclass
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Depends, Request

from loyalty.http.gateway import authorized
from loyalty.store.store import Store, connected


@dataclass(frozen=True, slots=True)
class Caller:
    actor: str
    """Id of the API key."""
    request_id: str


def caller(request: Request) -> Caller:
    event = request.resolved_event.raw_event
    return Caller(actor=str(authorized(event).get("keyId", "-")), request_id=event["requestContext"]["requestId"])


CallerOf = Annotated[Caller, Depends(caller)]


def sent_body(request: Request) -> Any:
    """The JSON as it was sent, before defaults are filled in."""
    return request.resolved_event.json_body


SentBody = Annotated[Any, Depends(sent_body)]
StoreOf = Annotated[Store, Depends(connected)]
