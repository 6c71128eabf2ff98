"""Redemptions of customers, and what a redemption reads: the reward, the customer, cards and counts."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from loyalty.domain.cards.card import Card
from loyalty.domain.catalogue.redemption import CodePlace, MovedPoints, Redemption, RedemptionStatus
from loyalty.domain.catalogue.reward import Product, Reward, RewardKind
from loyalty.domain.customer import Customer
from loyalty.domain.earning.recurrence import Use
from loyalty.store import keys
from loyalty.store.attributes import (
    ITEM_FORM,
    Item,
    binary,
    bytes_from,
    int_from,
    ints_from,
    number,
    number_from,
    numbers,
    string,
    text_from,
)
from loyalty.store.card_items import card_from
from loyalty.store.catalogue_items import reward_from
from loyalty.store.customers import customer_from
from loyalty.store.receipts import use_from
from loyalty.store.table import PRESENT, Table, WriteAction, put, update


@dataclass(frozen=True, slots=True)
class RedeemerReading:
    """What the gates of rewards read about a customer."""

    customer: Customer
    cards: Mapping[str, Card]
    """By wallet id."""
    uses: Mapping[str, Use]
    """By reward id."""


class RedemptionStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, customer_id: str, redemption_id: str) -> Redemption | None:
        item = self._table.get(keys.customer(customer_id), keys.redemption(redemption_id))
        return redemption_from(item) if item else None

    def of_customer(self, customer_id: str) -> list[Redemption]:
        """Returns the customer's redemptions, newest first."""
        items = self._table.query(
            "pk = :pk AND begins_with(sk, :sk)",
            {":pk": string(keys.customer(customer_id)), ":sk": string(keys.redemption(""))},
        )
        return sorted(map(redemption_from, items), key=lambda one: (-one.created_at, one.redemption_id))

    def with_reward(
        self, customer_id: str, redemption_id: str, reward_id: str
    ) -> tuple[Redemption | None, Reward | None, timedelta | None]:
        """Reads both at once and consistently; returns too how far the local clock is ahead of the database's."""
        redemption = _key(customer_id, keys.redemption(redemption_id))
        reward: Item = {"pk": string(keys.REWARDS), "sk": string(keys.reward(reward_id))}
        items, skew = self._table.batch_get([redemption, reward])
        found = {item["pk"]["S"]: item for item in items}
        own, offered = found.get(keys.customer(customer_id)), found.get(keys.REWARDS)
        return redemption_from(own) if own else None, reward_from(offered) if offered else None, skew

    def redeemer(
        self,
        customer_id: str,
        *,
        wallets: Iterable[str] = (),
        limited: Iterable[str] = (),
        reads_customer: bool = False,
    ) -> RedeemerReading:
        """Reads cards in the wallets, counts of the rewards with limits, and the customer, at once and consistently."""
        wallet_ids, reward_ids = list(wallets), list(limited)
        sort_keys = [*map(keys.card, wallet_ids), *map(keys.use, reward_ids)]
        sort_keys += [keys.CUSTOMER] if reads_customer else []
        items, _ = self._table.batch_get([_key(customer_id, sort_key) for sort_key in sort_keys])
        found = {item["sk"]["S"]: item for item in items}
        return RedeemerReading(
            customer_from(customer_id, found.get(keys.CUSTOMER)),
            cards={one: card_from(item) for one in wallet_ids if (item := found.get(keys.card(one)))},
            uses={one: use_from(item) for one in reward_ids if (item := found.get(keys.use(one)))},
        )

    def fulfill(self, redemption: Redemption) -> None:
        """Saves that the redemption is fulfilled. Raises `TransactionCanceled` if its status changed meanwhile."""
        values: Item = {
            ":new": string(redemption.status),
            ":at": number(redemption.fulfilled_at),
            ":st": string(RedemptionStatus.ISSUED),
        }
        key = _key(redemption.customer_id, keys.redemption(redemption.redemption_id))
        self._table.transact([update("redemption", key, "SET st = :new, f = :at", "st = :st", values)])

    def erase_texts(self, customer_id: str) -> None:
        """Removes the metadata of the customer's redemptions."""
        for one in self.of_customer(customer_id):
            if one.metadata is not None:
                key = _key(customer_id, keys.redemption(one.redemption_id))
                self._table.transact([update("redemption", key, "REMOVE m", PRESENT)])


def redemption_write(redemption: Redemption) -> WriteAction:
    return put("redemption", redemption_item(redemption))


