"""Canceled and refunded orders, reported by events: they refund the order, even before it is paid."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from loyalty.domain.cards.transaction import Context, RefundType, Source
from loyalty.domain.dates import instant
from loyalty.domain.earning.event import ORDER_CANCELED, ORDER_PAID, Event, order_key
from loyalty.domain.earning.receipt import OrderStatus, Receipt, RefundedCard
from loyalty.domain.movements.refund_amounts import RefundDemand
from loyalty.domain.movements.unrecorded_refund import unrecorded_refund
from loyalty.errors import CardClosed, KeyReused, LoyaltyError, NothingToRefund, OrderNotFound, RefundExceedsOrder
from loyalty.retry import retry
from loyalty.store.keys import cancellation_origin, refund_event_origin
from loyalty.store.receipts import receipt_change, receipt_write
from loyalty.store.store import Store
from loyalty.store.table import WriteAction
from loyalty.usecases.admission import require_clock
from loyalty.usecases.earning.awards import EventOutcome
from loyalty.usecases.earning.engine import Sender
from loyalty.usecases.ledger import Command, Outcome
from loyalty.usecases.points.refunds import EverywhereOutcome, Refunding, attempt_everywhere

FIELDS = {
    "body.amount": "body.refund.amount",
    "body.items": "body.refund.items",
    "body.charges": "body.refund.charges",
    "header.idempotency-key": "body.eventId",
}
"""The fields of a refund's own request, and the fields of an event with the same meaning."""


def undo_order(store: Store, event: Event, demand: RefundDemand, sender: Sender, at: datetime) -> EventOutcome:
    """Refunds the event's order on all cards of the order, once for the event's key.

    An order without transactions is refunded in its receipt. If the order is not paid yet, a marker takes the place of
    its receipt, and the paid order finds the marker. An order of which nothing is left is no refusal.

    Raises `KeyReused` if another event with this key was recorded before, and the refusals of a refund of the order.
    """
    assert event.order_id is not None, "events that undo orders name their order"
    order_id = event.order_id
    if event.name == ORDER_CANCELED:
        # The whole order is canceled, whatever its details are.
        event = replace(event, order=None)

    def attempt() -> EventOutcome:
        paid, known, skew = store.receipts.of_order(event.customer_id, order_id, (event.name, event.key))
        if known:
            if known.fingerprint != sender.fingerprint:
                message = "The eventId belongs to an earlier, different event. Use a new id."
                raise KeyReused.of_field("body.eventId", message)
            return EventOutcome(repeated=True, refund=recorded_refund(store, known))
        require_clock(skew)
        done = _Undoing(store, event, order_id, demand, sender, paid, at).perform()
        return EventOutcome(repeated=done.repeated, refund=done)

    try:
        return retry(attempt, "the order")
    except LoyaltyError as refusal:
        raise _of_event(refusal) from None


def recorded_refund(store: Store, receipt: Receipt) -> EverywhereOutcome:
    """Returns the refund that the event of the receipt made."""
    rows = store.receipts.refund_rows(receipt, _origin(receipt.name, receipt.key))
    if rows:
        return EverywhereOutcome.of([Outcome(row, repeated=True) for row in rows])
    return EverywhereOutcome((), receipt.refunded, receipt.refunded, repeated=True)


