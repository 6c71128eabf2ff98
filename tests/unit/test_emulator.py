"""The emulator of the tests behaves like DynamoDB, although its slow parts are replaced."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.emulator import emulated_aws, stored_items
from tests.support.stack import make_table
from tests.support.world import client_of, emulator

KEY = {"pk": {"S": "CUSTOMER#ann"}, "sk": {"S": "CARD#1"}}
OTHER = {"pk": {"S": "CUSTOMER#ann"}, "sk": {"S": "CARD#2"}}
THIRD = {"pk": {"S": "CUSTOMER#bob"}, "sk": {"S": "CARD#1"}}
CONTENT: dict[str, Any] = {
    "n": {"N": "1"},
    "h": {"B": b"\x00\xff"},
    "hs": {"BS": [b"\x00\xff", b"\x01"]},
    "l": {"L": [{"M": {"a": {"S": "x"}, "B": {"B": b"\xff"}, "BS": {"L": [{"BOOL": True}]}}}]},
}


def put(key: Any, **more: Any) -> Any:
    return {"Put": {"TableName": "loyalty", "Item": {**key, **CONTENT}, **more}}


def test_a_canceled_transaction_changes_no_item() -> None:
    with emulator() as session:
        client = client_of(session)
        make_table(client)
        for key in (KEY, THIRD):
            client.put_item(TableName="loyalty", Item={**key, **CONTENT})
        before = stored_items("loyalty")
        change: Any = {
            "Update": {
                "TableName": "loyalty",
                "Key": KEY,
                "UpdateExpression": "SET n = :n, l[0].a = :n",
                "ExpressionAttributeValues": {":n": {"N": "2"}},
            }
        }
        delete: Any = {"Delete": {"TableName": "loyalty", "Key": THIRD}}
        refused = put({**OTHER, "sk": {"S": "CARD#3"}}, ConditionExpression="attribute_exists(pk)")

        with pytest.raises(ClientError, match="ConditionalCheckFailed"):
            client.transact_write_items(TransactItems=[change, delete, put(OTHER), refused])
        assert stored_items("loyalty") == before

        client.transact_write_items(TransactItems=[change, delete, put(OTHER)])
        assert [item["sk"]["S"] for item in stored_items("loyalty")] == ["CARD#1", "CARD#2"]
        assert stored_items("loyalty")[0]["n"] == {"N": "2"}


def test_a_scan_a_query_and_stored_items_return_equal_items_in_equal_order() -> None:
    with emulator() as session:
        client = client_of(session)
        make_table(client)
        for key in (THIRD, OTHER, KEY):
            client.put_item(TableName="loyalty", Item={**key, **CONTENT})

        scanned = client.scan(TableName="loyalty")["Items"]
        queried = client.query(
            TableName="loyalty",
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": "CUSTOMER#ann"}},
        )["Items"]

        assert scanned == stored_items("loyalty") == [{**key, **CONTENT} for key in (KEY, OTHER, THIRD)]
        assert queried == scanned[:2]


def test_an_answer_has_the_contents_of_a_request_that_moto_reads_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = []
    for is_emulated in (True, False):
        with emulator() as session:
            client = client_of(session)
            make_table(client)
            if not is_emulated:
                monkeypatch.setattr("tests.support.emulator.ITEM_OPERATIONS", set())
            client.put_item(TableName="loyalty", Item={**KEY, **CONTENT})
            change: Any = {
                "TableName": "loyalty",
                "Key": KEY,
                "UpdateExpression": "SET n = :n",
                "ExpressionAttributeValues": {":n": {"N": "2"}},
                "ReturnValues": "ALL_NEW",
            }
            refused = put(KEY, ConditionExpression="attribute_not_exists(pk)")
            refused["Put"]["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
            keys: Any = {"loyalty": {"Keys": [KEY, OTHER]}}
            with pytest.raises(ClientError) as canceled:
                client.transact_write_items(TransactItems=[refused])
            with pytest.raises(ClientError) as invalid:
                client.get_item(TableName="loyalty", Key={"pk": {"S": ""}, "sk": {"S": "x"}})
            own: list[Any] = [
                client.update_item(**change),
                client.get_item(TableName="loyalty", Key=KEY),
                client.get_item(TableName="loyalty", Key=OTHER),
                client.batch_get_item(RequestItems=keys),
                canceled.value.response,
                invalid.value.response,
            ]
            for answer in own:
                metadata = answer.pop("ResponseMetadata")
                assert "date" in metadata["HTTPHeaders"]
                answer["status"] = metadata["HTTPStatusCode"]
            answers.append(own)
    assert answers[0] == answers[1]
    assert answers[0][1]["Item"] == {**KEY, **CONTENT, "n": {"N": "2"}}


def test_an_emulated_account_is_empty_at_the_start() -> None:
    for _ in range(2):
        with emulator() as session:
            client = client_of(session)
            assert client.list_tables()["TableNames"] == []
            make_table(client)
            with emulated_aws():
                assert client.list_tables()["TableNames"] == ["loyalty"]
