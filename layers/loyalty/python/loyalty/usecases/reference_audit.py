"""Audits what definitions have to do with each other: wallets, and the definitions that use them."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from loyalty.domain.audit.comparison import Drift
from loyalty.domain.audit.references import attachment_drifts, reference_drifts
from loyalty.domain.catalogue.reward import Reward
from loyalty.domain.earning.campaign import Campaign
from loyalty.domain.tiers.program import Program
from loyalty.domain.wallets.wallet import UserKind, WalletUser
from loyalty.store.store import Store


def drifts_of_references(store: Store) -> list[Drift]:
    """Returns the wallets whose entries or tier structures differ from the definitions that use them."""
    found = _drifts(store)
    # A definition that changes during the reading looks like a drift. A second reading has no such drift.
    again = _drifts(store) if found else []
    return [drift for drift in found if drift in again]


def users_of_wallets(
    campaigns: Iterable[Campaign], programs: Iterable[Program], rewards: Iterable[Reward]
) -> Mapping[WalletUser, AbstractSet[str]]:
    """Returns all definitions that can use wallets, each with the ids of the wallets that it uses."""
    return {
        **{WalletUser(UserKind.CAMPAIGN, one.campaign_id): one.wallets_in_use for one in campaigns},
        **{WalletUser(UserKind.PROGRAM, one.program_id): one.wallets_in_use for one in programs},
        **{WalletUser(UserKind.REWARD, one.reward_id): one.wallets_in_use for one in rewards},
    }


def _drifts(store: Store) -> list[Drift]:
    wallets, programs = list(store.wallets.all(None)), list(store.programs.all(None))
    structures = {one.structure_id: one for one in store.programs.structures(None)}
    entries = {wallet.wallet_id: store.wallets.used_by(wallet.wallet_id) for wallet in wallets}
    return [
        *reference_drifts(entries, users_of_wallets(store.campaigns.all(None), programs, store.catalogue.all(None))),
        *attachment_drifts(wallets, programs, structures),
    ]
