"""Rows of the ledger as items. Names are listed in docs/reference/data-model.md."""

import json
from collections.abc import Iterator
from dataclasses import astuple
from typing import Any

from loyalty.domain.cards.card import Balance, Room
from loyalty.domain.cards.transaction import (
    AwardDetails,
    Context,
    EventDetails,
    LeftOut,
    Operation,
    PaymentDetails,
    RefundDetails,
    RefundType,
    Source,
    TierCause,
    TierChange,
    Transaction,
    TransactionType,
)
from loyalty.domain.order import Charge, ChargeType, Order, OrderItem
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
from loyalty.store.card_items import (
    flat_lots,
    flat_pending,
    lots_from,
    lots_of,
    pending_from,
    rounded_from,
    rounded_item,
)

USUAL_OPERATIONS = {TransactionType.RETURN: Operation.REFUND, TransactionType.REVOCATION: Operation.REFUND}
"""The usual operations of these types; every other type has its own name. Only an unusual operation is stored."""
DAY_SECONDS = 86_400
REFUND_TYPES = tuple(RefundType)
REFUND_DEFAULTS: dict[str, Any] = {
    "kind": 0,
    "spent": 0,
    "earned": 0,
    "shortfall": 0,
    "expired": 0,
    "amount": None,
    "money": None,
    "kept_expired": 0,
    "lapsed": [],
    "items": [],
    "charges": [],
    "withheld": 0,
    "caught_up": 0,
    "in_all_wallets": None,
    "claims": [],
    "left_out": [],
    "share_caught_up": 0,
}
"""The details of a refund in the order in which they are stored, with the values that are left out at the end."""


def row_item(row: Transaction) -> Item:
    """Returns a row's item.

    The key of a command's row has its order and origin. The key of a row that time wrote cannot equal a caller's key.
    """
    origin = keys.settlement_origin(row.seq) if row.operation.is_by_time else row.origin
    assert origin is not None, "a command's rows have an origin"
    context = row.context
    item: Item = {
        "pk": string(keys.customer(row.customer_id)),
        "sk": string(keys.row(row.wallet_id, row.context.order_id, origin)),
        "s": string(ITEM_FORM),
        "hp": string(row.card_id),
        "hs": number(row.seq),
        "t": string(row.type),
        "so": string(context.source),
        "p": number(row.points),
        "c": number(row.created_at),
        "b": numbers((row.balance.active, row.balance.pending, row.balance.held)),
        "w": number(row.wallet_version),
        "h": binary(row.hash),
    }
    if row.lots:
        item["l"] = numbers(flat_lots(row.lots))
    if row.pending_lots:
        item["q"] = numbers(flat_pending(row.pending_lots))
    if row.lots_before:
        item["lb"] = numbers(flat_lots(row.lots_before))
    if row.room:
        item["g"] = _room_item(row)
    if row.rounded:
        item["k"] = rounded_item(row.rounded)
    item |= {name: number(value) for name, value in _row_numbers(row) if value is not None}
    item |= {name: string(text) for name, text in _row_texts(row) if text is not None}
    binaries = (("fp", context.fingerprint), ("sa", row.salt), ("dg", row.digest))
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
    yield "y", None if row.day is None else row.day - _utc_day(row.created_at)
    # The usual row of a command has the number in its origin.
    yield "la", None if row.later == _later_of_origin(row.origin) else row.later
    yield "x", row.slides_to or None


def _row_texts(row: Transaction) -> Iterator[tuple[str, str | None]]:
    context, order = row.context, row.context.order
    yield "op", row.operation if row.operation != _usual_operation(row.type) else None
    yield "pm", _json(_payment_values(row.payment)) if row.payment else None
    yield "rf", _json(_refund_values(row.refund)) if row.refund else None
    yield "aw", _json(_award_values(row.award)) if row.award else None
    yield "tr", _json(_tier_values(row.tier)) if row.tier else None
    yield "rb", _json(_refund_values(row.begins_refund)) if row.begins_refund else None
    yield "or", _json(_order_values(order)) if order else None
    yield "ed", _json(_event_values(row.event)) if row.event else None
    yield "om", order.metadata if order else None
    yield "cb", row.capped_by
    yield "cp", row.counterpart
    yield "cg", context.campaign_id
    yield "d", context.points_description
    yield "m", context.metadata
    yield "r", context.reason
    yield "ev", context.event
    yield "nt", row.notice
    yield "a", context.actor
    yield "rq", context.request_id
    yield "ik", context.key