@dataclass(frozen=True, slots=True)
class _Undoing:
    """One attempt to undo the order of an event."""

    store: Store
    event: Event
    order_id: str
    demand: RefundDemand
    sender: Sender
    paid: Receipt | None
    """The receipt of the order, or a marker in its place."""
    at: datetime

    def perform(self) -> EverywhereOutcome:
        try:
            return self._refund(self.demand)
        except OrderNotFound:
            return self._without_transactions()
        except (NothingToRefund, CardClosed):
            # A closed card stays closed: the event would be refused for ever.
            return self._nothing()
        except RefundExceedsOrder:
            # A part of an order of which nothing is left, such as the refund of an order that was canceled before.
            try:
                self._refund(RefundDemand(RefundType.FULL), dry=True)
            except NothingToRefund:
                return self._nothing()
            raise

    def _refund(self, demand: RefundDemand, *, dry: bool = False) -> EverywhereOutcome:
        event, sender = self.event, self.sender
        context = Context(
            source=Source.SYSTEM,
            order_id=self.order_id,
            order=event.order,
            event=event.name,
            actor=sender.actor,
            request_id=sender.request_id,
            fingerprint=sender.fingerprint,
        )
        return attempt_everywhere(
            self.store,
            event.customer_id,
            self.order_id,
            lambda wallet_id: Command(
                wallet_id=wallet_id,
                customer_id=event.customer_id,
                origin=_origin(event.name, event.key),
                context=context,
                dry=dry,
            ),
            demand,
            self.at,
            paid=self.paid,
            companions=self._companions,
        )

    def _companions(self, refunding: Refunding) -> Sequence[WriteAction]:
        """Returns the event's receipt, and the marker of an order that must not give points when it is paid."""
        own = receipt_write(self._receipt(refunding.now, refunding.amount, refunding.cards))
        return [own, *(self._canceled_marker(refunding.now) if refunding.is_whole else ())]

    def _without_transactions(self) -> EverywhereOutcome:
        now, paid = instant(self.at), self.paid
        try:
            done = unrecorded_refund(paid, self.demand, self.event.order)
        except NothingToRefund:
            return self._nothing()
        writes = [receipt_write(self._receipt(now, done.amount))]
        if paid and not paid.is_marker:
            is_uncounted = paid.uncounted or (done.is_whole and not paid.awards)
            writes += receipt_change(paid, replace(paid, refunded=done.refunded, uncounted=is_uncounted))
        elif self.demand.kind is RefundType.FULL:
            writes += self._canceled_marker(now)
        else:
            status = OrderStatus.MARKED
            writes.append(receipt_write(replace(self._marker(now), status=status, refunded=done.refunded), paid))
        self.store.cards.commit(companions=writes)
        return EverywhereOutcome((), done.amount, done.amount)

    def _nothing(self) -> EverywhereOutcome:
        """Records the event of an order of which nothing is left."""
        now = instant(self.at)
        self.store.cards.commit(companions=[receipt_write(self._receipt(now, 0)), *self._canceled_marker(now)])
        return EverywhereOutcome((), 0, 0)

    def _receipt(self, now: int, amount: int | None, cards: Sequence[RefundedCard] = ()) -> Receipt:
        """Returns the receipt of the event."""
        return Receipt(
            customer_id=self.event.customer_id,
            name=self.event.name,
            key=self.event.key,
            order_id=self.order_id,
            received_at=now,
            occurred_at=self.event.occurred_at,
            fingerprint=self.sender.fingerprint,
            refunded=amount,
            refunds=tuple(cards),
        )

    def _marker(self, now: int) -> Receipt:
        """Returns the marker of the order as it is, or a new one."""
        return self.paid or Receipt(
            customer_id=self.event.customer_id,
            name=ORDER_PAID,
            key=order_key(self.order_id),
            order_id=self.order_id,
            received_at=now,
            occurred_at=self.event.occurred_at,
            fingerprint=b"",
        )

    def _canceled_marker(self, now: int) -> list[WriteAction]:
        """Returns the write by which the order gives nothing if it is paid later; none if it was decided before."""
        if self.paid and self.paid.status is not OrderStatus.MARKED:
            return []
        return [receipt_write(replace(self._marker(now), status=OrderStatus.CANCELED), self.paid)]


def _origin(name: str, key: str) -> str:
    """Returns the origin of the refund's last row on a card."""
    return cancellation_origin() if name == ORDER_CANCELED else refund_event_origin(key)


def _of_event(refusal: LoyaltyError) -> LoyaltyError:
    """Returns the refusal of a refund with the fields of the event that asked for it."""
    problems = [
        replace(one, field=FIELDS[found] + one.field.removeprefix(found))
        if (found := next((name for name in FIELDS if one.field.startswith(name)), None))
        else one
        for one in refusal.errors
    ]
    return type(refusal)(refusal.detail, errors=problems, **refusal.extensions)
