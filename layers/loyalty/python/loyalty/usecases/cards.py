"""Cards: enrol, read, list and change them. Reading settles a card in memory and stores nothing."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from loyalty.domain.cards.card import Card, CardStatus
from loyalty.domain.cards.profile import Profile
from loyalty.domain.cards.settlement import points_falling_due, settle
from loyalty.domain.dates import instant
from loyalty.domain.schema import metadata_text
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import (
    CardClosureFinal,
    CardDiffers,
    CodeNotFound,
    CodeTaken,
    FieldProblem,
    PreconditionFailed,
    WalletNotFound,
)
from loyalty.retry import retry
from loyalty.store.cards import CardChange
from loyalty.store.store import Store
from loyalty.store.table import TransactionCanceled
from loyalty.usecases.admission import new_card, no_card, require_clock, require_wallet
from loyalty.usecases.ledger import with_current_tiers
from loyalty.usecases.members import members_after, members_with_prefix
from loyalty.usecases.project import require_card_metadata

CardAndProfile = tuple[Card, Profile]

FALLING_DUE_DAYS = 30
FALLING_DUE_CARDS_MAX = 1_000
"""Cards that are read to answer one request: ten reads of a hundred."""


@dataclass(frozen=True, slots=True)
class DuePoints:
    """Points of a wallet that time alone moves within `FALLING_DUE_DAYS`, and the number of cards that have them."""

    expiring: int
    activating: int
    cards: int


def read(store: Store, wallet_id: str, customer_id: str, at: datetime) -> CardAndProfile:
    """Returns the customer's card, settled: everything due by `at` has happened, whether or not a sweep has run."""
    found = store.cards.with_profiles([(customer_id, wallet_id)])
    if not found:
        raise no_card(store, wallet_id, customer_id)
    return _settled_with_profile(store, found[0], at)


def by_code(store: Store, code: str, at: datetime) -> CardAndProfile:
    owner = store.cards.owner_of_code(code)
    if owner is None:
        raise CodeNotFound(f"No card has the code {code}.")
    customer_id, wallet_id = owner
    return read(store, wallet_id, customer_id, at)


def of_customer(store: Store, customer_id: str, at: datetime) -> list[CardAndProfile]:
    return [
        _settled_with_profile(store, found, at)
        for found in store.cards.with_profiles(store.cards.memberships(customer_id))
    ]


def of_wallet(
    store: Store, wallet_id: str, position: tuple[int, str] | None, limit: int, at: datetime
) -> tuple[list[CardAndProfile], tuple[int, str] | None]:
    """Returns a page of the wallet's cards, and the position (shard, customer) after which the next page begins.

    The index that serves the page lags a moment: a card enrolled just now may be missing.
    """
    wallet = _existing_wallet(store, wallet_id, at)
    # One more than the page, to find out whether there is a next page.
    members = members_after(store, wallet_id, position, limit + 1)
    page = members[:limit]
    cards = _cards_of_members(store, wallet, [customer_id for _, customer_id in page], at)
    return cards, page[-1] if len(members) > limit else None


def of_wallet_by_prefix(
    store: Store, wallet_id: str, prefix: str, after: str | None, limit: int, at: datetime
) -> tuple[list[CardAndProfile], str | None]:
    """Returns a page of the cards of customers whose ids begin with the prefix, in the order of these ids.

    Also returns the customer after whom the next page begins. `after` begins with the prefix. The index lags a moment.
    """
    wallet = _existing_wallet(store, wallet_id, at)
    members = members_with_prefix(store, wallet_id, prefix, after, limit + 1)
    page = members[:limit]
    return _cards_of_members(store, wallet, page, at), page[-1] if len(members) > limit else None


def of_wallet_falling_due(store: Store, wallet_id: str, at: datetime) -> DuePoints | None:
    """Sums what falls due on the wallet's cards from `at` on; None, unknown, if there are too many cards to read."""
    members = members_after(store, wallet_id, None, FALLING_DUE_CARDS_MAX + 1)
    if len(members) > FALLING_DUE_CARDS_MAX:
        return None
    until = instant(at + timedelta(days=FALLING_DUE_DAYS))
    found = [
        points_falling_due(settle(card, max(instant(at), card.at))[0], until)
        for card in store.cards.of_members(wallet_id, [customer_id for _, customer_id in members])
    ]
    return DuePoints(
        expiring=sum(expiring for expiring, _ in found),
        activating=sum(activating for _, activating in found),
        cards=sum(1 for due in found if any(due)),
    )