def row_from(item: Item) -> Transaction:
    wallet_id, order_id, origin = keys.parse_row_key(item["sk"]["S"])
    type_ = TransactionType(item["t"]["S"])
    return Transaction(
        card_id=item["hp"]["S"],
        wallet_id=wallet_id,
        customer_id=keys.after_first_hash(item["pk"]["S"]),
        seq=int_from(item, "hs"),
        type=type_,
        operation=Operation(item["op"]["S"] if "op" in item else _usual_operation(type_)),
        points=int_from(item, "p"),
        balance=Balance(*ints_from(item["b"])),
        lots=lots_from(item.get("l")),
        pending_lots=pending_from(item.get("q")),
        owed=int_from(item, "ow"),
        requested=number_from(item, "rp"),
        capped_by=text_from(item, "cb"),
        refund=_refund_from(json.loads(item["rf"]["S"])) if "rf" in item else None,
        award=AwardDetails(*json.loads(item["aw"]["S"])) if "aw" in item else None,
        tier=_tier_from(json.loads(item["tr"]["S"])) if "tr" in item else None,
        begins_refund=_refund_from(json.loads(item["rb"]["S"])) if "rb" in item else None,
        hold=number_from(item, "ho"),
        hold_expires_at=number_from(item, "hx"),
        counterpart=text_from(item, "cp"),
        reverses=number_from(item, "rv"),
        lots_before=lots_from(item.get("lb")),
        qualifying="qf" in item,
        notice=text_from(item, "nt"),
        day=int_from(item, "y") + _utc_day(int_from(item, "c")) if "y" in item else None,
        room=_room_from(item),
        later=int_from(item, "la") if "la" in item else _later_of_origin(origin),
        slides_to=int_from(item, "x"),
        rounded=rounded_from(item["k"]) if "k" in item else None,
        payment=_payment_from(json.loads(item["pm"]["S"])) if "pm" in item else None,
        event=_event_from(json.loads(item["ed"]["S"])) if "ed" in item else None,
        origin=origin,
        context=Context(
            source=Source(item["so"]["S"]),
            order_id=order_id,
            order=_order_from(json.loads(item["or"]["S"]), text_from(item, "om")) if "or" in item else None,
            campaign_id=text_from(item, "cg"),
            points_description=text_from(item, "d"),
            metadata=text_from(item, "m"),
            reason=text_from(item, "r"),
            event=text_from(item, "ev"),
            actor=text_from(item, "a"),
            request_id=text_from(item, "rq"),
            fingerprint=bytes_from(item, "fp") if "fp" in item else None,
            key=text_from(item, "ik"),
        ),
        wallet_version=int_from(item, "w"),
        created_at=int_from(item, "c"),
        effective_at=int_from(item, "ea") if "ea" in item else int_from(item, "c"),
        salt=bytes_from(item, "sa") if "sa" in item else b"",
        digest=bytes_from(item, "dg") if "dg" in item else b"",
        hash=bytes_from(item, "h"),
    )


def _later_of_origin(origin: str | None) -> int:
    return 0 if origin is None else keys.later_rows(origin)


def _utc_day(at: int) -> int:
    return at // DAY_SECONDS


def _room_item(row: Transaction) -> Item:
    """Returns the day if all of the row's points were counted on it; otherwise day and points, for each day."""
    if len(row.room) == 1 and row.room[0][1] == row.points:
        return number(row.room[0][0])
    return numbers(value for part in row.room for value in part)


