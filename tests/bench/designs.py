"""The product and what teams build instead, on one engine: requests, units, bytes, processor time, faults, writers."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count, cycle, islice
from statistics import median
from threading import Barrier
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyAlreadyInProgressError

from loyalty.errors import Busy
from tests.bench.alternatives import ALTERNATIVES, EventSum, LotItems
from tests.bench.alternatives.contract import TABLE, Alternative, Answer, Movement
from tests.bench.alternatives.web import handler_of
from tests.bench.handler import card_of_rows
from tests.bench.measuring import Advance, Figure, compared, require
from tests.bench.product import Product
from tests.bench.project import Project, batches, environment_store, new_client
from tests.bench.report import DesignCost, Faults, Growth, Time, Writers
from tests.bench.trials import fault_results, summary
from tests.bench.units import metered
from tests.bench.wire import unseen
from tests.support.stack import CONTEXT

OWN_TABLE = "designs"
WRITE_WEIGHT = 5
"""A write unit costs as much as five read units (prices.py)."""
MOVEMENTS, SPENT_EACH = 100, 5
CREDITED, SPENT = 100, 300
"""Four credits, then a debit of three quarters of their points, over and over, on different days."""
REQUESTS_MAX, WRITE_UNITS_MAX = 2, 5
CARDS, ROWS_BEFORE, ROUND = 20, 10, 20
WRITERS = 16
SEED_POINTS = 10**6
IN_PROGRESS_SECONDS = 0.02
LOTS = (1, 10, 100)
HELD_BACK = {
    "units a": (
        "(a) writes four items one by one, and each costs one unit; in a transaction an item costs two. The price is "
        "what its faults show: a debit that fails between its writes happens twice"
    ),
    "requests b": "(b) also reads once and writes once; the difference is in the units",
    "requests c": "(c) also reads once and writes once; the difference is in the units",
    "units d": "(d) writes one item without a transaction; its reads grow with the events, and overtake later",
    "requests d": "(d) also reads once and writes once, until its events exceed a page of 1 MB",
}


@dataclass(frozen=True, slots=True)
class Plan:
    calls: int
    rounds: int
    each: int
    rows: Sequence[int]

    @property
    def cost_steps(self) -> int:
        return (1 + len(ALTERNATIVES)) * MOVEMENTS

    @property
    def time_steps(self) -> int:
        return 2 * len(ALTERNATIVES) * 2 * (-(-self.calls // ROUND) + 1)

    @property
    def writer_steps(self) -> int:
        return (1 + len(ALTERNATIVES)) * self.rounds

    @property
    def growth_steps(self) -> int:
        return 2 * len(LOTS) + 2 * len(self.rows)


@dataclass
class Designs:
    """The product and the alternatives, each with a table of its own."""

    client: "DynamoDBClient" = field(default_factory=new_client)
    product: Product = field(init=False)
    alternatives: list[Alternative] = field(init=False)

    def __post_init__(self) -> None:
        self.product = Product(self.client, OWN_TABLE, store=environment_store(OWN_TABLE))
        self.alternatives = [kind(self.client, _table(kind)) for kind in ALTERNATIVES]
        for design in self.all:
            design.make_tables()

    @property
    def all(self) -> list[Alternative]:
        return [self.product, *self.alternatives]

    def again(self, design: Alternative) -> Alternative:
        """The design in a new environment, with a client of its own."""
        if isinstance(design, Product):
            return Product(self.client, OWN_TABLE, wallet_id=self.product.wallet_id, store=environment_store(OWN_TABLE))
        return type(design)(new_client(), _table(type(design)))


def _table(kind: type[Alternative]) -> str:
    return f"{TABLE}-{kind.letter}"


def costs(designs: Designs, advance: Advance) -> tuple[list[Figure], list[DesignCost]]:
    """Counts what each design spends for the same movements."""
    counted = [_cost(designs.client, design, advance) for design in designs.all]
    product, *others = counted
    figures = []
    for verb, (requests, _, writes) in (("credit", product.credit), ("debit", product.debit)):
        figures += [
            Figure(f"requests of a {verb}", *_same(requests), "counted", at_most=REQUESTS_MAX),
            Figure(f"write units of a {verb}", *_same(writes), "counted", at_most=WRITE_UNITS_MAX),
        ]
    for other in others:
        units, their_units = (one.writes + one.reads / WRITE_WEIGHT for one in (product, other))
        figures += [
            Figure(
                f"units / ({other.letter})",
                *_same(units / their_units),
                f"{units / product.movements:.1f} / {their_units / product.movements:.1f}",
                below=1,
                held_back=HELD_BACK.get(f"units {other.letter}", ""),
            ),
            Figure(
                f"requests / ({other.letter})",
                *_same(product.requests / other.requests),
                f"{product.requests / product.movements:.1f} / {other.requests / other.movements:.1f}",
                below=1,
                held_back=HELD_BACK.get(f"requests {other.letter}", ""),
            ),
        ]
    return figures, counted


def _same(ratio: float) -> tuple[float, float, float]:
    """A counted ratio is the same in each round."""
    return ratio, ratio, ratio


def _cost(client: "DynamoDBClient", design: Alternative, advance: Advance) -> DesignCost:
    latest: dict[bool, tuple[int, float, int]] = {}
    with metered(client) as meter:
        for movement in islice(_movements("typical"), MOVEMENTS):
            before = len(meter.requests), meter.reads, meter.writes
            if isinstance(design, Product):
                # The definition of a wallet is read once in ten seconds, for all cards.
                with unseen():
                    design.remember_wallet(movement.at)
            design.move(movement)
            requests, reads, writes = before
            latest[movement.points > 0] = len(meter.requests) - requests, meter.reads - reads, meter.writes - writes
            advance(1)
    spent = MOVEMENTS // SPENT_EACH
    left = (MOVEMENTS - spent) * CREDITED - spent * SPENT
    balance = design.balance("typical", movement.at)
    require(balance == left, f"{design.title}: a balance of {balance}, not {left}")
    return DesignCost(
        design.letter,
        design.title,
        MOVEMENTS,
        len(meter.requests),
        meter.reads,
        meter.writes,
        latest[True],
        latest[False],
        round(meter.stored / MOVEMENTS),
    )


def _movements(customer: str) -> Iterator[Movement]:
    start = datetime.now(UTC)
    for number in count(1):
        points = CREDITED if number % SPENT_EACH else -SPENT
        yield Movement(customer, f"movement-{number:06d}", points, start + timedelta(days=3 * number))


def times(designs: Designs, project: Project, plan: Plan, advance: Advance) -> list[Time]:
    """Compares handlers in turn, each with cards of ten movements and more."""
    found = []
    ours = {verb: _round_robin(project, verb) for verb in ("credit", "debit")}
    for design in designs.alternatives:
        call = handler_of(design)
        for verb, our_call in ours.items():
            customers = [f"{verb}-{number}" for number in range(CARDS)]
            for customer in customers:
                for number in range(ROWS_BEFORE):
                    design.move(Movement(customer, f"seed-{number:06d}", 1_000, datetime.now(UTC)))
            theirs = _their_call(call, verb, customers)
            pair = compared(plan.calls, ROUND, our_call, theirs, advance)
            our_milliseconds, their_milliseconds = pair.processor_milliseconds
            found.append(Time(design.letter, verb, our_milliseconds, their_milliseconds, *pair.processor_times()))
    return found


def _round_robin(project: Project, verb: str) -> Callable[[], Any]:
    calls = []
    for number in range(CARDS):
        customer = f"times-{verb}-{number}"
        seed = project.caller("credit", customer, points=1_000)
        for _ in range(ROWS_BEFORE):
            seed()
        calls.append(project.caller(verb, customer, points=1))
    turns = cycle(calls)
    return lambda: next(turns)()  # noqa: PLW0108  # each call takes the next card


def _their_call(handler: Callable[..., Any], verb: str, customers: Sequence[str]) -> Callable[[], Any]:
    turns, numbers = cycle(customers), count(1)
    body = {"points": 1, "orderId": "#1001", "description": "Order #1001", "metadata": '{"channel":"web"}'}

    def call() -> Any:
        number, path = next(numbers), f"/customers/{next(turns)}/{verb}s"
        event = {
            "version": "2.0",
            "routeKey": f"POST /customers/{{customerId}}/{verb}s",
            "rawPath": path,
            "rawQueryString": "",
            "headers": {"content-type": "application/json", "idempotency-key": f"{verb}-{number:010d}"},
            "requestContext": {
                "requestId": f"request-{number:010d}",
                "stage": "$default",
                "http": {"method": "POST", "path": path},
            },
            "body": json.dumps(body),
            "isBase64Encoded": False,
        }
        answer = handler(event, CONTEXT)
        require(answer["statusCode"] == 201, f"{verb}: {answer}")
        return answer

    return call


def faults(designs: Designs, advance: Advance) -> list[Faults]:
    """Fails a debit of each design at each of its requests."""
    found = []
    for design in designs.all:
        left = summary(list(fault_results(designs.client, design)))
        found.append(Faults(design.letter, left["once"], left["twice"], left["incomplete"]))
        require(bool(design.letter) or set(left) == {"once"}, f"faults of the product's debit leave {dict(left)}")
        advance(1)
    return found


def growth(designs: Designs, project: Project, plan: Plan, advance: Advance) -> list[Growth]:
    """Counts a debit of cards of all sizes, of the designs whose debit reads more than a card."""
    events = next(one for one in designs.alternatives if isinstance(one, EventSum))
    lots = next(one for one in designs.alternatives if isinstance(one, LotItems))
    found = []
    for rows in plan.rows:
        _write_events(designs.client, f"rows-{rows}", rows)
        debit = partial(events.move, Movement(f"rows-{rows}", "debit-grown", -1, _soon()))
        found.append(_grown(designs, debit, events.letter, "rows", rows))
        advance(1)
        credited = card_of_rows(project, rows)
        credited()
        debit_of_card = project.caller("debit", credited.customer, points=1)
        found.append(_grown(designs, debit_of_card, designs.product.letter, "rows", rows))
        advance(1)
    for design in (designs.product, lots):
        for number in LOTS:
            customer = f"lots-{number}"
            _give_lots(design, customer, number)
            half = -max(1, number // 2) * CREDITED
            movement = Movement(customer, "debit-grown", half, _soon() + timedelta(days=LOTS[-1]))
            if isinstance(design, Product):
                design.remember_wallet(movement.at)
            found.append(_grown(designs, partial(design.move, movement), design.letter, "lots", number))
            advance(1)
    return found


def _soon() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=1)


def _grown(designs: Designs, debit: Callable[[], object], letter: str, by: str, size: int) -> Growth:
    with metered(designs.client) as meter:
        debit()
    return Growth(letter, by, size, len(meter.requests), meter.reads, meter.writes)


def _give_lots(design: Alternative, customer: str, number: int) -> None:
    for day in range(number):
        movement = Movement(customer, f"lot-{day:08d}", CREDITED, datetime.now(UTC) + timedelta(days=day))
        design.move(movement)


def _write_events(client: "DynamoDBClient", customer: str, number: int) -> None:
    design = EventSum(client, _table(EventSum))
    design.move(Movement(customer, "event-first", CREDITED, datetime.now(UTC)))
    (first,) = design.newest(customer, 1)
    copies = (
        {**first, "sk": {"S": f"EVENT#{place:010d}"}, "idempotencyKey": {"S": f"event-{place:06d}"}}
        for place in range(2, number + 1)
    )
    batches(client, _table(EventSum), copies)


def writers(designs: Designs, plan: Plan, advance: Advance) -> list[Writers]:
    """Many writers debit one card of each design, in turn; then pairs of them send the same key at once."""
    seconds: dict[str, list[float]] = {design.letter: [] for design in designs.all}
    environments = {design.letter: [designs.again(design) for _ in range(WRITERS)] for design in designs.all}
    refused: Counter[str] = Counter()
    for design in designs.all:
        design.move(Movement("hot", "seed-000000", SEED_POINTS, datetime.now(UTC)))
    with ThreadPoolExecutor(WRITERS) as pool:
        for number in range(plan.rounds):
            order = designs.all if number % 2 == 0 else designs.all[::-1]
            for design in order:
                move = partial(_debit_all, environments[design.letter], number, plan.each)
                began = time.perf_counter()
                list(pool.map(move, range(WRITERS)))
                seconds[design.letter].append(time.perf_counter() - began)
                advance(1)
        differences = {design.letter: _difference(design, plan, 0) for design in designs.all}
        for design in designs.all:
            barrier = Barrier(WRITERS)
            pairs = partial(_send_together, environments[design.letter], barrier, refused)
            answers: list[Answer] = list(pool.map(pairs, range(WRITERS)))
            halves = zip(answers[: WRITERS // 2], answers[WRITERS // 2 :], strict=True)
            require(bool(design.letter) or all(one == other for one, other in halves), "two answers for one key")
    found = []
    for design in designs.all:
        letter, keys = design.letter, WRITERS // 2
        extra = differences[letter] - _difference(design, plan, keys)
        right = (differences[letter], extra) == (0, 0)
        require(bool(letter) or right, f"{WRITERS} writers change the balance by {differences[letter]} and {extra}")
        rate = WRITERS * plan.each / median(seconds[letter])
        movements = plan.rounds * WRITERS * plan.each
        found.append(Writers(letter, rate, movements, differences[letter], keys, extra, refused[letter]))
    return found


def _difference(design: Alternative, plan: Plan, keys: int) -> int:
    """The points that the balance has too many, after the movements and so many keys, each sent twice."""
    expected = SEED_POINTS - plan.rounds * WRITERS * plan.each - keys
    return design.balance("hot", datetime.now(UTC)) - expected


def _debit_all(environments: list[Alternative], round_: int, each: int, writer: int) -> None:
    for place in range(each):
        key = f"debit-{round_:03d}-{writer:03d}-{place:04d}"
        _until_done(environments[writer], Movement("hot", key, -1, datetime.now(UTC)))


def _send_together(environments: list[Alternative], barrier: Barrier, refused: Counter[str], writer: int) -> Answer:
    """Two writers send one key at once; a refused request is sent again until it is answered."""
    design = environments[writer]
    movement = Movement("hot", f"same-{writer % (WRITERS // 2):06d}", -1, datetime.now(UTC))
    barrier.wait()
    while True:
        try:
            return _until_done(design, movement)
        except IdempotencyAlreadyInProgressError:
            refused[design.letter] += 1
            time.sleep(IN_PROGRESS_SECONDS)


def _until_done(design: Alternative, movement: Movement) -> Answer:
    """Sends the movement again with its key after a 503, as callers do."""
    while True:
        with suppress(Busy):
            return design.move(movement)
