"""Redemptions of coupons: a code becomes points of its campaign, in one transaction with the receipt of the event.

The product records a redemption as an event of its own, to which the campaign of the code reacts alone. Multipliers
belong to the events that they name, so no multiplier raises what a coupon gives.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from loyalty.domain.dates import instant
from loyalty.domain.earning.coupon import Coupon, CouponReason
from loyalty.domain.earning.evaluation import Decision
from loyalty.domain.earning.event import COUPON_REDEEMED, Event, LineKey, redemption_key
from loyalty.domain.earning.receipt import Receipt
from loyalty.domain.earning.skips import Skip, SkipReason
from loyalty.domain.order import Order
from loyalty.errors import CouponAlreadyUsed, CouponNotValid, CurrencyDiffers, KeyReused
from loyalty.retry import retry
from loyalty.store.coupons import coupon_use_write
from loyalty.store.receipts import AwardReading, not_canceled_check
from loyalty.store.store import Store
from loyalty.store.table import TransactionCanceled, WriteAction
from loyalty.usecases.admission import require_clock
from loyalty.usecases.earning.awards import AwardOutcome, EventOutcome, candidates_of
from loyalty.usecases.earning.campaigns import read
from loyalty.usecases.earning.coupons import find, reason_of_campaign
from loyalty.usecases.earning.engine import Engine, Sender
from loyalty.usecases.earning.pools import Pools
from loyalty.usecases.earning.registry import Registry, current_registry, forget_registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption:
    """A code that a customer redeems, for an order or without one."""

    code: str
    customer_id: str
    key: str
    """The idempotency key. With an order, code and order identify the redemption instead."""
    order_id: str | None = None
    order: Order | None = None
    categories: Mapping[LineKey, tuple[str, ...]] = field(default_factory=dict)
    """The categories of the order's lines, for the conditions of the campaign."""

    def event(self, coupon: Coupon, now: int) -> Event:
        return Event(
            name=COUPON_REDEEMED,
            customer_id=self.customer_id,
            key=redemption_key(self.key, coupon.code, self.order_id),
            occurred_at=now,
            order_id=self.order_id,
            order=self.order,
            categories=self.categories,
            properties={"code": coupon.code},
            campaign_id=coupon.campaign_id,
            coupon=coupon.code,
        )


@dataclass(frozen=True, slots=True)
class RedemptionOutcome:
    """What a redemption gave."""

    coupon: Coupon
    outcome: EventOutcome


def redeem(store: Store, redemption: Redemption, sender: Sender, at: datetime) -> RedemptionOutcome:
    """Gives the customer the points of the code's campaign.

    Raises `CouponNotFound`, `CouponNotValid` with its reason, `CouponAlreadyUsed` if the code was redeemed for the
    order before, and `KeyReused`. A refusal writes nothing, so that the same request may succeed later.
    """
    prepared = _Prepared(store, redemption, at)

    def attempt() -> EventOutcome:
        engine = prepared.engine(sender)
        reading = engine.read()
        if reading.receipt:
            return _repetition(store, reading.receipt, sender)
        require_clock(reading.skew)
        decision = prepared.decide(engine, reading)
        try:
            engine.commit(reading, decision, (), *_companions(redemption, prepared.coupon))
        except TransactionCanceled:
            # A concurrent redemption may have taken the last use of the code.
            prepared.coupon = find(store, redemption.code)
            raise
        prepared.pools.mark_exhausted()
        return EventOutcome([AwardOutcome(row) for row in engine.rows], decision.skips)

    return RedemptionOutcome(prepared.coupon, retry(attempt, "the customer's cards"))


def examine(store: Store, redemption: Redemption, at: datetime) -> RedemptionOutcome:
    """Returns what the redemption would give now, and writes nothing. Raises the refusals of `redeem`."""
    prepared = _Prepared(store, redemption, at)
    prepared.pools.read()
    engine = prepared.engine(Sender("-", "-", b""))
    reading = engine.read()
    if reading.receipt and redemption.order_id is not None:
        raise _already_used(redemption.order_id)
    prepared.decide(engine, reading)
    return RedemptionOutcome(prepared.coupon, EventOutcome([AwardOutcome(row, dry=True) for row in engine.rows]))


