"""One card with many writers. Each writer has its own client, like each Lambda environment."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from loyalty.domain.cards.transaction import Context, Source
from loyalty.domain.movements.credit import Grant
from loyalty.errors import Busy
from loyalty.store.keys import key_origin
from loyalty.store.store import Store
from loyalty.usecases.ledger import Command
from loyalty.usecases.points import credits, debits
from tests.bench.measuring import Advance, Figure, Pair, in_turn, require
from tests.bench.project import BareCard, Project, counted_answers, new_client, recorded
from tests.support.invariants import check
from tests.support.world import books

WRITERS = 16
RATE_MIN = 0.6
SEED_POINTS = 10**6
CUSTOMER, OTHER = "hot-ours", "hot-bare"


@dataclass(frozen=True, slots=True)
class Plan:
    rounds: int
    each: int
    """The movements of each writer in a round."""

    @property
    def steps(self) -> int:
        return 2 * self.rounds

    @property
    def movements(self) -> int:
        return self.rounds * WRITERS * self.each


def contention(plan: Plan, advance: Advance, notes: list[str]) -> list[Figure]:
    project = Project("contention")
    busy: Counter[str] = Counter()
    credits.credit(project.store(), _command(project, "seed-0000000000"), Grant(SEED_POINTS), datetime.now(UTC))
    with recorded() as sent:
        debits.debit(project.store(), _command(project, "first-0000000000"), 1, datetime.now(UTC))
    bare = BareCard(project.table, sent, OTHER)
    bare.put(project.client)

    bare_clients = [new_client() for _ in range(WRITERS)]
    stores = [project.store() for _ in range(WRITERS)]
    done: Counter[str] = Counter()

    def debit(writer: int, number: int) -> None:
        command = _command(project, f"debit-{number:010d}")
        _until_done(lambda: _debit(stores[writer], command), busy, "ours")

    def move(writer: int, number: int) -> None:
        _until_done(lambda: bare.move(bare_clients[writer], number), busy, "bare")

    pair = Pair()
    with ThreadPoolExecutor(WRITERS) as pool, counted_answers() as answers:

        def round_of(side: str, action: Callable[[int, int], None]) -> float:
            first = done[side]
            done[side] += WRITERS * plan.each

            def write(writer: int) -> None:
                for place in range(plan.each):
                    action(writer, first + writer * plan.each + place)

            began = time.perf_counter()
            list(pool.map(write, range(WRITERS)))
            return time.perf_counter() - began

        in_turn(
            plan.rounds,
            lambda: pair.ours.add(round_of("ours", debit)),
            lambda: pair.bare.add(round_of("bare", move)),
            advance,
        )

    _check(project, plan)
    ours, other = (WRITERS * plan.each / milliseconds * 1_000 for milliseconds in pair.milliseconds)
    figure = Figure(
        f"rate of {WRITERS} writers, one card",
        *pair.rates(),
        f"{ours:.0f} / {other:.0f} per s",
        at_least=RATE_MIN,
    )
    for side, customer in (("ours", CUSTOMER), ("bare", OTHER)):
        results = ", ".join(f"{reasons} {number}" for reasons, number in answers[customer].most_common())
        notes.append(f"{WRITERS} writers, {side}: transactions by reasons of row/card: {results}; 503: {busy[side]}.")
    return [figure]


def _check(project: Project, plan: Plan) -> None:
    """Checks that no update is lost, doubled or missing: every row follows from the row before it."""
    items = project.items()
    found = books(items)[CUSTOMER]
    try:
        check(found)
    except AssertionError as broken:
        require(False, f"the card under {WRITERS} writers: {broken}")
    require(found.card.version == plan.movements + 2, f"{found.card.version} rows of {plan.movements + 2} movements")
    left = SEED_POINTS - plan.movements - 1
    require(found.card.balance.active == left, f"a balance of {found.card.balance.active}, not {left}")


def _command(project: Project, key: str) -> Command:
    context = Context(
        source=Source.API,
        order_id="#1001",
        points_description="Order #1001",
        metadata='{"channel":"web"}',
        actor="key_00c0ffee",
        request_id=key,
        fingerprint=sha256(key.encode()).digest()[:16],
    )
    return Command(wallet_id=project.wallet_id, customer_id=CUSTOMER, origin=key_origin(key), context=context)


def _debit(store: Store, command: Command) -> None:
    debits.debit(store, command, 1, datetime.now(UTC))


def _until_done(action: Callable[[], object], busy: Counter[str], side: str) -> None:
    """Sends the command again with its key after a 503, as callers do."""
    while True:
        try:
            action()
        except Busy:
            busy[side] += 1
        else:
            return
