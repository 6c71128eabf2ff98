"""Wallet definitions: create, change, activate, deactivate, copy, delete. Each change is a version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from loyalty.domain.dates import instant
from loyalty.domain.project import Project
from loyalty.domain.schema import PROPERTIES_MAX, Property, extended_schema
from loyalty.domain.wallets.activation_rules import ProjectReferences, activation_problems
from loyalty.domain.wallets.document import settings_from, settings_json
from loyalty.domain.wallets.settings import Settings
from loyalty.domain.wallets.wallet import WALLET_ID_PREFIX, Wallet, WalletStatus, WalletUser
from loyalty.errors import (
    FieldProblem,
    InvalidRequest,
    PreconditionFailed,
    SettingFixed,
    WalletDeleted,
    WalletInUse,
    WalletNameTaken,
    WalletNotFound,
)
from loyalty.retry import LostRace, retry
from loyalty.store.store import Store
from loyalty.store.table import TransactionCanceled
from loyalty.usecases import expressions
from loyalty.usecases.members import has_members
from loyalty.usecases.project import current_project
from loyalty.usecases.versions import (
    changed_meanwhile,
    new_id,
    require_no_action,
    require_same_request,
    require_version,
)

INACTIVE_SECONDS_MIN = 60
"""The time that a wallet is INACTIVE before it can be deleted. After this time no environment's cached definition
accepts movements.
"""


@dataclass(frozen=True, slots=True)
class ReviewedWallet:
    """A wallet, and what keeps its settings from being ACTIVE in the project as it is now."""

    wallet: Wallet
    action_required: Sequence[FieldProblem]
    used_by: Sequence[WalletUser] = ()


def create(
    store: Store,
    document: Mapping[str, Any],
    status: WalletStatus,
    at: datetime,
    actor: str,
    *,
    key: str | None = None,
    fingerprint: bytes = b"",
    add_to_schema: bool = False,
) -> tuple[ReviewedWallet, bool]:
    """Creates a wallet with the given settings; returns the wallet and whether the request is a repetition.

    With a key, the wallet's id follows from the key, so that a repetition finds the wallet of the first request.
    `add_to_schema` also adds the metadata's unknown properties to the project's schema.
    """
    wallet_id = new_id(WALLET_ID_PREFIX, key)
    now = instant(at)
    settings = with_expressions(store, settings_from(dict(document)))

    def attempt() -> tuple[ReviewedWallet, bool]:
        if key is not None and (first := store.wallets.version(wallet_id, 1)):
            require_same_request("wallet", first.fingerprint, fingerprint)
            return ReviewedWallet(first, first.action_required), True
        project = current_project(store)
        problems = activation_problems(settings, references(store, project, settings))
        if status is WalletStatus.ACTIVE:
            require_no_action("wallet", problems)
        wallet = Wallet(
            wallet_id=wallet_id,
            version=1,
            status=status,
            settings=settings,
            time_zone=project.time_zone,
            currency=project.currency,
            created_at=now,
            created_by=actor,
            updated_at=now,
            changed_by=actor,
            fingerprint=fingerprint,
            action_required=tuple(problems) if key is not None else (),
        )
        try:
            next_project = _next_project(project, wallet, add_to_schema=add_to_schema)
            store.wallets.save(wallet, before=None, project=next_project)
        except TransactionCanceled as race:
            if "wallet" not in race.failed:
                _refuse_taken_name(race, settings)
            raise
        return ReviewedWallet(wallet, problems), False

    return retry(attempt, "the wallets")


def read(store: Store, wallet_id: str) -> Wallet:
    """Returns the wallet as it is now; a deleted wallet stays readable."""
    wallet = store.wallets.current(wallet_id)
    if wallet is None:
        raise WalletNotFound(f"There is no wallet {wallet_id}.")
    return wallet


def change(
    store: Store,
    wallet_id: str,
    patch: Mapping[str, Any],
    version: int,
    at: datetime,
    actor: str,
    *,
    add_to_schema: bool = False,
) -> Wallet:
    """Replaces each setting that the patch names as a whole; null restores the default.

    Points already granted keep their dates. The settings must meet the activation rules, unless the wallet is a DRAFT.
    """
    wallet = changeable_wallet(store, wallet_id)
    require_version("wallet", wallet.version, version)
    settings = with_expressions(store, patched_settings(wallet.settings, patch))
    _require_fixed_decimals(store, wallet, settings)
    judged = wallet.status is not WalletStatus.DRAFT
    former_events = wallet.former_events | wallet.settings.reacting_events
    changed = replace(wallet, settings=settings, former_events=former_events - settings.reacting_events)
    return _save(store, wallet, changed, "Changed", at, actor, judged=judged, add_to_schema=add_to_schema)


def patched_settings(settings: Settings, patch: Mapping[str, Any]) -> Settings:
    """Returns the settings with each setting that the patch names replaced as a whole; null restores the default."""
    document = {name: value for name, value in {**settings_json(settings), **patch}.items() if value is not None}
    return settings_from(document)


def activate(store: Store, wallet_id: str, at: datetime, actor: str) -> Wallet:
    """Makes a DRAFT or INACTIVE wallet ACTIVE if its settings meet the activation rules.

    A second activation changes nothing.
    """

    def attempt() -> Wallet:
        wallet = changeable_wallet(store, wallet_id)
        if wallet.status is WalletStatus.ACTIVE:
            return wallet
        settings = with_expressions(store, wallet.settings)
        active = replace(wallet, status=WalletStatus.ACTIVE, settings=settings)
        try:
            return _save(store, wallet, active, "Activated", at, actor, judged=True)
        except PreconditionFailed as race:
            raise LostRace from race

    return retry(attempt, "the wallet")


def deactivate(store: Store, wallet_id: str, at: datetime, actor: str) -> Wallet:
    """Makes the wallet INACTIVE: no new points move; refunds and expiry continue.

    A second deactivation changes nothing.
    """

    def attempt() -> Wallet:
        wallet = changeable_wallet(store, wallet_id)
        if wallet.status is WalletStatus.INACTIVE:
            return wallet
        inactive = replace(wallet, status=WalletStatus.INACTIVE, deactivated_at=instant(at))
        try:
            return _save(store, wallet, inactive, "Deactivated", at, actor)
        except PreconditionFailed as race:
            raise LostRace from race

    return retry(attempt, "the wallet")


def copy(store: Store, wallet_id: str, name: str, at: datetime, actor: str) -> ReviewedWallet:
    """Creates a DRAFT with the wallet's settings under another name."""
    settings = replace(read(store, wallet_id).settings, name=name)
    created, _ = create(store, settings_json(settings), WalletStatus.DRAFT, at, actor)
    return created


