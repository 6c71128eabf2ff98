"""Customers: their profiles, segments and referral codes, and who referred whom.

A change of a profile can make events happen: a new customer, or a segment that the customer entered. The events that
some campaign reacts to are stored with the change and removed once campaigns have decided them, so that a lost answer
or a crash loses no award: the next change of the customer decides them.
"""

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from loyalty.domain.customer import SEGMENTS_MAX, Customer, Profile
from loyalty.domain.dates import instant
from loyalty.domain.earning.event import CUSTOMER_CREATED, SEGMENT_ENTERED
from loyalty.domain.wallets.codes import Code
from loyalty.errors import (
    AlreadyReferred,
    CircularReferral,
    CodeTaken,
    CustomerNotFound,
    FieldProblem,
    InvalidRequest,
    NotNewCustomer,
    PreconditionFailed,
    ReferralCodeNotFound,
    SelfReferral,
)
from loyalty.retry import retry
from loyalty.store.customers import contact_write
from loyalty.store.store import Store
from loyalty.store.table import TransactionCanceled
from loyalty.usecases.earning.awards import EventOutcome, award
from loyalty.usecases.earning.earlier_events import remember
from loyalty.usecases.earning.engine import Sender
from loyalty.usecases.earning.registry import current_registry

SALT_BYTES = 32
SIGNAL_BYTES = 16
RANDOM_CODE = Code("UNAMBIGUOUS", 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChange:
    """A profile that replaces the one before, and what is kept beside it."""

    profile: Profile
    signals: Collection[str] = ()
    """The business's hints as texts."""
    contact: Mapping[str, str | None] | None = None
    """The texts of `email` and `phone` to store; None removes a text. What is left out stays."""
    referrer_code: str | None = None
    revision: int | None = None
    """The revision that the caller read, if it must not have changed."""


@dataclass(frozen=True, slots=True)
class SavedCustomer:
    """A customer after a change, and what campaigns gave for what the change made happen."""

    customer: Customer
    outcomes: Sequence[EventOutcome] = ()
    is_new: bool = False


def read(store: Store, customer_id: str) -> Customer:
    """Returns the customer. Raises `CustomerNotFound` if there is neither a profile nor a paid order."""
    customer = store.customers.read(customer_id).customer
    if not customer.is_known:
        raise CustomerNotFound(f"There is no customer {customer_id}.")
    return customer


def save(
    store: Store, customer_id: str, change: ProfileChange, at: datetime, actor: str, request_id: str
) -> SavedCustomer:
    """Replaces the profile. The first profile makes a customer.

    A referrer is set once, before the first order. Raises `ReferralCodeNotFound`, `SelfReferral`, `AlreadyReferred`,
    `NotNewCustomer`, `CircularReferral` and `PreconditionFailed`.
    """
    now = instant(at)

    def attempt() -> tuple[Customer, bool]:
        found = store.customers.read(customer_id, contact=change.contact is not None)
        before = found.customer
        if change.revision is not None and change.revision != before.revision:
            detail = f"The customer has version {before.revision}, you read {change.revision}. Read the customer again."
            raise PreconditionFailed(detail)
        after = before.change(change.profile, now, _names_with_campaigns(store, now))
        if change.referrer_code is not None:
            after = _refer(store, after, change.referrer_code, now)
        # The first signals store a salt, so no refusal may follow.
        after = replace(after, profile=replace(change.profile, signals=_hashes_of(store, change.signals)))
        contact = {**(found.contact or {}), **(change.contact or {})}
        wanted = {name: text for name, text in contact.items() if text is not None}
        writes = [] if wanted == (found.contact or {}) else [contact_write(customer_id, found.contact, wanted)]
        if after == before and not writes:
            return before, False
        after = replace(after, revision=before.revision + 1)
        store.customers.save(before, after, *writes)
        return after, not before.created_at

    customer, is_new = retry(attempt, "the customer")
    return SavedCustomer(customer, _decide(store, customer, at, actor, request_id), is_new)


def change_segments(
    store: Store,
    customer_id: str,
    add: Collection[str],
    remove: Collection[str],
    at: datetime,
    actor: str,
    request_id: str,
) -> SavedCustomer:
    """Adds and removes segments of a known customer.

    Raises `CustomerNotFound`, and `InvalidRequest` for more than `SEGMENTS_MAX` segments.
    """
    now = instant(at)

    def attempt() -> Customer:
        before = read(store, customer_id)
        segments = before.profile.segments.difference(remove).union(add)
        if len(segments) > SEGMENTS_MAX:
            message = f"The customer would have {len(segments)} segments; the maximum is {SEGMENTS_MAX}."
            raise InvalidRequest(message, errors=[FieldProblem("body.add", "too_many_segments", message)])
        after = before.change(replace(before.profile, segments=segments), now, _names_with_campaigns(store, now))
        if after == before:
            return before
        after = replace(after, revision=before.revision + 1)
        store.customers.save(before, after)
        return after

    customer = retry(attempt, "the customer")
    return SavedCustomer(customer, _decide(store, customer, at, actor, request_id))


def give_referral_code(
    store: Store,
    customer_id: str,
    code: str | None,
    choose: Callable[[str], str] = secrets.choice,
) -> tuple[Customer, bool]:
    """Gives a known customer a referral code, the given one or a random one; returns whether the code is new.

    A customer has one code for ever: a second request returns the first code. Raises `CustomerNotFound` and
    `CodeTaken`.
    """

    def attempt() -> tuple[Customer, bool]:
        before = read(store, customer_id)
        if before.referral_code is not None:
            return before, False
        new = code or RANDOM_CODE.random_code(choose)
        after = replace(before, referral_code=new, revision=before.revision + 1)
        try:
            store.customers.save(before, after)
        except TransactionCanceled as race:
            if code is not None and set(race.failed) == {"code"}:
                raise CodeTaken.of_field("body.code", f"Another customer has the code {code}.") from race
            raise
        return after, True

    return retry(attempt, "the customer")


def _refer(store: Store, customer: Customer, code: str, now: int) -> Customer:
    """Returns the customer with the owner of the code as referrer."""
    field = "body.referredBy"
    referrer_id = store.customers.owner_of_code(code)
    if referrer_id is None:
        raise ReferralCodeNotFound.of_field(field, f"No customer has the referral code {code}.")
    if referrer_id == customer.customer_id:
        raise SelfReferral.of_field(field, "A customer cannot use the own referral code.")
    if customer.referred_by == referrer_id:
        return customer
    if customer.referred_by is not None:
        raise AlreadyReferred.of_field(field, "The customer's referrer was set before and cannot change.")
    if customer.order_count:
        raise NotNewCustomer.of_field(field, f"The customer has {customer.order_count} orders.")
    # Only a customer with a code can be the referrer of another.
    if customer.referral_code and store.customers.read(referrer_id).customer.referred_by == customer.customer_id:
        raise CircularReferral.of_field(field, "The owner of the code was referred by this customer.")
    return customer.refer(referrer_id, now)


def _hashes_of(store: Store, signals: Collection[str]) -> frozenset[bytes]:
    if not signals:
        return frozenset()
    salt = store.customers.salt(secrets.token_bytes(SALT_BYTES))
    return frozenset(sha256(salt + signal.encode()).digest()[:SIGNAL_BYTES] for signal in signals)


def _names_with_campaigns(store: Store, now: int) -> Collection[str]:
    """Returns the names of the product's own events that some campaign reacts to, or that a sequence begins with."""
    registry = current_registry(store, now)
    return {CUSTOMER_CREATED, SEGMENT_ENTERED} & {*registry.campaigns, *registry.awaited}


def _decide(store: Store, customer: Customer, at: datetime, actor: str, request_id: str) -> list[EventOutcome]:
    """Gives the points for what happened to the customer. The key of an occurrence decides it once."""
    outcomes = []
    registry = current_registry(store, instant(at))
    for occurrence in customer.undecided:
        event = occurrence.event(customer.customer_id)
        outcomes.append(award(store, event, Sender(actor, request_id, event.own_fingerprint), at))
        remember(store, event, registry.awaited.get(event.name, ()))
    if outcomes:
        store.customers.decide(customer)
    return outcomes
