"""Cards and rows as items: they are read as they were written, and each costs one write unit."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.domain.cards.card import (
    POINTS_MAX,
    SLIDING,
    Balance,
    Card,
    CardStatus,
    Counter,
    Due,
    Hold,
    Lifetime,
    Lot,
    PendingLot,
    RoundedLots,
)
from loyalty.domain.cards.profile import Profile
from loyalty.domain.cards.transaction import (
    SYSTEM_CONTEXT,
    Context,
    EventDetails,
    LeftOut,
    Operation,
    PaymentDetails,
    RefundDetails,
    RefundType,
    Source,
    Transaction,
    TransactionType,
)
from loyalty.domain.order import Charge, ChargeType, Order, OrderItem
from loyalty.domain.tiers.standing import TierStanding
from loyalty.store import keys
from loyalty.store.card_items import card_from, card_item, code_item, profile_from, profile_item
from loyalty.store.keys import SHARDS
from loyalty.store.row_items import row_from, row_item
from tests.support.item_size import item_size, number_size

WRITE_UNIT_BYTES = 1_024
SECOND = 1_893_456_001
"""A second in 2030. Zeros at its end would make the item shorter."""

POINTS = st.integers(1, POINTS_MAX)
SECONDS = st.integers(1, 2**33)
DAYS = st.integers(1, 30_000)
LOT = st.builds(Lot, POINTS, st.just(0) | st.just(SLIDING) | SECONDS, DAYS)
PENDING_LOT = st.builds(PendingLot, POINTS, st.just(0) | SECONDS, st.just(0) | SECONDS, st.just(0) | SECONDS, DAYS)
COUNT = st.integers(0, 10**15)
COUNTER = st.builds(Counter, COUNT, COUNT, COUNT)
ID = st.text("abcXYZ019._~-", min_size=1, max_size=12)
TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
DIGEST = st.binary(min_size=32, max_size=32)
SIGNED = st.integers(-(10**15), 10**15)
CARDS = st.builds(
    Card,
    card_id=ID,
    wallet_id=ID,
    customer_id=ID,
    shard=st.integers(0, SHARDS - 1),
    status=st.sampled_from(CardStatus),
    version=COUNT,
    revision=st.integers(1, 10**6),
    wallet_version=COUNT,
    at=SECONDS,
    hash=DIGEST,
    lots=st.lists(LOT, max_size=4).map(tuple),
    pending=st.lists(PENDING_LOT, max_size=4).map(tuple),
    holds=st.lists(st.builds(Hold, SECONDS, SECONDS, SECONDS, st.lists(LOT, max_size=3).map(tuple)), max_size=3).map(
        tuple
    ),
    debt=COUNT,
    sliding_expires_at=st.just(0) | SECONDS,
    coarse=st.integers(0, 3),
    counters=st.tuples(COUNTER, COUNTER, COUNTER, COUNTER, COUNTER),
    lifetime=st.builds(Lifetime, *[COUNT] * 9),
    tiers=st.lists(st.builds(TierStanding, ID, COUNT, ID, *[SECONDS] * 4, SIGNED, SIGNED), max_size=3).map(tuple),
    due=st.none() | st.builds(Due, st.sampled_from("AE"), SECONDS),
    settle_failures=st.integers(0, 9),
)
ORDER_ITEM = st.builds(OrderItem, TEXT, COUNT, COUNT, st.none() | TEXT)
CHARGE = st.builds(Charge, st.sampled_from(ChargeType), SIGNED, st.none() | TEXT)
ORDER = st.builds(
    Order,
    COUNT,
    st.sampled_from(["EUR", "JPY"]),
    st.lists(ORDER_ITEM, max_size=3).map(tuple),
    st.none() | TEXT,
    st.lists(CHARGE, max_size=3).map(tuple),
)
CONTEXTS = st.builds(
    Context,
    source=st.sampled_from(Source),
    order_id=st.none() | TEXT,
    order=st.none() | ORDER,
    campaign_id=st.none() | ID,
    points_description=st.none() | TEXT,
    metadata=st.none() | TEXT,
    reason=st.none() | TEXT,
    actor=st.none() | ID,
    request_id=st.none() | ID,
    fingerprint=st.none() | st.binary(min_size=16, max_size=16),
    key=st.none() | ID,
)


@st.composite
def refunds(draw: st.DrawFn) -> RefundDetails:
    revoked, shortfall, expired, spent, kept_expired = (draw(COUNT) for _ in range(5))
    amount = draw(st.none() | COUNT)
    return RefundDetails(
        kind=draw(st.sampled_from(RefundType)),
        spent=spent,
        earned=revoked + shortfall + expired,
        revoked=revoked,
        shortfall=shortfall,
        expired=expired,
        amount=amount,
        money=None if amount is None else draw(st.integers(0, amount)),
        withheld=draw(COUNT),
        caught_up=draw(COUNT),
        items=tuple(draw(st.lists(ORDER_ITEM, max_size=3))),
        charges=tuple(draw(st.lists(CHARGE, max_size=2))),
        in_all_wallets=draw(st.none() | st.tuples(COUNT, COUNT)),
        lapsed=tuple(draw(st.lists(LOT, max_size=2))),
        kept_expired=kept_expired,
        left_out=tuple(draw(st.lists(st.builds(LeftOut, ID, ID, ID, COUNT), max_size=2))),
        share_caught_up=draw(COUNT),
    )


ROWS = st.builds(
    Transaction,
    card_id=ID,
    wallet_id=ID,
    customer_id=ID,
    seq=COUNT,
    type=st.sampled_from(TransactionType),
    operation=st.sampled_from(Operation),
    points=st.integers(0, 9) | st.integers(0, 10**15),
    balance=st.builds(Balance, SIGNED, COUNT, COUNT),
    lots=st.lists(LOT, max_size=4).map(tuple),
    pending_lots=st.lists(PENDING_LOT, max_size=4).map(tuple),
    payment=st.none()
    | st.builds(PaymentDetails, COUNT, COUNT, st.just("0.25"), st.lists(st.tuples(TEXT, ID), max_size=3).map(tuple)),
    refund=st.none() | refunds(),
    begins_refund=st.none() | refunds(),
    event=st.none() | st.builds(EventDetails, COUNT, COUNT, st.lists(ID, max_size=3).map(tuple)),
    hold=st.none() | COUNT,
    hold_expires_at=st.none() | SECONDS,
    counterpart=st.none() | ID,
    reverses=st.none() | COUNT,
    lots_before=st.lists(LOT, max_size=2).map(tuple),
    qualifying=st.booleans(),
    notice=st.sampled_from([None, "30 DAY"]),
    day=st.none() | st.integers(0, 30_000),
    room=st.lists(st.tuples(DAYS, st.integers(1, 9)), max_size=3).map(tuple),
    later=st.integers(0, 9),
    slides_to=st.just(0) | SECONDS,
    rounded=st.none()
    | st.builds(
        RoundedLots,
        st.integers(1, 3),
        st.lists(LOT, max_size=3).map(tuple),
        st.lists(PENDING_LOT, max_size=3).map(tuple),
        st.lists(st.lists(LOT, max_size=3).map(tuple), max_size=3).map(tuple),
    ),
    context=CONTEXTS,
    wallet_version=COUNT,
    created_at=SECONDS,
    effective_at=SECONDS,
    salt=st.just(b"") | st.binary(min_size=12, max_size=12),
    digest=st.just(b"") | DIGEST,
    hash=DIGEST,
)


@given(CARDS)
def test_a_card_is_read_as_it_was_written(card: Card) -> None:
    assert card_from(card_item(card)) == card


@given(ROWS, ID)
def test_a_row_is_read_as_it_was_written(row: Transaction, key: str) -> None:
    by_time = row.operation.is_by_time
    row = replace(row, origin=None if by_time else keys.row_origin(keys.key_origin(key), row.later))
    assert row_from(row_item(row)) == row


@given(CARDS, st.builds(Profile, code=ID, metadata=st.none() | TEXT, created_at=SECONDS, wallet_version=SECONDS))
def test_a_profile_is_read_as_it_was_written(card: Card, profile: Profile) -> None:
    assert profile_from(profile_item(card, profile)) == profile


@given(CARDS)
def test_a_card_is_in_the_due_index_only_if_it_has_a_due_moment(card: Card) -> None:
    item = card_item(card)
    assert ("dp" in item, "ds" in item) == (card.due is not None,) * 2


@given(CARDS, ROWS)
def test_every_item_names_its_form(card: Card, row: Transaction) -> None:
    profile = Profile(code="A1", metadata=None, created_at=1, wallet_version=1)
    items = card_item(card), row_item(replace(row, origin="K:a")), profile_item(card, profile), code_item(card, "A1")
    assert [item["s"] for item in items] == [{"S": "1"}] * 4


@pytest.mark.parametrize(
    ("text", "size"), [("0", 1), ("7", 2), ("42", 2), ("100", 2), ("12345", 4), ("-1", 3), ("1893456001", 6)]
)
def test_number_sizes_are_the_sizes_that_aws_bills(text: str, size: int) -> None:
    assert number_size(text) == size


def many_lots(points: int = 123_457) -> tuple[Lot, ...]:
    return tuple(Lot(points + n, SECOND + n * 86_399, 20_811 + n) for n in range(15))


def busy_card(**changes: Any) -> Card:
    """A card with the longest ids, fifteen lots, a tier, all counters and a due entry."""
    card = Card(
        card_id="i" * 16,
        wallet_id="w" * 64,
        customer_id="c" * 64,
        shard=63,
        version=123_457,
        revision=11,
        wallet_version=123,
        at=SECOND,
        hash=bytes(32),
        lots=many_lots(),
        counters=(
            Counter(20_819, 1_234_567, 1_234_567),
            Counter(105_737, 1_234_567, 1_234_567),
            Counter(24_321, 1_234_567, 1_234_567),
            Counter(8_107, 1_234_567, 1_234_567),
            Counter(2_027, 1_234_567, 1_234_567),
        ),
        lifetime=Lifetime(*[12_345_671] * 9),
        tiers=(TierStanding("p" * 64, 123, "t" * 64, SECOND, SECOND, SECOND, 24_321, 12_345_671, 12_345_671),),
        due=Due("E", SECOND),
    )
    return replace(card, **changes)


def busy_row(**changes: Any) -> Transaction:
    """A row with fifteen lots and with 300 bytes of metadata and order; it moves a sliding expiry."""
    order = Order(1_234_567, "EUR", tuple(OrderItem(f"sku-{n}", 3, 411_522) for n in range(3)))
    context = Context(
        source=Source.MANUAL,
        order_id="o" * 64,
        order=order,
        metadata="m" * 226,
        actor="key_12345678",
        request_id="r" * 16,
        fingerprint=bytes(16),
    )
    row = Transaction(
        card_id="i" * 16,
        wallet_id="w" * 64,
        customer_id="c" * 64,
        seq=123_457,
        type=TransactionType.DEBIT,
        operation=Operation.DEBIT,
        points=1_851_855,
        balance=Balance(12_345_671, 1_234_567, 1_234_567),
        lots=many_lots(),
        day=SECOND // 86_400 - 1,
        slides_to=SECOND,
        context=context,
        origin="K:a",
        wallet_version=123,
        created_at=SECOND,
        effective_at=SECOND,
        salt=bytes(12),
        hash=bytes(32),
    )
    return replace(row, **changes)


def row_size(row: Transaction, origin: str | None = None) -> int:
    return item_size(row_item(replace(row, origin=origin or keys.key_origin("k" * 64))))


def test_the_order_and_metadata_of_the_budget_row_have_300_bytes() -> None:
    item = row_item(busy_row())
    assert len(item["m"]["S"]) + len(item["or"]["S"]) == 300


def test_a_card_with_fifteen_lots_and_a_tier_costs_one_write_unit() -> None:
    assert item_size(card_item(busy_card())) <= WRITE_UNIT_BYTES


def test_a_card_with_fifteen_enormous_lots_costs_one_write_unit() -> None:
    enormous = busy_card(lots=many_lots(999_999_999_983), lifetime=Lifetime(*[999_999_999_999_983] * 9))
    assert item_size(card_item(enormous)) <= WRITE_UNIT_BYTES


def test_a_row_with_fifteen_lots_metadata_and_order_costs_one_write_unit() -> None:
    assert row_size(busy_row()) <= WRITE_UNIT_BYTES


def test_a_return_to_fifteen_lots_costs_one_write_unit() -> None:
    row = busy_row(type=TransactionType.RETURN, operation=Operation.REFUND, **GIVES_BACK)
    assert row_size(row, keys.row_origin(keys.key_origin("k" * 64), 1)) <= WRITE_UNIT_BYTES


GIVES_BACK: dict[str, Any] = {"day": None, "slides_to": 0, "room": ((20_811, 1_851_855),)}
"""A refund gives back room of one day, and is no activity."""
REFUND = RefundDetails(RefundType.AMOUNT, 1_234_567, 1_851_855, 617_288, 411_521, 823_046, 1_234_567, 1_134_567)
REFUND_CONTEXT = replace(busy_row().context, order=None, metadata=None, reason="r" * 250)
"""The context of a refund of an order with known details: a reason of 250 bytes only."""


def test_a_revocation_from_fifteen_lots_with_all_refund_details_costs_one_write_unit() -> None:
    row = busy_row(
        type=TransactionType.REVOCATION,
        operation=Operation.REFUND,
        refund=REFUND,
        context=REFUND_CONTEXT,
        **GIVES_BACK,
    )
    assert row_size(row) <= WRITE_UNIT_BYTES


def test_a_refund_with_order_details_or_lapsed_lots_costs_at_most_two_write_units() -> None:
    details = replace(REFUND, lapsed=many_lots(), kept_expired=123_457)
    row = busy_row(type=TransactionType.REVOCATION, operation=Operation.REFUND, refund=details, **GIVES_BACK)
    assert row_size(row) <= 2 * WRITE_UNIT_BYTES


def test_an_activation_of_fifteen_pending_lots_costs_one_write_unit() -> None:
    lots = tuple(PendingLot(123_457 + n, SECOND + n, 0, SECOND + n * 86_399, 20_811 + n) for n in range(15))
    row = busy_row(
        type=TransactionType.ACTIVATION,
        operation=Operation.SETTLE,
        lots=(),
        pending_lots=lots,
        context=SYSTEM_CONTEXT,
        salt=b"",
    )
    assert row_size(row, keys.settlement_origin(123_457)) <= WRITE_UNIT_BYTES
