"""Audits: verify a card against its ledger, read its balance at an instant, explain a row.

Audits only read; they write nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, partial

from loyalty.domain.audit.awards import (
    AwardRow,
    CampaignOf,
    Given,
    PaidOf,
    award_drifts,
    customer_drifts,
    given_by_campaign,
    missing_rows,
    redeemed_codes,
)
from loyalty.domain.audit.comparison import Check, Drift, drifts
from loyalty.domain.audit.explanation import Explanation, explanation_of
from loyalty.domain.audit.rebuild import card_as_of, card_at_enrolment
from loyalty.domain.audit.redemptions import (
    CodeKey,
    GivenCode,
    code_drifts,
    code_keys,
    redemption_drifts,
    stock_used,
    use_drifts,
)
from loyalty.domain.audit.standings import standings_as_of, tier_drifts
from loyalty.domain.cards.card import Card
from loyalty.domain.cards.transaction import Transaction
from loyalty.domain.dates import instant
from loyalty.domain.earning.campaign import Campaign
from loyalty.domain.earning.receipt import EventKey, Receipt
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import CardNotFound, LedgerNotWhole
from loyalty.store.award_records import StoredAwards, award_rows
from loyalty.store.ledgers import Flaw, StoredLedger
from loyalty.store.redemption_records import StoredRedemptions
from loyalty.store.store import Store
from loyalty.usecases import history
from loyalty.usecases.admission import no_card
from loyalty.usecases.cards import card_at

ROWS_MAX = 10_000
"""Rows that one request reads at most: a few megabytes, in a few seconds."""

CONCURRENT_SECONDS = 15
"""Within so many seconds, rows of two cards may have been written in another order than their instants show: the clocks
of two writers differ by up to 10 seconds, and a command may last 5."""

VersionOf = Callable[[str, int], Wallet | None]
"""A wallet's version, by wallet id and number."""


@dataclass(frozen=True, slots=True)
class Report:
    """The result of verifying a card. `card` is None if the card cannot be read."""

    card: Card | None
    rows: int
    wallet_versions: tuple[int, ...]
    drifts: tuple[Drift, ...]
    given: Mapping[str, Given] = field(default_factory=dict)
    """What campaigns gave to the card, by campaign id."""
    redeemed: Mapping[str, int] = field(default_factory=dict)
    """How many times each code gave points to the card."""
    stock_used: Mapping[str, int] = field(default_factory=dict)
    """What redemptions took of stocks and codes, by reward id. Each counts on the card of its first price."""

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
    store: Store,
    wallet_id: str,
    customer_id: str,
    *,
    rows_max: int = ROWS_MAX,
    version_of: VersionOf | None = None,
    campaign_of: CampaignOf | None = None,
) -> Report:
    """Reports every drift between the card, its rows, the receipts of the customer's events, and redemptions.

    Drifts are reported only if a second reading finds some too, because a reading during a write may see only half of
    it. Raises `CardNotFound` or `LedgerTooLong`.
    """
    for again in (True, False):
        found = store.ledgers.read(customer_id, wallet_id, rows_max)
        if found is None:
            break
        report = report_of(found, version_of or store.wallets.version)
        if isinstance(found, StoredLedger):
            report = _read_awards(store, report, found, rows_max, campaign_of or campaigns_of(store))
            report = _read_redemptions(store, report, found)
        if report.valid or not again:
            return report
    raise no_card(store, wallet_id, customer_id)


def balance_at(store: Store, wallet_id: str, customer_id: str, at: datetime, now: datetime) -> CardAsOf:
    """Returns the card as of the instant, which may be in the future.

    Raises `CardNotFound`, or `LedgerTooLong` for an instant in the card's past.
    """
    found = store.cards.with_profiles([(customer_id, wallet_id)])
    if not found:
        raise no_card(store, wallet_id, customer_id)
    (card, profile), then = found[0], instant(at)
    projected = at > now
    if then < profile.created_at:
        return CardAsOf(card_at_enrolment(card), then, enrolled=False, projected=False)
    if then >= card.at:
        return CardAsOf(card_at(store, card, then, instant(now)), then, enrolled=True, projected=projected)
    ledger = _ledger(store, wallet_id, customer_id)
    rows = [row for row in ledger.rows if row.created_at <= then]
    named = {row.wallet_version for row in rows}
    wallets = {version: wallet for version in named if (wallet := store.wallets.version(wallet_id, version))}
    current = replace(card_as_of(card, rows, then), tiers=standings_as_of(card, rows, wallets, then))
    return CardAsOf(current, then, enrolled=True, projected=projected)


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
    wallets = {version: wallet for version in named if (wallet := version_of(found.card.wallet_id, version))}
    all_drifts = [
        *map(_drift, found.flaws),
        *drifts(found.card, found.rows, wallets.keys()),
        *tier_drifts(found.card, found.rows, wallets),
    ]
    return Report(found.card, len(found.rows), tuple(sorted(wallets)), tuple(all_drifts))


def campaigns_of(store: Store) -> CampaignOf:
    """Returns a function that reads each version of a campaign once. The current campaign has the seed."""
    current = cache(store.campaigns.current)

    @cache
    def campaign_of(campaign_id: str, version: int) -> Campaign | None:
        campaign, latest = store.campaigns.version(campaign_id, version), current(campaign_id)
        return campaign and latest and replace(campaign, seed=latest.seed)

    return campaign_of


