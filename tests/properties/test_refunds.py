"""Refunds are exact for all orders, parts and policies: refunds are compared with a model of single points."""

import copy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from loyalty.domain.cards.transaction import RefundType
from loyalty.domain.dates import CalendarUnit, Unit, period_numbers
from loyalty.domain.movements.credit import Grant, grant_expiry
from loyalty.domain.movements.refund_amounts import RefundDemand, ReturnedCharge, ReturnedItem
from loyalty.domain.order import Charge, ChargeType, Order, OrderItem, merged_charges, merged_items
from loyalty.domain.wallets.settings import (
    ConsumptionOrder,
    EarnedRefundBase,
    EarnedRefunds,
    EarnedRefundType,
    Expiration,
    ExpirationType,
    ExpiredLots,
    Refunds,
    RevocationMode,
    SpentRefunds,
    SpentRefundType,
)
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import InsufficientPoints, LoyaltyError
from tests.support.ledger import FULL, Ledger, of_amount
from tests.support.refund_model import RefundModel, RefundResult
from tests.support.samples import NOW, card, wallet

HOUR, DAY = 3_600, 86_400
SHIPPING = ChargeType.SHIPPING
Step = tuple[Any, ...]


class Twins:
    """A ledger and its model, which take the same steps and are compared after each step."""

    def __init__(self, wallet: Wallet, details: dict[str, Order | None]) -> None:
        self.ledger = Ledger(wallet, card(at=NOW))
        self.model = RefundModel(wallet, NOW)
        self.details = details

    def credit(self, points: int, order: str | None, expires_in: int, activates_in: int) -> None:
        at = self.ledger.at
        activates = at + activates_in
        dates, expires = {}, grant_expiry(Grant(points), self.ledger.wallet, activates)
        if expires_in and not self.ledger.wallet.settings.allow_negative_balance:
            expires = dates["expires_at"] = activates + expires_in
        self.model.settle(at)
        self.model.credit(points, expires, activates, order, self.details.get(order or ""))
        self.ledger.credit(points, order, self.details.get(order or ""), activates_at=activates, **dates)

    def debit(self, points: int, order: str | None) -> None:
        self.model.settle(self.ledger.at)
        points = min(points, self.model.reach())
        if points < 1:
            with pytest.raises(InsufficientPoints):
                self.ledger.debit(1, order)
            return
        self.model.debit(points, order, self.details.get(order or ""))
        self.ledger.debit(points, order, self.details.get(order or ""))

    def refund(self, order: str, demand: RefundDemand) -> None:
        if order not in self.model.orders:
            return
        self.ledger.settled()
        self.model.settle(self.ledger.at)
        try:
            expected = self.model.refund(order, demand)
        except LoyaltyError as refusal:
            before = self.ledger.card, list(self.ledger.rows)
            with pytest.raises(type(refusal)):
                self.ledger.refund(order, demand)
            assert (self.ledger.card, self.ledger.rows) == before
            event(f"refused: {refusal.code}")
            return
        details = self.ledger.refund(order, demand)
        assert (
            RefundResult(
                spent=details.spent,
                kept_expired=details.kept_expired,
                revoked=details.revoked,
                shortfall=details.shortfall,
                expired=details.expired,
                amount=details.amount,
            )
            == expected
        )
        assert details.earned == details.revoked + details.shortfall + details.expired
        assert details.money == details.amount, "no part of the order was paid with points"
        event(f"refunded {demand.kind}")

    def edit(self, order: str, details: Order | None) -> None:
        """Later movements of the order send these details."""
        self.details[order] = details

    def cancel(self, order: str) -> None:
        self.model.settle(self.ledger.at)
        if order in self.model.orders:
            assert self.ledger.cancel(order) == self.model.cancel(order)

    def decide(self, refunds: Refunds) -> None:
        """Changes the refund settings, if the wallet may have them."""
        if self.model.wallet.settings.allow_negative_balance or refunds.earned.mode is RevocationMode.REVOKE_TO_ZERO:
            changed = replace(self.model.wallet, settings=replace(self.model.wallet.settings, refunds=refunds))
            self.model.wallet = self.ledger.wallet = changed

    def wait(self, seconds: int) -> None:
        self.ledger.wait(seconds)

    def compare(self) -> None:
        card, model = self.ledger.settled(), self.model
        model.settle(self.ledger.at)
        assert {(lot.expires_at, lot.issue_day): lot.points for lot in card.lots} == +model.lots
        pending = {(lot.activates_at, (lot.expires_at, lot.issue_day)): lot.points for lot in card.pending}
        assert pending == +model.pending
        assert card.debt == model.debt
        for name in ("issued", "redeemed", "returned", "revoked", "expired", "canceled"):
            assert getattr(card.lifetime, name) == model.life[name], name
        assert card.lifetime.total == card.balance.active + card.balance.pending
        today = period_numbers(model.today)
        for place, unit in enumerate(CalendarUnit):
            counter = card.counters[place]
            current = counter.number == today[place]
            for counted, days in ((counter.earned, model.earned), (counter.spent, model.spent)):
                wanted = sum(count for day, count in days.items() if period_numbers(day)[place] == today[place])
                assert (counted if current else 0) == wanted, unit


