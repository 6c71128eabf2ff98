"""Refunds undo orders, completely or in part: in one wallet, or in all of a customer's wallets at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from loyalty.domain.cards.card import Card
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import Movement, RefundDetails, RefundType, Transaction, TransactionType
from loyalty.domain.dates import instant
from loyalty.domain.movements.order_state import LapsedPoints, OrderState, lapsed_points, last_payment, order_state
from loyalty.domain.movements.refund import refund_order
from loyalty.domain.movements.refund_amounts import Extent, RefundDemand, refunded_extent
from loyalty.domain.movements.refund_plan import RefundPart, RefundPlan, details_of, plan_refund
from loyalty.domain.order import Order
from loyalty.domain.wallets.settings import Refunds
from loyalty.errors import NothingToRefund, OrderNotFound
from loyalty.store.store import Store
from loyalty.usecases.admission import require_wallet
from loyalty.usecases.ledger import CardCommand, Command, Decided, Outcome, Situation, perform_together


@dataclass(frozen=True, slots=True)
class RefundOutcome:
    """The refund in one wallet: its last row, which has the refund details."""

    outcome: Outcome

    @property
    def details(self) -> RefundDetails:
        details = self.outcome.transaction.refund
        assert details is not None, "the last row of a refund has the refund details"
        return details

    @property
    def returned_id(self) -> str | None:
        """The id of the RETURN row. A refund that moved no points wrote a RETURN row of 0 points."""
        row, details = self.outcome.transaction, self.details
        if details.revoked and not details.spent:
            return None
        return f"{row.card_id}.{row.seq - details.rows_after_return}"

    @property
    def revoked_id(self) -> str | None:
        return self.outcome.transaction.transaction_id if self.details.revoked else None


@dataclass(frozen=True, slots=True)
class EverywhereOutcome:
    """The refund in each wallet in which something was left."""

    refunds: Sequence[RefundOutcome]

    @property
    def repeated(self) -> bool:
        return self.refunds[0].outcome.repeated

    @property
    def amount(self) -> int | None:
        """The value of the goods and charges that no wallet had refunded before; None if it is unknown."""
        totals = self.refunds[0].details.in_all_wallets
        return totals[0] if totals else None

    @property
    def money(self) -> int | None:
        totals = self.refunds[0].details.in_all_wallets
        return totals[1] if totals else None


@dataclass(frozen=True, slots=True)
class WalletOrder:
    """The state of an order in one wallet, and what a refund of the rest in all wallets would do there now."""

    wallet_id: str
    state: OrderState
    extent: Extent | None
    """How much of the order the wallet's refunds cover; None if the order's amount is unknown."""
    refundable: RefundDetails | None
    rows: Sequence[Transaction]


@dataclass(frozen=True, slots=True)
class CustomerOrder:
    """An order in each of a customer's wallets with rows of the order."""

    details: Order | None
    wallets: Sequence[WalletOrder]


def refund(store: Store, command: Command, demand: RefundDemand, at: datetime, *, dry: bool = False) -> RefundOutcome:
    """Undoes the requested part of the command's order. Works in an INACTIVE wallet too; a dry run writes nothing."""
    return RefundOutcome(_Refund(store, [command], demand).perform(at, dry=dry)[0])


def refund_everywhere(
    store: Store,
    customer_id: str,
    command_in: Callable[[str], Command],
    demand: RefundDemand,
    at: datetime,
    *,
    dry: bool = False,
) -> EverywhereOutcome:
    """Refunds the order in every wallet of the customer that has transactions of the order, in one transaction.

    `command_in` makes the command in a wallet from the wallet's id. The latest order details of all wallets apply to
    all, and a wallet catches up with earlier refunds of the others. A wallet in which nothing is left is skipped.
    """
    commands = [command_in(wallet_id) for _, wallet_id in store.cards.memberships(customer_id)]
    order_id = commands[0].context.order_id if commands else None
    commands = [
        command
        for command in commands
        if order_id is not None and store.cards.rows_of_order(customer_id, command.wallet_id, order_id)
    ]
    if not commands:
        raise OrderNotFound("The customer has no transaction of the order.")
    outcomes = _Refund(store, commands, demand, everywhere=True).perform(at, dry=dry)
    return EverywhereOutcome([RefundOutcome(outcome) for outcome in outcomes])


def order_of_customer(store: Store, customer_id: str, order_id: str, at: datetime) -> CustomerOrder:
    """Returns the order's state in each of the customer's wallets; raises `OrderNotFound` if there is none."""
    found = []
    for _, wallet_id in store.cards.memberships(customer_id):
        card = store.cards.card(customer_id, wallet_id)
        assert card is not None, "no card is ever removed"
        rows = _rows_of(store, card, order_id)
        if rows:
            now = max(instant(at), card.at)
            wallet = require_wallet(store, wallet_id, now, version_min=card.wallet_version, active_only=False)
            settled_card, by_time = settle(card, now)
            found.append((Situation(settled_card, wallet, now, by_time), rows))
    if not found:
        raise OrderNotFound(f"The customer has no transaction of order {order_id}.")
    cards = _order_on_cards(store, found)
    details = details_of([card.state for card in cards])
    try:
        plan = plan_refund(_states(cards), RefundDemand(RefundType.FULL))
    except NothingToRefund:
        plan = None
    wallets = [_wallet_order(card, details, plan.parts[place] if plan else None) for place, card in enumerate(cards)]
    return CustomerOrder(details, wallets)


