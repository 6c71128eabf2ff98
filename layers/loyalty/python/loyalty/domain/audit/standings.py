"""The tiers of a card, computed again from its rows, and compared with those that were recorded."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from loyalty.domain.audit.comparison import Check, Drift, drift_of
from loyalty.domain.audit.rebuild import rebuild_steps
from loyalty.domain.cards.card import Card
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import Operation, TierCause, Transaction
from loyalty.domain.tiers.progression import advance, calculate, standings_at
from loyalty.domain.tiers.standing import TierStanding
from loyalty.domain.tiers.structure import AttachedTiers
from loyalty.domain.wallets.wallet import Wallet


@dataclass(frozen=True, slots=True)
class Write:
    """Rows that were written together, and the card before and after them."""

    before: Card
    after: Card
    own: tuple[Transaction, ...]
    """The rows of the command, without those of time and of tiers."""
    tiers: tuple[Transaction, ...]
    """The changes of tiers that followed."""
    at: int
    wallet_version: int


def standing_from_ledger(
    card: Card, rows: Iterable[Transaction], attached: AttachedTiers, wallet: Wallet
) -> TierStanding | None:
    """Returns the standing after the last of the card's rows, as if the structure had always been attached.

    Returns None without rows. Tiers given by hand in the program count again.
    """
    return _standing(_writes(card, rows), attached, wallet)


def standings_as_of(
    card: Card, rows: Sequence[Transaction], wallets: Mapping[int, Wallet], at: int
) -> tuple[TierStanding, ...]:
    """Returns the card's standings at the instant, by the rows that were recorded by then.

    `wallets` are the wallet's versions that these rows name. After a write whose version is missing there are none.
    """
    former: list[Write] = []
    standings: tuple[TierStanding, ...] = ()
    for write in _writes(card, rows):
        if write.wallet_version not in wallets:
            return ()
        standings, _ = _check_write(write, standings, wallets[write.wallet_version], former)
        former.append(write)
    if not former:
        return ()
    last = former[-1]
    return standings_at(replace(last.after, tiers=standings), wallets[last.wallet_version], at)


def tier_drifts(card: Card, rows: Sequence[Transaction], wallets: Mapping[int, Wallet]) -> list[Drift]:
    """Returns the differences between the recorded tiers and those that follow from the rows.

    Each change must have been due when it was recorded, and each change that was due must have its row. `wallets` are
    the wallet's versions that the rows name; without one of them, nothing can be computed.
    """
    has_tiers = card.tiers or any(row.tier for row in rows) or any(wallet.tiers for wallet in wallets.values())
    if not has_tiers or not {row.wallet_version for row in rows} <= wallets.keys():
        return []
    drifts: list[Drift] = []
    standings: tuple[TierStanding, ...] = ()
    former: list[Write] = []
    for write in _writes(card, rows):
        wallet = wallets[write.wallet_version]
        drifts += _given_drifts(write, standings, wallet)
        standings, found = _check_write(write, standings, wallet, former)
        drifts += found
        former.append(write)
    if standings != card.tiers:
        message = "The card's tiers do not match its transactions."
        drifts.append(drift_of(Check.TIER, None, message, *(list(map(asdict, one)) for one in (standings, card.tiers))))
    return drifts


def _check_write(
    write: Write, standings: tuple[TierStanding, ...], wallet: Wallet, former: Sequence[Write]
) -> tuple[tuple[TierStanding, ...], Iterator[Drift]]:
    """Returns the standings after the rows, and the differences of the rows from the changes that were due."""
    before = replace(write.before, tiers=standings)
    calculated = [row.tier.program_id for row in write.tiers if row.tier and row.tier.cause is TierCause.CALCULATED]
    attached = next((one for one in wallet.tiers if one.program_id in calculated), None)
    standing = _standing(former, attached, wallet) if attached else None
    if standing:
        card, changes = calculate(before, write.after, standing, wallet, write.at)
    elif wallet.tiers:
        card, changes = advance(before, write.after, write.own, wallet, write.at)
    else:
        card, changes = replace(write.after, tiers=()), []
    expected = [(change.tier, change.effective_at) for change in changes]
    recorded = [(row.tier, row.effective_at) for row in write.tiers]
    return card.tiers, _row_drifts(write, expected, recorded)


def _row_drifts(write: Write, expected: Sequence[object], recorded: Sequence[object]) -> Iterator[Drift]:
    if expected == recorded:
        return
    seq = write.tiers[0].seq if write.tiers else write.after.version
    message = "The recorded changes of tiers differ from those that were due."
    yield drift_of(Check.TIER, seq, message, str(expected), str(recorded))


def _given_drifts(write: Write, standings: Iterable[TierStanding], wallet: Wallet) -> Iterator[Drift]:
    """Yields a drift for each tier given by hand whose row names another former tier."""
    card = replace(write.before, tiers=tuple(standings))
    for row in write.own:
        if row.tier:
            found = standings_at(card, wallet, write.at)
            tier_id = next((one.tier_id for one in found if one.program_id == row.tier.program_id), None)
            if tier_id != row.tier.former_tier_id:
                message = "The transaction names another tier than the card had."
                yield drift_of(Check.TIER, row.seq, message, tier_id, row.tier.former_tier_id)


def _standing(writes: Iterable[Write], attached: AttachedTiers, wallet: Wallet) -> TierStanding | None:
    alone = replace(wallet, tiers=(attached,))
    standings: tuple[TierStanding, ...] = ()
    for write in writes:
        card, _ = advance(replace(write.before, tiers=standings), write.after, write.own, alone, write.at)
        standings = card.tiers
    return standings[0] if standings else None


def _writes(card: Card, rows: Iterable[Transaction]) -> Iterator[Write]:
    steps = []
    for step in rebuild_steps(card, rows):
        steps.append(step)
        if not step.row.later:
            group, before = [one.row for one in steps], steps[0].before
            # What time did comes first. Later rows of settlement belong to the command.
            by_command = group[len(settle(before, step.row.created_at)[1]) :]
            yield Write(
                before=before,
                after=step.after,
                own=tuple(row for row in by_command if row.operation is not Operation.TIER),
                tiers=tuple(row for row in group if row.operation is Operation.TIER),
                at=step.row.created_at,
                wallet_version=step.row.wallet_version,
            )
            steps = []
