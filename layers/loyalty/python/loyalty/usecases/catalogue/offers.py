"""The catalogue as one customer sees it: which rewards the customer can redeem now, and why not the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from loyalty.domain.cards.card import Card
from loyalty.domain.cards.transaction import Context, Source
from loyalty.domain.catalogue.availability import gate_of, unavailable
from loyalty.domain.catalogue.reward import Reward, WalletPoints
from loyalty.domain.dates import instant
from loyalty.errors import LoyaltyError, OutOfStock, RewardNotActive
from loyalty.store.store import Store
from loyalty.usecases.catalogue.gates import GateReading, read_gates
from loyalty.usecases.catalogue.redemptions import commands_of, reward_zone
from loyalty.usecases.catalogue.stock import recent_stock_count
from loyalty.usecases.ledger import Command, admit, situation_of


@dataclass(frozen=True, slots=True)
class Offer:
    """Whether the customer can redeem the reward now. The reason is a code: the first that a redemption would meet."""

    reward: Reward
    reason: str | None
    missing: Sequence[WalletPoints]
    """The points that the customer lacks, by wallet; a wallet that has enough is left out."""

    @property
    def available(self) -> bool:
        return self.reason is None


def offers(store: Store, rewards: Sequence[Reward], customer_id: str, at: datetime) -> list[Offer]:
    """Returns the rewards, each with whether the customer can redeem it. One read for all of them, and the stocks."""
    now = instant(at)
    moved = frozenset[str]().union(*(reward.settings.wallet_ids for reward in rewards))
    found = read_gates(store, customer_id, rewards, now, moved)
    return [Offer(one, _reason(store, one, customer_id, found, now), _missing(one, found.balances)) for one in rewards]


def _reason(store: Store, reward: Reward, customer_id: str, found: GateReading, now: int) -> str | None:
    if not reward.is_redeemable(now):
        return RewardNotActive.code
    if reason := unavailable(reward, gate_of(reward), found.redeemer(reward), now, reward_zone(store, reward, now)):
        return reason
    count = recent_stock_count(store, reward, now)
    if count and not count.left:
        return OutOfStock.code
    try:
        _require_movable(store, reward, customer_id, found.cards, now)
    except LoyaltyError as refusal:
        return refusal.code
    return None


def _require_movable(store: Store, reward: Reward, customer_id: str, cards: Mapping[str, Card], now: int) -> None:
    """Raises why the redemption cannot move points now: the first refusal that a redemption would meet."""

    def command_in(wallet_id: str) -> Command:
        return Command(wallet_id=wallet_id, customer_id=customer_id, origin="", context=Context(source=Source.API))

    commands = commands_of(reward.settings, command_in)
    own = [cards.get(one.command.wallet_id) for one in commands]
    at = max([now, *(card.at for card in own if card)])
    admissions = [admit(store, one, card, at) for one, card in zip(commands, own, strict=True)]
    for one, admission in zip(commands, admissions, strict=True):
        one.decide(situation_of(admission, at))


def _missing(reward: Reward, balances: Mapping[str, int]) -> list[WalletPoints]:
    lacks = ((one.wallet_id, one.points - max(balances.get(one.wallet_id, 0), 0)) for one in reward.settings.price)
    return [WalletPoints(wallet_id, lack) for wallet_id, lack in lacks if lack > 0]
