"""The table: the only package that knows its keys, attribute names and conditions."""

import os
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from loyalty.store.api_keys import ApiKey, ApiKeyStore
from loyalty.store.cards import CardStore, DueCard, Entry, Reading, Wanted, Write
from loyalty.store.event_definitions import EventDefinition, EventDefinitionStore
from loyalty.store.expressions import ExpressionDefinition, ExpressionStore
from loyalty.store.items import Profile
from loyalty.store.keys import SHARDS, by_event, by_hand, by_key, by_reversal, by_transfer, row_origin
from loyalty.store.ledgers import ERASED_AT_ONCE, Flaw, LedgerStore, StoredLedger
from loyalty.store.project import Project, ProjectStore
from loyalty.store.stream import inserted
from loyalty.store.table import Cancelled, Table
from loyalty.store.wallet_items import settings_from, settings_json
from loyalty.store.wallets import WalletStore

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = [
    "ERASED_AT_ONCE",
    "SHARDS",
    "ApiKey",
    "Cancelled",
    "DueCard",
    "Entry",
    "EventDefinition",
    "ExpressionDefinition",
    "Flaw",
    "Profile",
    "Project",
    "Reading",
    "Store",
    "StoredLedger",
    "Wanted",
    "Write",
    "by_event",
    "by_hand",
    "by_key",
    "by_reversal",
    "by_transfer",
    "connected",
    "inserted",
    "row_origin",
    "settings_from",
    "settings_json",
]


class Store:
    """One project's table."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        table = Table(client, name)
        self.cards = CardStore(table)
        self.project = ProjectStore(table)
        self.wallets = WalletStore(table)
        self.api_keys = ApiKeyStore(table)
        self.event_definitions = EventDefinitionStore(table)
        self.expressions = ExpressionStore(table)
        self.ledgers = LedgerStore(table)


@cache
def connected() -> Store:
    """The store of this environment, made at its first use so that importing costs no AWS.

    Time-outs are short: a movement must answer within its five seconds, and a lost answer is found out by a retry.
    What the service checks anyway is not checked twice: it would be the dearest part of a request of ours.
    """
    config = Config(
        parameter_validation=False,
        connect_timeout=1,
        read_timeout=3,
        retries={"mode": "standard", "total_max_attempts": 3},
        tcp_keepalive=True,
    )
    return Store(boto3.client("dynamodb", config=config), os.environ["LOYALTY_TABLE"])
