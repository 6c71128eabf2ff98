"""Transfers: the lots that move, their dates, and the limits that apply."""

import pytest

from loyalty.domain.cards.card import BALANCE_MAX, SLIDING, Card, Lot
from loyalty.domain.cards.limits import spending_allowance
from loyalty.domain.cards.transaction import Operation, TransactionType
from loyalty.domain.dates import NEVER, CalendarUnit, local_day
from loyalty.domain.movements.transfer import receive_points, send_points
from loyalty.domain.wallets.settings import (
    EarningLimit,
    EarningLimits,
    EarningTransactionLimit,
    LimitType,
    SpendingLimit,
    SpendingLimits,
    SpendingTransactionLimit,
    Transfers,
    WhenExceeded,
)
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import BalanceTooLarge, EarningLimitReached, InsufficientPoints, SpendingLimitReached
from tests.support.samples import BERLIN, NOW, card, local, lot, pending_lot, wallet

STARS = wallet()
TODAY = local_day(NOW, BERLIN)


def send(one: Card, points: int, of: Wallet = STARS) -> tuple[Card, tuple[Lot, ...]]:
    after, movement, moving = send_points(one, points, of, NOW, recipient_id="bob")
    assert (movement.type, movement.operation, movement.counterpart) == (
        TransactionType.TRANSFER_OUT,
        Operation.TRANSFER,
        "bob",
    )
    assert (movement.points, movement.balance) == (points, after.balance)
    return after, moving


def receive(one: Card, *lots: Lot, of: Wallet = STARS) -> Card:
    after, movement = receive_points(one, lots, of, NOW, sender_id="ann")
    assert (movement.type, movement.operation, movement.counterpart) == (
        TransactionType.TRANSFER_IN,
        Operation.TRANSFER,
        "ann",
    )
    assert (movement.lots, movement.balance) == (lots, after.balance)
    return after


def test_lots_are_transferred_in_the_consumption_order_and_keep_their_dates() -> None:
    early = lot(6, "2027-03-09", "2027-01-07")
    sender, moving = send(card(lot(5), early), 8)
    recipient = receive(card(lot(1)), *moving)
    assert (sender.lots, sender.lifetime.transferred_out) == ((lot(3),), 8)
    assert (recipient.lots, recipient.lifetime.transferred_in) == ((early, lot(3)), 8)


@pytest.mark.parametrize(
    ("own", "senders", "ends"),
    [
        (SLIDING, 900, NOW + 900),
        (-(NOW + 950), 900, NOW + 950),
        (-(NOW + 300), 0, NOW + 300),
        (SLIDING, 0, NEVER),
        (NOW + 300, 900, NOW + 300),
        (NEVER, 900, NEVER),
    ],
)
@pytest.mark.parametrize("recipients", [0, NOW + 500, NOW + 5_000])
def test_a_transferred_lot_ends_when_it_would_have_ended_on_the_senders_card(
    own: int, senders: int, recipients: int, ends: int
) -> None:
    _, moving = send(card(lot(5, own), sliding_expires_at=NOW + senders if senders else 0), 5)
    recipient = receive(card(sliding_expires_at=recipients), *moving)
    assert recipient.sliding_expires_at == recipients, "a transfer is no activity"
    recipient = recipient.slide_to(NOW + 9_000)
    assert [recipient.expiry_of(one) for one in recipient.lots] == [ends], "the recipient's activity does not move it"


def test_repeated_transfers_do_not_extend_the_life_of_points() -> None:
    ann, bob = card(lot(5, SLIDING), sliding_expires_at=NOW + 900), card(sliding_expires_at=NOW + 5_000)
    for _ in range(3):
        ann, moving = send(ann, 5)
        bob = receive(bob, *moving)
        bob, moving = send(bob, 5)
        ann = receive(ann, *moving)
    assert [ann.expiry_of(one) for one in ann.lots] == [NOW + 900]


@pytest.mark.parametrize(
    "one",
    [
        card(lot(5)),
        card(lot(5), pending=(pending_lot(50, NOW + 9),)),
        card(debt=5),
    ],
)
def test_only_active_points_can_be_transferred_and_not_below_zero(one: Card) -> None:
    with pytest.raises(InsufficientPoints):
        send(one, 6, wallet(allow_negative_balance=True))


def test_transferred_points_repay_the_debt_of_the_recipient_first() -> None:
    recipient = receive(card(debt=5), lot(8))
    assert (recipient.lots, recipient.debt, recipient.lifetime.transferred_in) == ((lot(3),), 0, 8)


@pytest.mark.parametrize("when", WhenExceeded)
@pytest.mark.parametrize(
    "limit",
    [EarningLimit(LimitType.TIME_BASED, CalendarUnit.MONTH, 10), EarningLimit(LimitType.BALANCE_BASED, max=10)],
)
def test_the_recipients_limit_counts_a_transfer_as_earned_and_never_cuts_it(
    limit: EarningLimit, when: WhenExceeded
) -> None:
    limit = EarningLimit(limit.type, limit.unit, limit.max, when)
    limited = wallet(earning_limits=EarningLimits(global_=limit))
    recipient = receive(card(), lot(7), of=limited)
    assert {counter.earned for counter in recipient.counters} == {7}
    assert receive(recipient, lot(3), of=limited).balance.active == 10
    with pytest.raises(EarningLimitReached):
        receive(recipient, lot(4), of=limited)


def test_a_limit_per_credit_does_not_apply_to_a_transfer() -> None:
    limited = wallet(earning_limits=EarningLimits(transaction=EarningTransactionLimit(1, min_amount=500)))
    assert receive(card(), lot(7), of=limited).balance.active == 7


LIMITS = [
    SpendingLimits(global_=SpendingLimit(LimitType.TIME_BASED, CalendarUnit.YEAR, 10)),
    SpendingLimits(global_=SpendingLimit(LimitType.SPENDING_BASED, max=10)),
    SpendingLimits(transaction=SpendingTransactionLimit(10)),
]


@pytest.mark.parametrize("limits", LIMITS)
def test_the_senders_limits_apply_if_a_transfer_counts_as_spending(limits: SpendingLimits) -> None:
    counts = wallet(spending_limits=limits, transfers=Transfers(allowed=True, count_as_spending=True))
    with pytest.raises(SpendingLimitReached):
        send(card(lot(50)), 11, counts)
    sender, _ = send(card(lot(50)), 10, counts)
    if limits.global_.type is not LimitType.NO_LIMIT:
        with pytest.raises(SpendingLimitReached):
            spending_allowance(sender, 1, counts.settings, TODAY, cap=False)


@pytest.mark.parametrize("limits", LIMITS)
def test_a_transfer_is_not_spending_if_the_wallet_does_not_count_it(limits: SpendingLimits) -> None:
    free = wallet(spending_limits=limits, transfers=Transfers(allowed=True))
    sender, _ = send(card(lot(50)), 40, free)
    assert spending_allowance(sender, 10, free.settings, TODAY, cap=False).points == 10


def test_a_transfer_is_refused_if_the_recipients_balance_would_be_too_large() -> None:
    with pytest.raises(BalanceTooLarge):
        receive(card(lot(BALANCE_MAX)), lot(1))


def test_lots_from_another_card_are_rounded_on_a_coarse_card() -> None:
    before = card(lot(5, "2027-05-01", "2027-03-01"), coarse=2)
    recipient, _ = receive_points(before, (lot(7, "2027-04-09"),), STARS, NOW, sender_id="ann")
    assert recipient.lots == (lot(12, local("2027-05-01 00:00"), "2027-03-01"),)
