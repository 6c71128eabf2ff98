"""The stream and the bus for tests: records of items, and the events that the function sent."""

import base64
import json
from types import SimpleNamespace
from typing import Any

from loyalty.messaging import bus
from tests.integration.invoking import invoke
from tests.support.stack import Stack


class Events:
    """The entries that the bus got, and its answers. `refuses` decides for each call and entry."""

    def __init__(self) -> None:
        self.calls: list[list[Any]] = []
        self.accepted: list[Any] = []
        self.refuses: Any = lambda _call, _entry: False
        client = bus.connected_bus()._client
        client.meta.events.register("provide-client-params.events.PutEvents", self._sent)
        client.meta.events.register("before-call.events.PutEvents", self._answer)

    def _sent(self, params: dict[str, Any], **_: Any) -> None:
        self.calls.append(params["Entries"])

    def _answer(self, **_: Any) -> Any:
        results = []
        for entry in self.calls[-1]:
            if self.refuses(len(self.calls), entry):
                results.append({"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"})
            else:
                self.accepted.append(entry)
                results.append({"EventId": "1"})
        failed = sum("ErrorCode" in result for result in results)
        return SimpleNamespace(status_code=200), {"FailedEntryCount": failed, "Entries": results}

    @property
    def details(self) -> dict[str, Any]:
        """The details by event id. Each id occurs once."""
        found = [json.loads(entry["Detail"]) for entry in self.accepted]
        assert len({detail["eventId"] for detail in found}) == len(found)
        return {detail["eventId"]: detail for detail in found}

    def types(self) -> list[str]:
        return [entry["DetailType"] for entry in self.accepted]


def image(item: Any) -> Any:
    """The image as Lambda delivers it, with binary values in base64."""
    return {
        name: {"B": base64.b64encode(value["B"]).decode()} if "B" in value else value for name, value in item.items()
    }


def record(item: Any, event: str = "INSERT") -> dict[str, Any]:
    return {
        "eventID": "c4ca4238a0b923820dcc509a6f75849b",
        "eventName": event,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-central-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1803902400.0,
            "Keys": {name: item[name] for name in ("pk", "sk")},
            "NewImage": image(item),
            "SequenceNumber": "111",
            "SizeBytes": 26,
            "StreamViewType": "NEW_IMAGE",
        },
        "eventSourceARN": "arn:aws:dynamodb:eu-central-1:123456789012:table/loyalty/stream/2027-03-01T00:00:00.000",
    }


def stream(stack: Stack) -> list[dict[str, Any]]:
    """The stream records of all items of the table as new items, as plain JSON."""
    records: list[dict[str, Any]] = json.loads(json.dumps([record(item) for item in stack.items()]))
    return records


def publish(records: list[dict[str, Any]]) -> Any:
    return invoke("publish_events", {"Records": records})


def failures(stack: Stack) -> list[Any]:
    answer = stack.sqs.receive_message(QueueUrl=stack.failures_url, MaxNumberOfMessages=10)
    return [json.loads(taken["Body"]) for taken in answer.get("Messages", [])]
