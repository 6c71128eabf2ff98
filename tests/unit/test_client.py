"""The client of the table sends what boto3's client sends, and answers as it does, whatever the database answers."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zlib import crc32

import botocore.session
import pytest
import time_machine
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from loyalty.store.client import Client, Settings
from loyalty.store.store import Store
from loyalty.store.table import TransactionCanceled, put
from tests.support.emulator import emulated_aws
from tests.support.stack import make_table
from tests.support.template import ROOT
from tests.support.wire import parse

KEY = {"pk": {"S": "CUSTOMER#ann"}, "sk": {"S": "CARD#1"}}
OTHER = {"pk": {"S": "CUSTOMER#ann"}, "sk": {"S": "CARD#2"}}
ITEM: dict[str, Any] = {
    **KEY,
    "s": {"S": 'café ✓ " \\ \u2028 😀'},
    "n": {"N": "-123456789012345678901234567890.12345678"},
    "b": {"B": b"\x00\xff"},
    "empty": {"B": b""},
    "ss": {"SS": ["a", "b"]},
    "ns": {"NS": ["1", "2.5"]},
    "bs": {"BS": [b"\x00", b"\xff\x01"]},
    "t": {"BOOL": True},
    "null": {"NULL": True},
    "l": {"L": [{"B": b"\x01"}, {"L": [{"B": b"\x02"}]}, {"M": {}}, {"S": "x"}]},
    # Names of attributes that are also names of types.
    "B": {"M": {"B": {"B": b"\x03"}, "BS": {"BS": [b"\x04"]}, "S": {"S": "B"}, "M": {"M": {"L": {"L": []}}}}},
    "BS": {"S": "BS"},
}
"""A value of each type of attribute."""
CANCELED = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException"
THROTTLED = "com.amazon.coral.availability#ThrottlingException"


class Database:
    """Answers in the form of DynamoDB, on a port of this machine: each request takes the next of its answers."""

    def __init__(self) -> None:
        self.answers: list[Callable[[BaseHTTPRequestHandler], None]] = []
        self.bodies: list[Any] = []
        self.headers: list[dict[str, str]] = []
        self.connections: set[Any] = set()
        self.issued = 0
        database = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:  # the name that http.server calls
                database.bodies.append(parse(self.rfile.read(int(self.headers["Content-Length"]))))
                database.headers.append({name.lower(): value for name, value in self.headers.items()})
                database.connections.add(self.client_address)
                database.answers.pop(0)(self)

            def do_GET(self) -> None:  # the name that http.server calls
                assert self.headers["Authorization"] == "container"
                answering(database.new_credentials())(self)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def new_credentials(self) -> dict[str, str]:
        """Credentials for an hour, in the form of a container's endpoint."""
        self.issued += 1
        expiry = datetime.now(UTC) + timedelta(hours=1)
        return {
            "AccessKeyId": f"AKID{self.issued}",
            "SecretAccessKey": "secret",
            "Token": f"token-{self.issued}",
            "Expiration": expiry.isoformat(),
        }


def answering(
    document: Any, status: int = 200, checksum: int | None = None
) -> Callable[[BaseHTTPRequestHandler], None]:
    return raw(json.dumps(document).encode(), status, checksum)


