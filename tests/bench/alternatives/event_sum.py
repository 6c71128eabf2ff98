"""(d) Events only: a balance is the sum of the customer's events.

Source: "Event sourcing pattern" (AWS Prescriptive Guidance, Cloud design patterns,
https://docs.aws.amazon.com/prescriptive-guidance/latest/cloud-design-patterns/event-sourcing.html). The number of an
event is its sort key, and a new event needs a free number, so a movement that another one overtakes reads the events
again. The key of a movement is found among the events. Snapshots bound the reads; with a snapshot at each event, the
design becomes (b).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
from loyalty.retry import LostRace, retry
from tests.bench.alternatives.contract import (
    TABLE,
    Answer,
    Item,
    Movement,
    answer_from,
    answer_of,
    make_table,
    newest_rows,
    partition,
    row,
)


class EventSum:
    letter: ClassVar[str] = "d"
    title: ClassVar[str] = "Balance by summing events"

    def __init__(self, client: "DynamoDBClient", table: str = TABLE) -> None:
        self._client = client
        self._table = table

    def make_tables(self) -> None:
        make_table(self._client, self._table)

    def move(self, movement: Movement) -> Answer:
        def attempt() -> Answer:
            balance = count = 0
            for event in self._events(movement.customer_id):
                if event["idempotencyKey"]["S"] == movement.key:
                    return answer_from(event)
                balance += int(event["points"]["N"])
                count += 1
            answer = answer_of(movement, balance + movement.points)
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=row(movement, f"EVENT#{count + 1:010d}", answer),
                    ConditionExpression="attribute_not_exists(pk)",
                )
            except self._client.exceptions.ConditionalCheckFailedException as race:
                raise LostRace from race
            return answer

        return retry(attempt, "the events")

    def _events(self, customer_id: str) -> Iterator[Item]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :head)",
            ExpressionAttributeValues={":pk": partition(customer_id), ":head": {"S": "EVENT#"}},
        )
        return (item for page in pages for item in page["Items"])

    def balance(self, customer_id: str, at: datetime) -> int:
        return sum(int(event["points"]["N"]) for event in self._events(customer_id))

    def newest(self, customer_id: str, limit: int) -> list[Item]:
        return newest_rows(self._client, self._table, customer_id, "EVENT#", limit)
