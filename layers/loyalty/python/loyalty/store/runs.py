"""Runs of scheduled campaigns, each an item, and the customers whom a run concerns."""

from collections.abc import Sequence
from datetime import date
from itertools import islice

from loyalty.domain.cards.card import CardStatus
from loyalty.domain.earning.run import Run, RunStatus
from loyalty.store import keys
from loyalty.store.attributes import ITEM_FORM, Item, int_from, number, number_set, string, text_from
from loyalty.store.table import Table, TransactionCanceled, WriteAction, put, update

AFTER_ALL_DATES = ":"
"""The character after the digits."""


class RunStore:
    """The writes raise `TransactionCanceled` for a conflict only. A write whose condition is not met does nothing."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, campaign_id: str, day: date) -> Run | None:
        item = self._table.get(keys.run(campaign_id), str(day))
        return run_from(item) if item else None

    def page(self, campaign_id: str, before: str | None, limit: int) -> list[Run]:
        """Returns the campaign's runs before the date, newest first. The date is text as in a key, or None."""
        values = {":pk": string(keys.run(campaign_id)), ":before": string(before or AFTER_ALL_DATES)}
        items = self._table.query("pk = :pk AND sk < :before", values, descending=True, limit=limit)
        return [run_from(item) for item in islice(items, limit)]

    def since(self, campaign_id: str, day: date) -> list[Run]:
        """Returns the campaign's runs on the date and after it, oldest first."""
        values = {":pk": string(keys.run(campaign_id)), ":from": string(str(day))}
        return [run_from(item) for item in self._table.query("pk = :pk AND sk >= :from", values)]

    def with_birthday(self, run: Run, shard: int, after: str | None, limit: int) -> list[str]:
        """Returns the customers of a shard of a run for a birthday, after the given customer, in no order.

        The index lags a moment.
        """
        day, place = divmod(shard, keys.BIRTHDAY_SHARDS)
        due: Item = {"dp": string(keys.birthday(run.birthdays[day], place)), "ds": number(0)}
        start = None if after is None else {**_item_key(after, keys.CUSTOMER), **due}
        items = self._table.query("dp = :dp", {":dp": due["dp"]}, index="due", limit=limit, start=start)
        return [keys.after_first_hash(item["pk"]["S"]) for item in islice(items, limit)]

    def members_among(self, run: Run, customer_ids: Sequence[str]) -> list[str]:
        """Returns those of the customers whose card is as old as the run and not CLOSED, and who have the birthday.

        Reads no points, so that a card that cannot be read does not stop the others.
        """
        sort_keys = [keys.card(run.wallet_id), keys.profile(run.wallet_id)] + [keys.CUSTOMER] * bool(run.birthday)
        items, _ = self._table.batch_get([_item_key(one, sort_key) for one in customer_ids for sort_key in sort_keys])
        found = {(item["pk"]["S"], item["sk"]["S"]): item for item in items}

        def is_entitled(customer_id: str) -> bool:
            card, profile, *customer = (found.get((keys.customer(customer_id), sort_key)) for sort_key in sort_keys)
            if card is None or profile is None or text_from(card, "st") == CardStatus.CLOSED:
                return False
            birthdays = [(text_from(one or {}, "bd") or "")[-len("MM-DD") :] for one in customer]
            return int(profile["c"]["N"]) <= run.scheduled_at and all(one in run.birthdays for one in birthdays)

        return [customer_id for customer_id in customer_ids if is_entitled(customer_id)]

    def start(self, run: Run) -> None:
        """Writes a new run, unless the campaign has a run of this date."""
        self._write(put("run", _item(run)))

    def set_running(self, run: Run) -> None:
        """Records that all shards are in the queue, unless the run went on meanwhile."""
        values = {":running": string(RunStatus.RUNNING), ":starting": string(RunStatus.STARTING)}
        self._write(update("run", _key(run), "SET st = :running", "st = :starting", values))

    def finish_shard(self, run: Run, shard: int, awards: int, points: int) -> None:
        """Records the result of a shard, once."""
        values = {":shards": number_set([shard]), ":n": number(awards), ":p": number(points), ":shard": number(shard)}
        self._write(update("run", _key(run), "ADD fs :shards, n :n, p :p", "NOT contains(fs, :shard)", values))

    def complete(self, run: Run, at: int) -> None:
        """Records that the run is completed, once."""
        values = {":completed": string(RunStatus.COMPLETED), ":at": number(at)}
        self._write(update("run", _key(run), "SET st = :completed, cp = :at", "st <> :completed", values))

    def _write(self, action: WriteAction) -> None:
        try:
            self._table.transact([action])
        except TransactionCanceled as race:
            if action.label not in race.failed:
                raise


def run_from(item: Item) -> Run:
    return Run(
        campaign_id=keys.after_first_hash(item["pk"]["S"]),
        day=date.fromisoformat(item["sk"]["S"]),
        scheduled_at=int(item["at"]["N"]),
        wallet_id=item["w"]["S"],
        birthday=date.fromisoformat(item["b"]["S"]) if "b" in item else None,
        shards=int(item["ns"]["N"]),
        status=RunStatus(item["st"]["S"]),
        finished=frozenset(map(int, item["fs"]["NS"])) if "fs" in item else frozenset(),
        awards=int_from(item, "n"),
        points=int_from(item, "p"),
        started_at=int(item["c"]["N"]),
        completed_at=int_from(item, "cp"),
    )


def _item(run: Run) -> Item:
    """Returns the item of a new run."""
    item: Item = {
        **_key(run),
        "s": string(ITEM_FORM),
        "st": string(run.status),
        "at": number(run.scheduled_at),
        "w": string(run.wallet_id),
        "ns": number(run.shards),
        "c": number(run.started_at),
    }
    if run.birthday:
        item["b"] = string(str(run.birthday))
    return item


def _item_key(customer_id: str, sort_key: str) -> Item:
    return {"pk": string(keys.customer(customer_id)), "sk": string(sort_key)}


def _key(run: Run) -> Item:
    return {"pk": string(keys.run(run.campaign_id)), "sk": string(str(run.day))}
