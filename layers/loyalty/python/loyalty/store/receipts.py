"""Receipts of events, and what is read and written with them: the customer, and what campaigns gave the customer.

These items are under the customer's key, beside the cards: one consistent read finds them, one transaction writes them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from loyalty.domain.cards.card import Card
from loyalty.domain.cards.transaction import AwardDetails, Transaction
from loyalty.domain.customer import Customer
from loyalty.domain.earning.event import ORDER_CANCELED, ORDER_PAID, order_key
from loyalty.domain.earning.receipt import OrderStatus, Receipt, ReceiptAward, RefundedCard
from loyalty.domain.earning.recurrence import PeriodUse, Use
from loyalty.domain.earning.sequence import Seen
from loyalty.domain.earning.skips import Skip
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
from loyalty.store.customers import customer_from, order_uncount_write
from loyalty.store.row_items import row_from
from loyalty.store.table import ABSENT, Table, WriteAction, check, put

SKIPS_MAX = 10
"""The most skipped campaigns that a receipt names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardKeys:
    """What a decision about an event reads."""

    customer_id: str
    name: str
    key: str
    wallets: Sequence[str] = ()
    campaigns: Sequence[str] = ()
    """Campaigns that count what they gave to the customer."""
    once: Mapping[str, str] = field(default_factory=dict)
    """The value that a campaign gives points for once, by campaign id."""
    seen: Mapping[str, str] = field(default_factory=dict)
    """The sort key of the earlier event that a sequence needs, by campaign id."""
    reads_customer: bool = False
    unless_canceled: str | None = None
    """The id of the order that must not be canceled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardReading:
    receipt: Receipt | None
    customer: Customer
    cards: Mapping[str, Card]
    uses: Mapping[str, Use]
    once: frozenset[str]
    """The campaigns whose value gave points before."""
    seen: Mapping[str, Seen]
    """The earlier events of sequences, by campaign id."""
    is_canceled: bool
    """Whether the order that must not be canceled is canceled."""
    skew: timedelta | None

    @property
    def is_decided(self) -> bool:
        """Whether an earlier delivery of the event decided. A marker decides nothing."""
        return self.receipt is not None and not self.receipt.is_marker


@dataclass(frozen=True, slots=True)
class ReferrerReading:
    """What a decision reads of the referrer."""

    customer: Customer
    cards: Mapping[str, Card]
    uses: Mapping[str, Use]


class ReceiptStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, customer_id: str, name: str, key: str) -> Receipt | None:
        item = self._table.get(keys.customer(customer_id), keys.receipt(name, key))
        return receipt_from(item) if item else None

    def of_order(
        self, customer_id: str, order_id: str, event: tuple[str, str]
    ) -> tuple[Receipt | None, Receipt | None, timedelta | None]:
        """Returns the receipt of the paid order, and that of the event with this name and key about the order.

        They are read at once and consistently. The last part is how far the local clock is ahead of the database's.
        """
        pk = keys.customer(customer_id)
        places = [keys.receipt(ORDER_PAID, order_key(order_id)), keys.receipt(*event)]
        items, skew = self._table.batch_get([{"pk": string(pk), "sk": string(place)} for place in places])
        found = {item["sk"]["S"]: receipt_from(item) for item in items}
        return found.get(places[0]), found.get(places[1]), skew

    def of_customers(self, customer_ids: Sequence[str], name: str, key: str) -> dict[str, Receipt]:
        """Returns the receipts of events with this name and key, by customer id."""
        sort_key = string(keys.receipt(name, key))
        items, _ = self._table.batch_get([{"pk": string(keys.customer(one)), "sk": sort_key} for one in customer_ids])
        return {receipt.customer_id: receipt for receipt in map(receipt_from, items)}

    def use(self, customer_id: str, campaign_id: str) -> Use | None:
        """Returns what the campaign gave to the customer, if this is counted."""
        item = self._table.get(keys.customer(customer_id), keys.use(campaign_id))
        return use_from(item) if item else None

    def read(self, wanted: AwardKeys) -> AwardReading:
        """Reads all of it at once and consistently."""
        pk = keys.customer(wanted.customer_id)
        sort_keys = [keys.receipt(wanted.name, wanted.key)]
        sort_keys += [keys.CUSTOMER] if wanted.reads_customer else []
        canceled = _cancellation(wanted.unless_canceled) if wanted.unless_canceled is not None else None
        sort_keys += [canceled] if canceled else []
        sort_keys += [keys.card(wallet_id) for wallet_id in wanted.wallets]
        sort_keys += [keys.use(campaign_id) for campaign_id in wanted.campaigns]
        sort_keys += [keys.once(campaign_id, value) for campaign_id, value in wanted.once.items()]
        # Two sequences may need the same earlier event, and a batch names each key once.
        sort_keys += sorted(set(wanted.seen.values()))
        items, skew = self._table.batch_get([{"pk": string(pk), "sk": string(sort_key)} for sort_key in sort_keys])
        found = {item["sk"]["S"]: item for item in items}
        receipt = found.get(keys.receipt(wanted.name, wanted.key))
        return AwardReading(
            receipt=receipt_from(receipt) if receipt else None,
            customer=customer_from(wanted.customer_id, found.get(keys.CUSTOMER)),
            cards={wallet: card_from(item) for wallet in wanted.wallets if (item := found.get(keys.card(wallet)))},
            uses={one: use_from(item) for one in wanted.campaigns if (item := found.get(keys.use(one)))},
            once=frozenset(one for one, value in wanted.once.items() if keys.once(one, value) in found),
            seen={
                one: Seen(int_from(item, "f"), int_from(item, "l"), item["fk"]["S"], item["lk"]["S"])
                for one, key in wanted.seen.items()
                if (item := found.get(key))
            },
            is_canceled=canceled in found,
            skew=skew,
        )

    def referrer(self, customer_id: str, wallets: Sequence[str], campaigns: Sequence[str]) -> ReferrerReading:
        """Reads the referrer's own item, cards and uses at once and consistently."""
        pk = string(keys.customer(customer_id))
        sort_keys = [keys.CUSTOMER, *map(keys.card, wallets), *map(keys.use_by_referrer, campaigns)]
        items, _ = self._table.batch_get([{"pk": pk, "sk": string(sort_key)} for sort_key in sort_keys])
        found = {item["sk"]["S"]: item for item in items}
        return ReferrerReading(
            customer=customer_from(customer_id, found.get(keys.CUSTOMER)),
            cards={wallet: card_from(item) for wallet in wallets if (item := found.get(keys.card(wallet)))},
            uses={one: use_from(item) for one in campaigns if (item := found.get(keys.use_by_referrer(one)))},
        )

    def refund_rows(self, receipt: Receipt, origin: str) -> list[Transaction]:
        """Returns the last row of the refund with this origin on each of the receipt's cards, in their order."""
        return self._rows_at(
            [
                (
                    keys.customer(card.customer_id or receipt.customer_id),
                    keys.row(card.wallet_id, receipt.order_id, origin),
                )
                for card in receipt.refunds
            ]
        )

    def rows(self, receipt: Receipt) -> list[Transaction]:
        """Returns the rows of the receipt's awards, in their order."""
        return self._rows_at([award_row_key(receipt, award) for award in receipt.awards])

    def _rows_at(self, places: Sequence[tuple[str, str]]) -> list[Transaction]:
        items, _ = self._table.batch_get([{"pk": string(pk), "sk": string(sk)} for pk, sk in places])
        found = {(item["pk"]["S"], item["sk"]["S"]): row_from(item) for item in items}
        return [found[place] for place in places]


