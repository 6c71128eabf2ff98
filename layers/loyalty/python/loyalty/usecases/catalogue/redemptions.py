"""Redemptions: points of all wallets of the price become a reward, in one transaction.

The redemption is the record of what a request did. A repetition finds the redemption and gets the first answer again,
whatever reward and balances are now.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from loyalty.domain.cards.transaction import Context, Source, Transaction
from loyalty.domain.catalogue.availability import gate_of, unavailable
from loyalty.domain.catalogue.redemption import (
    MovedPoints,
    Redemption,
    RedemptionStatus,
    entitlement_end,
    first_status,
)
from loyalty.domain.catalogue.reward import Reward, RewardSettings, RewardStatus, WalletPoints
from loyalty.domain.dates import day_number, instant, local_day
from loyalty.domain.earning.recurrence import Use
from loyalty.domain.movements.reward import give_points, pay_price
from loyalty.errors import (
    Busy,
    KeyReused,
    LoyaltyError,
    RedemptionClosed,
    RedemptionNotFound,
    RewardNotActive,
    RewardNotAvailable,
    RewardNotFound,
    WalletNotFound,
)
from loyalty.retry import LostRace, retry
from loyalty.store.keys import key_origin
from loyalty.store.receipts import use_write
from loyalty.store.redemptions import redemption_write
from loyalty.store.store import Store
from loyalty.store.table import TransactionCanceled, WriteAction
from loyalty.usecases.admission import require_clock, require_unblocked
from loyalty.usecases.catalogue.gates import read_gates
from loyalty.usecases.catalogue.stock import Stock, TakenStock
from loyalty.usecases.ledger import CardCommand, Command, Decided, Outcome, Situation, attempt_together


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who sent a request about a redemption, with what identifies the request."""

    key: str
    fingerprint: bytes
    actor: str
    request_id: str


@dataclass(frozen=True, slots=True)
class RedemptionOutcome:
    """A redemption with the rows that moved its points, in the order of the prices; given points are last."""

    redemption: Redemption
    rows: Sequence[Transaction]
    repeated: bool = False
    unwritten: Sequence[Outcome] = ()
    """The outcomes on the cards, if nothing was written."""


def redeem(
    store: Store,
    customer_id: str,
    reward_id: str,
    metadata: str | None,
    sender: Sender,
    at: datetime,
    *,
    dry: bool = False,
) -> RedemptionOutcome:
    """Takes the price from the customer's cards and gives the reward, once for the key.

    All wallets are charged together: if one refuses, nothing is taken. A dry run writes nothing.
    """
    digest = sha256(f"{customer_id}\n{sender.key}".encode()).hexdigest()[:20]
    redemption_id = f"rdm_{digest}"

    def attempt() -> RedemptionOutcome:
        known, reward, skew = store.redemptions.with_reward(customer_id, redemption_id, reward_id)
        if known:
            return _repetition(store, known, sender)
        require_clock(skew)
        if reward is None or reward.status in (RewardStatus.DRAFT, RewardStatus.DELETED):
            raise RewardNotFound.of_field("body.rewardId", f"There is no reward {reward_id} that can be redeemed.")
        try:
            return _Attempt(store, reward, customer_id, redemption_id, metadata, sender, at, dry=dry).commit()
        except Busy:
            raise
        except LoyaltyError:
            # What refuses may be the first attempt of this very request, which took the stock or the limit meanwhile.
            if store.redemptions.get(customer_id, redemption_id):
                raise LostRace from None
            raise

    return retry(attempt, "the customer's cards")


def read(store: Store, customer_id: str, redemption_id: str) -> Redemption:
    found = store.redemptions.get(customer_id, redemption_id)
    if found is None:
        raise RedemptionNotFound(f"Customer {customer_id} has no redemption {redemption_id}.")
    return found


