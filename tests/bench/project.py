"""A project on the engine: a table with one wallet, its handlers and use cases, and their requests."""

import copy
import json
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count, islice
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
from loyalty.domain.wallets.wallet import WalletStatus
from loyalty.retry import LostRace, retry
from loyalty.store.attributes import Item
from loyalty.store.store import Store, connected_store
from loyalty.usecases import wallets
from tests.bench.measuring import require
from tests.bench.wire import Exchange, tapped
from tests.support.stack import CONTEXT, make_table, routed
from tests.support.template import ROOT

WRITE_MAX = 25
"""The items of one BatchWriteItem (Amazon DynamoDB quotas)."""
WRITE_THREADS = 4


def new_client() -> "DynamoDBClient":
    """A client with the settings of the product's client."""
    retries: Any = {"mode": "standard", "total_max_attempts": 3}
    return boto3.client(
        "dynamodb", config=Config(connect_timeout=1, read_timeout=3, retries=retries, tcp_keepalive=True)
    )


def environment_store(table: str) -> Store:
    """A new store, connected as in a new environment of a function."""
    own = os.environ["LOYALTY_TABLE"]
    os.environ["LOYALTY_TABLE"] = table
    try:
        return connected_store.__wrapped__()
    finally:
        os.environ["LOYALTY_TABLE"] = own


@dataclass
class Project:
    """A table with one wallet. Handlers use only the table `loyalty`."""

    table: str = "loyalty"
    client: "DynamoDBClient" = field(default_factory=new_client)
    wallet_id: str = ""
    cards_of_rows: dict[int, Any] = field(default_factory=dict)
    """By the number of rows: what credits the card."""
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        make_table(self.client, self.table)
        expiration = {"type": "ROLLING_EXPIRATION", "every": 1, "unit": "YEAR"}
        document = {"name": "Stars", "expiration": expiration}
        wallet, _ = wallets.create(self.store(), document, WalletStatus.ACTIVE, datetime.now(UTC), "bench")
        self.wallet_id = wallet.wallet.wallet_id

    def store(self) -> Store:
        return environment_store(self.table)

    def caller(self, verb: str, customer: str, *, points: int | None = None) -> Callable[[], Any]:
        """Returns a function that sends the sample event to its handler, with a new key at each call."""
        sample = json.loads((ROOT / "events" / f"{verb}_points.json").read_text())
        path = f"/v1/wallets/{self.wallet_id}/cards/{customer}/{verb}s"
        route, handler, ids = routed("POST", path)
        require(route == sample["routeKey"], f"events/{verb}_points.json has another route than {route}")
        body = json.loads(sample["body"]) | ({} if points is None else {"points": points})
        http = sample["requestContext"]["http"] | {"path": path}

        def call() -> Any:
            number = next(self._numbers)
            event = {
                **sample,
                "rawPath": path,
                "headers": sample["headers"] | {"idempotency-key": f"{verb}-{number:010d}"},
                "requestContext": sample["requestContext"] | {"http": http, "requestId": f"request-{number:010d}"},
                "pathParameters": ids,
                "body": json.dumps(body),
            }
            answer = handler(event, CONTEXT)
            require(answer["statusCode"] == 201, f"{verb}: {answer}")
            return answer

        return call

    def write(self, items: Iterator[Item], advance: Callable[[int], None] = lambda _: None) -> None:
        """Writes items in batches, without the product."""
        batches(self.client, self.table, items, advance)

    def items(self) -> list[Item]:
        pages = self.client.get_paginator("scan").paginate(TableName=self.table)
        return [item for page in pages for item in page["Items"]]


def batches(
    client: "DynamoDBClient", table: str, items: Iterator[Item], advance: Callable[[int], None] = lambda _: None
) -> None:
    """Writes items in batches, several at once."""

    def write(batch: list[Any]) -> None:
        left: Any = {table: batch}
        while left:
            left = client.batch_write_item(RequestItems=left)["UnprocessedItems"]
        advance(len(batch))

    requests = ({"PutRequest": {"Item": item}} for item in items)
    with ThreadPoolExecutor(WRITE_THREADS) as pool:
        while chunk := list(islice(requests, WRITE_MAX * WRITE_THREADS)):
            list(pool.map(write, (chunk[first : first + WRITE_MAX] for first in range(0, len(chunk), WRITE_MAX))))


@contextmanager
def recorded() -> Iterator[dict[str, Any]]:
    """Records the parameters of the last request of each operation."""
    sent: dict[str, Any] = {}

    def note(exchange: Exchange) -> None:
        sent[exchange.operation] = exchange.request
        exchange.request.pop("ClientRequestToken", None)

    with tapped(note):
        yield sent


@contextmanager
def counted_answers() -> Iterator[dict[str, Counter[str]]]:
    """Counts the results of transactions by customer: `done`, or the reasons of row and card."""
    answers: dict[str, Counter[str]] = defaultdict(Counter)

    def note(exchange: Exchange) -> None:
        if exchange.operation == "TransactWriteItems":
            reasons = [reason.get("Code", "None") for reason in exchange.answer.get("CancellationReasons", [])]
            (first, *_) = exchange.request["TransactItems"]
            customer = first["Put"]["Item"]["pk"]["S"].removeprefix("CUSTOMER#")
            failed = exchange.answer.get("__type", "").rpartition("#")[2]
            answers[customer]["/".join(reasons) or failed or "done"] += 1

    with tapped(after=note):
        yield answers


class BareCard:
    """A card of the same size as the product's card, moved by the same two requests only."""

    def __init__(self, table: str, sent: dict[str, Any], customer: str) -> None:
        """Copies `sent`, the product's requests for a movement. The customer id should have the same length."""
        self._table = table
        self._sent = copy.deepcopy(sent)
        row, card = self._sent["TransactWriteItems"]["TransactItems"]
        self.row, self.card = row["Put"], card["Put"]
        self.row["Item"]["pk"] = self.card["Item"]["pk"] = {"S": f"CUSTOMER#{customer}"}

    def put(self, client: "DynamoDBClient") -> None:
        client.put_item(TableName=self._table, Item=self.card["Item"])

    def move(self, client: "DynamoDBClient", number: int) -> None:
        """Reads the card and the key of the row, and writes both. A lost race is retried from the read."""
        place = self.row["Item"]["sk"]["S"][:-10] + f"{number:010d}"
        row_key = {"pk": self.row["Item"]["pk"], "sk": {"S": place}}
        card_key = {"pk": self.card["Item"]["pk"], "sk": self.card["Item"]["sk"]}
        reading: Any = {self._table: {"Keys": [card_key, row_key], "ConsistentRead": True}}
        card: Any = None

        def attempt() -> None:
            nonlocal card
            if card is None:
                (card,) = client.batch_get_item(RequestItems=reading)["Responses"][self._table]
            version = int(card["v"]["N"])
            following = {"N": str(version + 1)}
            seen = {":v": card["v"], ":e": card["e"]}
            row = {**self.row, "Item": {**self.row["Item"], "sk": {"S": place}, "hs": following}}
            after = {**self.card, "Item": {**self.card["Item"], "v": following}, "ExpressionAttributeValues": seen}
            writing: Any = [{"Put": row}, {"Put": after}]
            try:
                client.transact_write_items(TransactItems=writing)
            except client.exceptions.TransactionCanceledException as race:
                reasons: Any = race.response["CancellationReasons"]
                alone = [reason["Code"] for reason in reasons] == ["None", "ConditionalCheckFailed"]
                card = reasons[1].get("Item") if alone else None
                raise LostRace from race

        retry(attempt, "the bare card")
