"""What the gates of rewards read about a customer: profile, tiers, balances and counts, at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from loyalty.domain.cards.card import Card
from loyalty.domain.cards.settlement import settle
from loyalty.domain.catalogue.availability import Redeemer, gate_of, programs_read, reads_customer, wallets_read
from loyalty.domain.catalogue.reward import Reward
from loyalty.domain.earning.event import CustomerDetails
from loyalty.domain.earning.recurrence import Use
from loyalty.store.store import Store
from loyalty.usecases.earning.registry import current_registry
from loyalty.usecases.earning.tiers import levels_of


@dataclass(frozen=True, slots=True)
class GateReading:
    """What was read of the customer. Without anything to read, a customer of whom nothing is known."""

    customer: CustomerDetails = field(default_factory=CustomerDetails)
    cards: Mapping[str, Card] = field(default_factory=dict)
    """By wallet id."""
    balances: Mapping[str, int] = field(default_factory=dict)
    """The points that can be spent, by wallet id."""
    uses: Mapping[str, Use] = field(default_factory=dict)
    """By reward id."""

    def redeemer(self, reward: Reward) -> Redeemer:
        use = self.uses.get(reward.reward_id, Use())
        return Redeemer(customer=self.customer, balances=self.balances, use=use)


def read_gates(
    store: Store, customer_id: str, rewards: Iterable[Reward], now: int, wallets: Iterable[str] = ()
) -> GateReading:
    """Reads what the gates of the rewards need, and the cards in the wallets. Nothing is read if nothing is needed."""
    patterns = {reward.reward_id: gate_of(reward) for reward in rewards}
    limited = [reward.reward_id for reward in rewards if reward.settings.customer_limits.counts]
    named = frozenset[str]().union(*map(programs_read, patterns.values()))
    # Programs are read only if conditions name one.
    known = current_registry(store, now).programs if named else {}
    programs = [known[program_id] for program_id in sorted(named) if program_id in known]
    wanted = {*wallets, *(one.wallet.wallet_id for one in programs)}.union(*map(wallets_read, patterns.values()))
    of_customer = any(map(reads_customer, patterns.values()))
    if not (wanted or limited or of_customer):
        return GateReading()
    found = store.redemptions.redeemer(customer_id, wallets=sorted(wanted), limited=limited, reads_customer=of_customer)
    tiers = {program_id: level.tier_id for program_id, level in levels_of(programs, found.cards, now).items()}
    return GateReading(
        customer=replace(found.customer.details, tiers=tiers),
        cards=found.cards,
        balances={one.wallet_id: settle(one, max(now, one.at))[0].balance.available for one in found.cards.values()},
        uses=found.uses,
    )
