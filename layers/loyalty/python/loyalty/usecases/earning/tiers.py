"""The customer's tiers, as campaigns read them: in conditions, and as multipliers of points."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from loyalty.domain.cards.card import Card
from loyalty.domain.earning.campaign import MULTIPLIED, Multiplier, Recipient
from loyalty.domain.earning.evaluation import Candidate
from loyalty.domain.tiers.program import Program
from loyalty.domain.tiers.progression import standings_at
from loyalty.domain.tiers.structure import AttachedTiers, Level
from loyalty.domain.wallets.wallet import Wallet


@dataclass(frozen=True, slots=True)
class TierProgram:
    """A program whose tiers the points of a wallet decide about."""

    wallet: Wallet
    """The wallet that has the tier structure."""
    attached: AttachedTiers
    wallets: AbstractSet[str]
    """The ids of the program's wallets: the multiplier of a tier raises the points that campaigns give in them."""

    @property
    def program_id(self) -> str:
        return self.attached.program_id

    def multiplies(self, candidate: Candidate) -> bool:
        """Returns whether a tier of the program can raise points of the campaign."""
        return any(level.benefits.multiplier for level in self.attached.structure.levels) and any(
            rule.wallet_id in self.wallets and rule.type in MULTIPLIED and rule.to is Recipient.CUSTOMER
            for rule in candidate.settings.rewards
        )

    def level_at(self, card: Card | None, now: int) -> Level | None:
        """Returns the customer's level at `now`. A customer without a card has the tier that needs no points."""
        structure = self.attached.structure
        if card is None:
            return structure.best(0)
        found = (one for one in standings_at(card, self.wallet, now) if one.program_id == self.program_id)
        standing = next(found, None)
        return structure.level(standing.tier_id) if standing else None


def tier_programs(wallets: Iterable[Wallet], programs: Iterable[Program]) -> dict[str, TierProgram]:
    """Returns the programs with tiers by id."""
    wallets_of = {program.program_id: program.wallets_in_use for program in programs}
    return {
        attached.program_id: TierProgram(wallet, attached, wallets_of.get(attached.program_id, frozenset()))
        for wallet in wallets
        for attached in wallet.tiers
    }


def programs_read(programs: Mapping[str, TierProgram], candidates: Sequence[Candidate]) -> list[TierProgram]:
    """Returns the programs in which the customer's tier matters to the campaigns."""
    named = frozenset[str]().union(*(candidate.programs for candidate in candidates))
    return [one for one in programs.values() if one.program_id in named or any(map(one.multiplies, candidates))]


def levels_of(programs: Iterable[TierProgram], cards: Mapping[str, Card], now: int) -> dict[str, Level]:
    """Returns the customer's levels by program id. `cards` are the customer's cards by wallet id."""
    levels = {one.program_id: one.level_at(cards.get(one.wallet.wallet_id), now) for one in programs}
    return {program_id: level for program_id, level in levels.items() if level}


def tier_multipliers(programs: Iterable[TierProgram], levels: Mapping[str, Level]) -> list[Multiplier]:
    """Returns the multipliers of the customer's levels, each for the wallets of its program."""
    return [
        Multiplier(factor=factor, wallets=tuple(sorted(one.wallets)))
        for one in programs
        if (level := levels.get(one.program_id)) and (factor := level.benefits.multiplier)
    ]
