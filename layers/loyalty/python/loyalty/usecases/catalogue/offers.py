"""The catalogue as one customer sees it: which rewards the customer can redeem now, and why not the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from loyalty.domain.cards.card import Card
from loyalty.domain.cards.settlement import settle
from loyalty.domain.catalogue.availability import gate_of, unavailable
from loyalty.domain.catalogue.reward import Reward, WalletPoints
from loyalty.domain.dates import instant
from loyalty.domain.movements.reward import pay_price
from loyalty.errors import CardNotFound, LoyaltyError, OutOfStock, RewardNotActive
from loyalty.store.store import Store
from loyalty.usecases.admission import require_open, require_unblocked, require_wallet
from loyalty.usecases.catalogue.gates import GateReading, read_gates
from loyalty.usecases.catalogue.redemptions import reward_zone
from loyalty.usecases.catalogue.stock import recent_stock_count


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
    priced = {part.wallet_id for reward in rewards for part in reward.settings.price}
    found = read_gates(store, customer_id, rewards, now, priced)
    return [Offer(one, _reason(store, one, found, now), _missing(one, found.balances)) for one in rewards]


def _reason(store: Store, reward: Reward, found: GateReading, now: int) -> str | None:
    if not reward.is_redeemable(now):
        return RewardNotActive.code
    if reason := unavailable(reward, gate_of(reward), found.redeemer(reward), now, reward_zone(store, reward, now)):
        return reason
    count = recent_stock_count(store, reward, now)
    if count and not count.left:
        return OutOfStock.code
    try:
        for part in reward.settings.price:
            _require_payable(store, part, found.cards.get(part.wallet_id), now)
    except LoyaltyError as refusal:
        return refusal.code
    return None


def _require_payable(store: Store, part: WalletPoints, card: Card | None, now: int) -> None:
    """Raises why the card cannot pay the part of the price now."""
    wallet = require_wallet(store, part.wallet_id, now, version_min=card.wallet_version if card else 0)
    if card is None:
        raise CardNotFound(f"The customer has no card in wallet {part.wallet_id}.")
    require_open(card)
    require_unblocked(card)
    at = max(now, card.at)
    pay_price(settle(card, at)[0], part.points, wallet, at)


def _missing(reward: Reward, balances: Mapping[str, int]) -> list[WalletPoints]:
    lacks = ((one.wallet_id, one.points - max(balances.get(one.wallet_id, 0), 0)) for one in reward.settings.price)
    return [WalletPoints(wallet_id, lack) for wallet_id, lack in lacks if lack > 0]