class _Prepared:
    """A redemption with its coupon and campaign."""

    def __init__(self, store: Store, redemption: Redemption, at: datetime) -> None:
        self._store, self._redemption, self._at, self._now = store, redemption, at, instant(at)
        self.coupon = find(store, redemption.code)
        self._registry = _registry(store, self.coupon, self._now)
        self._require_currency()
        event = self._event = redemption.event(self.coupon, self._now)
        found = candidates_of(self._registry, self._registry.reacting(event), event, self._now)
        self._candidates, self._skips = found
        self.pools = Pools(store, self._candidates, self._now)

    def engine(self, sender: Sender) -> Engine:
        return Engine(self._store, self._registry, self._event, sender, self._candidates, self.pools, self._at)

    def decide(self, engine: Engine, reading: AwardReading) -> Decision:
        """Returns a decision that gives points. Raises `CouponNotValid`."""
        coupon = self.coupon
        if reason := coupon.refusal(self._redemption.customer_id, self._now):
            raise _not_valid(coupon, Skip(coupon.campaign_id, reason))
        if reading.is_canceled:
            raise _not_valid(coupon, Skip(coupon.campaign_id, SkipReason.ORDER_CANCELED))
        if not self._candidates:
            raise _not_valid(coupon, self._skips[0] if self._skips else self._not_live())
        decision = engine.decide(reading)
        if not decision.awards:
            self.pools.mark_exhausted()
            raise _not_valid(coupon, decision.skips[0])
        return decision

    def _not_live(self) -> Skip:
        """Returns why no live campaign reacts to the code."""
        campaign = read(self._store, self.coupon.campaign_id)
        reason = reason_of_campaign(self._store, campaign, self._now)
        return Skip(campaign.campaign_id, reason or CouponReason.NOT_RUNNING)

    def _require_currency(self) -> None:
        order, currency = self._redemption.order, self._registry.project.currency
        if order and order.currency not in (None, currency):
            message = f"The project's currency is {currency}, the order's is {order.currency}."
            raise CurrencyDiffers.of_field("body.order.currency", message)


def _companions(redemption: Redemption, coupon: Coupon) -> list[WriteAction]:
    """Returns the writes of a redemption besides those of every award."""
    writes = [] if coupon.max_uses is None else [coupon_use_write(coupon)]
    if redemption.order_id is not None:
        # A cancellation that comes at the same time finds the awards, or the redemption finds the cancellation.
        writes.append(not_canceled_check(redemption.customer_id, redemption.order_id))
    return writes


def _registry(store: Store, coupon: Coupon, now: int) -> Registry:
    """Returns the registry. A registry that is seconds old may not refuse a code."""
    registry = current_registry(store, now)
    if coupon.campaign_id not in registry.coupons:
        forget_registry(store)
        registry = current_registry(store, now)
    return registry


def _repetition(store: Store, receipt: Receipt, sender: Sender) -> EventOutcome:
    if receipt.fingerprint != sender.fingerprint:
        if receipt.order_id is not None:
            raise _already_used(receipt.order_id)
        message = "The idempotency key redeemed a coupon by another request. Use a new key."
        raise KeyReused.of_field("header.idempotency-key", message)
    return EventOutcome([AwardOutcome(row) for row in store.receipts.rows(receipt)], receipt.skips, repeated=True)


def _already_used(order_id: str) -> CouponAlreadyUsed:
    return CouponAlreadyUsed("A coupon works once for an order.", orderId=order_id)


def _not_valid(coupon: Coupon, skip: Skip) -> CouponNotValid:
    reason = CouponReason.NOT_RUNNING if skip.reason == SkipReason.OUTSIDE_WINDOW else skip.reason
    extensions: dict[str, Any] = {"reason": reason, **({"path": skip.path} if skip.path else {})}
    return CouponNotValid(f"The coupon {coupon.code} gives no points: {reason}.", **extensions)
