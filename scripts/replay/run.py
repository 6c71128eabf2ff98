"""Posts every order as a credit, refunds what was canceled, and compares every customer's balance with the file."""

from collections.abc import Callable, Sequence
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


@dataclass(frozen=True, slots=True)
class Credited:
    transaction_id: str
    points: int
    is_new: bool


@dataclass(slots=True)
class Posted:
    """The results of the orders so far; only the main thread changes them."""

    created: dict[str, int] = field(default_factory=dict)
    replayed: int = 0
    points_created: int = 0
    points_replayed: int = 0
    failures: list[tuple[Order, str]] = field(default_factory=list)

    @property
    def answered(self) -> int:
        return len(self.created) + self.replayed

    def add(self, order: Order, outcome: Credited | Failed) -> None:
        if isinstance(outcome, Failed):
            self.failures.append((order, str(outcome)))
            if len(self.failures) >= HOPELESS_AFTER and not self.answered:
                raise Hopeless
            return
        if outcome.points != order.points:
            self.failures.append((order, f"{outcome.points} points were credited instead of {order.points}"))
        if outcome.is_new:
            self.created[outcome.transaction_id] = outcome.points
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


def open_wallet(client: Api, number: int) -> Wallet:
    """Makes or finds the wallet: the key is fixed, so every run gets the wallet of the first run."""
    body = {
        "name": "Replay" if number == 1 else f"Replay {number}",
        "pointsName": "points",
        "expiration": {"type": "NO_EXPIRATION"},
        "pending": {"type": "IMMEDIATE"},
    }
    answer = client.post(api.path("wallets"), body, f"replay-wallet-{number}")
    try:
        return Wallet(str(answer.body["walletId"]), answer.is_replay, answer.answered_at)
    except KeyError as error:
        api.malformed(answer, error)


def find_wallet(client: Api, wallet_id: str) -> Wallet:
    answer = client.get(api.path("wallets", wallet_id))
    return Wallet(wallet_id, is_replay=True, began_at=answer.answered_at)


def credit(client: Api, wallet: Wallet, order: Order) -> Credited | Failed:
    where = api.path("wallets", wallet.wallet_id, "cards", order.customer_id, "credits")
    try:
        answer = client.post(where, order.credit(), order.idempotency_key)
        try:
            row = answer.body["transaction"]
            # The answer to this run's first attempt may have been lost: then the repetition is this run's credit.
            is_own = answer.attempts > 1 and datetime.fromisoformat(row["createdAt"]) >= wallet.began_at
            is_new = is_own or not answer.is_replay
            return Credited(str(row["transactionId"]), int(row["points"]), is_new)
        except (KeyError, TypeError, ValueError) as error:
            api.malformed(answer, error)
    except Failed as failed:
        return failed


def compare(
    client: Api, wallet: Wallet, customer_id: str, orders: tuple[Order, ...], *, revoked: int, deep: bool
) -> Compared:
    """Compares the card with the points after all refunds; a customer without a card has 0 points."""
    expected = sum(order.points for order in orders) - revoked
    card = api.path("wallets", wallet.wallet_id, "cards", customer_id)
    try:
        answer = client.get(card)
        try:
            active = int(answer.body["balance"]["active"])
        except (KeyError, TypeError, ValueError) as error:
            api.malformed(answer, error)
        trouble = compare_credits(client, f"{card}/transactions", orders) if deep else ""
    except Failed as failed:
        is_absent = failed.code == "card_not_found"
        return Compared(customer_id, expected, None, "" if is_absent else str(failed))
    return Compared(customer_id, expected, active, trouble)


def compare_credits(client: Api, where: str, orders: tuple[Order, ...]) -> str:
    """Describes how the card's history, which may lag a moment, differs from one credit per order."""
    wanted = sorted((order.order_id, order.points) for order in orders)
    for _ in range(LISTINGS_MAX):
        listed = list_credits(client, where)
        if listed == wanted:
            return ""
        Event().wait(LISTING_PAUSE_SECONDS)
    missing = len([entry for entry in wanted if entry not in listed])
    return f"{len(listed)} credits in the history, {len(wanted)} expected, {missing} of those missing"


def list_credits(client: Api, where: str) -> list[tuple[str, int]]:
    found = []
    query = {"limit": "100"}
    while True:
        answer = client.get(where, query)
        try:
            rows = [row for row in answer.body["data"] if row["type"] == "CREDIT"]
            found += [(str(row["orderId"]), int(row["points"])) for row in rows]
            cursor = answer.body["nextCursor"]
        except (KeyError, TypeError, ValueError) as error:
            api.malformed(answer, error)
        if not cursor:
            return sorted(found)
        query = {"limit": "100", "cursor": str(cursor)}