def raw(content: bytes, status: int = 200, checksum: int | None = None) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(content)))
        handler.send_header("x-amz-crc32", str(crc32(content) if checksum is None else checksum))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def lost(handler: BaseHTTPRequestHandler) -> None:
    """The connection ends without an answer."""
    handler.close_connection = True
    handler.connection.close()


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    made = Database()
    threading.Thread(target=made.server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    yield made
    made.server.shutdown()
    made.server.server_close()


SETTINGS = Settings("test", connect_seconds=1, read_seconds=1, sdk_attempts_max=2)


@cache
def session() -> botocore.session.Session:
    """One for all tests, because botocore takes long to read its models."""
    made = botocore.session.Session()
    # The emulator has other credentials.
    made.get_credentials()
    return made


@pytest.fixture(autouse=True)
def _one_session(monkeypatch: pytest.MonkeyPatch) -> None:
    made = session()
    monkeypatch.setattr("botocore.session.get_session", lambda: made)


def new_client(endpoint: str | None) -> Client:
    return Client(SETTINGS, endpoint, "us-east-1")


def test_answers_are_those_of_boto3_for_items_of_every_type() -> None:
    """The same requests by both, against the emulator."""
    absent = {**KEY, "sk": {"S": "CARD#9"}}
    given = []
    for path in ("own", "boto3"):
        with emulated_aws():
            client = new_client(None)
            sdk: Any = client.sdk
            make_table(sdk)
            used: Any = client if path == "own" else sdk
            transaction = {
                "Put": {
                    "TableName": "loyalty",
                    "Item": ITEM,
                    "ConditionExpression": "attribute_not_exists(pk)",
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                }
            }
            used.transact_write_items(TransactItems=[transaction])
            with pytest.raises(ClientError) as refused:
                used.transact_write_items(TransactItems=[transaction])
            keys = {"loyalty": {"Keys": [KEY, OTHER], "ConsistentRead": True}}
            answers = [
                used.get_item(TableName="loyalty", Key=KEY, ConsistentRead=True),
                used.get_item(TableName="loyalty", Key=absent, ConsistentRead=True),
                used.batch_get_item(RequestItems=keys),
            ]
            dates = [answer.pop("ResponseMetadata")["HTTPHeaders"]["date"] for answer in answers]
            assert all(dates)
            error: Any = refused.value.response
            given.append([answers, error["Error"], error["CancellationReasons"]])
    assert given[0] == given[1]
    answers, _, reasons = given[0]
    assert answers[0]["Item"] == answers[2]["Responses"]["loyalty"][0] == reasons[0]["Item"] == ITEM
    assert "Item" not in answers[1]


def test_a_request_goes_over_the_wire_as_boto3_sends_it(database: Database) -> None:
    """Only the SDK's headers about its retries, the spaces in its JSON and the token are different.

    Powertools adds its name to the user agent of the SDK's clients.
    """
    transaction: Any = {"TransactItems": [{"Put": {"TableName": "loyalty", "Item": ITEM}}]}
    database.answers = [answering({}), answering({})]
    client = new_client(database.url)
    client.transact_write_items(**transaction)
    client.sdk.transact_write_items(**transaction)

    own, other = database.bodies
    assert own.pop("ClientRequestToken") != other.pop("ClientRequestToken")
    assert own == other == transaction
    varying = {"authorization", "x-amz-date", "content-length", "amz-sdk-invocation-id", "amz-sdk-request"}
    sent, expected = ({name: one[name] for name in one.keys() - varying} for one in database.headers)
    assert expected.pop("user-agent").startswith(sent.pop("user-agent"))
    assert sent == expected


def test_the_signature_is_the_one_of_boto3(database: Database) -> None:
    database.answers = [answering({}), answering({})]
    client = new_client(database.url)

    def strip(request: Any, **_: Any) -> None:
        for name in ("amz-sdk-invocation-id", "amz-sdk-request"):
            del request.headers[name]

    with time_machine.travel(datetime(2027, 3, 1, 12, tzinfo=UTC), tick=False):
        client.get_item(TableName="loyalty", Key=KEY)
        client.sdk.meta.events.register_last("before-sign.dynamodb", strip)
        client.sdk.meta.events.register_first("before-sign.dynamodb", same_text)
        client.sdk.get_item(TableName="loyalty", Key=KEY)
    own, other = database.headers
    assert own["authorization"] == other["authorization"]


def same_text(request: Any, **_: Any) -> None:
    """boto3 writes spaces between the parts of its JSON."""
    request.data = json.dumps(json.loads(request.data), separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "failure",
    [
        answering({"__type": THROTTLED, "message": "slow down"}, 400),
        answering({"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError"}, 500),
        raw(b"<html>Service Unavailable</html>", 503),
        raw(b"[]"),
        raw(b"{"),
        answering({"Damaged": True}, checksum=1),
        lost,
    ],
    ids=["throttled", "server error", "no JSON", "no object", "cut off", "damaged", "lost"],
)
def test_a_request_without_an_answer_is_sent_again_under_the_same_token(
    database: Database, failure: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    database.answers = [failure, answering({})]
    new_client(database.url).transact_write_items(TransactItems=[{"Put": {"TableName": "loyalty", "Item": ITEM}}])
    first, second = database.bodies
    assert first == second
    assert len(first["ClientRequestToken"]) == 36
    assert database.answers == []


def test_a_read_without_an_answer_is_sent_again(database: Database) -> None:
    client = new_client(database.url)
    item = {**KEY, "b": {"B": "AP8="}}
    database.answers = [lost, answering({"Item": item}), lost, answering({"Responses": {"loyalty": [item]}})]
    expected = {**KEY, "b": {"B": b"\x00\xff"}}
    assert client.get_item(TableName="loyalty", Key=KEY)["Item"] == expected
    keys = {"loyalty": {"Keys": [KEY]}}
    assert client.batch_get_item(RequestItems=keys)["Responses"] == {"loyalty": [expected]}
    assert database.answers == []


def test_errors_are_those_of_boto3_after_as_many_attempts_as_it_has(database: Database) -> None:
    client = new_client(database.url)
    throttled = answering({"__type": THROTTLED, "message": "slow down"}, 400)
    database.answers = [throttled] * 3
    with pytest.raises(ClientError) as refused:
        client.get_item(TableName="loyalty", Key=KEY)
    assert refused.value.response["Error"] == {"Code": "ThrottlingException", "Message": "slow down"}
    assert database.answers == []

    invalid = answering({"__type": "com.amazon.coral.validate#ValidationException", "message": "no"}, 400)
    database.answers = [invalid] * 2
    with pytest.raises(ClientError, match="ValidationException"):
        client.get_item(TableName="loyalty", Key=KEY)
    assert database.answers == []


def test_a_database_that_is_silent_or_away_is_the_transport_error_of_boto3(database: Database) -> None:
    silence = threading.Event()

    def silent(handler: BaseHTTPRequestHandler) -> None:
        silence.wait(60)
        handler.close_connection = True

    database.answers = [silent] * 3
    client = Client(SETTINGS._replace(read_seconds=0.05), database.url, "us-east-1")
    try:
        with pytest.raises(ReadTimeoutError):
            client.get_item(TableName="loyalty", Key=KEY)
    finally:
        silence.set()
    assert database.answers == []

    database.server.shutdown()
    database.server.server_close()
    with pytest.raises((EndpointConnectionError, ConnectTimeoutError)):
        new_client(database.url).get_item(TableName="loyalty", Key=KEY)


def test_a_canceled_transaction_gives_its_reasons_and_the_items_that_were_there_and_is_not_repeated(
    database: Database,
) -> None:
    old = {**KEY, "b": {"B": "AP8="}}
    reasons = [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Item": old, "Message": "The conditional request"}]
    refusal = {"__type": CANCELED, "Message": "canceled", "CancellationReasons": reasons}
    database.answers = [answering(refusal, 400)]
    store = Store(new_client(database.url), "loyalty")
    with pytest.raises(TransactionCanceled) as canceled:
        store._table.transact([put("row", OTHER), put("card", KEY)])
    assert canceled.value.failed == {"card": {**KEY, "b": {"B": b"\x00\xff"}}}
    assert database.answers == []


def test_unprocessed_keys_are_returned_with_their_values(database: Database) -> None:
    left = {"loyalty": {"Keys": [{**KEY, "sk": {"B": "AP8="}}], "ConsistentRead": True}}
    database.answers = [answering({"Responses": {}, "UnprocessedKeys": left})]
    answer = new_client(database.url).batch_get_item(RequestItems={"loyalty": {"Keys": [KEY]}})
    assert answer["UnprocessedKeys"]["loyalty"]["Keys"] == [{**KEY, "sk": {"B": b"\x00\xff"}}]


def test_credentials_of_a_container_are_refreshed_before_they_expire(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function that starts from a snapshot has no others."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{database.url}/credentials")
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "container")
    database.answers = [answering({})] * 3
    with time_machine.travel(datetime(2027, 3, 1, 12, tzinfo=UTC), tick=False) as clock:
        client = new_client(database.url)
        client.get_item(TableName="loyalty", Key=KEY)
        client.get_item(TableName="loyalty", Key=KEY)
        clock.shift(timedelta(minutes=55))
        client.get_item(TableName="loyalty", Key=KEY)
    assert [one["x-amz-security-token"] for one in database.headers] == ["token-1", "token-1", "token-2"]
    assert ["AKID2" in one["authorization"] for one in database.headers] == [False, False, True]


def test_credentials_of_the_environment_that_expire_are_read_again_before(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.answers = [answering({})] * 2
    with time_machine.travel(datetime(2027, 3, 1, 12, tzinfo=UTC), tick=False) as clock:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDFIRST")
        monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", "2027-03-01T13:00:00Z")
        client = new_client(database.url)
        client.get_item(TableName="loyalty", Key=KEY)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDSECOND")
        monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", "2027-03-01T14:00:00Z")
        clock.shift(timedelta(minutes=55))
        client.get_item(TableName="loyalty", Key=KEY)
    assert ["AKIDFIRST" in one["authorization"] for one in database.headers] == [True, False]
    assert "AKIDSECOND" in database.headers[1]["authorization"]


def test_other_credentials_are_those_of_the_session(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    file = tmp_path / "credentials"
    file.write_text("[default]\naws_access_key_id = AKIDFILE\naws_secret_access_key = secret\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    monkeypatch.setattr("botocore.session.get_session", botocore.session.Session)
    database.answers = [answering({})]
    new_client(database.url).get_item(TableName="loyalty", Key=KEY)
    assert "AKIDFILE" in database.headers[0]["authorization"]


def test_without_an_endpoint_and_a_region_the_table_is_where_the_sdk_looks_for_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", database.url)
    database.answers = [answering({})]
    Client(SETTINGS, None, None).get_item(TableName="loyalty", Key=KEY)
    assert "/us-east-1/dynamodb/" in database.headers[0]["authorization"]


def test_a_function_makes_no_client_of_the_sdk_for_what_a_movement_sends() -> None:
    """The SDK's session and client take half of the time of a cold start."""
    program = (
        "import sys, loyalty.store.store as store; store.connected_store(); "
        "absent = ('boto3', 'botocore.session', 'botocore.client', 'botocore.config', 'botocore.credentials'); "
        "print([name for name in absent if name in sys.modules])"
    )
    endpoint = {"LOYALTY_TABLE_ENDPOINT": "https://dynamodb.us-east-1.amazonaws.com"}
    environment = os.environ | endpoint | {"PYTHONPATH": str(ROOT / "layers/loyalty/python")}
    printed = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert printed.stdout == "[]\n"


def test_requests_share_a_connection(database: Database) -> None:
    client = new_client(database.url)
    database.answers = [answering({})] * 3
    for _ in range(3):
        client.get_item(TableName="loyalty", Key=KEY)
    assert len(database.connections) == 1


def test_the_sdk_is_not_needed_after_the_database_has_closed_idle_connections(database: Database) -> None:
    """An environment that was frozen has not noticed the end of its connections."""
    client = new_client(database.url)
    both = threading.Barrier(2)

    def together(handler: BaseHTTPRequestHandler) -> None:
        both.wait(10)
        answering({})(handler)

    def read() -> None:
        client.get_item(TableName="loyalty", Key=KEY)

    database.answers = [together, together]
    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    idle = set(database.connections)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        (lost if handler.client_address in idle else answering({}))(handler)

    database.answers = [answer] * 3
    read()
    assert ["amz-sdk-request" in one for one in database.headers] == [False] * 4
    assert database.answers == [answer]


def test_threads_share_a_client(database: Database) -> None:
    client = new_client(database.url)
    database.answers = [answering({"Item": KEY})] * 80
    wrong: list[Any] = []

    def read() -> None:
        wrong.extend(answer for _ in range(10) if (answer := client.get_item(TableName="x", Key=KEY)["Item"]) != KEY)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (wrong, len(database.bodies)) == ([], 80)
