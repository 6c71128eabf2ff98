"""Compares redemptions with the rows of cards, with the counts of limits, with codes and with stocks."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from loyalty.domain.audit.comparison import Check, Drift, drift_of
from loyalty.domain.cards.transaction import Operation, Transaction, TransactionType
from loyalty.domain.catalogue.redemption import CodePlace, MovedPoints, Redemption, RedemptionStatus
from loyalty.domain.catalogue.reward import Reward
from loyalty.domain.earning.pools import Shard, left_of, limits_of, used_of
from loyalty.domain.earning.recurrence import Use

CodeKey = tuple[str, CodePlace]
"""A reward, and the place of a code among its codes."""


@dataclass(frozen=True, slots=True)
class GivenCode:
    """A code as its item has it. `redemption_id` is None while the code is free."""

    text: str
    redemption_id: str | None


def redemption_drifts(
    wallet_id: str, rows: Sequence[Transaction], redemptions: Iterable[Redemption], later: Container[int]
) -> Iterator[Drift]:
    """Yields what is wrong between the rows of one card and the customer's redemptions.

    `later` are the numbers of rows that were written after the rows were read: they are left out.
    """
    by_seq = {row.seq: row for row in rows}
    expected: dict[int, list[object]] = {}
    for one in redemptions:
        if (one.status is RedemptionStatus.CANCELED) != (len(one.returns) == len(one.prices)):
            message = f"Redemption {one.redemption_id} is {one.status}, and its price was not given back accordingly."
            yield drift_of(Check.REDEMPTION, None, message, len(one.prices), len(one.returns))
        expected |= {part.seq: values for part, values in _movements(one) if part.wallet_id == wallet_id}
    for seq, values in expected.items():
        row = by_seq.get(seq)
        found = None if row is None else [row.wallet_version, row.type, row.operation, row.points, row.reverses]
        if seq not in later and found != values:
            yield drift_of(Check.REDEMPTION, seq, "A redemption has no such transaction.", values, found)
    for row in rows:
        undone = by_seq.get(row.reverses) if row.reverses is not None else None
        is_of_reward = Operation.REWARD in (row.operation, undone.operation if undone else None)
        if is_of_reward and row.seq not in expected:
            yield drift_of(Check.REDEMPTION, row.seq, "The transaction belongs to no redemption of the customer.")


def use_drifts(redemptions: Iterable[Redemption], uses: Mapping[str, Use]) -> Iterator[Drift]:
    """Yields the counts of rewards' limits that differ from the customer's redemptions. `uses`: by reward id."""
    counted = Counter(
        one.reward_id
        for one in redemptions
        if one.counted_on is not None and one.status is not RedemptionStatus.CANCELED
    )
    for reward_id in sorted(counted.keys() | uses.keys()):
        times = uses.get(reward_id, Use()).times
        if counted[reward_id] != times:
            message = f"The count of reward {reward_id} differs from the customer's redemptions."
            yield drift_of(Check.USE, None, message, counted[reward_id], times)


def code_keys(redemptions: Iterable[Redemption]) -> list[CodeKey]:
    """Returns where the codes of the redemptions are."""
    return [(one.reward_id, one.code_place) for one in redemptions if one.code_place]


def code_drifts(redemptions: Iterable[Redemption], codes: Mapping[CodeKey, GivenCode]) -> Iterator[Drift]:
    """Yields the redemptions whose code is not the one that its reward gave to them."""
    for one in redemptions:
        found = codes.get((one.reward_id, one.code_place)) if one.code_place else None
        if one.code_place and found != GivenCode(one.code or "", one.redemption_id):
            message = f"The code of redemption {one.redemption_id} is not given to this redemption."
            owner = found.redemption_id if found else None
            yield drift_of(Check.CODE, None, message, one.redemption_id, owner)


def stock_used(wallet_id: str, redemptions: Iterable[Redemption]) -> Counter[str]:
    """Returns what redemptions took of stocks and codes, by reward id.

    A redemption counts on the card of its first price, so that the sum over all cards counts each once.
    """
    of_card = (one for one in redemptions if one.prices[0].wallet_id == wallet_id)
    return Counter(one.reward_id for one in of_card if one.holds_stock or one.code_place)


def stock_drifts(reward: Reward, before: Sequence[Shard], after: Sequence[Shard], used: int) -> Iterator[Drift]:
    """Yields what is wrong with the stock or the codes of a reward.

    `before` and `after` are the shards before and after the redemptions were read: others may have come meanwhile, and
    a cancellation may have given stock back.
    """
    for place, shard in enumerate(after):
        if shard.awards and not 0 <= shard.awards.left <= shard.awards.limit:
            message = f"Shard {place} of the stock of reward {reward.reward_id} has an impossible rest."
            yield drift_of(Check.STOCK, None, message, f"0 to {shard.awards.limit}", shard.awards.left)
    limit, stock = limits_of(after).awards, reward.settings.stock
    if reward.shards and stock != limit and before == after:
        yield drift_of(Check.STOCK, None, f"The shards of reward {reward.reward_id} are not its stock.", stock, limit)
    counts = sorted((used_of(before).awards or 0, used_of(after).awards or 0))
    if left_of(after).awards is not None and not counts[0] <= used <= counts[1]:
        message = f"The redemptions of reward {reward.reward_id} differ from what its stock counts."
        yield drift_of(Check.STOCK, None, message, used, counts[1])


def _movements(one: Redemption) -> Iterator[tuple[MovedPoints, list[object]]]:
    """Yields the rows of a redemption, each with wallet version, type, operation, points and the row that it undoes."""
    for part in one.prices:
        yield part, [part.wallet_version, TransactionType.DEBIT, Operation.REWARD, part.points, None]
    for part, back in zip(one.prices, one.returns, strict=False):
        yield back, [back.wallet_version, TransactionType.RETURN, Operation.REVERSAL, back.points, part.seq]
    if one.given:
        given = one.given
        yield given, [given.wallet_version, TransactionType.CREDIT, Operation.REWARD, given.points, None]
    if one.given and one.taken_back:
        back = one.taken_back
        yield back, [back.wallet_version, TransactionType.REVOCATION, Operation.REWARD, back.points, one.given.seq]