def delete(store: Store, wallet_id: str, version: int | None, at: datetime, actor: str) -> None:
    """Deletes a wallet without cards that is a DRAFT, or has been INACTIVE for a minute.

    The wallet stays readable; its name is free again.
    """
    wallet = read(store, wallet_id)
    if wallet.status is WalletStatus.DELETED:
        return
    if version is not None:
        require_version("wallet", wallet.version, version)
    if wallet.status is WalletStatus.ACTIVE:
        raise WalletInUse("Deactivate the wallet first.")
    if wallet.status is WalletStatus.INACTIVE and instant(at) - wallet.deactivated_at < INACTIVE_SECONDS_MIN:
        raise WalletInUse(f"Wait until the wallet has been inactive for {INACTIVE_SECONDS_MIN} seconds.")
    if users := store.wallets.used_by(wallet_id):
        named = ", ".join(f"{user.kind.lower()} {user.id}" for user in users)
        raise WalletInUse(f"End what uses the wallet first, or remove the wallet from it: {named}.")
    if has_members(store, wallet_id):
        raise WalletInUse("Customers hold cards in the wallet. Only a wallet without cards can be deleted.")
    _save(store, wallet, replace(wallet, status=WalletStatus.DELETED), "Deleted", at, actor)


def references(store: Store, project: Project, *settings: Settings) -> ProjectReferences:
    """Returns what the settings are checked against. Event definitions are read only if a setting names an event."""
    if not any(one.expiration.events or one.pending.events for one in settings):
        return ProjectReferences(schema=project.wallet_schema)
    events = frozenset(definition.name for definition in store.event_definitions.all())
    return ProjectReferences(events, project.wallet_schema)


def review(store: Store, *wallets: Wallet) -> list[ReviewedWallet]:
    """The wallets with what keeps each from being ACTIVE. A draft may name an expression that was made after it."""
    return review_as_saved(
        store, *(replace(wallet, settings=with_expressions(store, wallet.settings)) for wallet in wallets)
    )


def review_as_saved(store: Store, *wallets: Wallet) -> list[ReviewedWallet]:
    """The same with the copies of expressions that were saved with each wallet: of former versions."""
    project_references = references(store, current_project(store), *(wallet.settings for wallet in wallets))
    users = {wallet_id: store.wallets.used_by(wallet_id) for wallet_id in {wallet.wallet_id for wallet in wallets}}
    return [
        ReviewedWallet(wallet, activation_problems(wallet.settings, project_references), users[wallet.wallet_id])
        for wallet in wallets
    ]


