"""The client of the table: the requests of every movement are made of botocore's parts, without its service model.

DynamoDB's JSON protocol needs no model: an attribute value has its type with it, and only binary values have another
form on the wire. The parts sign, send and pool connections, as they do for the SDK's client. What they cannot finish
is left to the SDK's client, which sends the same request again: it alone has retries and maps errors.
"""

import json
import socket
from base64 import b64decode, b64encode
from collections.abc import Iterable
from http import HTTPStatus
from threading import Lock
from typing import Any, NamedTuple
from uuid import uuid4
from zlib import crc32

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError
from botocore.hooks import HierarchicalEmitter
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from loyalty import config
from loyalty.store.attributes import Item

SOCKET_OPTIONS = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
"""Without NODELAY a request waits some 40 ms, because its headers and its body are two packets."""
VERSION = "DynamoDB_20120810"
CANCELED = "TransactionCanceledException"


class Settings(NamedTuple):
    """What all requests have in common."""

    user_agent: str
    connect_seconds: float
    """The time of one attempt to connect."""
    read_seconds: float
    """The time of one attempt to get an answer."""
    sdk_attempts_max: int
    """Attempts of the SDK's client, which come after the one without it."""


class _FixedCredentials(NamedTuple):
    """Credentials that stay as they are as long as the process runs."""

    access_key: str
    secret_key: str
    token: str | None

    def get_frozen_credentials(self) -> "_FixedCredentials":
        return self


class Client:
    """Has the methods of boto3's client that the table uses, with their parameters, answers and errors.

    Without an endpoint or a region, those of the SDK's client are used, which then is made at once: it and its session
    take half of the time of a cold start. Threads may share a client.
    """

    def __init__(self, settings: Settings, endpoint: str | None, region: str | None) -> None:
        self.events = HierarchicalEmitter()
        """The hook `before-send` of this path, as the SDK's clients have it."""
        self._settings = settings
        self._endpoint = endpoint
        self._sdk: Any = None
        self._making = Lock()
        self._credentials = _credentials()
        self._region = region or self.sdk.meta.region_name
        self.url = f"{(endpoint or self.sdk.meta.endpoint_url).rstrip('/')}/"
        # The stubs have narrower types than the class.
        make: Any = URLLib3Session
        self._http = make(
            proxies=get_environ_proxies(self.url),
            timeout=(settings.connect_seconds, settings.read_seconds),
            socket_options=SOCKET_OPTIONS,
        )

    @property
    def sdk(self) -> Any:
        """The SDK's client, made at its first use.

        It does not validate what the service validates anyway, and has one text for the user agent: each of these would
        be among the most expensive parts of a request.
        """
        with self._making:
            if self._sdk is None:
                from botocore.config import Config  # noqa: PLC0415  # with all of the SDK

                settings = Config(
                    parameter_validation=False,
                    user_agent=self._settings.user_agent,
                    connect_timeout=self._settings.connect_seconds,
                    read_timeout=self._settings.read_seconds,
                    retries={"mode": "standard", "total_max_attempts": self._settings.sdk_attempts_max},
                    tcp_keepalive=True,
                )
                self._sdk = _session().create_client("dynamodb", endpoint_url=self._endpoint, config=settings)
        return self._sdk

    def get_item(self, **request: Any) -> Any:
        answer = self._answer("GetItem", request)
        if answer is None:
            return self.sdk.get_item(**request)
        if "Item" in answer:
            _decode(answer["Item"].values())
        return answer

    def batch_get_item(self, **request: Any) -> Any:
        answer = self._answer("BatchGetItem", request)
        if answer is None:
            return self.sdk.batch_get_item(**request)
        for items in answer["Responses"].values():
            for item in items:
                _decode(item.values())
        for left in answer.get("UnprocessedKeys", {}).values():
            for key in left["Keys"]:
                _decode(key.values())
        return answer

    def transact_write_items(self, **request: Any) -> Any:
        """Sends the request under one token, so that DynamoDB writes it once, however often it is sent."""
        request = {"ClientRequestToken": str(uuid4()), **request}
        answer = self._answer("TransactWriteItems", request)
        return self.sdk.transact_write_items(**request) if answer is None else answer

    def query(self, **request: Any) -> Any:
        return self.sdk.query(**request)

    def update_item(self, **request: Any) -> Any:
        return self.sdk.update_item(**request)

    def _answer(self, operation: str, request: dict[str, Any]) -> dict[str, Any] | None:
        """Returns the answer, or None if the request must be sent again.

        Raises a canceled transaction as the SDK does. No other refusal is of this path: most can be repeated, and the
        rest are rare.
        """
        try:
            response = self._send(operation, _ENCODER.encode(request).encode())
        except BotoCoreError:
            return None
        document = _document(response)
        if document is None:
            return None
        if response.status_code == HTTPStatus.OK:
            document["ResponseMetadata"] = {"HTTPHeaders": {"date": response.headers.get("date")}}
            return document
        if str(document.get("__type")).endswith(f"#{CANCELED}"):
            raise ClientError(_cancellation(document), operation)
        return None

    def _send(self, operation: str, body: bytes) -> Any:
        headers = {
            "X-Amz-Target": f"{VERSION}.{operation}",
            "Content-Type": "application/x-amz-json-1.0",
            "User-Agent": self._settings.user_agent,
        }
        request = AWSRequest("POST", self.url, headers, body)
        # Credentials that have no parts yet, or expire, are refreshed here, as for the SDK's client.
        credentials = self._credentials and self._credentials.get_frozen_credentials()
        SigV4Auth(credentials, "dynamodb", self._region).add_auth(request)
        prepared = request.prepare()
        for _, response in self.events.emit(f"before-send.dynamodb.{operation}", request=prepared):
            if response is not None:
                return response
        try:
            return self._http.send(prepared)
        except ConnectionClosedError:
            # The database has closed the idle connections of an environment that was frozen. To make the SDK's client
            # would take longer than all of the request.
            self._http.close()
            return self._http.send(prepared)


