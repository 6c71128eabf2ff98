"""What a wallet builder asks about before it saves: what a change would mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loyalty.domain.project import Project
from loyalty.domain.wallets.activation_rules import action_required
from loyalty.domain.wallets.change_effects import Effect, Reach, effects
from loyalty.domain.wallets.settings import Settings
from loyalty.domain.wallets.wallet import WalletStatus
from loyalty.errors import FieldProblem
from loyalty.store.store import Store
from loyalty.usecases import wallets


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a wallet that was not made."""

    before: Settings
    after: Settings
    time_zone: str
    problems: Sequence[FieldProblem]
    effects: Sequence[Effect]
    valid: bool


def preview(store: Store, wallet_id: str, patch: Mapping[str, Any], default: Project) -> Change:
    """What `wallets.change` would do with the patch, and what that would mean. Writes nothing."""
    wallet = wallets.changeable(store, wallet_id)
    project = store.project.get(default)
    after = wallets.with_expressions(store, wallets.patched(wallet.settings, patch))
    problems = action_required(after, wallets.known(store, project, after))
    reached = effects(wallet.settings, after, has_cards=wallets.has_cards(store, wallet_id))
    complete = not problems or wallet.status is WalletStatus.DRAFT
    return Change(
        before=wallet.settings,
        after=after,
        time_zone=project.time_zone,
        problems=problems,
        effects=reached,
        valid=complete and not any(effect.reach is Reach.REFUSED for effect in reached),
    )
