"""Recalculations of tiers, each an item of one partition."""

from dataclasses import astuple
from itertools import islice

from loyalty.domain.tiers.recalculation import (
    Recalculation,
    RecalculationCounts,
    RecalculationId,
    RecalculationStatus,
)
from loyalty.store import keys
from loyalty.store.attributes import ITEM_FORM, Item, int_from, number, number_set, string
from loyalty.store.table import Table, TransactionCanceled, WriteAction, put, update


class RecalculationStore:
    """The writes raise `TransactionCanceled` for a conflict only. A write whose condition is not met does nothing."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, identity: RecalculationId) -> Recalculation | None:
        item = self._table.get(keys.RECALCULATIONS, keys.recalculation(*astuple(identity)))
        return recalculation_from(item) if item else None

    def page(self, program_id: str, before: RecalculationId | None, limit: int) -> list[Recalculation]:
        """Returns the program's recalculations before the given one, newest first."""
        last = keys.recalculation(*astuple(before)) if before else f"{keys.recalculations(program_id)}\x7f"
        values = {
            ":pk": string(keys.RECALCULATIONS),
            ":from": string(keys.recalculations(program_id)),
            ":to": string(last),
        }
        # BETWEEN includes its ends.
        items = self._table.query("pk = :pk AND sk BETWEEN :from AND :to", values, descending=True, limit=limit + 1)
        return list(islice((recalculation_from(item) for item in items if item["sk"]["S"] != last), limit))

    def running(self) -> list[Recalculation]:
        """Returns the recalculations that are not completed."""
        values = {":pk": string(keys.RECALCULATIONS), ":running": string(RecalculationStatus.RUNNING)}
        return [recalculation_from(item) for item in self._table.query("pk = :pk", values, filter_="st = :running")]

    def finish_shard(self, run: Recalculation, shard: int, counts: RecalculationCounts) -> None:
        """Records the result of a shard, once."""
        values = {
            ":shards": number_set([shard]),
            ":shard": number(shard),
            ":n": number(counts.seen),
            ":k": number(counts.calculated),
            ":x": number(counts.changed),
        }
        self._write(
            update("recalculation", _key(run), "ADD fs :shards, n :n, k :k, x :x", "NOT contains(fs, :shard)", values)
        )

    def complete(self, run: Recalculation, at: int) -> None:
        """Records that the recalculation is completed, once."""
        values = {":completed": string(RecalculationStatus.COMPLETED), ":at": number(at)}
        self._write(update("recalculation", _key(run), "SET st = :completed, cp = :at", "st <> :completed", values))

    def _write(self, action: WriteAction) -> None:
        try:
            self._table.transact([action])
        except TransactionCanceled as race:
            if action.label not in race.failed:
                raise


def recalculation_write(run: Recalculation) -> WriteAction:
    """Returns the write of a new recalculation."""
    return put(
        "recalculation",
        {
            **_key(run),
            "s": string(ITEM_FORM),
            "ts": string(run.structure_id),
            "st": string(run.status),
            "ns": number(run.shards),
        },
    )


def recalculation_from(item: Item) -> Recalculation:
    return Recalculation(
        identity=RecalculationId(*keys.parse_recalculation(item["sk"]["S"])),
        structure_id=item["ts"]["S"],
        shards=int(item["ns"]["N"]),
        status=RecalculationStatus(item["st"]["S"]),
        finished=frozenset(map(int, item["fs"]["NS"])) if "fs" in item else frozenset(),
        counts=RecalculationCounts(int_from(item, "n"), int_from(item, "k"), int_from(item, "x")),
        completed_at=int_from(item, "cp"),
    )


def _key(run: Recalculation) -> Item:
    return {
        "pk": string(keys.RECALCULATIONS),
        "sk": string(keys.recalculation(*astuple(run.identity))),
    }