def _room_from(item: Item) -> Room:
    if "g" not in item:
        return ()
    if "N" in item["g"]:
        return ((int_from(item, "g"), int_from(item, "p")),)
    values = ints_from(item["g"])
    return tuple(zip(values[::2], values[1::2], strict=True))


def _usual_operation(type_: TransactionType) -> str:
    return USUAL_OPERATIONS.get(type_) or type_.lower()


def _refund_values(refund: RefundDetails) -> list[Any]:
    """Returns the details as a list, without defaults at its end. `revoked` follows from the other numbers."""
    stored = {
        "kind": REFUND_TYPES.index(refund.kind),
        "lapsed": list(flat_lots(refund.lapsed)),
        "items": [item.as_tuple for item in refund.items],
        "charges": [charge.as_tuple for charge in refund.charges],
        "claims": [list(claim) for claim in refund.claims],
        "left_out": [list(astuple(one)) for one in refund.left_out],
    }
    values = [stored.get(name, getattr(refund, name)) for name in REFUND_DEFAULTS]
    while values and values[-1] == list(REFUND_DEFAULTS.values())[len(values) - 1]:
        values.pop()
    return values


def _refund_from(values: list[Any]) -> RefundDetails:
    found = {**REFUND_DEFAULTS, **dict(zip(REFUND_DEFAULTS, values, strict=False))}
    earned, shortfall, expired, in_all = (found[name] for name in ("earned", "shortfall", "expired", "in_all_wallets"))
    return RefundDetails(
        **{
            **found,
            "kind": REFUND_TYPES[found["kind"]],
            "revoked": earned - shortfall - expired,
            "items": _items_from(found["items"]),
            "charges": _charges_from(found["charges"]),
            "lapsed": lots_of(found["lapsed"]),
            "in_all_wallets": tuple(in_all) if in_all else None,
            "claims": tuple(map(tuple, found["claims"])),
            "left_out": tuple(LeftOut(*one) for one in found["left_out"]),
        }
    )


def _order_values(order: Order) -> list[Any]:
    values = [order.amount, order.currency, [line.as_tuple for line in order.items]]
    return [*values, [charge.as_tuple for charge in order.charges]] if order.charges else values


def _order_from(values: list[Any], metadata: str | None) -> Order:
    amount, currency, items, *charges = values
    return Order(amount, currency, _items_from(items), metadata, _charges_from(charges[0]) if charges else ())


def _items_from(values: list[Any]) -> tuple[OrderItem, ...]:
    return tuple(OrderItem(*value) for value in values)


def _charges_from(values: list[Any]) -> tuple[Charge, ...]:
    return tuple(Charge(ChargeType(type_), *value) for type_, *value in values)


def _award_values(award: AwardDetails) -> list[Any]:
    values: list[Any] = [award.campaign_version, award.reward_no, award.base]
    if award.draw is not None:
        return [*values, award.factor, award.draw]
    return values if award.factor == "1" else [*values, award.factor]


def _tier_values(tier: TierChange) -> list[Any]:
    return [tier.program_id, tier.former_tier_id, tier.tier_id, tier.points, tier.until, tier.cause]


def _tier_from(values: list[Any]) -> TierChange:
    program_id, former_tier_id, tier_id, points, until, cause = values
    return TierChange(program_id, former_tier_id, tier_id, points, until, TierCause(cause))


def _payment_values(payment: PaymentDetails) -> list[Any]:
    inputs = (part for given in payment.inputs for part in given)
    return [payment.amount, payment.remaining, payment.ratio, *inputs]


def _payment_from(values: list[Any]) -> PaymentDetails:
    amount, remaining, ratio, *inputs = values
    return PaymentDetails(amount, remaining, ratio, tuple(zip(inputs[::2], inputs[1::2], strict=True)))


def _event_values(event: EventDetails) -> list[Any]:
    return [event.canceled, event.expired, *event.wallets]


def _event_from(values: list[Any]) -> EventDetails:
    canceled, expired, *wallets = values
    return EventDetails(canceled, expired, tuple(wallets))


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
