"""Posts every order, refunds what was canceled, and compares every customer's balance with the file."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from typing import TypeVar

from scripts.replay import api
from scripts.replay.api import Api, Failed
from scripts.replay.orders import Order

HOPELESS_AFTER = 25
LISTINGS_MAX = 10
LISTING_PAUSE_SECONDS = 0.5

Thing = TypeVar("Thing")
Outcome = TypeVar("Outcome")


class Hopeless(Exception):
    """Every order so far failed: the rest would fail too."""


@dataclass(frozen=True, slots=True)
class Wallet:
    wallet_id: str
    is_replay: bool
    began_at: datetime
    prefix: str = ""
    """What a customer's id begins with, before the id in the file."""
    campaigns: tuple[str, ...] = ()
    """The campaigns that give the points."""

    def customer_id(self, id_in_file: str) -> str:
        return self.prefix + id_in_file

    def card(self, id_in_file: str, *parts: str) -> str:
        """Returns the path of the customer's card, or of a part of it."""
        return api.path("wallets", self.wallet_id, "cards", self.customer_id(id_in_file), *parts)


@dataclass(frozen=True, slots=True)
class Credited:
    """The points of an order."""

    rows: Mapping[str, int]
    """The points by the ids of their transactions."""
    is_new: bool
    difference: str = ""
    """How the answer differs from the file."""

    @property
    def points(self) -> int:
        return sum(self.rows.values())


@dataclass(slots=True)
class Posted:
    """The results of the orders so far; only the main thread changes them."""

    created: dict[str, int] = field(default_factory=dict)
    """The points of new transactions by their ids."""
    made: int = 0
    replayed: int = 0
    points_created: int = 0
    points_replayed: int = 0
    failures: list[tuple[Order, str]] = field(default_factory=list)
    incomplete: set[str] = field(default_factory=set)
    """The customers with an order that was not posted."""

    @property
    def answered(self) -> int:
        return self.made + self.replayed

    def add(self, order: Order, outcome: Credited | Failed) -> None:
        if isinstance(outcome, Failed):
            self.failures.append((order, str(outcome)))
            self.incomplete.add(order.customer_id)
            if len(self.failures) >= HOPELESS_AFTER and not self.answered:
                raise Hopeless
            return
        if outcome.difference:
            self.failures.append((order, outcome.difference))
        elif outcome.points != order.points:
            self.failures.append((order, f"{outcome.points} points were credited instead of {order.points}"))
        if outcome.is_new:
            self.made += 1
            self.created.update(outcome.rows)
            self.points_created += outcome.points
        else:
            self.replayed += 1
            self.points_replayed += outcome.points


@dataclass(frozen=True, slots=True)
class Compared:
    customer_id: str
    expected: int
    active: int | None
    trouble: str

    @property
    def is_equal(self) -> bool:
        return not self.trouble and (self.active or 0) == self.expected


def in_parallel(
    work: Callable[[Thing], Outcome],
    things: Sequence[Thing],
    settle: Callable[[Thing, Outcome], None],
    *,
    workers: int,
    stop: Event,
) -> None:
    """Works on the things in threads, and settles their outcomes on the calling thread.

    An interrupt on the calling thread stops the work before it spreads.
    """
    with ThreadPoolExecutor(workers) as pool:
        try:
            waiting = {pool.submit(work, thing): thing for thing in things}
            for future in as_completed(waiting):
                settle(waiting[future], future.result())
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def open_wallet(client: Api, name: str, key: str, number: int) -> Wallet:
    """Makes or finds the wallet: the key is fixed, so every run gets the wallet of the first run."""
    body = {
        "name": name if number == 1 else f"{name} {number}",
        "pointsName": "points",
        "expiration": {"type": "NO_EXPIRATION"},
        "pending": {"type": "IMMEDIATE"},
    }
    answer = client.post(api.path("wallets"), body, f"{key}-{number}")
    try:
        return Wallet(str(answer.body["walletId"]), answer.is_replay, answer.answered_at)
    except KeyError as error:
        api.malformed(answer, error)


def post_in_sequence(post: Callable[[Order], Credited], orders: Sequence[Order]) -> list[Credited | Failed]:
    """Posts the orders one after another, up to the first failure: no order may take the place of an earlier one."""
    outcomes: list[Credited | Failed] = []
    for order in orders:
        if outcomes and isinstance(outcomes[-1], Failed):
            outcomes.append(Failed("not posted, because an earlier order of the customer failed"))
            continue
        try:
            outcomes.append(post(order))
        except Failed as failed:
            outcomes.append(failed)
    return outcomes


def compare(
    client: Api, wallet: Wallet, customer_id: str, orders: tuple[Order, ...], *, revoked: int, deep: bool
) -> Compared:
    """Compares the card with the points after all refunds; a customer without a card has 0 points."""
    expected = sum(order.points for order in orders) - revoked
    try:
        answer = client.get(wallet.card(customer_id))
        try:
            active = int(answer.body["balance"]["active"])
        except (KeyError, TypeError, ValueError) as error:
            api.malformed(answer, error)
        trouble = compare_credits(client, wallet.card(customer_id, "transactions"), orders) if deep else ""
    except Failed as failed:
        is_absent = failed.code == "card_not_found"
        return Compared(customer_id, expected, None, "" if is_absent else str(failed))
    return Compared(customer_id, expected, active, trouble)


def compare_credits(client: Api, where: str, orders: tuple[Order, ...]) -> str:
    """Describes how the card's history, which may lag a moment, differs from the points of each order."""
    wanted = Counter({order.order_id: order.points for order in orders})
    for _ in range(LISTINGS_MAX):
        listed = list_credits(client, where)
        if listed == wanted:
            return ""
        Event().wait(LISTING_PAUSE_SECONDS)
    missing = len(wanted.items() - listed.items())
    return (
        f"{len(listed)} credited orders in the history, {len(wanted)} expected, {missing} of those missing or different"
    )


def list_credits(client: Api, where: str) -> Counter[str]:
    """Returns the credited points by order."""
    found: Counter[str] = Counter()
    query = {"limit": "100"}
    while True:
        answer = client.get(where, query)
        try:
            for row in answer.body["data"]:
                if row["type"] == "CREDIT":
                    found[str(row["orderId"])] += int(row["points"])
            cursor = answer.body["nextCursor"]
        except (KeyError, TypeError, ValueError) as error:
            api.malformed(answer, error)
        if not cursor:
            return found
        query = {"limit": "100", "cursor": str(cursor)}