ORDERS = st.sampled_from(["A", "A", "A", "B"])
SOME_ORDERS = st.sampled_from([None, "A", "A", "B"])
LINES = st.lists(
    st.builds(
        OrderItem,
        st.sampled_from(["shoe", "sock"]),
        st.integers(1, 3),
        st.sampled_from([0, 1, 50, 99, 100]),
        st.sampled_from([None, None, "1", "2"]),
    ),
    max_size=4,
)


CHARGES = st.lists(
    st.one_of(
        st.builds(Charge, st.sampled_from([SHIPPING, ChargeType.TAX]), st.sampled_from([0, 1, 49, 100])),
        st.builds(Charge, st.just(ChargeType.DISCOUNT), st.sampled_from([-20, -7, -120])),
    ),
    max_size=2,
)


@st.composite
def orders(draw: st.DrawFn) -> Order | None:
    """Most orders have another amount than their items, for discounts and shipping. Some orders cost nothing."""
    items = merged_items(draw(LINES))
    total = sum(item.amount for item in items)
    charges = merged_charges(draw(CHARGES))
    total += sum(charge.amount for charge in charges)
    amounts = [0, 7, 100, 333, total, total, total + 1, total + 49, total - 30, total - 1]
    amount = max(draw(st.sampled_from(amounts)), 0)
    return draw(st.sampled_from([None, *[Order(amount, "EUR", items, charges=charges)] * 8]))


DEMANDS = st.one_of(
    st.just(FULL),
    st.sampled_from([1, 3, 30, 50, 99, 100]).map(of_amount),
    st.sampled_from([1, 3, 30, 50, 99, 100]).map(of_amount),
    *[
        st.lists(
            st.builds(
                ReturnedItem, st.sampled_from(["shoe", "sock"]), st.integers(1, 2), st.sampled_from([None, None, "1"])
            ),
            min_size=1,
            max_size=2,
        ).map(lambda items: RefundDemand(RefundType.ITEMS, items=tuple(items)))
    ]
    * 2,
    st.lists(
        st.builds(
            ReturnedCharge, st.sampled_from([SHIPPING, SHIPPING, ChargeType.OTHER]), st.sampled_from([None, 7, 49])
        ),
        min_size=1,
        max_size=2,
    ).map(lambda charges: RefundDemand(RefundType.ITEMS, charges=tuple(charges))),
)
SPENT = st.builds(SpentRefunds, st.sampled_from(SpentRefundType), st.sampled_from(ExpiredLots), st.sampled_from([1, 2]))
EARNED = st.builds(
    EarnedRefunds,
    st.sampled_from(EarnedRefundType),
    st.sampled_from(RevocationMode),
    st.sampled_from(EarnedRefundBase),
)
STEPS = st.one_of(
    st.tuples(
        st.just("credit"),
        st.integers(1, 12),
        SOME_ORDERS,
        st.sampled_from([0, 0, HOUR, DAY, 3 * DAY]),
        st.sampled_from([0, 0, 0, HOUR, 2 * DAY]),
    ),
    st.tuples(st.just("debit"), st.integers(1, 12), SOME_ORDERS),
    st.tuples(st.just("refund"), ORDERS, DEMANDS),
    st.tuples(st.just("refund"), ORDERS, DEMANDS),
    st.tuples(st.just("refund"), ORDERS, DEMANDS),
    st.tuples(st.just("cancel"), ORDERS),
    st.tuples(st.just("edit"), ORDERS, orders()),
    st.tuples(st.just("decide"), st.builds(Refunds, SPENT, EARNED)),
    st.tuples(st.just("wait"), st.sampled_from([60, HOUR, HOUR, DAY, DAY, 3 * DAY, 30 * DAY])),
)
"""The methods of `Twins` with their arguments."""
EXPIRATIONS = st.sampled_from(
    [
        Expiration(),
        Expiration(ExpirationType.ROLLING_EXPIRATION, 2, Unit.HOUR),
        Expiration(ExpirationType.ROLLING_EXPIRATION, 3, Unit.DAY),
    ]
)


