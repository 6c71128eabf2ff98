"""The emulator of the tests behaves like DynamoDB, although its slow parts are replaced."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.dynamodb import comparisons
from moto.dynamodb.models.dynamo_type import DynamoType, Item

from tests.support.emulator import emulated_aws, stored_items
from tests.support.stack import add_table, make_table
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


@pytest.mark.parametrize(
    "expression",
    [
        "attribute_not_exists(pk)",
        "attribute_exists(pk) AND #n = :n",
        "attribute_not_exists(l) OR (NOT #n > :n AND begins_with(pk, :text))",
        "#n BETWEEN :low AND :n OR #n IN (:n, :low) OR (attribute_exists(pk) AND size(pk) < :low)",
        "contains(pk, :text) AND attribute_type(#n, :type) AND l[0].a <> :text AND h = :bytes",
    ],
)
def test_a_condition_is_read_once_and_judges_by_the_values_of_each_request(expression: str) -> None:
    known = {
        "#n": "n",
        ":low": {"N": "0"},
        ":text": {"S": "CUSTOMER"},
        ":type": {"S": "N"},
        ":bytes": {"B": b"\x00\xff"},
    }
    names: Any = {name: value for name, value in known.items() if name in expression and name.startswith("#")}
    values: Any = {name: value for name, value in known.items() if name in expression and name.startswith(":")}
    item = Item(DynamoType(KEY["pk"]), DynamoType(KEY["sk"]), {**KEY, **CONTENT})
    for number in ("1", "2"):
        if ":n" in expression:
            values[":n"] = {"N": number}
        with emulated_aws():
            own = comparisons.create_condition_expression_parser(expression, names, values)
            judged = [own.parse().expr(one) for one in (item, None)]
        moto = comparisons.create_condition_expression_parser(expression, names, values)
        assert judged == [moto.parse().expr(one) for one in (item, None)]
        assert own.expr_attr_names_found == moto.expr_attr_names_found
        assert own.expr_attr_values_found == moto.expr_attr_values_found


def test_a_condition_without_one_of_its_values_fails_also_after_the_same_one_with_it() -> None:
    with emulated_aws():
        comparisons.get_filter_expression("n = :n", None, {":n": {"N": "1"}})
        with pytest.raises(KeyError):
            comparisons.get_filter_expression("n = :n", None, {":m": {"N": "1"}})


def test_an_item_has_the_limit_of_its_size() -> None:
    with emulator() as session:
        client = client_of(session)
        make_table(client)
        too_large: Any = {**KEY, "n": {"N": "1"}, "text": {"S": "x" * 405_000}}
        with pytest.raises(ClientError, match="Item size has exceeded"):
            client.put_item(TableName="loyalty", Item=too_large)
        client.put_item(TableName="loyalty", Item={**KEY, "text": {"S": "x" * 404_000}})
        with pytest.raises(ClientError, match="Item size to update has exceeded"):
            client.update_item(
                TableName="loyalty",
                Key=KEY,
                UpdateExpression="SET another = :text",
                ExpressionAttributeValues={":text": {"S": "x" * 2_000}},
            )


def test_an_added_table_is_the_table_of_a_request() -> None:
    described = []
    for add in (make_table, lambda _: add_table()):
        with emulator() as session:
            client = client_of(session)
            add(client)
            table: Any = client.describe_table(TableName="loyalty")["Table"]
            described.append(
                {name: value for name, value in table.items() if name not in ("CreationDateTime", "TableId")}
            )
    assert described[0] == described[1]


def test_an_emulated_account_is_empty_at_the_start() -> None:
    for _ in range(2):
        with emulator() as session:
            client = client_of(session)
            assert client.list_tables()["TableNames"] == []
            make_table(client)
            with emulated_aws():
                assert client.list_tables()["TableNames"] == ["loyalty"]
