"""Sends the requests of customers: in parallel, and those of one customer one after another."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from scripts.demo.story import Kind, Request
from scripts.replay.api import Answer, Api, Failed
from scripts.replay.run import HOPELESS_AFTER, Hopeless, in_parallel

CREATED = 201


@dataclass(frozen=True, slots=True)
class Done:
    is_new: bool
    """Whether this run made it. False: an earlier run did."""
    points: int


@dataclass(slots=True)
class Results:
    """The results so far; only the main thread changes them."""

    new: Counter[Kind] = field(default_factory=Counter)
    known: Counter[Kind] = field(default_factory=Counter)
    points: Counter[Kind] = field(default_factory=Counter)
    failures: list[tuple[Request, str]] = field(default_factory=list)

    def add(self, request: Request, outcome: Done | Failed) -> None:
        if isinstance(outcome, Failed):
            self.failures.append((request, str(outcome)))
            if len(self.failures) >= HOPELESS_AFTER and not self.new and not self.known:
                raise Hopeless
            return
        (self.new if outcome.is_new else self.known)[request.kind] += 1
        self.points[request.kind] += outcome.points


def send(
    client: Api,
    stories: Sequence[Sequence[Request]],
    results: Results,
    advance: Callable[[int], None],
    *,
    senders: int,
    stop: Event,
) -> None:
    """Sends the stories. A story ends at its first failure, because later requests depend on earlier ones."""

    def settle(story: Sequence[Request], outcomes: Sequence[Done | Failed]) -> None:
        for request, outcome in zip(story, outcomes, strict=False):
            results.add(request, outcome)
        advance(len(story))

    in_parallel(lambda story: _send_all(client, story), stories, settle, workers=senders, stop=stop)


def _send_all(client: Api, story: Sequence[Request]) -> list[Done | Failed]:
    outcomes: list[Done | Failed] = []
    for request in story:
        try:
            outcomes.append(_send(client, request))
        except Failed as failed:
            outcomes.append(failed)
            break
    return outcomes


def _send(client: Api, request: Request) -> Done:
    if request.method == "PUT":
        answer = client.put(request.path, request.body)
    else:
        answer = client.post(request.path, request.body, request.key)
    return Done(_is_new(request, answer), points_of(answer.body))


def _is_new(request: Request, answer: Answer) -> bool:
    """A profile and a referral code are new with 201. An event without effect is as if it was known."""
    if request.kind in (Kind.PROFILE, Kind.REFERRAL_CODE):
        return answer.status == CREATED
    if "replayed" in answer.body:
        has_effect = request.kind is not Kind.REVIEW or bool(answer.body["awards"])
        return has_effect and not answer.body["replayed"]
    return not answer.is_replay


def points_of(body: Mapping[str, Any]) -> int:
    """Returns the points that a request moved."""
    if "awards" in body:
        return sum(int(award["points"]) for award in body["awards"])
    if "redemption" in body:
        return sum(int(price["points"]) for price in body["redemption"]["price"])
    if "transaction" in body:
        return int(body["transaction"]["points"])
    return int(body.get("points", 0))
