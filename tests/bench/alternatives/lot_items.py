"""(c) One item for each lot of points, sorted by expiry, and a query of the lots for each movement.

Sources: "How does the FIFO-lot point ledger track earned/redeemed/expired/adjusted?" (Okommerce,
https://okommerce.com/docs/how-does-the-fifo-lot-point-ledger-track-earned-redeemed-expired-adjusted) for lots, and
"Using sort keys to organize data" (Amazon DynamoDB Developer Guide) for their items. An emptied lot is deleted, so that
the query reads lots with points only. The row has the idempotency key as its sort key; an index lists rows by time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
from loyalty.retry import LostRace, retry
from tests.bench.alternatives.contract import (
    TABLE,
    Answer,
    InsufficientPoints,
    Item,
    Movement,
    answer_from,
    answer_of,
    make_table,
    partition,
    row,
)

LIFETIME = timedelta(days=365)
HISTORY = "history"


@dataclass(frozen=True, slots=True)
class Lot:
    sort_key: str
    remaining: int


class LotItems:
    letter: ClassVar[str] = "c"
    title: ClassVar[str] = "One item for each lot, and a query for each movement"

    def __init__(self, client: "DynamoDBClient", table: str = TABLE) -> None:
        self._client = client
        self._table = table

    def make_tables(self) -> None:
        names = ("pk", "sk", "createdAt")
        by_time: Any = {
            "IndexName": HISTORY,
            "KeySchema": [
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "createdAt", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["points", "balance"]},
        }
        make_table(
            self._client,
            self._table,
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
            GlobalSecondaryIndexes=[by_time],
        )

    def move(self, movement: Movement) -> Answer:
        def attempt() -> Answer:
            lots = self._lots(movement.customer_id, movement.at)
            try:
                answer = answer_of(movement, sum(lot.remaining for lot in lots) + movement.points)
            except InsufficientPoints:
                # The first request with the key may have spent the points.
                if first := self._first_answer(movement):
                    return first
                raise
            return self._write(movement, lots, answer)

        return retry(attempt, "the lots")

    def _write(self, movement: Movement, lots: list[Lot], answer: Answer) -> Answer:
        known = row(movement, f"TXN#{movement.key}", answer)
        put: Any = {
            "Put": {
                "TableName": self._table,
                "Item": known,
                "ConditionExpression": "attribute_not_exists(pk)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }
        changes = [self._new_lot(movement)] if movement.points > 0 else self._spent(movement, lots)
        try:
            self._client.transact_write_items(TransactItems=[put, *changes])
        except self._client.exceptions.TransactionCanceledException as canceled:
            reasons: Any = canceled.response["CancellationReasons"]
            if reasons[0]["Code"] == "ConditionalCheckFailed":
                return answer_from(reasons[0]["Item"])
            raise LostRace from canceled
        return answer

    def _first_answer(self, movement: Movement) -> Answer | None:
        key: Item = {"pk": partition(movement.customer_id), "sk": {"S": f"TXN#{movement.key}"}}
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return None if item is None else answer_from(item)

    def _lots(self, customer_id: str, at: datetime) -> list[Lot]:
        """The lots that have not expired, the first to expire first."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :now AND :end",
            ExpressionAttributeValues={
                ":pk": partition(customer_id),
                ":now": {"S": f"LOT#{at.isoformat()}"},
                ":end": {"S": "LOT#~"},
            },
        )
        return [Lot(item["sk"]["S"], int(item["remaining"]["N"])) for page in pages for item in page["Items"]]

    def balance(self, customer_id: str, at: datetime) -> int:
        return sum(lot.remaining for lot in self._lots(customer_id, at))

    def newest(self, customer_id: str, limit: int) -> list[Item]:
        answer = self._client.query(
            TableName=self._table,
            IndexName=HISTORY,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": partition(customer_id)},
            ScanIndexForward=False,
            Limit=limit,
        )
        return answer["Items"]

    def _new_lot(self, movement: Movement) -> Any:
        lot: Item = {
            "pk": partition(movement.customer_id),
            "sk": {"S": f"LOT#{(movement.at + LIFETIME).isoformat()}#{movement.key}"},
            "issued": {"N": str(movement.points)},
            "remaining": {"N": str(movement.points)},
        }
        return {"Put": {"TableName": self._table, "Item": lot}}

    def _spent(self, movement: Movement, lots: list[Lot]) -> list[Any]:
        """The writes that take the points of a debit from the lots."""
        wanted = -movement.points
        writes: list[Any] = []
        for lot in lots:
            taken = min(wanted, lot.remaining)
            change: Item = {
                "TableName": self._table,
                "Key": {"pk": partition(movement.customer_id), "sk": {"S": lot.sort_key}},
                "ConditionExpression": "remaining = :seen",
                "ExpressionAttributeValues": {":seen": {"N": str(lot.remaining)}},
            }
            if taken == lot.remaining:
                writes.append({"Delete": change})
            else:
                change["UpdateExpression"] = "SET remaining = :left"
                change["ExpressionAttributeValues"][":left"] = {"N": str(lot.remaining - taken)}
                writes.append({"Update": change})
            wanted -= taken
            if not wanted:
                break
        return writes