def _credentials() -> Any:
    """Returns the credentials, to ask before each request for what it is signed with.

    A function has them in its environment, which takes no module of botocore's, or, if it starts from a snapshot, from
    the endpoint of its container.
    """
    if fixed := config.credentials():
        return _FixedCredentials(*fixed)
    from botocore.credentials import ContainerProvider, CredentialResolver, EnvProvider  # noqa: PLC0415  # seldom

    given: Any = CredentialResolver([EnvProvider(), ContainerProvider()]).load_credentials()
    return given or _session().get_credentials()


def _session() -> Any:
    from botocore.session import get_session  # noqa: PLC0415  # at its first use: it loads all of the SDK

    return get_session()


def _document(response: Any) -> dict[str, Any] | None:
    """Returns the answer's JSON object; None if it is damaged on its way, or no answer of DynamoDB's."""
    content = response.content
    try:
        if int(response.headers.get("x-amz-crc32", crc32(content))) != crc32(content):
            return None
        document = json.loads(content)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _cancellation(document: dict[str, Any]) -> Any:
    reasons = document.get("CancellationReasons", [])
    for reason in reasons:
        _decode(reason.get("Item", {}).values())
    message = document.get("message") or document.get("Message") or ""
    return {"Error": {"Code": CANCELED, "Message": message}, "CancellationReasons": reasons}


def _decode(values: Iterable[Item]) -> None:
    """Replaces the base64 texts in the attribute values by their bytes."""
    for value in values:
        for kind, content in value.items():
            if kind == "B":
                value[kind] = b64decode(content)
            elif kind == "BS":
                value[kind] = [b64decode(one) for one in content]
            elif kind == "L":
                _decode(content)
            elif kind == "M":
                _decode(content.values())


def _text(value: bytes) -> str:
    return b64encode(value).decode()


_ENCODER = json.JSONEncoder(default=_text, separators=(",", ":"))
