"""Refunds undo orders, completely or in part: in one wallet, or in all of a customer's wallets at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from loyalty.domain.cards.card import Card
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import LeftOut, Movement, RefundDetails, RefundType, Transaction, TransactionType
from loyalty.domain.dates import instant
from loyalty.domain.earning.event import ORDER_PAID, order_key
from loyalty.domain.earning.receipt import OrderStatus, Receipt, RefundedCard
from loyalty.domain.movements.order_state import (
    SPENDING,
    LapsedPoints,
    OrderState,
    lapsed_points,
    last_payment,
    order_state,
    was_taken_back_pending,
)
from loyalty.domain.movements.refund import refund_order
from loyalty.domain.movements.refund_amounts import Extent, RefundDemand, refunded_extent
from loyalty.domain.movements.refund_plan import RefundPart, RefundPlan, details_of, plan_refund
from loyalty.domain.order import Order
from loyalty.domain.wallets.settings import Refunds
from loyalty.errors import CardClosed, LoyaltyError, NothingToRefund, OrderNotFound
from loyalty.retry import retry
from loyalty.store.receipts import receipt_change
from loyalty.store.store import Store
from loyalty.store.table import WriteAction
from loyalty.usecases.admission import require_open, require_wallet
from loyalty.usecases.ledger import (
    CardCommand,
    Command,
    Decided,
    Outcome,
    Situation,
    attempt_together,
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
        return f"{row.card_id}.{row.seq - details.rows_after_return}"

    @property
    def revoked_id(self) -> str | None:
        return self.outcome.transaction.transaction_id if self.details.revoked else None


@dataclass(frozen=True, slots=True)
class EverywhereOutcome:
    """The refund in each wallet in which something was left, and the cards that it left out."""

    refunds: Sequence[RefundOutcome]
    amount: int | None
    """The value of the goods and charges that no wallet had refunded before; None if it is unknown."""
    money: int | None
    left_out: Sequence[LeftOut] = ()
    repeated: bool = False

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> "EverywhereOutcome":
        refunds = [RefundOutcome(outcome) for outcome in outcomes]
        amount, money = refunds[0].details.in_all_wallets or (None, None)
        left_out = [one for refund in refunds for one in refund.details.left_out]
        return cls(refunds, amount, money, left_out, outcomes[0].repeated)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunding:
    """A refund in all wallets, right before it is written."""

    now: int
    cards: Sequence[RefundedCard]
    """The cards that it changes."""
    amount: int | None
    is_whole: bool
    """Whether nothing of the order is left."""


Companions = Callable[[Refunding], Sequence[WriteAction]]
"""Returns the writes of other items that belong to a refund."""


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


def refund(store: Store, command: Command, demand: RefundDemand, at: datetime) -> RefundOutcome:
    """Undoes the requested part of the command's order. Works in an INACTIVE wallet too."""
    return RefundOutcome(_Refund(store, [command], demand).perform(at)[0])


def refund_everywhere(
    store: Store,
    customer_id: str,
    order_id: str,
    command_in: Callable[[str], Command],
    demand: RefundDemand,
    at: datetime,
) -> EverywhereOutcome:
    """Refunds the order on every card that has transactions of the order, in one transaction.

    These are the customer's cards, and the cards of other customers whom campaigns rewarded for the order.
    `command_in` makes the command in a wallet from the wallet's id. The latest order details of all wallets apply to
    all, and a wallet catches up with earlier refunds of the others. A wallet in which nothing is left is skipped. So
    is a FROZEN or CLOSED card, unless nothing would be refunded otherwise.
    """

    def attempt() -> EverywhereOutcome:
        paid = store.receipts.get(customer_id, ORDER_PAID, order_key(order_id))
        return attempt_everywhere(store, customer_id, order_id, command_in, demand, at, paid=paid)

    return retry(attempt, "the card")


def attempt_everywhere(
    store: Store,
    customer_id: str,
    order_id: str,
    command_in: Callable[[str], Command],
    demand: RefundDemand,
    at: datetime,
    *,
    paid: Receipt | None,
    companions: Companions | None = None,
) -> EverywhereOutcome:
    """Does the same as `refund_everywhere` once, without a retry; raises `LostRace` after a concurrent write.

    `paid` is the receipt of the order, read before. `companions` belong to the refund beside what it changes itself.
    """
    commands = list(_commands(store, customer_id, order_id, command_in))
    if not commands:
        raise OrderNotFound("The customer has no transaction of the order.")
    refund = _Refund(store, commands, demand, everywhere=_Everywhere(customer_id, paid, companions))
    return EverywhereOutcome.of(refund.attempt(at))


