"""Audits: verify a card against its ledger, read its balance at an instant, explain a row.

Audits only read; they write nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from loyalty.domain.audit.comparison import Check, Drift, drifts
from loyalty.domain.audit.explanation import Explanation, explanation_of
from loyalty.domain.audit.rebuild import card_as_of, card_at_enrolment
from loyalty.domain.cards.card import Card
from loyalty.domain.cards.settlement import settle
from loyalty.domain.dates import instant
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import CardNotFound, LedgerNotWhole
from loyalty.store.ledgers import Flaw, StoredLedger
from loyalty.store.store import Store
from loyalty.usecases import history

ROWS_MAX = 10_000
"""Rows that one request reads at most: a few megabytes, in a few seconds."""

VersionOf = Callable[[str, int], Wallet | None]
"""A wallet's version, by wallet id and number."""


@dataclass(frozen=True, slots=True)
class Report:
    """The result of verifying a card. `card` is None if the card cannot be read."""

    card: Card | None
    rows: int
    wallet_versions: tuple[int, ...]
    drifts: tuple[Drift, ...]

    @property
    def valid(self) -> bool:
        return not self.drifts


@dataclass(frozen=True, slots=True)
class CardAsOf:
    """A card as it was, or will be, at an instant."""

    card: Card
    at: int
    enrolled: bool
    projected: bool
    """Whether the instant is in the future: the card then shows what time alone will have done by then."""


def verify(
    store: Store, wallet_id: str, customer_id: str, *, rows_max: int = ROWS_MAX, version_of: VersionOf | None = None
) -> Report:
    """Reports every drift between the card and its rows.

    Drifts are reported only if a second reading finds some too, because a reading during a write may see only half of
    it. Raises `CardNotFound` or `LedgerTooLong`.
    """
    for again in (True, False):
        found = store.ledgers.read(customer_id, wallet_id, rows_max)
        if found is None:
            break
        report = report_of(found, version_of or store.wallets.version)
        if report.valid or not again:
            return report
    raise CardNotFound(f"Customer {customer_id} has no card in wallet {wallet_id}.")


def balance_at(store: Store, wallet_id: str, customer_id: str, at: datetime, now: datetime) -> CardAsOf:
    """Returns the card as of the instant, which may be in the future.

    Raises `CardNotFound`, or `LedgerTooLong` for an instant in the card's past.
    """
    found = store.cards.with_profiles([(customer_id, wallet_id)])
    if not found:
        raise CardNotFound(f"Customer {customer_id} has no card in wallet {wallet_id}.")
    (card, profile), then = found[0], instant(at)
    projected = at > now
    if then < profile.created_at:
        return CardAsOf(card_at_enrolment(card), then, enrolled=False, projected=False)
    if then >= card.at:
        return CardAsOf(settle(card, then)[0], then, enrolled=True, projected=projected)
    ledger = _ledger(store, wallet_id, customer_id)
    return CardAsOf(card_as_of(card, ledger.rows, then), then, enrolled=True, projected=projected)


def explain(store: Store, transaction_id: str) -> Explanation:
    """Explains the row by the rows before it. Raises `TransactionNotFound`, `LedgerNotWhole` or `LedgerTooLong`."""
    row = history.by_id(store, transaction_id)
    ledger = _ledger(store, row.wallet_id, row.customer_id)
    rows = ledger.rows[: row.seq]
    wallet = store.wallets.version(row.wallet_id, row.wallet_version)
    if len(rows) != row.seq or rows[-1] != row or wallet is None:
        raise LedgerNotWhole(f"Transactions before {transaction_id} cannot be rebuilt: verify the card.")
    return explanation_of(ledger.card, rows, wallet)


def report_of(found: StoredLedger | Flaw, version_of: VersionOf) -> Report:
    """Reports every drift of a ledger as it was read."""
    if isinstance(found, Flaw):
        return Report(None, 0, (), (_drift(found),))
    named = {row.wallet_version for row in found.rows}
    versions = {version for version in named if version_of(found.card.wallet_id, version)}
    all_drifts = [*map(_drift, found.flaws), *drifts(found.card, found.rows, versions)]
    return Report(found.card, len(found.rows), tuple(sorted(versions)), tuple(all_drifts))


def _ledger(store: Store, wallet_id: str, customer_id: str) -> StoredLedger:
    found = store.ledgers.read(customer_id, wallet_id, ROWS_MAX)
    if not isinstance(found, StoredLedger):
        raise CardNotFound(f"Customer {customer_id} has no readable card in wallet {wallet_id}.")
    return found


def _drift(flaw: Flaw) -> Drift:
    return Drift(check=Check.FORM, seq=flaw.seq, message=flaw.message)