def fulfill(store: Store, customer_id: str, redemption_id: str, at: datetime) -> Redemption:
    """Records that the reward was handed over. A second time changes nothing."""

    def attempt() -> Redemption:
        redemption = read(store, customer_id, redemption_id)
        if redemption.status is RedemptionStatus.FULFILLED:
            return redemption
        if redemption.status is RedemptionStatus.CANCELED:
            raise RedemptionClosed("The redemption is CANCELED.")
        fulfilled = redemption.fulfill(max(instant(at), redemption.created_at))
        store.redemptions.fulfill(fulfilled)
        return fulfilled

    return retry(attempt, "the redemption")


def page_of_redemptions(
    store: Store, customer_id: str, after: tuple[int, str] | None, limit: int
) -> tuple[list[Redemption], tuple[int, str] | None]:
    """Returns the customer's redemptions, newest first, and the place after which the next page begins."""
    found = store.redemptions.of_customer(customer_id)
    if after:
        created_at, redemption_id = after
        found = [one for one in found if (-one.created_at, one.redemption_id) > (-created_at, redemption_id)]
    page = found[:limit]
    return page, (page[-1].created_at, page[-1].redemption_id) if len(found) > limit else None


def rows_of(store: Store, redemption: Redemption) -> list[Transaction]:
    """Returns the rows that took the price, in its order, and the row that gave points."""
    moved = (*redemption.prices, redemption.given) if redemption.given else redemption.prices
    return rows_at(store, redemption.customer_id, ((one.wallet_id, key_origin(redemption.key)) for one in moved))


def rows_at(store: Store, customer_id: str, places: Iterable[tuple[str, str]]) -> list[Transaction]:
    """Returns the rows at these wallets and origins, in this order."""
    wanted = list(places)
    found = {
        (row.wallet_id, row.origin): row
        for origin in {origin for _, origin in wanted}
        for row in store.cards.rows_of_origin(customer_id, [one for one, own in wanted if own == origin], None, origin)
    }
    return [found[place] for place in wanted]


def reward_zone(store: Store, reward: Reward, now: int) -> ZoneInfo:
    """Returns the project's zone, which each wallet of an ACTIVE reward has."""
    wallet_id = reward.settings.price[0].wallet_id
    wallet = store.wallets.recent(wallet_id, now)
    if wallet is None:
        raise WalletNotFound(f"There is no wallet {wallet_id}.")
    return wallet.zone


def commands_of(settings: RewardSettings, command_in: Callable[[str], Command]) -> list[CardCommand]:
    """Returns the commands that a redemption has on the customer's cards, in the order of the prices.

    Given points are last. `command_in` returns the command in a wallet.
    """
    commands = [CardCommand(command_in(part.wallet_id), _price(part), names_wallet=True) for part in settings.price]
    if gift := settings.credit:
        commands.append(CardCommand(command_in(gift.wallet_id), _gift(gift), enrols=True, names_wallet=True))
    return commands