def change(
    store: Store, wallet_id: str, customer_id: str, patch: Mapping[str, Any], revision: int, at: datetime
) -> CardAndProfile:
    """Changes `status` and `metadata` if the patch names them, unless the card changed since `revision`."""
    require_card_metadata(store, patch.get("metadata"))

    def attempt() -> CardAndProfile:
        found = store.cards.with_profiles([(customer_id, wallet_id)])
        if not found:
            raise no_card(store, wallet_id, customer_id)
        card, profile = found[0]
        if card.revision != revision:
            raise PreconditionFailed(
                f"The card has revision {card.revision}, you read {revision}. Read the card again."
            )
        status = CardStatus(patch.get("status", card.status))
        if card.status is CardStatus.CLOSED and status is not CardStatus.CLOSED:
            raise CardClosureFinal.of_field(
                "body.status",
                f"The card of {customer_id} is closed. A closed card stays closed: FROZEN stops a card for a time.",
            )
        metadata = metadata_text(patch["metadata"]) if "metadata" in patch else profile.metadata
        store.cards.change(card, status, metadata)
        changed = replace(card, status=status, revision=revision + 1)
        return _settled_with_profile(store, (changed, replace(profile, metadata=metadata)), at)

    return retry(attempt, "the card")


def _require_same_data(profile: Profile, code: str | None, metadata: Mapping[str, Any] | None) -> None:
    sent = (("code", code, profile.code), ("metadata", metadata, json.loads(profile.metadata or "null")))
    problems = [
        FieldProblem(f"body.{field}", CardDiffers.code, f"The customer's card has another {field}.")
        for field, wanted, found in sent
        if wanted is not None and wanted != found
    ]
    if problems:
        raise CardDiffers("The customer is already enrolled. Change the card's metadata with PATCH.", errors=problems)


def card_at(store: Store, card: Card, then: int, now: int, wallet: Wallet | None = None) -> Card:
    """Returns the card settled at the instant `then`, with its tiers; `then` is not before its last transaction.

    `wallet` is the card's wallet, if it has just been read.
    """
    settled_card = settle(card, then)[0]
    if not card.tiers and card.version:
        # The card has no tiers, whatever the wallet has.
        return settled_card
    if wallet is None or wallet.version < card.wallet_version:
        wallet = store.wallets.recent(card.wallet_id, now, version_min=card.wallet_version)
    return with_current_tiers(card, settled_card, wallet, then)


def _settled_with_profile(
    store: Store, found: CardAndProfile, at: datetime, wallet: Wallet | None = None
) -> CardAndProfile:
    card, profile = found
    now = max(instant(at), card.at)
    return card_at(store, card, now, now, wallet), profile


def _existing_wallet(store: Store, wallet_id: str, at: datetime) -> Wallet:
    wallet = store.wallets.recent(wallet_id, instant(at))
    if wallet is None:
        raise WalletNotFound(f"There is no wallet {wallet_id}.")
    return wallet


def _cards_of_members(store: Store, wallet: Wallet, customer_ids: Sequence[str], at: datetime) -> list[CardAndProfile]:
    found = store.cards.with_profiles([(customer_id, wallet.wallet_id) for customer_id in customer_ids])
    return [_settled_with_profile(store, card, at, wallet) for card in found]


def enrol(
    store: Store,
    wallet_id: str,
    customer_id: str,
    at: datetime,
    *,
    code: str | None,
    metadata: Mapping[str, Any] | None,
) -> tuple[Card, Profile, bool]:
    """Enrols the customer; returns the card, its profile and whether the card is new.

    An existing card is returned as it is. Raises `CardDiffers` if it has another code or metadata than the request.
    """
    require_card_metadata(store, metadata)
    now = instant(at)

    def attempt() -> tuple[Card, Profile, bool]:
        existing, skew = store.cards.card_and_skew(customer_id, wallet_id)
        if existing:
            card, profile = read(store, wallet_id, customer_id, at)
            _require_same_data(profile, code, metadata)
            return card, profile, False
        require_clock(skew)
        wallet = require_wallet(store, wallet_id, now)
        card, profile = new_card(wallet, customer_id, now, code=code, metadata=metadata_text(metadata))
        try:
            store.cards.commit(CardChange(before=None, after=card, enrolment=profile))
        except TransactionCanceled as race:
            if code is not None and "code" in race.failed and "card" not in race.failed:
                raise CodeTaken.of_field(
                    "body.code", f"Another card has the code {code}. Choose another code."
                ) from race
            raise
        return with_current_tiers(card, card, wallet, now), profile, True

    return retry(attempt, "the card")