def award_row_key(receipt: Receipt, award: ReceiptAward) -> tuple[str, str]:
    """Returns the key of the row that gave the award."""
    origin = keys.award_origin(award.campaign_id, award.details.reward_no, receipt.event)
    customer_id = award.customer_id or receipt.customer_id
    return keys.customer(customer_id), keys.row(award.wallet_id, receipt.order_id, origin)


def not_canceled_check(customer_id: str, order_id: str) -> WriteAction:
    """The condition that no event has canceled the order."""
    key = {"pk": string(keys.customer(customer_id)), "sk": string(_cancellation(order_id))}
    return check("cancellation", key, ABSENT)


def _cancellation(order_id: str) -> str:
    return keys.receipt(ORDER_CANCELED, order_key(order_id))


def receipt_item(receipt: Receipt) -> Item:
    item: Item = {
        "pk": string(keys.customer(receipt.customer_id)),
        "sk": string(keys.receipt(receipt.name, receipt.key)),
        "s": string(ITEM_FORM),
        "c": number(receipt.received_at),
        "oc": number(receipt.occurred_at),
        "fp": binary(receipt.fingerprint),
    }
    if receipt.order_id is not None:
        item["o"] = string(receipt.order_id)
    if receipt.order_amount is not None:
        item["am"] = number(receipt.order_amount)
    if receipt.awards:
        item["aw"] = string(_json([_award_values(award) for award in receipt.awards]))
    if receipt.skips:
        skips = [[skip.campaign_id, skip.reason] for skip in receipt.skips[:SKIPS_MAX]]
        item["no"] = string(_json(skips))
    if receipt.status:
        item["st"] = string(receipt.status)
    if receipt.refunded is not None:
        item["rf"] = number(receipt.refunded)
    if receipt.uncounted:
        item["uc"] = number(1)
    if receipt.coupon is not None:
        item["cd"] = string(receipt.coupon)
    if receipt.refunds:
        item["rw"] = string(_json([[card.wallet_id, card.customer_id] for card in receipt.refunds]))
    return item


