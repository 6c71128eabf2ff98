"""The rate of settling due cards, compared with the engine's rate of one read and one transaction of two items."""

import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import quantiles
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
from loyalty.domain.cards.card import Card, Due, DueCard, Lifetime, Lot
from loyalty.domain.dates import instant
from loyalty.messaging.settle_queue import SettleQueue
from loyalty.store.card_items import card_item
from loyalty.store.store import Store
from loyalty.usecases import sweeps
from tests.bench.measuring import Advance, Figure, Pair, in_turn, require
from tests.bench.project import Project, new_client, recorded
from tests.bench.report import SweepRun
from tests.bench.settling import settle_all

RATE_MIN = 0.6
ROUND = 50
POINTS = 100
TICKS = 8
NOMINATION_MAX = 0.05
OURS, BARE = "ours", "bare"
SCAN_SECONDS_MAX = 120
SIDES_MAX = 2_000
"""Cards of each side of the comparison with bare boto3."""


@dataclass(frozen=True, slots=True)
class Plan:
    due: int
    """Due cards to settle side by side."""
    processes: int

    @property
    def cards(self) -> int:
        return min(self.due, SIDES_MAX)

    @property
    def rounds(self) -> int:
        return -(-self.cards // ROUND)

    @property
    def steps(self) -> int:
        return 2 * self.rounds + 2 * self.rounds * ROUND + 2 * self.due


def sweep(plan: Plan, advance: Advance) -> tuple[list[Figure], SweepRun]:
    """Measures the rate of one environment, which settles cards in sequence, and then of several side by side."""
    project = Project("sweep")
    total = plan.rounds * ROUND
    now = instant(datetime.now(UTC))
    for side in (OURS, BARE):
        project.write((card_item(_due_card(project, side, number, now)) for number in range(total)), advance)
    spare = _due_card(project, OURS, total, now)
    project.write(iter([card_item(spare)]))
    store = project.store()
    bare = new_client()
    with recorded() as sent:
        sweeps.settle_due_card(project.store(), DueCard(spare.customer_id, spare.wallet_id), datetime.now(UTC))
    row, card = (action["Put"] for action in sent["TransactWriteItems"]["TransactItems"])
    next_card: Counter[str] = Counter()

    def settle_round() -> tuple[float, float]:
        cards = _take(next_card, OURS)
        spent, began = time.process_time(), time.perf_counter()
        for customer in cards:
            sweeps.settle_due_card(store, DueCard(customer, project.wallet_id), datetime.now(UTC))
        return time.perf_counter() - began, time.process_time() - spent

    def bare_round() -> float:
        cards = _take(next_card, BARE)
        began = time.perf_counter()
        for customer in cards:
            _settle_bare(bare, project.table, customer, row, card)
        return time.perf_counter() - began

    nominating = _nominating(store)
    pair = Pair()
    in_turn(plan.rounds, lambda: pair.ours.add(*settle_round()), lambda: pair.bare.add(bare_round()), advance)
    _check(project, total + 1)
    ours, other = (ROUND / milliseconds * 1_000 for milliseconds in pair.milliseconds)
    figure = Figure("rate of the sweep", *pair.rates(), f"{ours:.0f} / {other:.0f} per s", at_least=RATE_MIN)
    settling = pair.processor_milliseconds[0] / 1_000 / ROUND
    middle, low, high = (value / settling for value in nominating)
    measured = f"{nominating[0] * 1_000:.2f} / {settling * 1_000:.1f} ms"
    share = Figure("nominating / settling a card", middle, low, high, measured, at_most=NOMINATION_MAX)
    return [figure, share], _side_by_side(plan, advance)


class _Accepting:
    """The client of an empty queue that accepts every message."""

    def get_queue_attributes(self, **_: Any) -> Any:
        return {"Attributes": {"ApproximateNumberOfMessages": "0"}}

    def send_message_batch(self, **request: Any) -> Any:
        return {"Successful": request["Entries"]}


def _nominating(store: Store) -> tuple[float, float, float]:
    """Returns the processor seconds for a card, in ticks that nominate all cards: median, and quartiles."""
    nominator = sweeps.Nominator(store, SettleQueue(cast("Any", _Accepting()), ""), sweeps.EXPIRIES, 1_000)
    seconds = []
    for _ in range(TICKS):
        began = time.process_time()
        nominated = nominator.tick(datetime.now(UTC)).nominated
        seconds.append((time.process_time() - began) / nominated)
    low, middle, high = quantiles(seconds, n=4)
    return middle, low, high


def _side_by_side(plan: Plan, advance: Advance) -> SweepRun:
    """Settles due cards in several processes, on a table of their own."""
    project = Project("sweeps")
    now = instant(datetime.now(UTC))
    cards = [_due_card(project, OURS, number, now) for number in range(plan.due)]
    project.write(map(card_item, cards), advance)
    customers = [card.customer_id for card in cards]
    seconds = settle_all(project.table, project.wallet_id, customers, plan.processes, advance)
    _check(project, plan.due)
    return SweepRun(plan.due, seconds, plan.processes)


def _settle_bare(client: "DynamoDBClient", table: str, customer: str, row: Any, card: Any) -> None:
    pk = {"S": f"CUSTOMER#{customer}"}
    client.get_item(TableName=table, Key={"pk": pk, "sk": card["Item"]["sk"]}, ConsistentRead=True)
    writing: Any = [
        {"Put": {**row, "Item": {**row["Item"], "pk": pk}}},
        {"Put": {**card, "Item": {**card["Item"], "pk": pk}}},
    ]
    client.transact_write_items(TransactItems=writing)


def _due_card(project: Project, side: str, number: int, now: int) -> Card:
    """A card whose only lot expired an hour ago and is not settled yet."""
    return Card(
        card_id=f"{side}{number:012d}",
        wallet_id=project.wallet_id,
        customer_id=f"{side}-{number:08d}",
        shard=number % 64,
        version=1,
        wallet_version=1,
        at=now - 86_400,
        lots=(Lot(POINTS, now - 3_600, now // 86_400 - 365),),
        lifetime=Lifetime(issued=POINTS),
        due=Due("E", now - 3_600),
    )


def _take(next_card: Counter[str], side: str) -> list[str]:
    first = next_card[side]
    next_card[side] += ROUND
    return [f"{side}-{number:08d}" for number in range(first, first + ROUND)]


def _check(project: Project, settled: int) -> None:
    """Checks that every card is settled once: each card has its second version, and one EXPIRY row."""
    # A filter over many items takes longer than a function may wait.
    patient = boto3.client("dynamodb", config=Config(read_timeout=SCAN_SECONDS_MAX))
    card = "begins_with(sk, :card) AND v = :two AND l = :none AND attribute_not_exists(dp)"
    row = "begins_with(sk, :row) AND t = :expiry AND p = :points"
    pages = patient.get_paginator("scan").paginate(
        TableName=project.table,
        Select="COUNT",
        FilterExpression=f"begins_with(pk, :head) AND (({card}) OR ({row}))",
        ExpressionAttributeValues={
            ":head": {"S": f"CUSTOMER#{OURS}-"},
            ":card": {"S": "CARD#"},
            ":two": {"N": "2"},
            ":none": {"L": []},
            ":row": {"S": "TXN#"},
            ":expiry": {"S": "EXPIRY"},
            ":points": {"N": str(POINTS)},
        },
    )
    found = sum(page["Count"] for page in pages)
    require(found == 2 * settled, f"{found} settled cards and rows of their expiry, not {2 * settled}")