def _commands(store: Store, customer_id: str, order_id: str, command_in: Callable[[str], Command]) -> Iterator[Command]:
    """Yields the command on each card with transactions of the order.

    Only the customer's referrer gets points for the customer's orders.
    """
    for _, wallet_id in store.cards.memberships(customer_id):
        if store.cards.rows_of_order(customer_id, wallet_id, order_id):
            yield command_in(wallet_id)
    referrer_id = store.customers.read(customer_id).customer.referred_by
    if referrer_id is None:
        return
    for _, wallet_id in store.cards.memberships(referrer_id):
        if _is_for(customer_id, store.cards.rows_of_order(referrer_id, wallet_id, order_id)):
            yield replace(command_in(wallet_id), customer_id=referrer_id)


def _is_for(customer_id: str, rows: Sequence[Transaction]) -> bool:
    """Returns whether the rows on a referrer's card are those of the customer's order alone.

    Orders of two customers may have the same id: the referrer's own order is not refunded with the customer's.
    """
    moved = [row for row in rows if row.type in (TransactionType.CREDIT, TransactionType.HOLD, *SPENDING)]
    return bool(moved) and all(row.counterpart == customer_id for row in moved)


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
        plan = plan_refund(_states(cards), RefundDemand(RefundType.FULL), shares_due=_shares_due(cards))
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

    @property
    def refusal(self) -> LoyaltyError | None:
        """Why the card may not move points; None if it may."""
        try:
            require_open(self.found.card)
        except LoyaltyError as refusal:
            return refusal
        return None

    def undone(
        self, part: RefundPart, in_all_wallets: tuple[int, int] | None = None, left_out: Sequence[LeftOut] = ()
    ) -> tuple[Card, list[Movement]]:
        """Returns the card and the movements after the part of a refund."""
        found = self.found
        return refund_order(
            found.card,
            self.state,
            part,
            self.lapsed,
            found.wallet,
            found.now,
            in_all_wallets=in_all_wallets,
            left_out=left_out,
        )


@dataclass(frozen=True, slots=True)
class _Everywhere:
    """What a refund in all wallets has besides the cards."""

    customer_id: str
    paid: Receipt | None
    companions: Companions | None