def with_awards(
    report: Report,
    ledger: StoredLedger,
    found: StoredAwards,
    campaign_of: CampaignOf,
    paid_of: PaidOf,
    *,
    receipts_of_others: Mapping[EventKey, Receipt],
    rows_of_others: Sequence[AwardRow],
    version: int,
) -> Report:
    """Returns the report with the drifts between the card's rows and the receipts.

    `receipts_of_others` are those of other customers' events that gave points to the card, `rows_of_others` those by
    which the customer's events gave points to other customers. Awards after the ledger was read, until `version` of the
    card, are left out.
    """
    card, awards = ledger.card, award_rows(ledger.rows)
    receipts = {**receipts_of_others, **{receipt.event: receipt for receipt in found.awards.receipts}}
    recorded = [
        (receipt, award)
        for receipt in found.awards.receipts
        for award in receipt.awards
        if award.customer_id or (award.wallet_id == card.wallet_id and not card.version < award.seq <= version)
    ]
    drifts = [
        *map(_drift, found.flaws),
        *missing_rows(recorded, {one.award_key for one in (*awards, *rows_of_others)}),
        *customer_drifts(found.awards, campaign_of),
        *award_drifts(awards, receipts, campaign_of, paid_of),
    ]
    given, redeemed = given_by_campaign(awards, receipts), redeemed_codes(awards, receipts)
    return replace(report, drifts=(*report.drifts, *drifts), given=given, redeemed=redeemed)


def with_redemptions(
    report: Report,
    ledger: StoredLedger,
    found: StoredRedemptions,
    codes: Mapping[CodeKey, GivenCode],
    *,
    version: int,
) -> Report:
    """Returns the report with the drifts between the card's rows and the customer's redemptions.

    Rows after the ledger was read, until `version` of the card, are left out.
    """
    wallet_id, read_until = ledger.card.wallet_id, ledger.card.version
    later = range(read_until + 1, version + 1)
    drifts = [
        *map(_drift, found.flaws),
        *redemption_drifts(wallet_id, ledger.rows, found.redemptions, later),
        *use_drifts(found.redemptions, found.uses),
        *code_drifts(found.redemptions, codes),
    ]
    used = stock_used(wallet_id, found.redemptions)
    return replace(report, drifts=(*report.drifts, *drifts), stock_used=used)


def _read_redemptions(store: Store, report: Report, ledger: StoredLedger) -> Report:
    """Reads the redemptions after the rows, and returns the report with both compared."""
    card, records = ledger.card, store.redemption_records
    found = records.of_customer(card.customer_id)
    wanted = code_keys(found.redemptions)
    latest = store.cards.card(card.customer_id, card.wallet_id) if found.redemptions else card
    return with_redemptions(
        report,
        ledger,
        found,
        records.codes(wanted) if wanted else {},
        version=latest.version if latest else 0,
    )


def _read_awards(
    store: Store, report: Report, ledger: StoredLedger, receipts_max: int, campaign_of: CampaignOf
) -> Report:
    """Reads the receipts after the rows, and returns the report with both compared."""
    card, records = ledger.card, store.award_records
    awards = award_rows(ledger.rows)
    found = records.of_customer(card.customer_id, receipts_max, awards)
    own = found.awards.receipts
    foreign = {award.event for award in awards} - {receipt.event for receipt in own}
    to_others = [(receipt, award) for receipt in own for award in receipt.awards if award.customer_id]
    is_later = any(award.seq > card.version for receipt in own for award in receipt.awards)
    latest = store.cards.card(card.customer_id, card.wallet_id) if is_later else card
    return with_awards(
        report,
        ledger,
        found,
        campaign_of,
        partial(_paid, store),
        receipts_of_others=records.receipts(foreign) if foreign else {},
        rows_of_others=records.rows(to_others) if to_others else (),
        version=latest.version if latest else 0,
    )


def _paid(store: Store, customer_id: str, order_id: str, at: int) -> tuple[int, int]:
    """Returns the least and the most that points of the customer's cards had paid for the order, in minor units."""
    wallets = [wallet_id for _, wallet_id in store.cards.memberships(customer_id)]
    rows = (row for wallet_id in wallets for row in store.cards.rows_of_order(customer_id, wallet_id, order_id))
    return paid_before(rows, at)


def paid_before(rows: Iterable[Transaction], at: int) -> tuple[int, int]:
    """Returns the least and the most that the rows of an order had paid at the instant."""
    payments = [(row.created_at - at, row.payment.amount) for row in rows if row.payment]
    least = sum(amount for after, amount in payments if after < -CONCURRENT_SECONDS)
    return least, sum(amount for after, amount in payments if after <= CONCURRENT_SECONDS)


def _ledger(store: Store, wallet_id: str, customer_id: str) -> StoredLedger:
    found = store.ledgers.read(customer_id, wallet_id, ROWS_MAX)
    if not isinstance(found, StoredLedger):
        raise CardNotFound(f"Customer {customer_id} has no readable card in wallet {wallet_id}.")
    return found


def _drift(flaw: Flaw) -> Drift:
    return Drift(check=Check.FORM, seq=flaw.seq, message=flaw.message)
