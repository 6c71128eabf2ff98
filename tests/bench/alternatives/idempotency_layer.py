"""(a) Powertools' idempotency around three requests: read the balance, put the balance, put the row.

Source: Powertools for AWS Lambda (Python), "Idempotency", with `idempotent_function` and `DynamoDBPersistenceLayer`
(https://docs.aws.amazon.com/powertools/python/latest/utilities/idempotency/). The balance has a version, and a write
needs the version that was read: "Optimistic locking with version number" (Amazon DynamoDB Developer Guide).
"""

from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
from loyalty.retry import LostRace, retry
from tests.bench.alternatives.contract import (
    TABLE,
    Answer,
    Item,
    Movement,
    answer_of,
    by_time,
    make_table,
    newest_rows,
    partition,
    row,
)

RECORDS = "idempotency"
DAY_SECONDS = 86_400
# The time that a record stays in progress after a crash: the rest of the function's time.
CONTEXT: Any = SimpleNamespace(get_remaining_time_in_millis=lambda: 10_000)


@dataclass(frozen=True, slots=True)
class Balance:
    points: int = 0
    version: int = 0


class IdempotencyLayer:
    letter: ClassVar[str] = "a"
    title: ClassVar[str] = "Powertools Idempotency around read, put, put"

    def __init__(self, client: "DynamoDBClient", table: str = TABLE) -> None:
        self._client = client
        self._table = table
        config = IdempotencyConfig(
            event_key_jmespath="[customerId, key]",
            raise_on_no_idempotency_key=True,
            expires_after_seconds=DAY_SECONDS,
        )
        config.register_lambda_context(CONTEXT)
        self._once = idempotent_function(
            self._move,
            data_keyword_argument="command",
            persistence_store=DynamoDBPersistenceLayer(table_name=RECORDS, boto3_client=client),
            config=config,
        )

    def make_tables(self) -> None:
        make_table(self._client, self._table)
        make_table(
            self._client,
            RECORDS,
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )

    def move(self, movement: Movement) -> Answer:
        command = {"customerId": movement.customer_id, "key": movement.key}
        answer: Answer = self._once(movement=movement, command=command)
        return answer

    def _move(self, movement: Movement, command: dict[str, str]) -> Answer:
        def attempt() -> Answer:
            before = self._balance(movement.customer_id)
            answer = answer_of(movement, before.points + movement.points)
            self._put_balance(movement, before, answer)
            return answer

        answer = retry(attempt, "the balance")
        self._client.put_item(TableName=self._table, Item=row(movement, by_time(movement), answer))
        return answer

    def _put_balance(self, movement: Movement, before: Balance, answer: Answer) -> None:
        item: Item = {
            "pk": partition(movement.customer_id),
            "sk": {"S": "BALANCE"},
            "points": {"N": str(answer["balance"])},
            "version": {"N": str(before.version + 1)},
            "updatedAt": {"S": answer["at"]},
        }
        try:
            self._client.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression="attribute_not_exists(pk) OR version = :seen",
                ExpressionAttributeValues={":seen": {"N": str(before.version)}},
            )
        except self._client.exceptions.ConditionalCheckFailedException as race:
            raise LostRace from race

    def _balance(self, customer_id: str) -> Balance:
        key: Item = {"pk": partition(customer_id), "sk": {"S": "BALANCE"}}
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return Balance(int(item["points"]["N"]), int(item["version"]["N"])) if item else Balance()

    def balance(self, customer_id: str, at: datetime) -> int:
        return self._balance(customer_id).points

    def newest(self, customer_id: str, limit: int) -> list[Item]:
        return newest_rows(self._client, self._table, customer_id, "TXN#", limit)