class _Refund:
    """A refund of one order, planned over all its cards at each attempt."""

    def __init__(
        self, store: Store, commands: Sequence[Command], demand: RefundDemand, *, everywhere: _Everywhere | None = None
    ) -> None:
        self._store, self._commands, self._demand, self._everywhere = store, commands, demand, everywhere
        self._cards: list[_OrderOnCard] = []
        self._plan: RefundPlan | None = None
        self._undone: list[tuple[Card, list[Movement]]] = []

    def perform(self, at: datetime) -> list[Outcome]:
        return perform_together(self._store, self._parts(), at, prepare=self._prepare)

    def attempt(self, at: datetime) -> list[Outcome]:
        return attempt_together(self._store, self._parts(), at, prepare=self._prepare)

    def _parts(self) -> list[CardCommand]:
        return [
            CardCommand(command, partial(self._decide, place), active_only=False, open_only=self._everywhere is None)
            for place, command in enumerate(self._commands)
        ]

    def _prepare(self, situations: Sequence[Situation]) -> None:
        context = self._commands[0].context
        assert context.order_id is not None, "a refund always has an order"
        # Rows are read again at every attempt, after the cards: rows kept from before a lost race would pay twice.
        found = [(one, _rows_of(self._store, one.card, context.order_id)) for one in situations]
        if not all(rows for _, rows in found):
            field = None if self._everywhere else "body.orderId"
            raise OrderNotFound.of_field(field, f"The card has no transaction of order {context.order_id}.")
        self._cards = _order_on_cards(self._store, found)
        self._plan = plan = plan_refund(
            _states(self._cards), self._demand, context.order, shares_due=_shares_due(self._cards)
        )
        totals = plan.totals if self._everywhere else None
        left_out = self._left_out(plan)
        self._undone = []
        for card, part in zip(self._cards, plan.parts, strict=True):
            if part.is_nothing or card.refusal:
                self._undone.append((card.found.card, []))
            else:
                self._undone.append(card.undone(part, totals, left_out))
                left_out = []

    def _left_out(self, plan: RefundPlan) -> list[LeftOut]:
        """Returns the cards in which the refund cannot move points; raises why if it cannot move points anywhere.

        The card of another customer never keeps the customer from a refund: then the order has nothing left.
        """
        concerned = [
            (card.found.card, card.refusal, part)
            for card, part in zip(self._cards, plan.parts, strict=True)
            if not part.is_nothing
        ]
        if all(refusal for _, refusal, _ in concerned):
            own = [card for card in self._cards if card.found.card.customer_id == self._customer_id]
            if not own:
                raise OrderNotFound("The customer has no transaction of the order.")
            refusals = [refusal for card, refusal, _ in concerned if refusal and card.customer_id == self._customer_id]
            if refusals:
                # A frozen card may be reactivated, so the same refund may succeed later.
                raise min(refusals, key=lambda one: isinstance(one, CardClosed))
            raise NothingToRefund("Only the card of another customer has a part of the order left.")
        return [
            LeftOut(card.wallet_id, card.customer_id, refusal.code, part.share)
            for card, refusal, part in concerned
            if refusal
        ]

    @property
    def _customer_id(self) -> str:
        """The customer of the order."""
        return self._everywhere.customer_id if self._everywhere else self._commands[0].customer_id

    def _decide(self, place: int, found: Situation) -> Decided:
        plan, card = self._plan, self._cards[place]
        assert plan is not None, "the refund is planned before its first decision"
        after, movements = self._undone[place]
        # A later refund in this wallet alone must find the details that this refund used.
        is_new = plan.order is not None and plan.order != details_of([card.state])
        order = replace(plan.order, currency=found.wallet.currency) if plan.order and is_new else None
        is_first = not any(others for _, others in self._undone[:place])
        return Decided(after, movements, self._companions(plan) if movements and is_first else (), order)

    def _companions(self, plan: RefundPlan) -> Sequence[WriteAction]:
        """Returns the other items that a refund in all wallets writes."""
        every = self._everywhere
        if every is None:
            return ()
        changed = [card.found.card for card, (_, moved) in zip(self._cards, self._undone, strict=True) if moved]
        refunding = Refunding(
            now=self._cards[0].found.now,
            cards=[
                RefundedCard(card.wallet_id, None if card.customer_id == every.customer_id else card.customer_id)
                for card in changed
            ],
            amount=plan.totals[0] if plan.totals else None,
            is_whole=plan.is_whole,
        )
        uncounts = plan.is_whole and self._uncounts(every)
        own = receipt_change(every.paid, replace(every.paid, uncounted=True)) if every.paid and uncounts else []
        return [*own, *(every.companions(refunding) if every.companions else ())]

    def _uncounts(self, every: _Everywhere) -> bool:
        """Returns whether all that the order's awards gave was pending until its refunds took it back."""
        paid = every.paid
        if paid is None or paid.status is not OrderStatus.PAID or paid.uncounted:
            return False
        places = {(award.customer_id or every.customer_id, award.wallet_id) for award in paid.awards}
        taken_back = {
            (card.found.card.customer_id, card.found.card.wallet_id)
            for card, (_, movements) in zip(self._cards, self._undone, strict=True)
            if was_taken_back_pending(card.rows, movements)
        }
        return places <= taken_back


def _states(cards: Sequence[_OrderOnCard]) -> list[tuple[OrderState, Refunds]]:
    return [(card.state, card.found.wallet.settings.refunds) for card in cards]


def _shares_due(cards: Sequence[_OrderOnCard]) -> list[int]:
    """Returns for each card what earlier refunds in all wallets owe to its points, because they left it out."""
    left_out = [one for card in cards for one in card.state.left_out]
    due = []
    for card in cards:
        found = card.found.card
        place = (found.wallet_id, found.customer_id)
        owed = sum(one.share for one in left_out if (one.wallet_id, one.customer_id) == place)
        due.append(owed - card.state.share_caught_up)
    return due


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
