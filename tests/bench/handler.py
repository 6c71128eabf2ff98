"""The time of a warm handler, compared with bare boto3 with the same two requests, and with cards of all sizes."""

import cProfile
import json
import pstats
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count, cycle
from pathlib import Path
from time import thread_time
from typing import Any

from loyalty.domain.cards.card import Card, Lot
from loyalty.store.attributes import Item
from loyalty.store.card_items import card_item
from tests.bench.measuring import Advance, Figure, Pair, compared, require
from tests.bench.project import BareCard, Project, recorded
from tests.support.template import ROOT

ROUND = 20
HELD_BACK = (
    "A request is routed and validated, the domain decides, the row gets its hash, and a log line is written. Bare "
    "boto3 does none of it"
)
OWN_TIME_MAX = 1.10
GROWTH_MAX = 1.10
"""The promise is that the time does not grow. A tenth is allowed for the engine and noise."""
FEW_ROWS, FEW_CARDS = 10, 100
LOTS = (10, 100)
"""A card has at most a hundred lots."""
SEED_POINTS = 10**9
DAY = 86_400
PROFILED_CALLS, PROFILED_PACKAGES = 200, 8


@dataclass(frozen=True, slots=True)
class Plan:
    calls: int
    rows: Sequence[int]
    """The sizes of large cards."""

    @property
    def rounds(self) -> int:
        return -(-self.calls // ROUND)

    @property
    def own_time_steps(self) -> int:
        """Two comparisons of two sides, each with a warm-up round."""
        return 2 * 2 * (self.rounds + 1)

    @property
    def growth_steps(self) -> int:
        comparisons = len(self.rows) + len(LOTS)
        return comparisons * 2 * (self.rounds + 1) + sum(self.rows)

    @property
    def calls_made(self) -> int:
        return (self.rounds + 1) * ROUND


def own_time(project: Project, plan: Plan, advance: Advance) -> list[Figure]:
    return [figure for verb in ("credit", "debit") for figure in _own_time(project, plan, verb, advance)]


def _own_time(project: Project, plan: Plan, verb: str, advance: Advance) -> list[Figure]:
    ours, other = f"{verb}-ours", f"{verb}-bare"
    project.caller("credit", ours, points=SEED_POINTS)()
    call = project.caller(verb, ours)
    with recorded() as sent:
        answer = call()
    require(sorted(sent) == ["BatchGetItem", "TransactWriteItems"], f"a {verb} asks for {sorted(sent)}")
    bare = BareCard(project.table, sent, other)
    bare.put(project.client)
    numbers = count(10**9)
    pair = compared(plan.calls, ROUND, call, lambda: bare.move(project.client, next(numbers)), advance)

    points = json.loads(answer["body"])["transaction"]["points"] * (plan.calls_made + 1)
    card = _card(project, ours)
    require(card.version == plan.calls_made + 2, f"{card.version} rows after {plan.calls_made + 2} movements")
    require(
        card.balance.active == SEED_POINTS + (points if verb == "credit" else -points),
        f"a balance of {card.balance.active} after {plan.calls_made + 1} of {verb}",
    )
    return [
        Figure(
            f"{verb}, warm handler",
            *pair.processor_times(),
            _processor(pair),
            at_most=OWN_TIME_MAX,
            held_back=HELD_BACK,
        ),
        Figure("  on the clock, engine included", *pair.times(), _clock(pair)),
    ]


def growth(project: Project, plan: Plan, advance: Advance) -> list[Figure]:
    """Compares credits with few and many rows, and with one lot and the largest number of lots."""
    few = cycle([_card_of(project, f"few-{number:05d}", FEW_ROWS) for number in range(FEW_CARDS)])

    def to_one_of_few() -> Any:
        return next(few)()

    figures = []
    for rows in plan.rows:
        card = card_of_rows(project, rows, advance)
        pair = compared(plan.calls, ROUND, card, to_one_of_few, advance)
        require(_card(project, card.customer).version == rows + plan.calls_made, "rows and the card's count differ")
        name = f"credit at {rows:,} rows / {FEW_ROWS}"
        figures.append(Figure(name, *pair.times(), _clock(pair), at_most=GROWTH_MAX))
    for lots in LOTS:
        customer = f"{lots}-lots"
        pair = compared(plan.calls, ROUND, _card_of_lots(project, customer, lots), to_one_of_few, advance)
        require(len(_card(project, customer).lots) == lots, "the card's lots changed their number")
        figures.append(Figure(f"credit at {lots} lots / 1", *pair.times(), _clock(pair)))
    return figures


@dataclass(frozen=True, slots=True)
class Credits:
    """Credits to a card, one at each call."""

    customer: str
    credit: Callable[[], Any]

    def __call__(self) -> Any:
        return self.credit()


def card_of_rows(project: Project, rows: int, advance: Advance = lambda _: None) -> Credits:
    """Credits to the card of the project with so many rows or more, which is written at its first use."""
    if rows not in project.cards_of_rows:
        customer = f"{rows}-rows"
        project.cards_of_rows[rows] = Credits(customer, _card_of(project, customer, rows, advance))
    credited: Credits = project.cards_of_rows[rows]
    return credited


def _card_of_lots(project: Project, customer: str, lots: int) -> Callable[[], Any]:
    """A credit to a card with so many lots. The product writes the first lot."""
    call = _card_of(project, customer, FEW_ROWS)
    card = _card(project, customer)
    first = card.lots[0]
    others = tuple(Lot(10, first.expires_at + DAY * day, first.issue_day) for day in range(1, lots))
    project.client.put_item(TableName=project.table, Item=card_item(replace(card, lots=card.lots + others)))
    return call


def _card_of(project: Project, customer: str, rows: int, advance: Advance = lambda _: None) -> Callable[[], Any]:
    """A credit to a card with so many rows. The product writes the first two rows, the others are copies."""
    call = project.caller("credit", customer)
    call()
    with recorded() as sent:
        call()
    row, card = (action["Put"]["Item"] for action in sent["TransactWriteItems"]["TransactItems"])

    def copies() -> Iterator[Item]:
        for number in range(3, rows + 1):
            yield row | {"sk": {"S": row["sk"]["S"][:-10] + f"{10**9 + number:010d}"}, "hs": {"N": str(number)}}

    project.write(copies(), advance)
    project.client.put_item(TableName=project.table, Item=card | {"v": {"N": str(rows)}})
    return call


def profile(project: Project) -> str:
    """The processor time of a credit by package."""
    call = project.caller("credit", "profiled")
    call()
    profiler = cProfile.Profile(thread_time)
    profiler.enable()
    for _ in range(PROFILED_CALLS):
        call()
    profiler.disable()
    own: defaultdict[str, float] = defaultdict(float)
    for (file, _, _), (_, _, seconds, _, _) in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]
        own[_package(file)] += seconds
    total = sum(own.values())
    shares = sorted(own.items(), key=lambda item: -item[1])[:PROFILED_PACKAGES]
    parts = ", ".join(f"{package} {seconds / total:.0%}" for package, seconds in shares)
    return f"A credit's processor time by the package that spends it, as cProfile sees it: {parts}."


def _package(file: str) -> str:
    path = Path(file)
    if "site-packages" in path.parts:
        return path.parts[path.parts.index("site-packages") + 1].removesuffix(".py")
    return "the product" if path.is_relative_to(ROOT) else "Python"


def _card(project: Project, customer: str) -> Card:
    card = project.store().cards.card(customer, project.wallet_id)
    assert card is not None, "the bench has just moved its points"
    return card


def _clock(pair: Pair) -> str:
    return "{:.2f} / {:.2f} ms".format(*pair.milliseconds)


def _processor(pair: Pair) -> str:
    return "{:.2f} / {:.2f} ms".format(*pair.processor_milliseconds)
