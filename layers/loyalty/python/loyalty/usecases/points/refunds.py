"""Refunds undo orders, completely or in part: in one wallet, or in all of a customer's wallets at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from loyalty.domain.cards.card import Card
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import Movement, RefundDetails, Transaction, TransactionType
from loyalty.domain.dates import instant
from loyalty.domain.movements.refund import LapsedPoints, OrderState, lapsed_points, order_state, refund_order
from loyalty.domain.movements.refund_amounts import RefundDemand, RefundProgress, RefundType, refund_progress
from loyalty.domain.order import Order, agreed_order
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import NothingToRefund, OrderNotFound
from loyalty.store.store import Store
from loyalty.usecases.admission import require_wallet
from loyalty.usecases.ledger import (
    CardCommand,
    Command,
    Decided,
    Decision,
    Outcome,
    Situation,
    perform,
    perform_together,
)


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
        later = (details.kept_expired > 0) + (details.revoked > 0)
        return f"{row.card_id}.{row.seq - later}"

    @property
    def revoked_id(self) -> str | None:
        return self.outcome.transaction.transaction_id if self.details.revoked else None


@dataclass(frozen=True, slots=True)
class EverywhereOutcome:
    """The refund in each wallet, and the number of the order's wallets in which nothing was left."""

    refunds: Sequence[RefundOutcome]
    skipped: int

    @property
    def repeated(self) -> bool:
        return self.refunds[0].outcome.repeated

    @property
    def amount(self) -> int | None:
        """The value of the goods that no wallet had refunded before.

        Goods that one wallet has refunded are not paid back again.
        """
        amounts = [refund.details.amount for refund in self.refunds if refund.details.amount is not None]
        if not amounts:
            return None
        return 0 if self.skipped else min(amounts)

    @property
    def money(self) -> int | None:
        if self.amount is None:
            return None
        by_points = sum((refund.details.amount or 0) - (refund.details.money or 0) for refund in self.refunds)
        return max(self.amount - by_points, 0)


@dataclass(frozen=True, slots=True)
class WalletOrder:
    """The state of an order in one wallet, and what a refund of the rest would do now."""

    wallet_id: str
    state: OrderState
    done: RefundProgress
    refundable: RefundDetails | None
    rows: Sequence[Transaction]


def refund(store: Store, command: Command, demand: RefundDemand, at: datetime, *, dry: bool = False) -> RefundOutcome:
    """Undoes the requested part of the command's order. Works in an INACTIVE wallet too; a dry run writes nothing."""
    return RefundOutcome(
        perform(store, CardCommand(command, _decision(store, command, demand), active_only=False, dry=dry), at)
    )


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

    `command_in` makes the command in a wallet from the wallet's id. Amount and items of the order that one wallet has
    recorded apply to all; a wallet in which nothing is left is skipped.
    """
    commands = [command_in(wallet_id) for _, wallet_id in store.cards.memberships(customer_id)]
    rows = [_rows(store, command) for command in commands]
    known = sorted((row for found in rows for row in found if row.context.order), key=lambda row: row.created_at)
    parts = []
    for command, found in zip(commands, rows, strict=True):
        if not found:
            continue
        own = command
        if known and command.context.order is None and not any(row.context.order for row in found):
            own = replace(command, context=replace(command.context, order=known[0].context.order))
        decision = _decision(store, own, demand, spares=True)
        parts.append(CardCommand(own, decision, active_only=False, dry=dry))
    if not parts:
        raise OrderNotFound("The customer has no transaction of the order.")
    outcomes = perform_together(store, parts, at)
    if not outcomes:
        raise NothingToRefund("Earlier refunds covered the whole order.")
    return EverywhereOutcome([RefundOutcome(outcome) for outcome in outcomes], skipped=len(parts) - len(outcomes))


def order_of_customer(store: Store, customer_id: str, order_id: str, at: datetime) -> list[WalletOrder]:
    """Returns the order's state in each of the customer's wallets; raises `OrderNotFound` if there is none."""
    found = []
    for _, wallet_id in store.cards.memberships(customer_id):
        card = store.cards.card(customer_id, wallet_id)
        assert card is not None, "no card is ever removed"
        # Rows written after the card was read belong to a later state of the card.
        rows = [row for row in store.cards.rows_of_order(customer_id, wallet_id, order_id) if row.seq <= card.version]
        if not rows:
            continue
        now = max(instant(at), card.at)
        wallet = require_wallet(store, wallet_id, now, version_min=card.wallet_version, active_only=False)
        card, settling = settle(card, now)
        state, lapsed = _state(store, card, rows, wallet, now, settling)
        done = refund_progress(state.order, state.refunds)
        try:
            refundable = refund_order(card, state, RefundDemand(RefundType.FULL), lapsed, wallet, now)[1][-1].refund
        except NothingToRefund:
            refundable = None
        found.append(WalletOrder(wallet_id, state, done, refundable, sorted(rows, key=lambda row: row.seq)))
    if not found:
        raise OrderNotFound(f"The customer has no transaction of order {order_id}.")
    return found


def _rows(store: Store, command: Command) -> list[Transaction]:
    assert command.context.order_id is not None, "a refund always has an order"
    return store.cards.rows_of_order(command.customer_id, command.wallet_id, command.context.order_id)


def _decision(store: Store, command: Command, demand: RefundDemand, *, spares: bool = False) -> Decision:
    def decide(found: Situation) -> Decided:
        # Read again at every attempt, after the card: rows kept from before a lost race would pay twice. Rows of a
        # later state of the card are left out: a decision on both would be based on a state that never existed.
        rows = [row for row in _rows(store, command) if row.seq <= found.card.version]
        if not rows:
            raise OrderNotFound(f"The card has no transaction of order {command.context.order_id}.")
        state, lapsed = _state(store, found.card, rows, found.wallet, found.now, found.by_time, command.context.order)
        if spares and demand.kind is not RefundType.FULL and refund_progress(state.order, state.refunds).whole:
            return Decided(found.card, [])
        try:
            return Decided(*refund_order(found.card, state, demand, lapsed, found.wallet, found.now))
        except NothingToRefund:
            if spares:
                return Decided(found.card, [])
            raise

    return decide


def _state(
    store: Store,
    card: Card,
    rows: Sequence[Transaction],
    wallet: Wallet,
    now: int,
    settling: Sequence[Movement],
    sent: Order | None = None,
) -> tuple[OrderState, LapsedPoints]:
    """Returns the order's state by its rows, and by other rows if they may have moved the order's points."""
    state = order_state(rows, card.coarse, wallet.zone, now)
    if state.has_event_based_lots:
        events = [
            row for row in store.cards.rows_by_events(card.customer_id, card.wallet_id) if row.seq <= card.version
        ]
        state = order_state(rows, card.coarse, wallet.zone, now, events=events)
    lapsed: LapsedPoints = {}
    if state.may_have_lapsed(now):
        # Rare: points of several orders expired in one lot, and each refund counts only points that no other counted.
        first = min(row.seq for row in rows if row.type is TransactionType.CREDIT)
        ledger = store.cards.rows_of_card(card.customer_id, card.wallet_id)
        passed = [row for row in ledger if first < row.seq <= card.version]
        lapsed = lapsed_points([*passed, *settling])
    return replace(state, order=agreed_order(state.order, sent)), lapsed
