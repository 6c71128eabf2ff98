"""Previews a change of a wallet before a wallet builder saves it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from loyalty.domain.wallets.activation_rules import activation_problems
from loyalty.domain.wallets.change_effects import Reach, SettingEffect, effects_of_change
from loyalty.domain.wallets.document import settings_from
from loyalty.domain.wallets.settings import Settings
from loyalty.domain.wallets.wallet import WalletStatus
from loyalty.errors import FieldProblem
from loyalty.store.store import Store
from loyalty.usecases import wallets
from loyalty.usecases.members import has_members
from loyalty.usecases.project import current_project
from loyalty.usecases.wallets import ReviewedWallet


@dataclass(frozen=True, slots=True)
class WalletChange:
    """A change of a wallet that was not made."""

    before: Settings
    after: Settings
    time_zone: str
    problems: Sequence[FieldProblem]
    effects: Sequence[SettingEffect]
    valid: bool


@dataclass(frozen=True, slots=True)
class CheckedSettings:
    """Settings with the expressions that they name, the project's zone, and what keeps them from being ACTIVE."""

    settings: Settings
    time_zone: str
    action_required: Sequence[FieldProblem]


@dataclass(frozen=True, slots=True)
class ImportedWallet:
    wallet: ReviewedWallet | None
    """None in a dry run."""
    checked: CheckedSettings
    repeated: bool = False


def preview(store: Store, wallet_id: str, patch: Mapping[str, Any], *, add_to_schema: bool = False) -> WalletChange:
    """Returns what `wallets.change` would do with the patch, and its effects. Writes nothing."""
    wallet = wallets.changeable_wallet(store, wallet_id)
    checked = _check(store, wallets.patched_settings(wallet.settings, patch), add_to_schema=add_to_schema)
    reached = effects_of_change(wallet.settings, checked.settings, has_cards=has_members(store, wallet_id))
    complete = not checked.action_required or wallet.status is WalletStatus.DRAFT
    return WalletChange(
        before=wallet.settings,
        after=checked.settings,
        time_zone=checked.time_zone,
        problems=checked.action_required,
        effects=reached,
        valid=complete and not any(effect.reach is Reach.REFUSED for effect in reached),
    )


def validate(store: Store, document: Mapping[str, Any], *, add_to_schema: bool = False) -> CheckedSettings:
    """What `wallets.create` would judge the settings by. Writes nothing."""
    return _check(store, settings_from(dict(document)), add_to_schema=add_to_schema)


def import_wallet(
    store: Store,
    document: Mapping[str, Any],
    status: WalletStatus,
    at: datetime,
    actor: str,
    *,
    key: str | None,
    fingerprint: bytes,
    dry: bool,
) -> ImportedWallet:
    """Creates a wallet of settings that were mapped from another system's definition; a dry one creates nothing."""
    checked = _check(store, settings_from(dict(document)))
    if dry:
        wallets.require_free_name(store, checked.settings.name)
        return ImportedWallet(None, checked)
    created, repeated = wallets.create(store, document, status, at, actor, key=key, fingerprint=fingerprint)
    checked = replace(checked, settings=created.wallet.settings, action_required=created.action_required)
    return ImportedWallet(created, checked, repeated=repeated)


def _check(store: Store, settings: Settings, *, add_to_schema: bool = False) -> CheckedSettings:
    project = current_project(store)
    if add_to_schema:
        wallets.schema_with(project, settings)
    settings = wallets.with_expressions(store, settings)
    references = wallets.references(store, project, settings)
    return CheckedSettings(settings, project.time_zone, activation_problems(settings, references))
