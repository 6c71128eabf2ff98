"""A card and its rows without a table, written by the domain as the use cases write them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from loyalty.domain.cards.card import Card, Lot, PendingLot, points_of
from loyalty.domain.cards.coarsening import coarsen
from loyalty.domain.cards.settlement import settle
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
from loyalty.domain.movements.credit import Grant, credit_points
from loyalty.domain.movements.debit import debit_points
from loyalty.domain.movements.order_state import LapsedPoints, OrderState, lapsed_points, order_state
from loyalty.domain.movements.pending import activate_pending, cancel_pending, pending_by_event, pending_share
from loyalty.domain.movements.refund import refund_order
from loyalty.domain.movements.refund_amounts import RefundDemand, ReturnedItem
from loyalty.domain.movements.refund_plan import plan_refund
from loyalty.domain.order import Order
from loyalty.domain.wallets.wallet import Wallet
from loyalty.usecases.ledger import advance_tiers, coming_due
from loyalty.usecases.points.pending import PENDING_ENDINGS
from tests.support.samples import NOW, card, wallet

FULL = RefundDemand(RefundType.FULL)


def of_amount(amount: int) -> RefundDemand:
    return RefundDemand(RefundType.AMOUNT, amount)


def of_items(*items: tuple[str, int]) -> RefundDemand:
    return RefundDemand(RefundType.ITEMS, items=tuple(ReturnedItem(product, quantity) for product, quantity in items))


def refund_alone(
    card: Card, state: OrderState, demand: RefundDemand, lapsed: LapsedPoints, wallet: Wallet, at: int
) -> tuple[Card, list[Movement]]:
    """Refunds the order in this wallet alone, on the settled card."""
    plan = plan_refund([(state, wallet.settings.refunds)], demand)
    return refund_order(card, state, plan.parts[0], lapsed, wallet, at)


@dataclass
class Ledger:
    """The test moves the time. The last movement with order details decides them."""

    wallet: Wallet = field(default_factory=wallet)
    card: Card = field(default_factory=card)
    rows: list[Transaction] = field(default_factory=list)
    at: int = NOW

    def wait(self, seconds: int) -> None:
        self.at += seconds

    def credit(self, points: int, order_id: str | None = None, order: Order | None = None, **dates: int) -> None:
        current, moved = settle(self.card, self.at)
        grant = Grant(points, **dates)  # type: ignore[arg-type]  # instants only
        after, movement = credit_points(current, grant, self.wallet, self.at)
        self.write([*moved, movement], after, order_id, order)

    def debit(self, points: int, order_id: str | None = None, order: Order | None = None) -> None:
        current, moved = settle(self.card, self.at)
        after, movement = debit_points(current, points, self.wallet, self.at)
        self.write([*moved, movement], after, order_id, order)

    def cancel(self, order_id: str) -> int:
        """Cancels the pending points of the order by hand and returns their number."""
        current, moved = settle(self.card, self.at)
        parts = self._pending_share(order_id, current)
        after, movement = cancel_pending(current, parts, self.at)
        self.write([*moved, movement] if parts else moved, after, order_id)
        return points_of(parts)

    def activate(self, order_id: str | None) -> None:
        """Activates the pending points of the order by hand; without an order, all event-based pending points."""
        current, moved = settle(self.card, self.at)
        parts = pending_by_event(current) if order_id is None else self._pending_share(order_id, current)
        operation = Operation.EVENT if order_id is None else Operation.ACTIVATE
        after, movement = activate_pending(current, parts, self.wallet, self.at, operation)
        self.write([*moved, movement] if parts else moved, after, order_id)

    def _pending_share(self, order_id: str, current: Card) -> list[PendingLot]:
        own = [row for row in self.rows if row.context.order_id == order_id]
        events = [row for row in self.rows if row.operation is Operation.EVENT and row.context.order_id is None]
        credit_rows = [row for row in own if row.type is TransactionType.CREDIT]
        if not credit_rows:
            return []
        ended = [row for row in own if row.type in PENDING_ENDINGS]
        ended += [row for row in events if row.type is TransactionType.ACTIVATION and row.seq > credit_rows[0].seq]
        return pending_share(current, credit_rows, ended, self.wallet.zone)

    def refund(self, order_id: str, demand: RefundDemand = FULL, order: Order | None = None) -> RefundDetails:
        current, moved = settle(self.card, self.at)
        state, lapsed = self.state(order_id, current, moved)
        plan = plan_refund([(state, self.wallet.settings.refunds)], demand, order)
        after, movements = refund_order(current, state, plan.parts[0], lapsed, self.wallet, self.at)
        self.write([*moved, *movements], after, order_id, order)
        assert movements[-1].refund is not None
        return movements[-1].refund

    def state(self, order_id: str, current: Card, moved: Sequence[Movement]) -> tuple[OrderState, LapsedPoints]:
        own = [row for row in self.rows if row.context.order_id == order_id]
        events = [row for row in self.rows if row.operation is Operation.EVENT and row.context.order_id is None]
        state = order_state(own, current.coarse, self.wallet.zone, self.at, events=events)
        return state, lapsed_points([*self.rows, *moved])

    def newest(self, count: int) -> list[tuple[TransactionType, int]]:
        return [(row.type, row.points) for row in self.rows[-count:]]

    @property
    def lots(self) -> tuple[Lot, ...]:
        return self.card.lots

    @property
    def active(self) -> int:
        return points_of(self.card.lots) - self.card.debt

    def settled(self) -> Card:
        """Settles the card, records the rows and returns the card."""
        current, moved = settle(self.card, self.at)
        if moved or advance_tiers(self.card, current, (), self.wallet, self.at)[1]:
            self.write(moved, current)
        return self.card

    def write(
        self, movements: Sequence[Movement], after: Card, order_id: str | None = None, order: Order | None = None
    ) -> None:
        context, after = Context(source=Source.API, order_id=order_id, order=order), coarsen(after, self.wallet.zone)
        own = movements[len(settle(self.card, self.at)[1]) :]
        after, tier_changes = advance_tiers(self.card, after, own, self.wallet, self.at)
        self.card, rows = record(
            self.card,
            movements,
            context,
            after=after,
            at=self.at,
            wallet_version=1,
            salt=bytes(12),
            trailing=tier_changes,
        )
        self.card = replace(self.card, due=coming_due(self.card, self.wallet, self.at))
        self.rows += rows
