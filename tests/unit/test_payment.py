"""Payments: a payment pays the largest allowed amount with the fewest points."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.domain.cards.card import POINTS_MAX, Balance, Card, Hold
from loyalty.domain.cards.transaction import (
    Context,
    Movement,
    Operation,
    RefundDetails,
    RefundType,
    Source,
    Transaction,
    TransactionType,
    record,
)
from loyalty.domain.dates import CalendarUnit, Unit
from loyalty.domain.formulas.parser import Result
from loyalty.domain.movements.payment import (
    PaymentLimit,
    PaymentLimitType,
    amount_for,
    order_to_pay,
    pay_order,
    payment_formula,
    points_for,
)
from loyalty.domain.order import Order
from loyalty.domain.wallets.settings import (
    Activity,
    Expiration,
    ExpirationType,
    LimitType,
    PaymentType,
    PayWithPoints,
    SpendingLimit,
    SpendingLimits,
    SpendingTransactionLimit,
    WhenExceeded,
)
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import (
    ExchangeRatioNotPositive,
    InsufficientPoints,
    LoyaltyError,
    OrderPaid,
    PaymentsNotAvailable,
    SpendingLimitReached,
)
from tests.support.samples import NOW, card, lot, wallet

CONTEXT = Context(source=Source.API)

ALL = PaymentLimit()


def points_limit(points: int) -> PaymentLimit:
    return PaymentLimit(PaymentLimitType.POINTS_LIMIT, points)


def amount_limit(amount: int) -> PaymentLimit:
    return PaymentLimit(PaymentLimitType.AMOUNT_LIMIT, amount)


def pay(
    one: Card, left: int, ratio: str = "1", limit: PaymentLimit = ALL, own: Wallet | None = None
) -> tuple[Card, Movement]:
    return pay_order(one, left, Result(Decimal(ratio), {}), limit, own or wallet(), NOW)


def payment(one: Card, left: int, ratio: str = "1", limit: PaymentLimit = ALL, own: Wallet | None = None) -> Any:
    """The amount, the points, the limit that cut them and the remaining amount."""
    _, movement = pay(one, left, ratio, limit, own)
    assert movement.payment is not None
    return movement.payment.amount, movement.points, movement.capped_by, movement.payment.remaining


def spending(each: int | None = None, most: int | None = None) -> SpendingLimits:
    """Limits with REJECT, which a payment ignores."""
    global_ = SpendingLimit(LimitType.TIME_BASED, CalendarUnit.DAY, most, WhenExceeded.REJECT) if most else None
    return SpendingLimits(global_ or SpendingLimit(), SpendingTransactionLimit(each, WhenExceeded.REJECT))


@pytest.mark.parametrize(
    ("balance", "left", "ratio", "expected"),
    [
        # The whole order is paid, and the points are rounded up.
        (1_000, 1_000, "1", (1_000, 1_000, None, 0)),
        (1_000, 333, "0.1", (333, 34, None, 0)),
        (1_000, 1, "0.001", (1, 1, None, 0)),
        (222, 2, "111", (2, 222, None, 0)),
        # The balance pays a part.
        (999, 1_000, "1", (999, 999, "balance", 1)),
        (33, 333, "0.1", (330, 33, "balance", 3)),
        # Points that do not pay another minor unit stay on the card.
        (221, 2, "111", (1, 111, "balance", 1)),
        (10, 100, "3", (3, 9, "balance", 97)),
        (10, 100, "0.3", (33, 10, "balance", 67)),
        # At two thirds of a point, three minor units cost two points.
        (2, 100, "0.666666666666666666", (3, 2, "balance", 97)),
        (1_000, 3, "0.666666666666666666", (3, 2, None, 0)),
        (10**12, 10**12, "1", (10**12, 10**12, None, 0)),
    ],
)
def test_a_payment_pays_as_much_as_the_balance_and_the_order_allow(
    balance: int, left: int, ratio: str, expected: Any
) -> None:
    assert payment(card(lot(balance)), left, ratio) == expected


@pytest.mark.parametrize(
    ("limit", "limits", "expected"),
    [
        (points_limit(50), spending(), (100, 50, "POINTS_LIMIT", 900)),
        (amount_limit(70), spending(), (70, 35, "AMOUNT_LIMIT", 930)),
        (ALL, spending(each=40), (80, 40, "spendingLimits.transaction", 920)),
        (ALL, spending(most=30), (60, 30, "spendingLimits.global", 940)),
        # The tightest limit is named.
        (points_limit(20), spending(each=40, most=30), (40, 20, "POINTS_LIMIT", 960)),
        (amount_limit(90), spending(each=40, most=50), (80, 40, "spendingLimits.transaction", 920)),
        (points_limit(300), spending(each=300, most=300), (400, 200, "balance", 600)),
        (points_limit(200), spending(), (400, 200, "balance", 600)),
        # A limit that the payment does not reach does not cut it.
        (amount_limit(1_000), spending(), (400, 200, "balance", 600)),
    ],
)
def test_the_tightest_of_balance_and_limits_cuts_a_payment_and_is_named(
    limit: PaymentLimit, limits: SpendingLimits, expected: Any
) -> None:
    assert payment(card(lot(200)), 1_000, "0.5", limit, wallet(spending_limits=limits)) == expected


def test_a_payment_of_the_full_amount_is_not_cut() -> None:
    limited = wallet(spending_limits=spending(each=200, most=200))
    for limit in (ALL, points_limit(200), amount_limit(200)):
        assert payment(card(lot(200)), 200, "1", limit, limited) == (200, 200, None, 0)


def test_held_points_pay_nothing_and_a_payment_never_makes_a_debt() -> None:
    below = wallet(allow_negative_balance=True, negative_limit=500)
    assert payment(card(lot(30)), 100, own=below) == (30, 30, "balance", 70)
    held = card(lot(30), holds=(Hold(2, NOW + 9, 0, (lot(70),)),))
    assert payment(held, 100, own=below) == (30, 30, "balance", 70)
    with pytest.raises(InsufficientPoints):
        pay(card(debt=5), 100, own=below)


@pytest.mark.parametrize(
    ("one", "limit", "extensions"),
    [
        (card(), ALL, {"required": 111, "available": 0, "missing": 111}),
        (card(lot(110)), ALL, {"required": 111, "available": 110, "missing": 1}),
        (card(lot(500)), points_limit(50), {"required": 111, "available": 50, "missing": 61}),
    ],
)
def test_a_payment_is_refused_if_the_points_do_not_pay_one_minor_unit(
    one: Card, limit: PaymentLimit, extensions: dict[str, int]
) -> None:
    with pytest.raises(InsufficientPoints) as refusal:
        pay(one, 10, "111", limit)
    assert refusal.value.extensions == extensions


def test_a_spending_limit_without_room_refuses_a_payment_before_the_balance_is_checked() -> None:
    own = wallet(spending_limits=spending(most=100))
    after, _ = pay(card(lot(150)), 100, own=own)
    for one in (after, replace(after, lots=())):
        with pytest.raises(SpendingLimitReached) as refusal:
            pay(one, 10, own=own)
        assert refusal.value.extensions == {"limit": "spendingLimits.global", "requested": 10, "room": 0}


@pytest.mark.parametrize("ratio", ["0", "-1", "-0.000000000000000001"])
def test_a_payment_is_refused_if_the_exchange_ratio_is_not_positive(ratio: str) -> None:
    with pytest.raises(ExchangeRatioNotPositive):
        pay(card(lot(100)), 10, ratio)


def test_a_payment_is_a_debit_with_payment_details() -> None:
    ratio = Result(Decimal("0.50"), {"ORDER_AMOUNT()": Decimal("1000.0")})
    after, movement = pay_order(card(lot(100)), 1_000, ratio, ALL, wallet(), NOW)
    assert (movement.type, movement.operation, movement.lots) == (TransactionType.DEBIT, Operation.PAYMENT, (lot(100),))
    assert (movement.requested, movement.points, movement.balance) == (500, 100, Balance(0, 0, 0))
    assert movement.payment is not None
    assert (movement.payment.ratio, movement.payment.inputs) == ("0.5", (("ORDER_AMOUNT()", "1000"),))
    assert (after.lifetime.redeemed, after.counters[0].spent) == (100, 100)


def test_a_payment_is_an_activity_that_moves_a_sliding_expiry() -> None:
    sliding = Expiration(ExpirationType.SLIDING_EXPIRATION, 30, Unit.DAY, reset_by=(Activity.SPENDING,))
    after, _ = pay(card(lot(100)), 10, own=wallet(expiration=sliding))
    assert after.sliding_expires_at > NOW


def test_a_payment_takes_no_more_points_than_one_movement_allows() -> None:
    assert payment(card(lot(POINTS_MAX * 2)), POINTS_MAX, "2")[:2] == (POINTS_MAX // 2, POINTS_MAX)


AMOUNTS = st.integers(1, 10**12)
RATIOS = st.decimals(Decimal("0.000001"), Decimal(10**6), allow_nan=False, places=6).filter(bool)


@given(AMOUNTS, RATIOS)
def test_the_points_for_an_amount_are_the_fewest_that_cover_it(amount: int, ratio: Decimal) -> None:
    assert points_for(amount, ratio) == ceil(amount * Fraction(ratio))
    assert amount_for(points_for(amount, ratio), ratio) >= amount
    assert amount_for(points_for(amount, ratio) - 1, ratio) < amount


LIMITS = st.one_of(st.just(ALL), st.integers(1, 10**4).map(points_limit), st.integers(1, 10**4).map(amount_limit))


@given(
    st.integers(0, 10**4),
    st.integers(1, 10**4),
    st.decimals(Decimal("0.001"), Decimal(100), allow_nan=False, places=3),
    LIMITS,
    st.none() | st.integers(1, 10**4),
    st.none() | st.integers(1, 10**4),
)
def test_a_payment_stays_within_all_limits_and_pays_the_largest_possible_amount(
    balance: int, left: int, ratio: Decimal, limit: PaymentLimit, each: int | None, most: int | None
) -> None:
    own = wallet(spending_limits=spending(each, most))
    points_most = min(
        balance,
        limit.max if limit.type is PaymentLimitType.POINTS_LIMIT else balance,
        balance if each is None else each,
        balance if most is None else most,
    )
    amount_most = min(left, limit.max) if limit.type is PaymentLimitType.AMOUNT_LIMIT else left
    try:
        after, movement = pay(card(*([lot(balance)] if balance else [])), left, str(ratio), limit, own)
    except LoyaltyError:
        assert ceil(Fraction(ratio)) > points_most, "a refused payment could not have paid one minor unit"
        return
    assert movement.payment is not None
    amount = movement.payment.amount
    assert 1 <= amount <= amount_most
    assert movement.points == ceil(amount * Fraction(ratio)) <= points_most
    assert amount == amount_most or ceil((amount + 1) * Fraction(ratio)) > points_most
    assert (movement.capped_by is None) == (amount == left)
    assert after.balance.active == balance - movement.points >= 0


# The amount that earlier payments left


def rows(*movements: Movement) -> list[Transaction]:
    _, made = record(card(), list(movements), CONTEXT, after=card(), at=NOW, wallet_version=1, salt=b"")
    return made


def a_payment(amount: int) -> Movement:
    return pay(card(lot(amount)), amount)[1]


def a_refund(kind: str, amount: int | None = None, money: int | None = None) -> Movement:
    return Movement(
        type=TransactionType.RETURN,
        operation=Operation.REFUND,
        points=0,
        effective_at=NOW,
        balance=Balance(0, 0, 0),
        refund=RefundDetails(RefundType(kind), amount=amount, money=money),
    )


ORDER = Order(1_000, "EUR")


def left_to_pay(order: Order, rows: Sequence[Transaction]) -> int:
    return order_to_pay(order, rows, NOW)[1]


def test_earlier_payments_reduce_the_amount_that_is_left_to_pay() -> None:
    assert left_to_pay(ORDER, []) == 1_000
    assert left_to_pay(ORDER, rows(a_payment(300), a_payment(200))) == 500
    plain_debit = replace(a_payment(300), operation=Operation.DEBIT, payment=None)
    assert left_to_pay(ORDER, rows(plain_debit)) == 1_000


@pytest.mark.parametrize("amounts", [(1_000,), (600, 400)])
def test_an_order_that_is_paid_cannot_be_paid_again(amounts: tuple[int, ...]) -> None:
    with pytest.raises(OrderPaid):
        left_to_pay(ORDER, rows(*map(a_payment, amounts)))


def test_a_full_refund_undoes_earlier_payments_and_a_partial_refund_does_not() -> None:
    assert left_to_pay(ORDER, rows(a_payment(600), a_refund("FULL"))) == 1_000
    assert left_to_pay(ORDER, rows(a_payment(600), a_refund("FULL"), a_payment(100))) == 900
    assert left_to_pay(ORDER, rows(a_payment(600), a_refund("AMOUNT"))) == 400
    # The order of the rows does not matter.
    assert left_to_pay(ORDER, rows(a_payment(600), a_refund("FULL"), a_payment(100))[::-1]) == 900


def test_money_that_a_partial_refund_paid_back_is_not_left_to_pay() -> None:
    part = a_refund("AMOUNT", amount=500, money=200)
    assert left_to_pay(ORDER, rows(a_payment(600), part)) == 200
    with pytest.raises(OrderPaid):
        left_to_pay(ORDER, rows(a_payment(600), part, part))
    assert left_to_pay(ORDER, rows(a_payment(600), part, a_refund("FULL", amount=500, money=200))) == 1_000


def test_a_wallet_without_payments_has_no_formula() -> None:
    with pytest.raises(PaymentsNotAvailable):
        payment_formula(wallet())
    own = wallet(pay_with_points=PayWithPoints(PaymentType.EXCHANGE_RATIO, "ORDER_AMOUNT()"))
    assert payment_formula(own).sources == {"ORDER_AMOUNT"}
