"""(b) A balance, a row and an idempotency item in one transaction.

Sources: "Implement resource counters with Amazon DynamoDB" (AWS Database Blog), the approach with a transaction, and
"Amazon DynamoDB transactions: how it works" (Developer Guide). The balance is read first, because the row and the
answer have the balance after the movement. A repeated key cancels the transaction; the cancellation has the first
answer.
"""

import json
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
    answer_of,
    by_time,
    make_table,
    newest_rows,
    partition,
    row,
)

REMEMBERED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Balance:
    points: int = 0
    version: int = 0


class BalanceItem:
    letter: ClassVar[str] = "b"
    title: ClassVar[str] = "Balance, row and idempotency item in one transaction"

    def __init__(self, client: "DynamoDBClient", table: str = TABLE) -> None:
        self._client = client
        self._table = table

    def make_tables(self) -> None:
        make_table(self._client, self._table)

    def move(self, movement: Movement) -> Answer:
        def attempt() -> Answer:
            before = self._balance(movement.customer_id)
            try:
                answer = answer_of(movement, before.points + movement.points)
            except InsufficientPoints:
                # The first request with the key may have spent the points.
                if first := self._first_answer(movement):
                    return first
                raise
            return self._write(movement, before, answer)

        return retry(attempt, "the balance")

    def _write(self, movement: Movement, before: Balance, answer: Answer) -> Answer:
        pk = partition(movement.customer_id)
        known: Item = {
            "pk": pk,
            "sk": {"S": f"KEY#{movement.key}"},
            "answer": {"S": json.dumps(answer)},
            "expiresAt": {"N": str(int((movement.at + REMEMBERED).timestamp()))},
        }
        balance: Item = {
            "pk": pk,
            "sk": {"S": "BALANCE"},
            "points": {"N": str(answer["balance"])},
            "version": {"N": str(before.version + 1)},
            "updatedAt": {"S": answer["at"]},
        }
        writes: Any = [
            {
                "Put": {
                    "TableName": self._table,
                    "Item": known,
                    "ConditionExpression": "attribute_not_exists(pk)",
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                }
            },
            {
                "Put": {
                    "TableName": self._table,
                    "Item": balance,
                    "ConditionExpression": "attribute_not_exists(pk) OR version = :seen",
                    "ExpressionAttributeValues": {":seen": {"N": str(before.version)}},
                }
            },
            {"Put": {"TableName": self._table, "Item": row(movement, by_time(movement), answer)}},
        ]
        try:
            self._client.transact_write_items(TransactItems=writes)
        except self._client.exceptions.TransactionCanceledException as canceled:
            reasons: Any = canceled.response["CancellationReasons"]
            if reasons[0]["Code"] == "ConditionalCheckFailed":
                first: Answer = json.loads(reasons[0]["Item"]["answer"]["S"])
                return first
            raise LostRace from canceled
        return answer

    def _first_answer(self, movement: Movement) -> Answer | None:
        key: Item = {"pk": partition(movement.customer_id), "sk": {"S": f"KEY#{movement.key}"}}
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        if item is None:
            return None
        first: Answer = json.loads(item["answer"]["S"])
        return first

    def _balance(self, customer_id: str) -> Balance:
        key: Item = {"pk": partition(customer_id), "sk": {"S": "BALANCE"}}
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return Balance(int(item["points"]["N"]), int(item["version"]["N"])) if item else Balance()

    def balance(self, customer_id: str, at: datetime) -> int:
        return self._balance(customer_id).points

    def newest(self, customer_id: str, limit: int) -> list[Item]:
        return newest_rows(self._client, self._table, customer_id, "TXN#", limit)
