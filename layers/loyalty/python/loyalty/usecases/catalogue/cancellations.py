"""Cancellations: a redemption gives its price back to the very lots, and takes back the points that it gave."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from loyalty.domain.cards.transaction import Context, Movement, Source, Transaction, TransactionType
from loyalty.domain.catalogue.redemption import MovedPoints, Redemption, RedemptionStatus
from loyalty.domain.dates import day_of
from loyalty.domain.movements.reversal import reverse_row
from loyalty.domain.movements.reward import take_back
from loyalty.errors import KeyReused, RedemptionClosed, RewardSpent
from loyalty.retry import LostRace, retry
from loyalty.store.keys import key_origin, reversal_origin
from loyalty.store.pools import stock_return
from loyalty.store.receipts import use_write
from loyalty.store.redemptions import cancel_write
from loyalty.store.store import Store
from loyalty.store.table import WriteAction
from loyalty.usecases.catalogue.redemptions import RedemptionOutcome, Sender, read, rows_at, rows_of
from loyalty.usecases.ledger import CardCommand, Command, Decided, Situation, attempt_together


@dataclass(frozen=True, slots=True)
class Manner:
    """How a redemption is canceled."""

    force: bool = False
    """Cancels a redemption that was handed over, and takes back only those given points that are still there."""
    write_off: bool = False
    """Gives nothing back to the stock."""


def cancel(
    store: Store, customer_id: str, redemption_id: str, manner: Manner, sender: Sender, at: datetime
) -> RedemptionOutcome:
    """Undoes the redemption, once: price, given points, stock and the customer's count, in one transaction.

    Works in an INACTIVE wallet too. A code never goes back to the codes of its reward.
    """

    def attempt() -> RedemptionOutcome:
        redemption = read(store, customer_id, redemption_id)
        if redemption.status is RedemptionStatus.CANCELED:
            if redemption.cancel_fingerprint != sender.fingerprint:
                raise RedemptionClosed("An earlier request canceled the redemption.")
            return _repetition(store, redemption, sender)
        if redemption.is_closed and not manner.force:
            raise RedemptionClosed(
                "Only `force` cancels a redemption whose reward was handed over or is not cancelable."
            )
        return _Cancellation(store, redemption, manner, sender, at).commit()

    return retry(attempt, "the customer's cards")


class _Cancellation:
    """One attempt to cancel a redemption."""

    def __init__(self, store: Store, redemption: Redemption, manner: Manner, sender: Sender, at: datetime) -> None:
        self._store, self._redemption, self._manner, self._sender, self._at = store, redemption, manner, sender, at
        self._undoing: list[MovedPoints] = []
        """The rows that undo those of the redemption, in the same order."""
        self._canceled: Redemption | None = None

    def commit(self) -> RedemptionOutcome:
        rows = rows_of(self._store, self._redemption)
        decisions = [self._decision(row) for row in rows]
        last = decisions[-1]

        def with_companions(found: Situation) -> Decided:
            return replace(last(found), companions=self._writes(found.now))

        decisions[-1] = with_companions
        commands = [
            CardCommand(self._command(row), decide, active_only=False, names_wallet=True)
            for row, decide in zip(rows, decisions, strict=True)
        ]
        try:
            outcomes = attempt_together(self._store, commands, self._at, prepare=self._prepare)
        except KeyReused:
            # Another request canceled the redemption meanwhile.
            raise LostRace from None
        if self._canceled is None:
            raise LostRace
        return RedemptionOutcome(self._canceled, [outcome.transaction for outcome in outcomes])

    def _prepare(self, _: Sequence[Situation]) -> None:
        self._undoing = []

    def _command(self, row: Transaction) -> Command:
        sender = self._sender
        context = Context(
            source=Source.API,
            points_description=row.context.points_description,
            actor=sender.actor,
            request_id=sender.request_id,
            fingerprint=sender.fingerprint,
        )
        command = Command(
            wallet_id=row.wallet_id, customer_id=row.customer_id, origin=key_origin(sender.key), context=context
        )
        return command.under(reversal_origin(row.seq))

    def _decision(self, row: Transaction) -> Callable[[Situation], Decided]:
        def decide(found: Situation) -> Decided:
            if row.type is TransactionType.CREDIT:
                after, movement = take_back(found.card, row, found.wallet, found.now)
            else:
                after, movement = reverse_row(found.card, row, (), found.wallet, found.now)
            self._require_there(movement)
            self._undoing.append(MovedPoints(row.wallet_id, found.wallet.version, found.next_seq, movement.points))
            return Decided(after, [movement])

        return decide

    def _require_there(self, movement: Movement) -> None:
        if movement.requested is not None and not self._manner.force:
            missing = movement.requested - movement.points
            detail = f"{missing} of the points that the reward gave are no longer there. Only `force` forgives them."
            raise RewardSpent(detail, missing=missing)

    def _writes(self, now: int) -> list[WriteAction]:
        """Returns the writes of the canceled redemption, its stock and the customer's count."""
        before, manner = self._redemption, self._manner
        prices = len(before.prices)
        self._canceled = replace(
            before,
            status=RedemptionStatus.CANCELED,
            canceled_at=now,
            cancel_fingerprint=self._sender.fingerprint,
            returns=tuple(self._undoing[:prices]),
            taken_back=next(iter(self._undoing[prices:]), None),
            written_off=manner.write_off,
        )
        writes = [cancel_write(before, self._canceled)]
        if before.stock_shard is not None and not manner.write_off:
            writes.append(stock_return(before.reward_id, before.stock_shard))
        if before.counted_on is not None:
            found = self._store.redemptions.redeemer(before.customer_id, limited=[before.reward_id])
            use = found.uses[before.reward_id]
            writes.append(use_write(before.customer_id, before.reward_id, use, use.uncount(day_of(before.counted_on))))
        return writes


def _repetition(store: Store, redemption: Redemption, sender: Sender) -> RedemptionOutcome:
    moved = (*redemption.prices, redemption.given) if redemption.given else redemption.prices
    origins = ((one.wallet_id, reversal_origin(one.seq)) for one in moved)
    rows = rows_at(store, redemption.customer_id, origins)
    own = all(row.context.request_id == sender.request_id for row in rows)
    return RedemptionOutcome(redemption, rows, repeated=not own)
