"""A moto account with the template's table, bus and queues, for handlers in process."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar, cast

import boto3
import botocore.session
import pytest

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sqs import SQSClient
from loyalty.messaging import award_queue, bus, recalculation_queue, settle_queue
from loyalty.store.store import connected_store
from loyalty.usecases import sweeps
from tests.support import wire
from tests.support.emulator import copied_items, emulated_aws, make_bus, make_queue, paste_items
from tests.support.rights import require_rights
from tests.support.stack import Stack, add_table
from tests.support.template import PARAMETERS

T = TypeVar("T")
START = datetime(2027, 3, 1, 12, tzinfo=UTC)
"""Noon in London, one o'clock in Berlin, the tests' project zone."""


@contextmanager
def account() -> Iterator[Stack]:
    with emulated_aws(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(boto3, "DEFAULT_SESSION", boto3.Session(botocore_session=session()))
        patch.setattr("botocore.session.get_session", session)
        session().forget_hooks()
        dynamodb, sqs, events = clients()
        add_table()
        make_bus("loyalty")
        settle_url, award_url = make_queue("settle"), make_queue("award")
        recalculation_url, failures_url = make_queue("recalculation"), make_queue("failures")
        patch.setenv("LOYALTY_SETTLE_QUEUE_URL", settle_url)
        patch.setenv("LOYALTY_SETTLE_CONCURRENCY", str(PARAMETERS["SettleConcurrency"]["Default"]))
        patch.setenv("LOYALTY_AWARD_QUEUE_URL", award_url)
        patch.setenv("LOYALTY_RECALCULATION_QUEUE_URL", recalculation_url)
        patch.setenv("LOYALTY_FAILURES_QUEUE_URL", failures_url)
        forget_connections()
        wire.watch(None, require_rights)
        yield Stack(dynamodb, sqs, events, settle_url, failures_url, award_url, recalculation_url)
        forget_connections()


_made: dict[Any, tuple[Any, bytes]] = {}
"""What was made once in the table of an account, with the table's items."""


def made_once(stack: Stack, what: Any, make: Callable[[], T]) -> T:
    """Makes something in an empty table. A later account gets a copy of the items, and the same result.

    `what` names all that the items depend on, also the day if they depend on it.
    """
    if what in _made:
        result, items = _made[what]
        paste_items("loyalty", items)
        stack._numbers = count(1_000)  # the items have the keys before
        return cast("T", result)
    result = make()
    _made[what] = result, copied_items("loyalty")
    return result


class SharedSession(botocore.session.Session):
    """The session of all accounts: botocore takes long to read the models of services and to make a client.

    A service with one configuration has one client, which each account gets without the hooks of the one before.
    """

    def __init__(self) -> None:
        super().__init__()
        self.clients: dict[Any, tuple[Any, Any]] = {}
        """Each client with its own hooks."""

    def create_client(self, *service: Any, **settings: Any) -> Any:
        key = service, repr({name: getattr(value, "__dict__", value) for name, value in settings.items()})
        if key not in self.clients:
            client: Any = super().create_client(*service, **settings)
            self.clients[key] = client, copy(client.meta.events._emitter)
        return self.clients[key][0]

    def forget_hooks(self) -> None:
        for client, hooks in self.clients.values():
            emitter = client.meta.events._emitter
            # A registration replaces the cache.
            if emitter._lookup_cache is not hooks._lookup_cache:
                vars(emitter).update(vars(copy(hooks)))


@cache
def session() -> SharedSession:
    return SharedSession()


@cache
def clients() -> "tuple[DynamoDBClient, SQSClient, EventBridgeClient]":
    return boto3.client("dynamodb"), boto3.client("sqs"), boto3.client("events")


def forget_connections() -> None:
    for connection in (
        connected_store,
        bus.connected_bus,
        settle_queue.connected_queue,
        sweeps.connected_nominator,
        award_queue.connected_award_queue,
        recalculation_queue.connected_recalculation_queue,
    ):
        connection.cache_clear()


def at(**later: float) -> str:
    """An instant in the form of the API, with an offset from START."""
    return f"{START + timedelta(**later):%Y-%m-%dT%H:%M:%SZ}"


def item(stack: Stack, wallet_id: str, customer: str = "ann", head: str = "CARD") -> Any:
    """The item of a card or of its profile, as stored in the table."""
    key = {"pk": {"S": f"CUSTOMER#{customer}"}, "sk": {"S": f"{head}#{wallet_id}"}}
    return stack.dynamodb.get_item(TableName="loyalty", Key=key, ConsistentRead=True).get("Item")