@dataclass(frozen=True, slots=True)
class _OrderOnCard:
    """An order's rows on one card, and what a refund of the order needs besides."""

    found: Situation
    rows: Sequence[Transaction]
    state: OrderState
    lapsed: LapsedPoints

    def undone(self, part: RefundPart, in_all_wallets: tuple[int, int] | None = None) -> tuple[Card, list[Movement]]:
        """Returns the card and the movements after the part of a refund."""
        found = self.found
        return refund_order(
            found.card, self.state, part, self.lapsed, found.wallet, found.now, in_all_wallets=in_all_wallets
        )


class _Refund:
    """A refund of one order, planned over all its cards at each attempt."""

    def __init__(
        self, store: Store, commands: Sequence[Command], demand: RefundDemand, *, everywhere: bool = False
    ) -> None:
        self._store, self._commands, self._demand, self._everywhere = store, commands, demand, everywhere
        self._cards: list[_OrderOnCard] = []
        self._plan: RefundPlan | None = None

    def perform(self, at: datetime, *, dry: bool) -> list[Outcome]:
        parts = [
            CardCommand(command, partial(self._decide, place), active_only=False, dry=dry)
            for place, command in enumerate(self._commands)
        ]
        return perform_together(self._store, parts, at, prepare=self._prepare)

    def _prepare(self, situations: Sequence[Situation]) -> None:
        context = self._commands[0].context
        assert context.order_id is not None, "a refund always has an order"
        # Rows are read again at every attempt, after the cards: rows kept from before a lost race would pay twice.
        found = [(one, _rows_of(self._store, one.card, context.order_id)) for one in situations]
        if not all(rows for _, rows in found):
            field = None if self._everywhere else "body.orderId"
            raise OrderNotFound.of_field(field, f"The card has no transaction of order {context.order_id}.")
        self._cards = _order_on_cards(self._store, found)
        self._plan = plan_refund(_states(self._cards), self._demand, context.order)

    def _decide(self, place: int, found: Situation) -> Decided:
        plan, card = self._plan, self._cards[place]
        assert plan is not None, "the refund is planned before its first decision"
        part = plan.parts[place]
        if part.is_nothing:
            return Decided(found.card, [])
        after, movements = card.undone(part, plan.totals if self._everywhere else None)
        # A later refund in this wallet alone must find the details that this refund used.
        is_new = plan.order is not None and plan.order != details_of([card.state])
        order = replace(plan.order, currency=found.wallet.currency) if plan.order and is_new else None
        return Decided(after, movements, order=order)


def _states(cards: Sequence[_OrderOnCard]) -> list[tuple[OrderState, Refunds]]:
    return [(card.state, card.found.wallet.settings.refunds) for card in cards]


def _wallet_order(card: _OrderOnCard, details: Order | None, part: RefundPart | None) -> WalletOrder:
    return WalletOrder(
        wallet_id=card.found.wallet.wallet_id,
        state=card.state,
        extent=refunded_extent(details, [card.state.refunds]) if details else None,
        refundable=None if part is None or part.is_nothing else card.undone(part)[1][-1].refund,
        rows=sorted(card.rows, key=lambda row: row.seq),
    )


def _rows_of(store: Store, card: Card, order_id: str) -> list[Transaction]:
    """Returns the order's rows on the card.

    Rows of a later state of the card are left out: a decision on both would be based on a state that never existed.
    """
    rows = store.cards.rows_of_order(card.customer_id, card.wallet_id, order_id)
    return [row for row in rows if row.seq <= card.version]


def _order_on_cards(store: Store, found: Sequence[tuple[Situation, Sequence[Transaction]]]) -> list[_OrderOnCard]:
    paid_at = max(last_payment(rows) for _, rows in found)
    return [_order_on_card(store, situation, rows, paid_at) for situation, rows in found]


def _order_on_card(store: Store, found: Situation, rows: Sequence[Transaction], paid_at: int) -> _OrderOnCard:
    """Reads other rows of the card too, if they may have moved the order's points."""
    card, zone, now = found.card, found.wallet.zone, found.now
    state = order_state(rows, card.coarse, zone, now, paid_at=paid_at)
    if state.has_event_based_lots:
        events = [
            row for row in store.cards.rows_by_events(card.customer_id, card.wallet_id) if row.seq <= card.version
        ]
        state = order_state(rows, card.coarse, zone, now, events=events, paid_at=paid_at)
    lapsed: LapsedPoints = {}
    if state.may_have_lapsed(now):
        # Rare: points of several orders expired in one lot, and each refund counts only points that no other counted.
        first = min(row.seq for row in rows if row.type is TransactionType.CREDIT)
        ledger = store.cards.rows_of_card(card.customer_id, card.wallet_id)
        passed = [row for row in ledger if first < row.seq <= card.version]
        lapsed = lapsed_points([*passed, *found.by_time])
    return _OrderOnCard(found, rows, state, lapsed)