class _Attempt:
    """One attempt to redeem a reward."""

    def __init__(
        self,
        store: Store,
        reward: Reward,
        customer_id: str,
        redemption_id: str,
        metadata: str | None,
        sender: Sender,
        at: datetime,
        *,
        dry: bool,
    ) -> None:
        self._store, self._reward, self._sender, self._at, self._dry = store, reward, sender, at, dry
        self._customer_id, self._redemption_id, self._metadata = customer_id, redemption_id, metadata
        self._zone = reward_zone(store, reward, instant(at))
        self._stock = Stock(store, reward, instant(at))
        self._use: Use | None = None
        """What the customer has redeemed of the reward so far."""
        self._redemption: Redemption | None = None
        self._writes: list[WriteAction] = []

    def commit(self) -> RedemptionOutcome:
        self._require_available()
        taken = self._stock.choose()
        commands = commands_of(self._reward.settings, self._command)
        first = commands[0].decide

        def with_companions(found: Situation) -> Decided:
            return replace(first(found), companions=self._writes)

        commands[0] = replace(commands[0], decide=with_companions)
        try:
            outcomes = attempt_together(
                self._store, commands, self._at, prepare=lambda found: self._prepare(found, taken)
            )
        except TransactionCanceled as race:
            self._stock.learn(race)
            raise
        if not self._dry:
            self._stock.commit(taken)
        if self._redemption is None:
            # Another attempt of this request wrote the rows meanwhile.
            raise LostRace
        rows = [outcome.transaction for outcome in outcomes]
        return RedemptionOutcome(self._redemption, rows, unwritten=outcomes if self._dry else ())

    def _require_available(self) -> None:
        """Raises why the customer cannot redeem the reward now, apart from stock and wallets."""
        reward, now = self._reward, instant(self._at)
        if not reward.is_redeemable(now):
            detail = f"The reward is {reward.status}." if not reward.is_active else "The reward is not offered now."
            raise RewardNotActive.of_field("body.rewardId", detail)
        found = read_gates(self._store, self._customer_id, [reward], now)
        self._use = found.uses.get(reward.reward_id)
        redeemer = found.redeemer(reward)
        if reason := unavailable(reward, gate_of(reward), redeemer, now, self._zone):
            detail = f"The customer cannot redeem the reward now: {reason}."
            raise RewardNotAvailable(detail, reason=reason)

    def _command(self, wallet_id: str) -> Command:
        sender = self._sender
        context = Context(
            source=Source.API,
            points_description=self._reward.settings.name,
            actor=sender.actor,
            request_id=sender.request_id,
            fingerprint=sender.fingerprint,
        )
        return Command(
            wallet_id=wallet_id,
            customer_id=self._customer_id,
            origin=key_origin(sender.key),
            context=context,
            dry=self._dry,
        )

    def _prepare(self, found: Sequence[Situation], taken: TakenStock) -> None:
        """Makes the redemption, and what is written with it."""
        reward, settings, now = self._reward, self._reward.settings, found[0].now
        moved = [
            MovedPoints(part.wallet_id, one.wallet.version, one.next_seq, part.points)
            for part, one in zip((*settings.price, *([settings.credit] if settings.credit else [])), found, strict=True)
        ]
        prices = moved[: len(settings.price)]
        counts = settings.customer_limits.counts
        use = self._use or Use()
        status = first_status(settings.kind)
        self._redemption = Redemption(
            redemption_id=self._redemption_id,
            customer_id=self._customer_id,
            reward_id=reward.reward_id,
            reward_version=reward.version,
            kind=settings.kind,
            status=status,
            key=self._sender.key,
            fingerprint=self._sender.fingerprint,
            prices=tuple(prices),
            given=moved[-1] if settings.credit else None,
            code=taken.code,
            code_place=taken.place,
            product=settings.product,
            entitlement=settings.entitlement.key if settings.entitlement else None,
            entitled_until=entitlement_end(settings, now, self._zone),
            cancelable=settings.cancelable,
            stock_shard=taken.shard,
            counted_on=day_number(local_day(use.moment(now), self._zone)) if counts else None,
            metadata=self._metadata,
            actor=self._sender.actor,
            created_at=now,
            fulfilled_at=now if status is RedemptionStatus.FULFILLED else 0,
        )
        self._writes = [redemption_write(self._redemption), *self._stock.writes(taken, self._redemption_id)]
        if counts:
            counted = use.count(0, now, self._zone)
            self._writes.append(use_write(self._customer_id, reward.reward_id, self._use, counted))


def _price(part: WalletPoints) -> Callable[[Situation], Decided]:
    def decide(found: Situation) -> Decided:
        require_unblocked(found.card)
        after, movement = pay_price(found.card, part.points, found.wallet, found.now)
        return Decided(after, [movement])

    return decide


def _gift(part: WalletPoints) -> Callable[[Situation], Decided]:
    def decide(found: Situation) -> Decided:
        after, movement = give_points(found.card, part.points, found.wallet, found.now)
        return Decided(after, [movement])

    return decide


def _repetition(store: Store, known: Redemption, sender: Sender) -> RedemptionOutcome:
    if known.fingerprint != sender.fingerprint:
        detail = "The idempotency key belongs to an earlier, different redemption. Use a new key."
        raise KeyReused.of_field("header.idempotency-key", detail)
    rows = rows_of(store, known)
    # The rows of this same request: the SDK sent the transaction again because its first answer was lost.
    own = all(row.context.request_id == sender.request_id for row in rows)
    return RedemptionOutcome(known.as_redeemed, rows, repeated=not own)
