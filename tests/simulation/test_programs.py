"""Programs under faults: structures are attached, detached and changed while members move and are calculated."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any, cast

import pytest
from hypothesis import Phase, given, note, settings

from loyalty.domain.dates import instant
from loyalty.domain.tiers.document import structure_json
from loyalty.domain.tiers.program import ProgramStatus, ProgramWallet
from loyalty.domain.tiers.progression import is_calculated
from loyalty.domain.tiers.recalculation import RecalculationStatus
from loyalty.domain.tiers.structure import TierStructure
from loyalty.messaging.recalculation_queue import RecalculationQueue, page_from_message
from loyalty.store.recalculations import recalculation_from
from loyalty.store.store import Store
from loyalty.usecases import admission
from loyalty.usecases.programs import attachment, programs, structures
from loyalty.usecases.programs.programs import ProgramSettings
from loyalty.usecases.programs.recalculations import calculate_page
from loyalty.usecases.reference_audit import drifts_of_references
from tests.simulation.account import SEEDS, new_client
from tests.simulation.drafts import CUSTOMERS
from tests.simulation.test_tiers import STRUCTURES, TierHistory
from tests.support.world import World, books, world

PROGRAMS = ("club", "gold")


class Messages:
    """A queue in memory, as the client of SQS that the product uses."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.waiting: list[tuple[int, str]] = []
        """The messages that were not processed yet, each with the instant from which it can be received."""

    def send_message_batch(self, **request: Any) -> dict[str, Any]:
        now = instant(self._world.now)
        self.waiting += [(now + entry["DelaySeconds"], entry["MessageBody"]) for entry in request["Entries"]]
        return {}

    def receivable(self) -> list[tuple[int, str]]:
        return [message for message in self.waiting if message[0] <= instant(self._world.now)]


class ProgramHistory(TierHistory):
    def __init__(self, world: World, random: Random) -> None:
        super().__init__(world, random)
        self.messages = Messages(world)
        self.queue = RecalculationQueue(cast("Any", self.messages), "queue")
        self.structures = [self._create_structure(one) for one in STRUCTURES]
        for program_id in PROGRAMS:
            settings = ProgramSettings(name=program_id)
            programs.create(
                world.store, self.queue, settings, ProgramStatus.ACTIVE, world.now, "test", program_id=program_id
            )

    def finish(self) -> None:
        """Delivers all messages without faults: then each attachment has its recalculation, and each card its tiers."""
        self.world.now += timedelta(seconds=60)
        while found := self.messages.receivable():
            for message in found:
                self._deliver(self.world.store, message)
        assert drifts_of_references(self.world.store) == []
        runs = [recalculation_from(item) for item in self.world.items() if item["pk"]["S"] == "RECALCULATIONS"]
        assert all(run.status is RecalculationStatus.COMPLETED for run in runs)
        wallet = self.world.wallet
        attached = {(one.program_id, one.attached_in) for one in wallet.tiers}
        assert attached <= {(run.identity.program_id, run.identity.wallet_version) for run in runs}
        for one in books(self.world.items()).values():
            assert all(is_calculated(one.card, tiers) for tiers in wallet.tiers)

    def _any_task(self) -> tuple[str, Callable[[], None]]:
        kind = self.random.choices(("request", "assign", "unassign", "toggle", "change", "page"), (6, 3, 1, 1, 1, 8))[0]
        if kind == "request":
            return self._sender(f"{next(self._numbers)}", self._new_request(self.random.choice(CUSTOMERS)))
        works: dict[str, Callable[[Store], object]] = {
            "assign": self._assign,
            "unassign": self._unassign,
            "toggle": self._toggle,
            "change": self._change,
            "page": self._any_page,
        }
        return f"{next(self._numbers)} {kind}", self._with_retries(works[kind])

    def _pause(self) -> int:
        return self.random.choice((0, 5, 30, 60, super()._pause()))

    def _create_structure(self, structure: TierStructure) -> str:
        found, _ = structures.create(self.world.store, structure_json(structure), self.world.now, "test")
        return found.structure_id

    def _assign(self, store: Store) -> None:
        wallet = ProgramWallet(self.world.wallet_id, self.random.choice(self.structures))
        programs.assign(store, self.queue, self.random.choice(PROGRAMS), wallet, self.world.now, "test")

    def _unassign(self, store: Store) -> None:
        program_id = self.random.choice(PROGRAMS)
        programs.unassign(store, self.queue, program_id, self.world.wallet_id, self.world.now, "test")

    def _toggle(self, store: Store) -> None:
        program_id = self.random.choice(PROGRAMS)
        is_active = programs.read(store, program_id).status is ProgramStatus.ACTIVE
        move = programs.deactivate if is_active else programs.activate
        move(store, self.queue, program_id, self.world.now, "test")

    def _change(self, store: Store) -> None:
        found = structures.read(store, self.random.choice(self.structures))
        levels = structure_json(found.structure)["levels"]
        levels[-1]["from"] = levels[-2]["from"] + self.random.randint(1, 20)
        structures.change(
            store, self.queue, found.structure_id, {"levels": levels}, found.version, self.world.now, "test"
        )

    def _any_page(self, store: Store) -> None:
        found = self.messages.receivable()
        if found:
            self._deliver(store, self.random.choice(found))

    def _deliver(self, store: Store, message: tuple[int, str]) -> None:
        """A message is gone only after its page is done. Two environments may process one message."""
        calculate_page(store, self.queue, page_from_message(message[1]), self.world.now, is_last_try=False)
        if message in self.messages.waiting:
            self.messages.waiting.remove(message)


@settings(
    max_examples=settings().max_examples // 10,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    report_multiple_bugs=False,
)
@given(SEEDS)
def test_every_attachment_calculates_all_members_under_faults(seed: int) -> None:
    random, client = Random(seed), new_client()
    with pytest.MonkeyPatch.context() as patch, world(client, transfers={"allowed": True}) as made:
        # Few shards: most messages would be those of empty shards.
        for module in (admission, attachment):
            patch.setattr(module, "SHARDS", 2)
        history = ProgramHistory(made, random)
        with history.scheduler.watching(client):
            try:
                history.run()
                history.check()
                history.finish()
                history.check()
            finally:
                note(f"LOYALTY_SIMULATION_SEED={seed}")
                for step in history.scheduler.trace:
                    note(step)