@st.composite
def wallets(draw: st.DrawFn, earned: st.SearchStrategy[EarnedRefunds] = EARNED) -> Wallet:
    more: dict[str, Any] = {"expiration": draw(EXPIRATIONS)}
    refunds = Refunds(draw(SPENT), draw(earned))
    if refunds.earned.mode is RevocationMode.REVOKE_BELOW_ZERO:
        more = {"allow_negative_balance": True, "negative_limit": draw(st.sampled_from([None, None, 0, 5, 20]))}
    return wallet(refunds=refunds, consumption_order=draw(st.sampled_from(ConsumptionOrder)), **more)


ORDER_DETAILS = st.fixed_dictionaries({"A": orders(), "B": orders()})


@settings(max_examples=settings().max_examples * 2)
@given(wallets(), ORDER_DETAILS, st.lists(STEPS, min_size=6, max_size=14))
def test_every_refund_agrees_with_the_model(
    wallet: Wallet, details: dict[str, Order | None], steps: list[Step]
) -> None:
    twins = Twins(wallet, details)
    twins.credit(6, "A", DAY, 0)
    twins.credit(6, None, 3 * DAY, 0)
    twins.credit(9, None, 0, 0)
    twins.debit(13, "A")
    for step in steps:
        getattr(twins, step[0])(*step[1:])
        twins.compare()
    twins.refund("A", FULL)
    twins.compare()


@given(wallets(), ORDER_DETAILS, st.lists(STEPS, max_size=8), st.data())
def test_a_refund_in_parts_ends_like_one_refund(
    wallet: Wallet, details: dict[str, Order | None], steps: list[Step], data: st.DataObject
) -> None:
    details["A"] = Order(100, "EUR")
    twins = Twins(wallet, details)
    sides = data.draw(st.sampled_from(["earned", "spent", "both"]))
    twins.credit(11, None, 0, 0)
    if sides != "spent":
        twins.credit(7, "A", DAY, 0)
        twins.credit(6, "A", 0, HOUR)
    if sides != "earned":
        twins.debit(9, "A")
    for step in steps:
        if not any(argument in ("A", "B") for argument in step):
            getattr(twins, step[0])(*step[1:])
    parts = data.draw(st.lists(st.integers(1, 40), min_size=2, max_size=4).filter(lambda parts: sum(parts) < 100))
    if twins.ledger.wallet.settings.refunds.spent.type is SpentRefundType.REFUND_ITEM:
        return
    split, whole = twins.ledger, copy.deepcopy(twins.ledger)
    results = [split.refund("A", of_amount(part)) for part in parts]
    once = whole.refund("A", of_amount(sum(parts)))
    if data.draw(st.booleans()):
        results.append(split.refund("A", FULL))
        once = replace(once, spent=once.spent + whole.refund("A", FULL).spent)

    assert sum(one.spent for one in results) == once.spent
    one, other = split.card, whole.card
    if sides == "both" and any(one.shortfall for one in results):
        event("a shortfall of a part is not revoked later")
        return
    assert (one.balance, one.debt, one.lifetime) == (other.balance, other.debt, other.lifetime)
    if sides != "both":
        assert (one.lots, one.pending, one.counters) == (other.lots, other.pending, other.counters)