def receipt_write(receipt: Receipt, before: Receipt | None = None) -> WriteAction:
    """Writes the receipt. The condition is the receipt of the order as it was read, or that there is none."""
    item = receipt_item(receipt)
    label = f"receipt {receipt.name}"
    if before is None:
        return put(label, item, ABSENT)
    assert before.status, "only the receipt of an order changes"
    values: Item = {":st": string(before.status)}
    if before.refunded is not None:
        values[":rf"] = number(before.refunded)
    refunded = "attribute_not_exists(rf)" if before.refunded is None else "rf = :rf"
    uncounted = "attribute_exists(uc)" if before.uncounted else "attribute_not_exists(uc)"
    return put(label, item, f"st = :st AND {refunded} AND {uncounted}", values)


def receipt_from(item: Item) -> Receipt:
    _, name, key = item["sk"]["S"].split("#", 2)
    return Receipt(
        customer_id=keys.after_first_hash(item["pk"]["S"]),
        name=name,
        key=keys.decoded_key(key),
        order_id=text_from(item, "o"),
        received_at=int_from(item, "c"),
        occurred_at=int_from(item, "oc"),
        fingerprint=bytes_from(item, "fp"),
        order_amount=number_from(item, "am"),
        awards=tuple(_award_from(values) for values in json.loads(item["aw"]["S"])) if "aw" in item else (),
        skips=tuple(Skip(*values) for values in json.loads(item["no"]["S"])) if "no" in item else (),
        status=OrderStatus(item["st"]["S"]) if "st" in item else None,
        refunded=number_from(item, "rf"),
        uncounted="uc" in item,
        refunds=tuple(RefundedCard(*values) for values in json.loads(item["rw"]["S"])) if "rw" in item else (),
        coupon=text_from(item, "cd"),
    )


def receipt_change(before: Receipt, after: Receipt) -> list[WriteAction]:
    """Changes the receipt of an order. The condition is the receipt as it was read.

    An order that is uncounted from now on is no longer among the customer's orders.
    """
    writes = [receipt_write(after, before)]
    if after.uncounted and not before.uncounted:
        writes.append(order_uncount_write(after.customer_id))
    return writes


def use_write(
    customer_id: str, campaign_id: str, before: Use | None, after: Use, *, by_referrer: bool = False
) -> WriteAction:
    """Counts what a campaign gave to the customer, or to the customer as a referrer.

    The condition is the count as it was read.
    """
    sort_key = keys.use_by_referrer(campaign_id) if by_referrer else keys.use(campaign_id)
    item: Item = {
        "pk": string(keys.customer(customer_id)),
        "sk": string(sort_key),
        "s": string(ITEM_FORM),
        "n": number(after.times),
        "p": number(after.points),
        "k": numbers(value for count in after.periods for value in (count.number, count.times, count.points)),
        "at": number(after.at),
    }
    label = f"use {campaign_id}{' by referrer' if by_referrer else ''}"
    if before is None:
        return put(label, item, ABSENT)
    return put(label, item, "n = :n AND p = :p", {":n": number(before.times), ":p": number(before.points)})


def use_from(item: Item) -> Use:
    values = ints_from(item["k"])
    periods = tuple(PeriodUse(*values[i : i + 3]) for i in range(0, len(values), 3))
    return Use(int_from(item, "n"), int_from(item, "p"), periods, int_from(item, "at"))  # type: ignore[arg-type]  # five


def once_write(customer_id: str, campaign_id: str, value: str, at: int) -> WriteAction:
    item: Item = {
        "pk": string(keys.customer(customer_id)),
        "sk": string(keys.once(campaign_id, value)),
        "s": string(ITEM_FORM),
        "at": number(at),
    }
    return put(f"once {campaign_id}", item, ABSENT)


def _award_values(award: ReceiptAward) -> list[Any]:
    details = award.details
    return [
        award.campaign_id,
        award.wallet_id,
        award.wallet_version,
        award.seq,
        award.points,
        award.customer_id,
        details.campaign_version,
        details.reward_no,
        details.base,
        details.factor,
        details.draw,
    ]


def _award_from(values: list[Any]) -> ReceiptAward:
    campaign_id, wallet_id, wallet_version, seq, points, customer_id, *details = values
    return ReceiptAward(campaign_id, wallet_id, wallet_version, seq, points, AwardDetails(*details), customer_id)


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
