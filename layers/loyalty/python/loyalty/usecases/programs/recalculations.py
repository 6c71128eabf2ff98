"""Recalculations: members of a wallet get their tier, page by page, after a tier structure was attached or changed.

Pages may run twice and in parallel: a card is calculated once, and a shard counts once.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from loyalty.domain.cards.card import DueCard
from loyalty.domain.dates import instant
from loyalty.domain.tiers.recalculation import Recalculation, RecalculationCounts, RecalculationId
from loyalty.messaging.recalculation_queue import MemberPage, RecalculationQueue
from loyalty.retry import retry
from loyalty.store.store import Store
from loyalty.usecases.member_pages import FAILURES_MAX, OVERDUE_SECONDS, for_each_member
from loyalty.usecases.programs.programs import read
from loyalty.usecases.programs.tier_calculation import calculate_tier
from loyalty.usecases.sweeps import settle_due_card

PAGE = 50
"""The members of a page. Each member's ledger is read."""
RESOURCE = "the recalculation"


def calculate_page(
    store: Store, queue: RecalculationQueue, page: MemberPage, at: datetime, *, is_last_try: bool
) -> None:
    """Gives the members of the page their tier, and sends the rest of the shard to the queue.

    Raises the error of a member after the others. At the last try, such members become messages of their own, so that
    the rest of the shard continues.
    """
    run = store.recalculations.get(page.identity)
    if run is None:
        # The change of the program was refused after this message was sent.
        return
    if page.shard is None:
        queue.send([replace(page, shard=shard) for shard in range(run.shards)])
        return
    if page.only is not None:
        _calculate(store, page.identity, [page.only], at, failures_max=0)
        return
    if (shard := page.shard) not in run.finished:
        members = store.cards.members(page.identity.wallet_id, shard, page.after, PAGE)
        counts, failures = _calculate(
            store, page.identity, members, at, failures_max=FAILURES_MAX if is_last_try else 0
        )
        page = replace(page, counts=page.counts.plus(counts))
        queue.send([replace(page, only=customer_id) for customer_id in failures])
        if len(members) == PAGE:
            queue.send([replace(page, after=members[-1])])
            return
        retry(partial(store.recalculations.finish_shard, run, shard, page.counts), RESOURCE)
    latest = store.recalculations.get(page.identity)
    if latest and latest.is_finished:
        retry(partial(store.recalculations.complete, latest, instant(at)), RESOURCE)


def overdue(store: Store, at: datetime) -> int:
    """Returns the number of recalculations that began more than six hours ago and are not completed."""
    now = instant(at)
    return sum(now - run.identity.started_at > OVERDUE_SECONDS for run in store.recalculations.running())


def page_of_recalculations(
    store: Store, program_id: str, before: Sequence[Any] | None, limit: int
) -> tuple[list[Recalculation], list[Any] | None]:
    """Returns the program's recalculations, newest first, and the position after which the next page begins.

    A position is start, wallet id and wallet version.
    """
    read(store, program_id)
    found = store.recalculations.page(program_id, RecalculationId(program_id, *before) if before else None, limit + 1)
    page = found[:limit]
    if len(found) <= limit:
        return page, None
    last = page[-1].identity
    return page, [last.started_at, last.wallet_id, last.wallet_version]


def _calculate(
    store: Store, identity: RecalculationId, customer_ids: Sequence[str], at: datetime, *, failures_max: int
) -> tuple[RecalculationCounts, list[str]]:
    """Returns what was done with the customers, and those who failed. Raises the error if too many fail."""
    counts = RecalculationCounts()

    def calculate(customer_id: str) -> None:
        nonlocal counts
        counts = counts.plus(_calculate_card(store, customer_id, identity, at))

    failures = for_each_member(
        customer_ids, calculate, "member not calculated", failures_max=failures_max, program_id=identity.program_id
    )
    return counts, failures


def _calculate_card(store: Store, customer_id: str, identity: RecalculationId, at: datetime) -> RecalculationCounts:
    """Calculates the card's tier from its ledger. A second call changes nothing."""
    calculated = calculate_tier(
        store, identity.wallet_id, customer_id, identity.program_id, at, version_min=identity.wallet_version
    )
    # With a changed structure, the points that the card has counted may give it another tier.
    changed = not calculated and settle_due_card(store, DueCard(customer_id, identity.wallet_id), at)
    return RecalculationCounts(seen=1, calculated=int(calculated), changed=int(changed))
