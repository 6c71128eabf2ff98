"""Tier structures for tests, and a card's history in a wallet that has one."""

from dataclasses import replace
from typing import Any

from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import Transaction
from loyalty.domain.dates import CalendarUnit, local_day
from loyalty.domain.movements.adjustment import add_points
from loyalty.domain.movements.credit import Grant
from loyalty.domain.movements.hold import place_hold
from loyalty.domain.tiers.progression import given_tier, standings_at
from loyalty.domain.tiers.standing import TierStanding
from loyalty.domain.tiers.structure import AttachedTiers, Level, TierBasis, TierStructure
from loyalty.domain.wallets.wallet import Wallet
from loyalty.usecases.ledger import with_current_tiers
from tests.support.ledger import Ledger
from tests.support.samples import card, local, wallet

CLUB = "club"


def structure(*levels: tuple[str, int] | Level, **settings: Any) -> TierStructure:
    """A structure with levels of (tier id, fewest points); by points earned in a year, if the test names nothing."""
    all_levels = [one if isinstance(one, Level) else Level(one[0], one[0].title(), one[1]) for one in levels]
    usual: dict[str, Any] = {"name": "Club", "type": TierBasis.POINTS_EARNED, "period": CalendarUnit.YEAR}
    return TierStructure(levels=tuple(all_levels), **{**usual, **settings})


def attached(one: TierStructure, program_id: str = CLUB, attached_in: int = 1) -> AttachedTiers:
    return AttachedTiers(program_id, f"ts_{program_id}", 1, attached_in, one)


def wallet_with_tiers(*structures: TierStructure, **settings: Any) -> Wallet:
    tiers = [attached(one, CLUB if not number else f"{CLUB}{number}") for number, one in enumerate(structures)]
    return replace(wallet(**settings), tiers=tuple(tiers))


class Member(Ledger):
    """A new card in a wallet with tiers. The test moves the time by local dates."""

    def __init__(self, *structures: TierStructure, start: str = "2026-06-01 12:00", **settings: Any) -> None:
        super().__init__(wallet=wallet_with_tiers(*structures, **settings), card=card(at=local(start)), at=local(start))

    def on(self, text: str) -> "Member":
        self.at = local(text if " " in text else f"{text} 12:00")
        return self

    def standing(self, program_id: str = CLUB) -> TierStanding:
        found = standings_at(self.card, self.wallet, self.at)
        return next(one for one in found if one.program_id == program_id)

    @property
    def tier(self) -> str:
        return self.standing().tier_id

    def adjust(self, points: int, *, qualifying: bool) -> None:
        current, moved = settle(self.card, self.at)
        after, movement = add_points(current, Grant(points), self.wallet, self.at, qualifying=qualifying)
        self.write([*moved, movement], after)

    def give(self, tier_id: str, until: int | None = None) -> None:
        """Gives the tier by hand."""
        current, moved = settle(self.card, self.at)
        current = with_current_tiers(self.card, current, self.wallet, self.at)
        movement = given_tier(current, self.wallet, CLUB, tier_id, until, self.at)
        self.write([*moved, movement], current)

    def hold(self, points: int, until: int) -> None:
        current, moved = settle(self.card, self.at)
        after, movement = place_hold(
            current, points, self.wallet, self.at, seq=self.card.version + len(moved) + 1, expires_at=until
        )
        self.write([*moved, movement], after)

    @property
    def changes(self) -> list[str]:
        """The recorded changes of tiers, such as `2027-01-01 vip > member DOWNGRADE`."""
        return [_text(row, self.wallet) for row in self.rows if row.tier]


def _text(row: Transaction, wallet: Wallet) -> str:
    assert row.tier
    day = local_day(row.effective_at, wallet.zone)
    return f"{day} {row.tier.former_tier_id or '-'} > {row.tier.tier_id or '-'} {row.tier.cause}"