def versions(store: Store, wallet_id: str, below: int | None, limit: int) -> tuple[list[Wallet], int | None]:
    """Versions below the given one, newest first, and the one to go on below."""
    page = store.wallets.versions(wallet_id, below or read(store, wallet_id).version + 1, limit)
    return page, page[-1].version if page and page[-1].version > 1 else None


def require_free_name(store: Store, name: str) -> None:
    """Raises `WalletNameTaken` if another wallet has the name now. Saving a wallet checks the name again."""
    if store.wallets.owner_of_name(name) is not None:
        raise _name_taken(name)


def with_expressions(store: Store, settings: Settings) -> Settings:
    """Returns the settings with a copy of each existing expression that their formula names.

    Earlier copies stay as they are: only settings that are sent again take a changed expression.
    """
    payment = settings.pay_with_points
    if payment.formula is None:
        return settings
    copies = expressions.expression_copies(store, payment.formula, payment.expressions)
    return replace(settings, pay_with_points=replace(payment, expressions=copies))


def page_of_wallets(
    store: Store, status: WalletStatus | None, after: str | None, limit: int
) -> tuple[list[Wallet], str | None]:
    """Returns wallets in the order of their ids, and the id after which the next page begins.

    Deleted wallets are left out unless the status asks for them.
    """
    page: list[Wallet] = []
    for wallet in store.wallets.all(after):
        if len(page) == limit:
            return page, page[-1].wallet_id
        if wallet.status is status or (status is None and wallet.status is not WalletStatus.DELETED):
            page.append(wallet)
    return page, None


def changeable_wallet(store: Store, wallet_id: str) -> Wallet:
    wallet = read(store, wallet_id)
    if wallet.status is WalletStatus.DELETED:
        raise WalletDeleted(f"Wallet {wallet_id} was deleted.")
    return wallet


def _save(
    store: Store,
    before: Wallet,
    after: Wallet,
    change_name: str,
    at: datetime,
    actor: str,
    *,
    judged: bool = False,
    add_to_schema: bool = False,
) -> Wallet:
    """Saves the wallet's next version, in the project's zone and currency.

    If `judged`, the settings must meet the activation rules.
    """

    def attempt() -> Wallet:
        project = current_project(store)
        if judged:
            require_no_action("wallet", activation_problems(after.settings, references(store, project, after.settings)))
        wallet = replace(
            after,
            version=before.version + 1,
            change=change_name,
            changed_by=actor,
            updated_at=instant(at),
            time_zone=project.time_zone,
            currency=project.currency,
        )
        try:
            next_project = _next_project(project, wallet, add_to_schema=add_to_schema)
            store.wallets.save(wallet, before=before, project=next_project)
        except TransactionCanceled as race:
            if "wallet" in race.failed:
                raise changed_meanwhile("wallet") from race
            _refuse_taken_name(race, wallet.settings)
            raise
        return wallet

    return retry(attempt, "the project")


def _next_project(project: Project, wallet: Wallet, *, add_to_schema: bool) -> Project | None:
    """Returns the project as it is after the wallet is saved; None if the project does not change.

    The first ACTIVE wallet fixes zone and currency, because dates are promised in them.
    """
    after = replace(project, fixed=project.fixed or wallet.status is WalletStatus.ACTIVE)
    if add_to_schema:
        after = replace(after, wallet_schema=schema_with(project, wallet.settings))
    return None if after == project else replace(after, version=project.version + 1)


def schema_with(project: Project, settings: Settings) -> tuple[Property, ...]:
    """Returns the project's schema with the properties of the settings' metadata.

    Raises `InvalidRequest` if there is no room.
    """
    schema = extended_schema(project.wallet_schema, settings.metadata)
    if len(schema) > PROPERTIES_MAX:
        problem = FieldProblem(
            "body.addToSchema",
            "too_many_properties",
            f"A schema has at most {PROPERTIES_MAX} properties.",
            step="metadata",
        )
        raise InvalidRequest("The project's schema has no room for the new properties.", errors=[problem])
    return schema


def _refuse_taken_name(race: TransactionCanceled, settings: Settings) -> None:
    if "name" in race.failed:
        raise _name_taken(settings.name) from race


def _name_taken(name: str) -> WalletNameTaken:
    problem = FieldProblem("body.name", "taken", "Another wallet has this name.", step="general")
    return WalletNameTaken(f"Another wallet has the name {name}. Choose another name.", errors=[problem])


def _require_fixed_decimals(store: Store, wallet: Wallet, settings: Settings) -> None:
    if settings.points_decimals != wallet.settings.points_decimals and has_members(store, wallet.wallet_id):
        problem = FieldProblem("body.pointsDecimals", "fixed", "Fixed from the first card on.", step="general")
        raise SettingFixed("Customers already hold cards with these decimals.", errors=[problem])
