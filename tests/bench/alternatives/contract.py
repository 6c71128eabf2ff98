"""What every design promises, and the items that several designs have.

A movement answers with the balance after it. A movement sent again with its key answers what the first one answered. No
balance becomes negative. The movements of a customer can be listed, newest first.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypedDict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TABLE = "points"
Item = dict[str, Any]


class InsufficientPoints(Exception):
    """A debit demands more than the balance."""


@dataclass(frozen=True, slots=True)
class Movement:
    """Points are positive for a credit, negative for a debit. The key makes the movement happen once."""

    customer_id: str
    key: str
    points: int
    at: datetime
    order_id: str = "#1001"
    description: str = "Order #1001"
    metadata: str = '{"channel":"web"}'
    actor: str = "key_00c0ffee"


class Answer(TypedDict):
    points: int
    balance: int
    at: str


class Alternative(Protocol):
    letter: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, client: "DynamoDBClient", table: str = TABLE) -> None: ...

    def make_tables(self) -> None: ...

    def move(self, movement: Movement) -> Answer: ...

    def balance(self, customer_id: str, at: datetime) -> int: ...

    def newest(self, customer_id: str, limit: int) -> list[Item]: ...


def make_table(client: "DynamoDBClient", name: str, **settings: Any) -> None:
    """Makes a table of items by customer."""
    keys: Any = {
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    }
    client.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **keys | settings)


def partition(customer_id: str) -> Item:
    return {"S": f"CUSTOMER#{customer_id}"}


def answer_of(movement: Movement, balance: int) -> Answer:
    if balance < 0:
        raise InsufficientPoints
    return {"points": movement.points, "balance": balance, "at": movement.at.isoformat()}


def row(movement: Movement, sort_key: str, answer: Answer) -> Item:
    """The record of a movement."""
    return {
        "pk": partition(movement.customer_id),
        "sk": {"S": sort_key},
        "points": {"N": str(answer["points"])},
        "balance": {"N": str(answer["balance"])},
        "createdAt": {"S": answer["at"]},
        "idempotencyKey": {"S": movement.key},
        "orderId": {"S": movement.order_id},
        "description": {"S": movement.description},
        "metadata": {"S": movement.metadata},
        "actor": {"S": movement.actor},
    }


def answer_from(item: Item) -> Answer:
    return {
        "points": int(item["points"]["N"]),
        "balance": int(item["balance"]["N"]),
        "at": item["createdAt"]["S"],
    }


def by_time(movement: Movement) -> str:
    """The sort key of a row in the order of time."""
    return f"TXN#{movement.at.isoformat()}#{movement.key}"


def newest_rows(client: "DynamoDBClient", table: str, customer_id: str, head: str, limit: int) -> list[Item]:
    answer = client.query(
        TableName=table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :head)",
        ExpressionAttributeValues={":pk": partition(customer_id), ":head": {"S": head}},
        ScanIndexForward=False,
        Limit=limit,
    )
    return answer["Items"]
