"""The publisher of a history: it relays the stream in batches to a bus that fails and refuses, and begins again."""

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

from botocore.exceptions import ConnectionClosedError

from loyalty.messaging.bus import Bus
from loyalty.store.store import Store
from loyalty.usecases.outbox import relay
from tests.integration.publishing import record
from tests.simulation.observation import Observation
from tests.support.world import Books

BATCH_MAX = 12


@dataclass
class Target:
    """The bus and the failures queue, as the clients that the product uses."""

    random: Random
    fault_rate: float
    first_sent: dict[str, Any] = field(default_factory=dict)
    """The details by event id, in the order in which they were first sent."""
    accepted: set[str] = field(default_factory=set)
    set_aside: list[Any] = field(default_factory=list)

    def put_events(self, **request: Any) -> dict[str, Any]:
        details = [json.loads(entry["Detail"]) for entry in request["Entries"]]
        for detail in details:
            assert self.first_sent.setdefault(detail["eventId"], detail) == detail, "a repeated event is the same"
        refused = [self._fails() for _ in details]
        self.accepted |= {one["eventId"] for one, is_refused in zip(details, refused, strict=True) if not is_refused}
        if self._fails():
            raise ConnectionClosedError(endpoint_url="https://events")
        results = [{"ErrorCode": "InternalFailure"} if is_refused else {"EventId": "1"} for is_refused in refused]
        return {"FailedEntryCount": sum(refused), "Entries": results}

    def send_message(self, **request: Any) -> None:
        self.set_aside.append(request)

    def _fails(self) -> bool:
        return self.random.random() < self.fault_rate


class Publisher:
    """Has one batch at a time, as for a shard of the stream: a batch is done only when it was relayed completely."""

    def __init__(self, observation: Observation, random: Random) -> None:
        self.target = Target(random, random.choice((0, 0.1, 0.4)))
        self._observation = observation
        self._random = random
        self._bus = Bus(cast("Any", self.target), "bus", cast("Any", self.target), "queue")
        self._done = 0
        self._busy = False

    def publish(self, store: Store) -> None:
        """Relays the next batch, unless another task does."""
        if self._busy:
            return
        self._busy = True
        try:
            items = self._observation.stream[self._done :][: self._random.randint(1, BATCH_MAX)]
            relay([record(item) for item in items], self._bus, store)
            self._done += len(items)
        finally:
            self._busy = False

    def finish(self, store: Store) -> None:
        """Relays what is left, without faults."""
        self.target.fault_rate = 0
        while self._done < len(self._observation.stream):
            self.publish(store)

    def check(self, found: dict[str, Books], wallet_id: str, versions: int) -> None:
        """Checks that each row, card and version is one event, in the order of each card, with the row's amounts."""
        assert not self.target.set_aside
        sent = self.target.first_sent
        assert self.target.accepted == sent.keys()
        expected = {f"{wallet_id}.v{number}" for number in range(1, versions + 1)}
        for one in found.values():
            expected |= {f"{one.card.card_id}.{seq}" for seq in range(one.card.version + 1)}
            of_card = [detail for detail in sent.values() if detail.get("cardId") == one.card.card_id]
            assert [detail["seq"] for detail in of_card] == [*range(one.card.version + 1)]
            for row, detail in zip(one.rows, of_card[1:], strict=True):
                assert (detail["points"], detail["balance"]["active"]) == (row.points, row.balance.active)
                assert detail["hash"] == row.hash.hex()
        others = [detail for event_id, detail in sent.items() if event_id not in expected]
        assert expected <= sent.keys()
        assert all("awards" in detail for detail in others)
