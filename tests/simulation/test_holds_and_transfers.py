"""Sixteen concurrent requests on one or two cards: each takes effect once or is refused, and none answers busy."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from random import Random
from typing import Any

import pytest

from loyalty.domain.cards.card import Card
from loyalty.errors import HoldNotFound, InsufficientPoints, LoyaltyError
from tests.simulation.account import new_client
from tests.simulation.scheduler import Scheduler
from tests.support.invariants import check_all
from tests.support.world import Request, World, books, outcome_of, world

SEEDS = range(2)


@contextmanager
def open_cards(points: int) -> Iterator[World]:
    with world(new_client(), transfers={"allowed": True}) as made:
        for customer in ("ann", "bob"):
            made.send(Request("credit", customer, f"first-{customer}", points=points))
        yield made


def at_once(made: World, seed: int, requests: list[Request]) -> Counter[tuple[str, type | None]]:
    """Runs the requests concurrently and counts their results by verb. None is a success."""
    ends: Counter[tuple[str, type | None]] = Counter()

    def send(request: Request) -> None:
        try:
            outcome_of(made.send(request))
            ends[request.verb, None] += 1
        except LoyaltyError as refusal:
            ends[request.verb, type(refusal)] += 1

    scheduler = Scheduler(Random(seed), 0, lambda: None)
    with scheduler.watching(made.client):
        scheduler.run({f"{number} {request.verb}": partial(send, request) for number, request in enumerate(requests)})
    check_all(books(made.items()).values())
    return ends


def cards(made: World) -> tuple[Card, Card]:
    found = books(made.items())
    return found["ann"].card, found["bob"].card


@pytest.mark.parametrize("seed", SEEDS)
def test_concurrent_transfers_in_both_directions_lose_and_double_no_points(seed: int) -> None:
    with open_cards(100) as made:
        there = [Request("transfer", "ann", f"there-{n}", points=5, recipient="bob") for n in range(8)]
        back = [Request("transfer", "bob", f"back-{n:02d}", points=3, recipient="ann") for n in range(8)]
        assert at_once(made, seed, [*there, *back]) == {("transfer", None): 16}
        ann, bob = cards(made)
    assert (ann.balance.active, bob.balance.active) == (100 - 40 + 24, 100 + 40 - 24)


@pytest.mark.parametrize("seed", SEEDS)
def test_concurrent_transfers_and_debits_do_not_spend_the_same_points(seed: int) -> None:
    with open_cards(40) as made:
        gifts = [Request("transfer", "ann", f"gift-{n:03d}", points=5, recipient="bob") for n in range(8)]
        debits = [Request("debit", "ann", f"debit-{n:02d}", points=5) for n in range(8)]
        ends = at_once(made, seed, [*gifts, *debits])
        ann, bob = cards(made)
    assert {end for _, end in ends} == {None, InsufficientPoints}
    assert ends["transfer", None] + ends["debit", None] == 8
    assert ann.balance.active == 0
    assert bob.balance.active == 40 + 5 * ends["transfer", None]


@pytest.mark.parametrize("seed", SEEDS)
def test_one_of_many_concurrent_ends_of_a_hold_succeeds(seed: int) -> None:
    with open_cards(40) as made:
        hold = outcome_of(made.send(Request("hold", "ann", "hold-001", "H", 30, minutes=15))).transaction
        of_hold: dict[str, Any] = {"order_id": "H", "hold_id": hold.transaction_id}
        captures = [Request("capture", "ann", f"capture-{n}", points=20, **of_hold) for n in range(8)]
        releases = [Request("release", "ann", f"release-{n}", **of_hold) for n in range(8)]
        ends = at_once(made, seed, [*captures, *releases])
        ann, _ = cards(made)
    assert {end for _, end in ends} == {None, HoldNotFound}
    assert ends["capture", None] + ends["release", None] == 1
    assert ann.balance.active == (20 if ends["capture", None] else 40)
    assert (ann.holds, ann.lifetime.redeemed) == ((), 20 * ends["capture", None])


@pytest.mark.parametrize("seed", SEEDS)
def test_concurrent_partial_captures_take_exactly_the_held_points(seed: int) -> None:
    with open_cards(40) as made:
        hold = outcome_of(made.send(Request("hold", "ann", "hold-001", None, 30, minutes=15))).transaction
        parts = [
            Request("capture", "ann", f"capture-{n:02d}", points=3, hold_id=hold.transaction_id, final=False)
            for n in range(16)
        ]
        ends = at_once(made, seed, parts)
        ann, _ = cards(made)
    assert ends == {("capture", None): 10, ("capture", HoldNotFound): 6}
    assert (ann.balance.active, ann.lifetime.redeemed) == (10, 30)
