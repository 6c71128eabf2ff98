"""Rows of the ledger as items. Names are listed in docs/reference/data-model.md."""

import json
from collections.abc import Iterator
from typing import Any

from loyalty.domain.cards.card import Balance
from loyalty.domain.cards.transaction import (
    Context,
    Operation,
    PaymentDetails,
    RefundDetails,
    Source,
    Transaction,
    TransactionType,
)
from loyalty.domain.order import Order, OrderItem
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
from loyalty.store.card_items import flat_lots, flat_pending, lots_from, lots_of, pending_from

USUAL_OPERATIONS = {TransactionType.RETURN: Operation.REFUND, TransactionType.REVOCATION: Operation.REFUND}
"""The usual operations of these types; every other type has its own name. Only an unusual operation is stored."""
REFUND_KINDS = ("FULL", "AMOUNT", "ITEMS")


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
    if row.refund:
        item["rf"] = numbers(_refund_numbers(row.refund))
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


def _row_texts(row: Transaction) -> Iterator[tuple[str, str | None]]:
    context, order = row.context, row.context.order
    yield "op", row.operation if row.operation != _usual_operation(row.type) else None
    yield "pm", _json(_payment_values(row.payment)) if row.payment else None
    yield "or", _json([order.amount, order.currency, [line.as_tuple for line in order.items]]) if order else None
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


def row_from(item: Item) -> Transaction:
    wallet_id, order_id, origin = keys.parse_row_key(item["sk"]["S"])
    type_ = TransactionType(item["t"]["S"])
    order = json.loads(item["or"]["S"]) if "or" in item else None
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
        refund=_refund_from(item["rf"]) if "rf" in item else None,
        hold=number_from(item, "ho"),
        hold_expires_at=number_from(item, "hx"),
        counterpart=text_from(item, "cp"),
        reverses=number_from(item, "rv"),
        lots_before=lots_from(item.get("lb")),
        qualifying="qf" in item,
        notice=text_from(item, "nt"),
        payment=_payment_from(json.loads(item["pm"]["S"])) if "pm" in item else None,
        origin=origin,
        context=Context(
            source=Source(item["so"]["S"]),
            order_id=order_id,
            order=Order(order[0], order[1], tuple(OrderItem(*line) for line in order[2]), text_from(item, "om"))
            if order
            else None,
            campaign_id=text_from(item, "cg"),
            points_description=text_from(item, "d"),
            metadata=text_from(item, "m"),
            reason=text_from(item, "r"),
            event=text_from(item, "ev"),
            actor=text_from(item, "a"),
            request_id=text_from(item, "rq"),
            fingerprint=bytes_from(item, "fp") if "fp" in item else None,
        ),
        wallet_version=int_from(item, "w"),
        created_at=int_from(item, "c"),
        effective_at=int_from(item, "ea") if "ea" in item else int_from(item, "c"),
        salt=bytes_from(item, "sa") if "sa" in item else b"",
        digest=bytes_from(item, "dg") if "dg" in item else b"",
        hash=bytes_from(item, "h"),
    )


def _usual_operation(type_: TransactionType) -> str:
    return USUAL_OPERATIONS.get(type_) or type_.lower()


def _refund_numbers(refund: RefundDetails) -> list[int]:
    """Writes kind, points by result, amount, the part of it paid with points, places and quantities, lots.

    An unknown amount is -1. Zeros at the end are left out; `revoked` follows from the other numbers.
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
        *flat_lots(refund.lapsed),
    ]
    while not values[-1]:
        values.pop()
    return values


def _refund_from(attribute: Item) -> RefundDetails:
    if "S" in attribute:
        return _refund_from_json(json.loads(attribute["S"]))
    values = ints_from(attribute)
    kind, spent, earned, shortfall, expired, amount, by_points, kept_expired, lines, *rest = values + [0] * (
        9 - len(values)
    )
    items, lapsed = rest[: 2 * lines], rest[2 * lines :]
    return RefundDetails(
        kind=REFUND_KINDS[kind - 1],
        spent=spent,
        earned=earned,
        revoked=earned - shortfall - expired,
        shortfall=shortfall,
        expired=expired,
        amount=None if amount < 0 else amount,
        money=None if amount < 0 else amount - by_points,
        items=tuple(zip(items[::2], items[1::2], strict=True)),
        lapsed=lots_of(lapsed),
        kept_expired=kept_expired,
    )


def _refund_from_json(values: list[Any]) -> RefundDetails:
    """Reads the first form of refund details: JSON."""
    defaults: list[Any] = ["", 0, 0, 0, 0, 0, None, None, [], [], 0]
    kind, spent, earned, revoked, shortfall, expired, amount, money, items, lapsed, kept_expired = (
        values + defaults[len(values) :]
    )
    return RefundDetails(
        kind=kind,
        spent=spent,
        earned=earned,
        revoked=revoked,
        shortfall=shortfall,
        expired=expired,
        amount=amount,
        money=money,
        items=tuple(zip(items[::2], items[1::2], strict=True)),
        lapsed=lots_of(lapsed),
        kept_expired=kept_expired,
    )


def _payment_values(payment: PaymentDetails) -> list[Any]:
    inputs = (part for given in payment.inputs for part in given)
    return [payment.amount, payment.remaining, payment.ratio, *inputs]


def _payment_from(values: list[Any]) -> PaymentDetails:
    amount, remaining, ratio, *inputs = values
    return PaymentDetails(amount, remaining, ratio, tuple(zip(inputs[::2], inputs[1::2], strict=True)))


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
