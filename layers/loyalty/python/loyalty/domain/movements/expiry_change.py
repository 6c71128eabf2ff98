"""Gives points of a card another expiry, by hand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from loyalty.domain.cards.card import Card, Lot, lots_up_to, merged_lots, points_of
from loyalty.domain.cards.coarsening import coarse_expiry
from loyalty.domain.cards.consumption import remove_lots
from loyalty.domain.cards.transaction import Movement, Operation, TransactionType
from loyalty.domain.dates import NEVER, Period, datetime_of, expiry_after
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import FieldProblem, InvalidDates, LotNotFound


@dataclass(frozen=True, slots=True)
class NamedLot:
    """A lot as the card shows it: `expires_at` is the present expiry, `NEVER` for none."""

    expires_at: int
    issue_day: int
    points: int | None = None
    """How many of its points; None for all of them."""


@dataclass(frozen=True, slots=True)
class NewExpiry:
    """Either an instant (`NEVER` for none) or a period from now on."""

    at: int = NEVER
    after: Period | None = None

    @property
    def field(self) -> str:
        """The field of the request that was sent."""
        return "body.expireAfter" if self.after else "body.expiresAt"


def set_expiry(
    card: Card, expiry: NewExpiry, named: Sequence[NamedLot] | None, wallet: Wallet, at: int
) -> tuple[Card, Movement]:
    """Gives the named active lots of the settled card, or all, another expiry. Their issue day stays.

    The new expiry is the lots' own: it does not slide.
    """
    before = card.lots if named is None else _named_parts(card, named)
    if not before:
        raise LotNotFound("The card has no active points.")
    expires_at = expiry_after(at, expiry.after, wallet.zone) if expiry.after else expiry.at
    if expires_at != NEVER and wallet.settings.allow_negative_balance:
        raise InvalidDates.of_field(expiry.field, "Points of a wallet with allowNegativeBalance never expire.")
    expires_at = coarse_expiry(expires_at, card.coarse, wallet.zone)
    if expires_at != NEVER and expires_at <= at:
        raise InvalidDates.of_field(
            expiry.field, f"The new expiry {datetime_of(expires_at):%Y-%m-%dT%H:%M:%SZ} is in the past."
        )

    after = merged_lots(replace(lot, expires_at=expires_at) for lot in before)
    card = remove_lots(card, before).add_lots(after)
    return card, Movement(
        type=TransactionType.ACTIVITY,
        operation=Operation.EXPIRY_CHANGE,
        points=0,
        lots=after,
        lots_before=before,
        effective_at=at,
        balance=card.balance,
    )


def _named_parts(card: Card, named: Sequence[NamedLot]) -> tuple[Lot, ...]:
    """Returns the named parts of the card's lots. A lot named twice gives what its first naming left."""
    found: list[Lot] = []
    for number, name in enumerate(named):
        meant = (name.expires_at, name.issue_day)
        lots = [lot for lot in card.lots if (card.expiry_of(lot), lot.issue_day) == meant]
        parts = lots if name.points is None else lots_up_to(lots, name.points)
        if not parts or points_of(parts) < (name.points or 0):
            message = f"The card has {points_of(parts)} points with these dates."
            problem = FieldProblem(f"body.lots[{number}]", "lot_not_found", message)
            raise LotNotFound("A lot of the request is not on the card. Read the card again.", errors=[problem])
        card = remove_lots(card, parts)
        found += parts
    return merged_lots(found)
