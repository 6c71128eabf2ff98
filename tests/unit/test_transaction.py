"""Rows in a hash chain: each change is visible except the erasure of texts."""

from dataclasses import replace
from typing import Any

import pytest

from loyalty.domain.cards.card import Balance, Hold, RoundedLots
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import (
    SYSTEM_CONTEXT,
    Context,
    EventDetails,
    LeftOut,
    Movement,
    Operation,
    PaymentDetails,
    RefundDetails,
    RefundType,
    Source,
    Transaction,
    TransactionType,
    canonical_row,
    chain_hash,
    personal_digest,
    record,
)
from loyalty.domain.order import Charge, ChargeType, Order, OrderItem
from tests.support.samples import NOW, TODAY, card, lot, pending_lot

GENESIS = bytes(32)
ROW = Transaction(
    card_id="abcdefghijklmnop",
    wallet_id="wal_1",
    customer_id="ann",
    seq=7,
    type=TransactionType.REVOCATION,
    operation=Operation.REFUND,
    points=30,
    balance=Balance(70, 5, 2),
    lots=(lot(20, 1_900_000_000, 20_880),),
    pending_lots=(pending_lot(10, 1_850_000_000, 1_900_000_000, cancel_at=1_860_000_000),),
    refund=RefundDetails(RefundType.FULL, 1, 32, 30, 1, 1, 1250),
    context=Context(
        source=Source.API,
        order_id="#1001",
        order=Order(1250, "EUR", (OrderItem("tea", 2, 500), OrderItem("mug", 1, 750, "L1")), '{"gift":true}'),
        campaign_id="spring",
        points_description="Frühling",
        metadata='{"name":"Ann"}',
        reason="Ann called",
        actor="key_abcdefgh",
        request_id="Jq0aXhT2oAMEMfQ=",
        fingerprint=bytes(range(16)),
    ),
    wallet_version=3,
    created_at=1_804_108_800,
    effective_at=1_804_108_799,
    salt=bytes(range(12)),
)


def context(**changes: Any) -> Transaction:
    return replace(ROW, context=replace(ROW.context, **changes))


def order(**changes: Any) -> Transaction:
    assert ROW.context.order is not None
    return context(order=replace(ROW.context.order, **changes))


def refund(**changes: Any) -> Transaction:
    assert ROW.refund is not None
    return replace(ROW, refund=replace(ROW.refund, **changes))


