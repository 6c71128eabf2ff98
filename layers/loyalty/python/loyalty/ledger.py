"""Moving points: read the card, settle it, decide, commit; again from the start where another came first.

The only retry loop around movements. A key's row is its idempotency record: it is written with the balance, and a
request that finds it answers as the first time, whatever the balance is now.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zlib import crc32

from loyalty.domain.card import Balance, Card, CardStatus, earliest_due
from loyalty.domain.coarsening import few
from loyalty.domain.credit import Grant, credited
from loyalty.domain.dates import instant
from loyalty.domain.debit import debited
from loyalty.domain.order import agreed
from loyalty.domain.refund import expired_lots, order_state, refunded
from loyalty.domain.settings import PendingType
from loyalty.domain.settlement import settled
from loyalty.domain.transaction import Facts, Movement, RefundFacts, Transaction, record
from loyalty.domain.wallet import Wallet, WalletStatus
from loyalty.errors import (
    Busy,
    CardBlocked,
    CardClosed,
    CardFrozen,
    CardNotFound,
    ClockSkew,
    CodeTaken,
    CurrencyDiffers,
    KeyReused,
    OrderNotFound,
    WalletDeleted,
    WalletNotActive,
    WalletNotFound,
)
from loyalty.retry import attempts
from loyalty.store import SHARDS, Cancelled, Profile, Store

CLOCK_SKEW_SECONDS_MAX = 5
SALT_BYTES = 12

Decision = Callable[[Card, Wallet, int, Sequence[Movement]], tuple[Card, list[Movement]]]
"""From the settled card, the wallet, now, and what settling moved: the card after, and the command's own movements."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Who wants what, once: a key's scope is wallet, customer and order."""

    wallet_id: str
    customer_id: str
    origin: str
    """What the command's row is known by: the caller's key, or the event that caused it."""
    facts: Facts
    """With the fingerprint of the request, by which its repetition is told from another use of the key."""


@dataclass(frozen=True, slots=True)
class Outcome:
    transaction: Transaction
    """The last row of the command: the one that keeps its key."""
    replayed: bool

    @property
    def balance(self) -> Balance:
        return self.transaction.balance


@dataclass(frozen=True, slots=True)
class RefundOutcome:
    outcome: Outcome
    facts: RefundFacts
    returned_id: str | None
    revoked_id: str | None


def credit(store: Store, command: Command, grant: Grant, at: datetime) -> Outcome:
    """Gives points. A customer without a card gets one in the same transaction, where the wallet enrols by itself."""
    facts = command.facts

    def decide(card: Card, wallet: Wallet, now: int, _: Sequence[Movement]) -> tuple[Card, list[Movement]]:
        event_came = _event_came(store, card, wallet, facts.order_id)
        after, movement = credited(
            card, grant, wallet, now, order_id=facts.order_id, order=facts.order, event_came=event_came
        )
        return after, [movement]

    return perform(store, command, at, decide, enrols=True)


def debit(store: Store, command: Command, points: int, at: datetime, *, allow_partial: bool = False) -> Outcome:
    """Takes points, where limits and balance allow; as many as they allow with `allow_partial`."""

    def decide(card: Card, wallet: Wallet, now: int, _: Sequence[Movement]) -> tuple[Card, list[Movement]]:
        if card.status is CardStatus.BLOCKED:
            raise CardBlocked("The card may earn but not spend.")
        after, movement = debited(card, points, wallet, now, allow_partial=allow_partial)
        return after, [movement]

    return perform(store, command, at, decide)


def refund(store: Store, command: Command, at: datetime) -> RefundOutcome:
    """Undoes all of an order that no refund has settled yet. Works in an INACTIVE wallet too."""
    order_id = command.facts.order_id
    assert order_id is not None, "a refund is always of an order"

    def decide(card: Card, wallet: Wallet, now: int, settling: Sequence[Movement]) -> tuple[Card, list[Movement]]:
        # Read anew at every attempt, after the card: rows kept from before a lost race would pay twice.
        rows = store.cards.rows_of_order(card.customer_id, card.wallet_id, order_id)
        if not rows:
            raise OrderNotFound(f"The card has no transaction of order {order_id}.")
        state = order_state(rows, wallet.zone)
        passed: list[Transaction | Movement] = list(settling)
        if state.credits and (state.expired_own_lots(now) or state.waited_for_event):
            passed += store.cards.passed_since(card.customer_id, card.wallet_id, state.credits[0].seq)
        of_all = list(passed)
        if state.waited_for_event:
            of_all += store.cards.rows_by_events(card.customer_id, card.wallet_id)
        state = order_state(rows, wallet.zone, of_all)
        state = replace(state, order=agreed(state.order, command.facts.order))
        return refunded(card, state, expired_lots(passed, card, wallet.zone), wallet, now)

    outcome = perform(store, command, at, decide, active_only=False)
    row, facts = outcome.transaction, outcome.transaction.refund
    assert facts is not None, "the last row of a refund carries its facts"
    both = facts.spent > 0 and facts.revoked > 0
    first = f"{row.card_id}.{row.seq - 1}" if both else row.transaction_id
    return RefundOutcome(
        outcome,
        facts,
        returned_id=first if facts.spent or not facts.revoked else None,
        revoked_id=row.transaction_id if facts.revoked else None,
    )


def enrol(
    store: Store, wallet_id: str, customer_id: str, at: datetime, *, code: str | None, metadata: str | None
) -> tuple[Card, Profile, bool]:
    """The customer's card in the wallet, and whether it is new. An existing one is answered as it is."""
    now = instant(at)
    for _ in attempts():
        existing, server_time = store.cards.card_and_time(customer_id, wallet_id)
        if existing:
            return *store.cards.with_profiles([(customer_id, wallet_id)])[0], False
        require_clock(at, server_time)
        wallet = active_wallet(store, wallet_id, now)
        card, profile = new_card(wallet, customer_id, now, code=code, metadata=metadata)
        try:
            store.cards.commit(None, card, [], profile)
        except Cancelled as race:
            if code is not None and "code" in race.failed and "card" not in race.failed:
                raise CodeTaken(f"Another card has the code {code}.") from race
        else:
            return card, profile, True
    raise Busy("Others kept changing the card.")