def cancel_write(before: Redemption, after: Redemption) -> WriteAction:
    """Saves the cancellation. The condition is the status as it was read."""
    values: Item = {
        ":new": string(after.status),
        ":at": number(after.canceled_at),
        ":cf": binary(after.cancel_fingerprint),
        ":rt": string(_moved_json(after.returns)),
        ":st": string(before.status),
    }
    sets = ["st = :new", "ca = :at", "cf = :cf", "rt = :rt"]
    if after.taken_back:
        sets.append("tb = :tb")
        values[":tb"] = string(_moved_json([after.taken_back]))
    if after.written_off:
        sets.append("wo = :wo")
        values[":wo"] = number(1)
    key = _key(after.customer_id, keys.redemption(after.redemption_id))
    return update("redemption", key, f"SET {', '.join(sets)}", "st = :st", values)


def redemption_item(redemption: Redemption) -> Item:
    item: Item = {
        **_key(redemption.customer_id, keys.redemption(redemption.redemption_id)),
        "s": string(ITEM_FORM),
        "rw": string(redemption.reward_id),
        "v": number(redemption.reward_version),
        "ki": string(redemption.kind),
        "st": string(redemption.status),
        "k": string(redemption.key),
        "fp": binary(redemption.fingerprint),
        "pr": string(_moved_json(redemption.prices)),
        "by": string(redemption.actor),
        "c": number(redemption.created_at),
    }
    texts = {"cd": redemption.code, "ek": redemption.entitlement, "m": redemption.metadata}
    if redemption.product:
        texts |= {"pi": redemption.product.product_id, "su": redemption.product.sku}
    item |= {name: string(text) for name, text in texts.items() if text is not None}
    counts = {"en": redemption.entitled_until, "sh": redemption.stock_shard, "co": redemption.counted_on}
    counts |= {"f": redemption.fulfilled_at or None, "ca": redemption.canceled_at or None}
    counts |= {"nc": None if redemption.cancelable else 1, "wo": 1 if redemption.written_off else None}
    item |= {name: number(count) for name, count in counts.items() if count is not None}
    if redemption.code_place:
        item["cp"] = numbers([redemption.code_place.shard, redemption.code_place.number])
    if redemption.cancel_fingerprint:
        item["cf"] = binary(redemption.cancel_fingerprint)
    for name, moved in (("to", redemption.given), ("tb", redemption.taken_back)):
        if moved:
            item[name] = string(_moved_json([moved]))
    if redemption.status is RedemptionStatus.CANCELED:
        item["rt"] = string(_moved_json(redemption.returns))
    return item


def redemption_from(item: Item) -> Redemption:
    place = ints_from(item.get("cp"))
    return Redemption(
        redemption_id=keys.after_first_hash(item["sk"]["S"]),
        customer_id=keys.after_first_hash(item["pk"]["S"]),
        reward_id=item["rw"]["S"],
        reward_version=int_from(item, "v"),
        kind=RewardKind(item["ki"]["S"]),
        status=RedemptionStatus(item["st"]["S"]),
        key=item["k"]["S"],
        fingerprint=bytes_from(item, "fp"),
        prices=_moved_from(item, "pr"),
        given=next(iter(_moved_from(item, "to")), None),
        code=text_from(item, "cd"),
        code_place=CodePlace(*place) if place else None,
        product=Product(item["pi"]["S"], text_from(item, "su")) if "pi" in item else None,
        entitlement=text_from(item, "ek"),
        entitled_until=number_from(item, "en"),
        cancelable="nc" not in item,
        stock_shard=number_from(item, "sh"),
        counted_on=number_from(item, "co"),
        metadata=text_from(item, "m"),
        actor=item["by"]["S"],
        created_at=int_from(item, "c"),
        fulfilled_at=int_from(item, "f"),
        canceled_at=int_from(item, "ca"),
        cancel_fingerprint=bytes_from(item, "cf") if "cf" in item else b"",
        returns=_moved_from(item, "rt"),
        taken_back=next(iter(_moved_from(item, "tb")), None),
        written_off="wo" in item,
    )


def _moved_json(moved: Iterable[MovedPoints]) -> str:
    values = [[one.wallet_id, one.wallet_version, one.seq, one.points] for one in moved]
    return json.dumps(values, separators=(",", ":"))


def _moved_from(item: Item, name: str) -> tuple[MovedPoints, ...]:
    return tuple(MovedPoints(*values) for values in json.loads(item[name]["S"])) if name in item else ()


def _key(customer_id: str, sort_key: str) -> Item:
    return {"pk": string(keys.customer(customer_id)), "sk": string(sort_key)}