PAYMENT = PaymentDetails(500, 750, "0.06", (("ORDER_AMOUNT()", "1250"),))
CHANGED = {
    "payment": replace(ROW, payment=PAYMENT),
    "payment amount": replace(ROW, payment=replace(PAYMENT, amount=501)),
    "payment remaining": replace(ROW, payment=replace(PAYMENT, remaining=751)),
    "payment ratio": replace(ROW, payment=replace(PAYMENT, ratio="0.07")),
    "payment inputs": replace(ROW, payment=replace(PAYMENT, inputs=())),
    "card": replace(ROW, card_id="bbcdefghijklmnop"),
    "wallet": replace(ROW, wallet_id="wal_2"),
    "customer": replace(ROW, customer_id="bob"),
    "seq": replace(ROW, seq=8),
    "type": replace(ROW, type=TransactionType.RETURN),
    "operation": replace(ROW, operation=Operation.DEBIT),
    "points": replace(ROW, points=31),
    "active": replace(ROW, balance=Balance(71, 5, 2)),
    "pending": replace(ROW, balance=Balance(70, 6, 2)),
    "held": replace(ROW, balance=Balance(70, 5, 3)),
    "lot points": replace(ROW, lots=(lot(21, 1_900_000_000, 20_880),)),
    "lot expiry": replace(ROW, lots=(lot(20, 1_900_000_001, 20_880),)),
    "lot issue": replace(ROW, lots=(lot(20, 1_900_000_000, 20_881),)),
    "lots": replace(ROW, lots=()),
    "pending lot activation": replace(ROW, pending_lots=(replace(ROW.pending_lots[0], activates_at=1),)),
    "pending lot cancellation": replace(ROW, pending_lots=(replace(ROW.pending_lots[0], cancel_at=0),)),
    "pending lots": replace(ROW, pending_lots=()),
    "refund kind": refund(kind="AMOUNT"),
    "refund spent": refund(spent=2),
    "refund earned": refund(earned=33),
    "refund revoked": refund(revoked=29),
    "refund shortfall": refund(shortfall=2),
    "refund expired": refund(expired=0),
    "refund amount": refund(amount=None),
    "refund money": refund(money=1_000),
    "refund withheld": refund(withheld=1),
    "refund caught up": refund(caught_up=1),
    "refund items": refund(items=(OrderItem("tea", 1, 500),)),
    "refund charges": refund(charges=(Charge(ChargeType.SHIPPING, 490),)),
    "refund lapsed": refund(lapsed=(lot(1, 1_900_000_000, 20_880),)),
    "refund kept expired": refund(kept_expired=1),
    "refund in all wallets": refund(in_all_wallets=(1_250, 0)),
    "refund left out": refund(left_out=(LeftOut("wal_1", "ann", "card_frozen", 400),)),
    "refund share caught up": refund(share_caught_up=400),
    "refund": replace(ROW, refund=None),
    "begins refund": replace(ROW, begins_refund=ROW.refund),
    "notice": replace(ROW, notice="30 DAY"),
    "day": replace(ROW, day=20_880),
    "room": replace(ROW, room=((20_880, 30),)),
    "later": replace(ROW, later=1),
    "slides to": replace(ROW, slides_to=1_900_000_000),
    "rounded": replace(ROW, rounded=RoundedLots(1, ROW.lots, ROW.pending_lots, (ROW.lots,))),
    "coarseness": replace(ROW, rounded=RoundedLots(2, ROW.lots, ROW.pending_lots, (ROW.lots,))),
    "rounded held lots": replace(ROW, rounded=RoundedLots(1, ROW.lots, ROW.pending_lots, ())),
    "source": context(source=Source.MANUAL),
    "order id": context(order_id="#1002"),
    "no order id": context(order_id=None),
    "order amount": order(amount=1251),
    "order currency": order(currency="USD"),
    "order items": order(items=()),
    "order item product": order(items=(OrderItem("tee", 2, 500), OrderItem("mug", 1, 750, "L1"))),
    "order item quantity": order(items=(OrderItem("tea", 3, 500), OrderItem("mug", 1, 750, "L1"))),
    "order item line": order(items=(OrderItem("tea", 2, 500), OrderItem("mug", 1, 750))),
    "order metadata": order(metadata='{"gift":false}'),
    "no order metadata": order(metadata=None),
    "campaign": context(campaign_id="summer"),
    "points description": context(points_description="Summer"),
    "metadata": context(metadata='{"name":"Bob"}'),
    "metadata moved to reason": context(metadata=None, reason='{"name":"Ann"}'),
    "reason": context(reason=None),
    "actor": context(actor="key_bbcdefgh"),
    "request": context(request_id="Jq0aXhT2oAMEMfR="),
    "event canceled": replace(ROW, event=EventDetails(canceled=1)),
    "event expired": replace(ROW, event=EventDetails(expired=1)),
    "event wallets": replace(ROW, event=EventDetails(wallets=("wal_1", "wal_2"))),
    "key": context(key="K:a"),
    "fingerprint": context(fingerprint=bytes(16)),
    "wallet version": replace(ROW, wallet_version=4),
    "created at": replace(ROW, created_at=1_804_108_801),
    "effective at": replace(ROW, effective_at=1_804_108_800),
    "salt": replace(ROW, salt=bytes(12)),
}


def erased(row: Transaction) -> Transaction:
    """The row after an erasure: without texts and salt, with their digest."""
    order_ = row.context.order and replace(row.context.order, metadata=None)
    texts = replace(row.context, metadata=None, points_description=None, reason=None, order=order_)
    return replace(row, context=texts, salt=b"", digest=personal_digest(row))


@pytest.mark.parametrize("change", CHANGED)
def test_each_changed_field_changes_the_hash(change: str) -> None:
    assert chain_hash(GENESIS, CHANGED[change]) != chain_hash(GENESIS, ROW)


def test_each_changed_row_has_a_different_hash() -> None:
    assert len({chain_hash(GENESIS, row) for row in CHANGED.values()}) == len(CHANGED)


def test_the_hash_depends_on_the_hash_of_the_previous_row() -> None:
    assert chain_hash(bytes(31) + b"\x01", ROW) != chain_hash(GENESIS, ROW)


def test_form_1_of_a_row_never_changes() -> None:
    assert canonical_row(ROW).decode() == (
        '{"actor":"key_abcdefgh","balanceAfter":[70,5,2],"campaignId":"spring","createdAt":1804108800,"customerId":"ann",'
        '"effectiveAt":1804108799,"fingerprint":"000102030405060708090a0b0c0d0e0f","lots":[[20,1900000000,20880]],'
        '"operation":"refund","order":[1250,"EUR",[["tea",2,500],["mug",1,750,"L1"]]],"orderId":"#1001",'
        '"pendingLots":[[10,1850000000,1860000000,1900000000,20880]],"points":30,"refund":["FULL",1,32,30,1,1,1250,null,0,0,[],[],[],0,null,[]],'
        '"requestId":"Jq0aXhT2oAMEMfQ=","source":"API","transactionId":"abcdefghijklmnop.7","type":"REVOCATION",'
        '"walletId":"wal_1","walletVersion":3}'
    )
    assert chain_hash(GENESIS, ROW).hex() == "bbf3cac7b9e88d2c42335279d996d9783c90c5e4eb93137fd997bb2f009973bd"
    plain = replace(ROW, lots=(), pending_lots=(), refund=None, context=SYSTEM_CONTEXT, salt=b"")
    assert chain_hash(GENESIS, plain).hex() == "86e69e8d8eb44d0f6a074c0b4b1174fc45b23b037a8fed5464b82182edad402a"