def new_card(
    wallet: Wallet, customer_id: str, now: int, *, code: str | None = None, metadata: str | None = None
) -> tuple[Card, Profile]:
    card_id = secrets.token_urlsafe(12)
    card = Card(
        card_id=card_id,
        wallet_id=wallet.wallet_id,
        customer_id=customer_id,
        shard=crc32(card_id.encode()) % SHARDS,
        wallet_version=wallet.version,
        at=now,
    )
    return card, Profile(code=code or wallet.settings.code.generated(secrets.choice), metadata=metadata, created_at=now)


def active_wallet(store: Store, wallet_id: str, now: int, *, version_min: int = 0, active_only: bool = True) -> Wallet:
    wallet = store.wallets.cached(wallet_id, now, version_min=version_min)
    if wallet is None:
        raise WalletNotFound(f"There is no wallet {wallet_id}.")
    if wallet.status is WalletStatus.DELETED:
        raise WalletDeleted(f"Wallet {wallet_id} was deleted.")
    if wallet.status is WalletStatus.DRAFT or (active_only and wallet.status is not WalletStatus.ACTIVE):
        raise WalletNotActive(f"Wallet {wallet_id} is {wallet.status}.", walletStatus=wallet.status)
    return wallet


def perform(
    store: Store, command: Command, at: datetime, decide: Decision, *, enrols: bool = False, active_only: bool = True
) -> Outcome:
    found: Card | None = None
    for _ in attempts():
        if found is None:
            reading = store.cards.reading(
                command.customer_id, command.wallet_id, command.facts.order_id, command.origin
            )
            if reading.row:
                return _repeated(reading.row, command)
            require_clock(at, reading.server_time)
            found = reading.card
        before = found
        # Time never runs back on a card, even where clocks of two environments differ.
        now = max(instant(at), before.at if before else 0)
        version_min = before.wallet_version if before else 0
        wallet = active_wallet(store, command.wallet_id, now, version_min=version_min, active_only=active_only)
        enrolment: Profile | None = None
        if before is None:
            card, enrolment = _enrolled(wallet, command, now, enrols=enrols)
        else:
            card = before
            _require_open(card)

        facts = _in_currency(command.facts, wallet)

        standing, settling = settled(card, now)
        after, own = decide(standing, wallet, now, settling)
        after = few(after, wallet.zone)
        after, rows = record(
            card,
            [*settling, *own],
            facts,
            after=after,
            at=now,
            wallet_version=wallet.version,
            salt=secrets.token_bytes(SALT_BYTES),
        )
        after = replace(after, due=earliest_due(before, after), settle_failures=0)
        try:
            store.cards.commit(before, after, rows, enrolment, origin=command.origin)
        except Cancelled as race:
            # Where the card alone stood in the way, it came with the answer and need not be read again.
            found = store.cards.as_found(race)
        else:
            return Outcome(rows[-1], replayed=False)
    raise Busy("Others kept changing the card. Nothing was written: send the same request again.")


def _event_came(store: Store, card: Card, wallet: Wallet, order_id: str | None) -> bool:
    """Whether an event that the order's points would wait for was noted before them."""
    if wallet.settings.pending.type is not PendingType.EVENT_BASED or order_id is None or not card.version:
        return False
    rows = store.cards.rows_of_order(card.customer_id, card.wallet_id, order_id)
    return any(row.facts.event in wallet.settings.pending.events for row in rows)


def _repeated(row: Transaction, command: Command) -> Outcome:
    if row.facts.fingerprint != command.facts.fingerprint:
        raise KeyReused("The idempotency key belongs to an earlier request that asked for something else.")
    # Our own row: the SDK sent the transaction again because its first answer was lost.
    own = row.facts.request_id is not None and row.facts.request_id == command.facts.request_id
    return Outcome(row, replayed=not own)


def _enrolled(wallet: Wallet, command: Command, now: int, *, enrols: bool) -> tuple[Card, Profile]:
    if not enrols or not wallet.settings.auto_enrol:
        raise CardNotFound(f"Customer {command.customer_id} has no card in wallet {command.wallet_id}.")
    return new_card(wallet, command.customer_id, now)


def _require_open(card: Card) -> None:
    match card.status:
        case CardStatus.FROZEN:
            raise CardFrozen("The card is frozen: its points neither come nor go.")
        case CardStatus.CLOSED:
            raise CardClosed("The card is closed.")


def require_clock(at: datetime, server_time: datetime | None) -> None:
    """A clock that is far off would let points expire or activate for good before their time."""
    if server_time is not None and abs((at - server_time).total_seconds()) > CLOCK_SKEW_SECONDS_MAX:
        raise ClockSkew("Nothing was written. Send the same request again.")


def _in_currency(facts: Facts, wallet: Wallet) -> Facts:
    """The facts with the order in the project's currency, which goes without saying."""
    if facts.order is None:
        return facts
    if facts.order.currency not in (None, wallet.currency):
        raise CurrencyDiffers(f"The project counts in {wallet.currency}, the order in {facts.order.currency}.")
    return replace(facts, order=replace(facts.order, currency=wallet.currency))
