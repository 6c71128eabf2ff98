"""Cards, rows and wallets as items: short names and flat lists, because every kilobyte of an item is billed.

Names are listed in docs/data-model.md. Instants are epoch seconds; absent attributes stand for the value in brackets.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from loyalty.domain.card import (
    Balance,
    Card,
    CardStatus,
    Counter,
    Due,
    Hold,
    Lifetime,
    Lot,
    PendingLot,
)
from loyalty.domain.order import Order, OrderItem
from loyalty.domain.transaction import (
    Facts,
    Operation,
    PaymentFacts,
    RefundFacts,
    Source,
    Transaction,
    Type,
)
from loyalty.store import keys

Item = dict[str, Any]

SCHEMA = "1"

USUAL_OPERATIONS = {Type.RETURN: Operation.REFUND, Type.REVOCATION: Operation.REFUND}
"""What a row's type goes without saying; other types say it where it is not their own name."""
REFUND_KINDS = ("FULL", "AMOUNT", "ITEMS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a card has besides its points: never read to move points."""

    code: str
    metadata: str | None
    """JSON text."""
    created_at: int


def string(value: str) -> Item:
    return {"S": value}


def number(value: int) -> Item:
    return {"N": str(value)}


def binary(value: bytes) -> Item:
    return {"B": value}


def numbers(values: Iterable[int]) -> Item:
    return {"L": [{"N": str(value)} for value in values]}


def card_key(customer_id: str, wallet_id: str) -> Item:
    return {"pk": string(keys.customer(customer_id)), "sk": string(keys.card(wallet_id))}


def card_item(card: Card) -> Item:
    item: Item = {
        **card_key(card.customer_id, card.wallet_id),
        "s": string(SCHEMA),
        "id": string(card.card_id),
        "sh": number(card.shard),
        "v": number(card.version),
        "e": number(card.revision),
        "w": number(card.wallet_version),
        "at": number(card.at),
        "h": binary(card.hash),
        "l": numbers(_flat_lots(card.lots)),
        "c": numbers(value for c in card.counters for value in (c.number, c.earned, c.spent)),
        "n": numbers(_flat_lifetime(card.lifetime)),
    }
    if card.status is not CardStatus.ACTIVE:
        item["st"] = string(card.status)
    if card.pending:
        item["q"] = numbers(_flat_pending(card.pending))
    if card.holds:
        item["o"] = {"L": [_hold(hold) for hold in card.holds]}
    for name, value in (
        ("d", card.debt),
        ("x", card.sliding_expires_at),
        ("k", card.coarse),
        ("f", card.settle_failures),
        ("u", card.other_spending),
    ):
        if value:
            item[name] = number(value)
    if card.due:
        item["dp"] = string(keys.due(card.due.kind, card.shard))
        item["ds"] = number(card.due.at)
    return item


def card_from(item: Item) -> Card:
    counters = _ints(item["c"])
    return Card(
        card_id=item["id"]["S"],
        wallet_id=keys.after_first_hash(item["sk"]["S"]),
        customer_id=keys.after_first_hash(item["pk"]["S"]),
        shard=_int(item, "sh"),
        status=CardStatus(item["st"]["S"]) if "st" in item else CardStatus.ACTIVE,
        version=_int(item, "v"),
        revision=_int(item, "e"),
        wallet_version=_int(item, "w"),
        at=_int(item, "at"),
        hash=_bytes(item, "h"),
        lots=_lots(item["l"]),
        pending=_pending(item.get("q")),
        holds=tuple(map(_hold_from, item["o"]["L"])) if "o" in item else (),
        debt=_int(item, "d"),
        sliding_expires_at=_int(item, "x"),
        coarse=_int(item, "k"),
        counters=tuple(Counter(*counters[i : i + 3]) for i in range(0, 15, 3)),  # type: ignore[arg-type]  # five, always
        lifetime=Lifetime(*_ints(item["n"])),
        other_spending=_int(item, "u"),
        due=Due(item["dp"]["S"][0], _int(item, "ds")) if "dp" in item else None,
        settle_failures=_int(item, "f"),
    )


def row_item(row: Transaction, sort_key: str) -> Item:
    facts = row.facts
    item: Item = {
        "pk": string(keys.customer(row.customer_id)),
        "sk": string(sort_key),
        "s": string(SCHEMA),
        "hp": string(row.card_id),
        "hs": number(row.seq),
        "t": string(row.type),
        "so": string(facts.source),
        "p": number(row.points),
        "c": number(row.created_at),
        "b": numbers((row.balance.active, row.balance.pending, row.balance.held)),
        "w": number(row.wallet_version),
        "h": binary(row.hash),
    }
    if row.lots:
        item["l"] = numbers(_flat_lots(row.lots))
    if row.pending_lots:
        item["q"] = numbers(_flat_pending(row.pending_lots))
    if row.lots_before:
        item["lb"] = numbers(_flat_lots(row.lots_before))
    if row.refund:
        item["rf"] = numbers(_refund_facts(row.refund))
    item |= {name: number(value) for name, value in _row_numbers(row) if value is not None}
    item |= {name: string(text) for name, text in _row_texts(row) if text is not None}
    binaries = (("fp", facts.fingerprint), ("sa", row.salt), ("dg", row.digest))
    item |= {name: binary(value) for name, value in binaries if value}
    return item


def _row_numbers(row: Transaction) -> Iterator[tuple[str, int | None]]:
    yield "ea", row.effective_at if row.effective_at != row.created_at else None
    yield "ow", row.owed or None
    yield "rp", row.requested
    yield "ho", row.hold
    yield "hx", row.hold_expires_at
    yield "rv", row.reverses
    yield "qf", 1 if row.qualifying else None


def _row_texts(row: Transaction) -> Iterator[tuple[str, str | None]]:
    facts, order = row.facts, row.facts.order
    yield "op", row.operation if row.operation != _usual_operation(row.type) else None
    yield "pm", _json(_payment_facts(row.payment)) if row.payment else None
    yield "or", _json([order.amount, order.currency, [line.facts for line in order.items]]) if order else None
    yield "om", order.metadata if order else None
    yield "cb", row.capped_by
    yield "cp", row.counterpart
    yield "cg", facts.campaign_id
    yield "d", facts.points_description
    yield "m", facts.metadata
    yield "r", facts.reason
    yield "ev", facts.event
    yield "nt", row.notice
    yield "a", facts.actor
    yield "rq", facts.request_id


def row_from(item: Item) -> Transaction:
    wallet_id, order_id = keys.read_row(item["sk"]["S"])
    type_ = Type(item["t"]["S"])
    order = json.loads(item["or"]["S"]) if "or" in item else None
    return Transaction(
        card_id=item["hp"]["S"],
        wallet_id=wallet_id,
        customer_id=keys.after_first_hash(item["pk"]["S"]),
        seq=_int(item, "hs"),
        type=type_,
        operation=Operation(item["op"]["S"] if "op" in item else _usual_operation(type_)),
        points=_int(item, "p"),
        balance=Balance(*_ints(item["b"])),
        lots=_lots(item.get("l")),
        pending_lots=_pending(item.get("q")),
        owed=_int(item, "ow"),
        requested=_number(item, "rp"),
        capped_by=_text(item, "cb"),
        refund=_refund_from(item["rf"]) if "rf" in item else None,
        hold=_number(item, "ho"),
        hold_expires_at=_number(item, "hx"),
        counterpart=_text(item, "cp"),
        reverses=_number(item, "rv"),
        lots_before=_lots(item.get("lb")),
        qualifying="qf" in item,
        notice=_text(item, "nt"),
        payment=_payment_from(json.loads(item["pm"]["S"])) if "pm" in item else None,
        facts=Facts(
            source=Source(item["so"]["S"]),
            order_id=order_id,
            order=Order(order[0], order[1], tuple(OrderItem(*line) for line in order[2]), _text(item, "om"))
            if order
            else None,
            campaign_id=_text(item, "cg"),
            points_description=_text(item, "d"),
            metadata=_text(item, "m"),
            reason=_text(item, "r"),
            event=_text(item, "ev"),
            actor=_text(item, "a"),
            request_id=_text(item, "rq"),
            fingerprint=_bytes(item, "fp") if "fp" in item else None,
        ),
        wallet_version=_int(item, "w"),
        created_at=_int(item, "c"),
        effective_at=_int(item, "ea") if "ea" in item else _int(item, "c"),
        salt=_bytes(item, "sa") if "sa" in item else b"",
        digest=_bytes(item, "dg") if "dg" in item else b"",
        hash=_bytes(item, "h"),
    )


def profile_item(card: Card, profile: Profile) -> Item:
    """The profile carries the card's place among the wallet's members, so that the hot card need not."""
    item: Item = {
        "pk": string(keys.customer(card.customer_id)),
        "sk": string(keys.profile(card.wallet_id)),
        "s": string(SCHEMA),
        "mp": string(keys.members(card.wallet_id, card.shard)),
        "code": string(profile.code),
        "c": number(profile.created_at),
    }
    if profile.metadata is not None:
        item["m"] = string(profile.metadata)
    return item


def profile_from(item: Item) -> Profile:
    return Profile(code=item["code"]["S"], metadata=_text(item, "m"), created_at=_int(item, "c"))


def code_item(card: Card, code: str) -> Item:
    return {
        "pk": string(keys.code(code)),
        "sk": string(keys.CODE),
        "s": string(SCHEMA),
        "cu": string(card.customer_id),
        "wa": string(card.wallet_id),
    }


def _flat_lots(lots: Iterable[Lot]) -> Iterator[int]:
    for lot in lots:
        yield from (lot.points, lot.expires_at, lot.issue_day)


def _flat_pending(lots: Iterable[PendingLot]) -> Iterator[int]:
    for lot in lots:
        yield from (lot.points, lot.activates_at, lot.cancel_at, lot.expires_at, lot.issue_day)


def _flat_lifetime(lifetime: Lifetime) -> Iterator[int]:
    return (getattr(lifetime, name) for name in Lifetime.__dataclass_fields__)


def _lots(attribute: Item | None) -> tuple[Lot, ...]:
    return _lots_of(_ints(attribute))


def _lots_of(values: list[int]) -> tuple[Lot, ...]:
    return tuple(Lot(*values[i : i + 3]) for i in range(0, len(values), 3))


def _pending(attribute: Item | None) -> tuple[PendingLot, ...]:
    values = _ints(attribute)
    return tuple(PendingLot(*values[i : i + 5]) for i in range(0, len(values), 5))


def _hold(hold: Hold) -> Item:
    return numbers((hold.seq, hold.expires_at, hold.day, *_flat_lots(hold.lots)))


def _hold_from(hold: Item) -> Hold:
    seq, expires_at, day, *lots = _ints(hold)
    return Hold(seq, expires_at, day, _lots_of(lots))


def _usual_operation(type_: Type) -> str:
    return USUAL_OPERATIONS.get(type_) or type_.lower()


def _refund_facts(refund: RefundFacts) -> list[int]:
    """Kind, points by what became of them, amount and how much of it points paid for, places and quantities, lots.

    An amount that nobody told is -1. What stands at the end and says nothing is left out; `revoked` follows.
    """
    values = [
        REFUND_KINDS.index(refund.kind) + 1,
        refund.spent,
        refund.earned,
        refund.shortfall,
        refund.expired,
        -1 if refund.amount is None else refund.amount,
        0 if refund.money is None or refund.amount is None else refund.amount - refund.money,
        refund.kept_expired,
        len(refund.items),
        *(value for item in refund.items for value in item),
        *_flat_lots(refund.lapsed),
    ]
    while not values[-1]:
        values.pop()
    return values


def _refund_from(attribute: Item) -> RefundFacts:
    if "S" in attribute:
        return _refund_in_words(json.loads(attribute["S"]))
    values = _ints(attribute)
    kind, spent, earned, shortfall, expired, amount, by_points, kept_expired, lines, *rest = values + [0] * (
        9 - len(values)
    )
    items, lapsed = rest[: 2 * lines], rest[2 * lines :]
    return RefundFacts(
        kind=REFUND_KINDS[kind - 1],
        spent=spent,
        earned=earned,
        revoked=earned - shortfall - expired,
        shortfall=shortfall,
        expired=expired,
        amount=None if amount < 0 else amount,
        money=None if amount < 0 else amount - by_points,
        items=tuple(zip(items[::2], items[1::2], strict=True)),
        lapsed=_lots_of(lapsed),
        kept_expired=kept_expired,
    )


def _refund_in_words(values: list[Any]) -> RefundFacts:
    """The form that rows had first: JSON."""
    defaults: list[Any] = ["", 0, 0, 0, 0, 0, None, None, [], [], 0]
    kind, spent, earned, revoked, shortfall, expired, amount, money, items, lapsed, kept_expired = (
        values + defaults[len(values) :]
    )
    return RefundFacts(
        kind=kind,
        spent=spent,
        earned=earned,
        revoked=revoked,
        shortfall=shortfall,
        expired=expired,
        amount=amount,
        money=money,
        items=tuple(zip(items[::2], items[1::2], strict=True)),
        lapsed=_lots_of(lapsed),
        kept_expired=kept_expired,
    )


def _payment_facts(payment: PaymentFacts) -> list[Any]:
    inputs = (part for given in payment.inputs for part in given)
    return [payment.amount, payment.remaining, payment.ratio, *inputs]


def _payment_from(values: list[Any]) -> PaymentFacts:
    amount, remaining, ratio, *inputs = values
    return PaymentFacts(amount, remaining, ratio, tuple(zip(inputs[::2], inputs[1::2], strict=True)))


def _ints(attribute: Item | None) -> list[int]:
    return [int(value["N"]) for value in attribute["L"]] if attribute else []


def _int(item: Item, name: str) -> int:
    return int(item[name]["N"]) if name in item else 0


def _number(item: Item, name: str) -> int | None:
    return int(item[name]["N"]) if name in item else None


def _text(item: Item, name: str) -> str | None:
    return item[name]["S"] if name in item else None


def _bytes(item: Item, name: str) -> bytes:
    return bytes(item[name]["B"])


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