def test_erasing_personal_texts_keeps_the_hash() -> None:
    after = erased(ROW)
    assert after.personal_texts == {}
    assert chain_hash(GENESIS, after) == chain_hash(GENESIS, ROW)


def test_an_erased_row_still_shows_any_other_change() -> None:
    assert chain_hash(GENESIS, replace(erased(ROW), points=31)) != chain_hash(GENESIS, ROW)


def test_personal_texts_are_not_part_of_the_canonical_row() -> None:
    for text in ("Ann", "Früh", "gift"):
        assert text.encode() not in canonical_row(ROW)


def test_a_row_without_personal_texts_has_no_digest() -> None:
    assert personal_digest(replace(ROW, context=SYSTEM_CONTEXT)) == b""


def test_new_rows_continue_the_seq_and_the_hash_chain_of_the_card() -> None:
    one = card(lot(5, NOW - 10), pending=(pending_lot(7, NOW - 20),), version=3, hash=bytes([9]) * 32)
    after, moved = settle(one, NOW)
    own = Movement(
        type=TransactionType.DEBIT,
        operation=Operation.DEBIT,
        points=7,
        lots=(lot(7),),
        effective_at=NOW,
        balance=after.balance,
    )
    asked = Context(source=Source.API, order_id="A", metadata="{}")

    written, rows = record(one, [*moved, own], asked, after=after, at=NOW, wallet_version=5, salt=b"salt")

    assert [(row.seq, row.type) for row in rows] == [
        (4, TransactionType.ACTIVATION),
        (5, TransactionType.EXPIRY),
        (6, TransactionType.DEBIT),
    ]
    assert [row.context for row in rows] == [SYSTEM_CONTEXT, SYSTEM_CONTEXT, asked]
    assert [row.salt for row in rows] == [b"", b"", b"salt"]
    assert [row.transaction_id for row in rows] == [f"abcdefghijklmnop.{seq}" for seq in (4, 5, 6)]
    previous = one.hash
    for row in rows:
        assert row.hash == chain_hash(previous, row)
        previous = row.hash
    assert (written.version, written.hash, written.at, written.wallet_version) == (6, previous, NOW, 5)


def test_recording_no_movement_changes_no_version() -> None:
    one = card(version=3)
    written, rows = record(one, [], SYSTEM_CONTEXT, after=one, at=NOW, wallet_version=1, salt=b"")
    assert (rows, written.version, written.hash) == ([], 3, one.hash)


@pytest.mark.parametrize(
    ("type_", "deltas", "bucket"),
    [
        (TransactionType.CREDIT, (10, 20, 0), "ACTIVE"),
        (TransactionType.RETURN, (10, 20, 0), "ACTIVE"),
        (TransactionType.DEBIT, (-10, -20, 0), "ACTIVE"),
        (TransactionType.EXPIRY, (-10, -20, 0), "ACTIVE"),
        (TransactionType.REVOCATION, (-10, -20, 0), "ACTIVE"),
    ],
)
def test_a_row_has_the_change_of_each_part_of_the_balance(
    type_: TransactionType, deltas: tuple[int, int, int], bucket: str
) -> None:
    row = replace(ROW, type=type_)
    assert (row.deltas, row.bucket) == (deltas, bucket)


def test_rows_of_pending_points_change_the_pending_balance() -> None:
    pending = replace(ROW, lots=())
    credit = replace(pending, type=TransactionType.CREDIT)
    assert (credit.deltas, credit.bucket) == ((10, 0, 0), "PENDING")
    canceled = replace(pending, type=TransactionType.CANCELLATION)
    assert (canceled.deltas, canceled.bucket) == ((-10, 0, 0), "PENDING")
    activated = replace(pending, type=TransactionType.ACTIVATION)
    assert (activated.deltas, activated.bucket) == ((-10, 10, 0), "ACTIVE")


def test_a_release_moves_held_points_to_the_active_balance() -> None:
    _, (release,) = settle(card(holds=(Hold(1, NOW, TODAY, (lot(5),)),)), NOW)
    row = replace(ROW, type=release.type, lots=release.lots, pending_lots=())
    assert row.deltas == (0, 5, -5)
