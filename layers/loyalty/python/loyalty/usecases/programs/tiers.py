"""Customers' tiers: read them, and give them by hand."""

from datetime import datetime

from loyalty.domain.dates import instant
from loyalty.domain.tiers.progress import TierProgress, progress_of
from loyalty.domain.tiers.progression import given_tier, is_calculated
from loyalty.domain.tiers.structure import AttachedTiers
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import Busy, InvalidDates, TierNotFound
from loyalty.store.store import Store
from loyalty.usecases.admission import new_card
from loyalty.usecases.ledger import CardCommand, Command, Decided, Outcome, Situation, perform
from loyalty.usecases.programs.programs import read
from loyalty.usecases.programs.tier_calculation import calculate_tier


def tiers_of(store: Store, customer_id: str, at: datetime) -> list[TierProgress]:
    """Returns the customer's progress in each ACTIVE program with a tier structure, in the order of program ids.

    A customer without a card has the tier that needs no points.
    """
    now = instant(at)
    attached = [
        (program.program_id, wallet)
        for program in store.programs.active()
        if program.attached and (wallet := store.wallets.recent(program.attached.wallet_id, now))
    ]
    members = {(customer_id, wallet.wallet_id) for _, wallet in attached}
    cards = {card.wallet_id: card for card, _ in store.cards.with_profiles(sorted(members))}
    found = []
    for program_id, wallet in attached:
        card = cards.get(wallet.wallet_id) or new_card(wallet, customer_id, now)[0]
        wallet_seen = store.wallets.recent(wallet.wallet_id, now, version_min=card.wallet_version) or wallet
        tiers = _tiers_on(wallet_seen, program_id)
        if tiers:
            found.append(progress_of(card, tiers, wallet_seen, max(now, card.at)))
    return found


def program_wallet(store: Store, program_id: str, tier_id: str) -> str:
    """Returns the id of the wallet whose points decide about the program's tiers.

    Raises `ProgramNotFound`, or `TierNotFound` if the program is not ACTIVE or has no tier structure.
    """
    attached = read(store, program_id).attached
    if attached is None:
        raise _no_tier(program_id, tier_id)
    return attached.wallet_id


def give_tier(
    store: Store, command: Command, program_id: str, tier_id: str, until: int | None, at: datetime
) -> Outcome:
    """Gives the customer a tier by hand, until the instant at least; by default until the end of the next period.

    The tier is a floor: points may give a higher tier. Works in an INACTIVE wallet.
    """
    calculate_tier(store, command.wallet_id, command.customer_id, program_id, at, version_min=0)

    def decide(found: Situation) -> Decided:
        tiers = _tiers_on(found.wallet, program_id)
        if tiers is None or tiers.structure.level(tier_id) is None:
            raise _no_tier(program_id, tier_id)
        if until is not None and until <= found.now:
            raise InvalidDates.of_field("body.until", "The tier must end in the future.")
        if not is_calculated(found.card, tiers):
            raise Busy("The customer's tier is being calculated. Send the same request again.")
        return Decided(found.card, [given_tier(found.card, found.wallet, program_id, tier_id, until, found.now)])

    return perform(store, CardCommand(command, decide, active_only=False), at)


def _tiers_on(wallet: Wallet, program_id: str) -> AttachedTiers | None:
    return next((one for one in wallet.tiers if one.program_id == program_id), None)


def _no_tier(program_id: str, tier_id: str) -> TierNotFound:
    detail = f"Program {program_id} has no tier {tier_id}, or is not active."
    return TierNotFound.of_field("body.tierId", detail)
