"""One project's table, and the client that reads and writes it."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING

from botocore import __version__

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from loyalty.store.award_records import AwardRecordStore
    from loyalty.store.campaign_stats import CampaignStatsStore
    from loyalty.store.campaigns import CampaignStore
    from loyalty.store.catalogue import CatalogueStore
    from loyalty.store.coupons import CouponStore
    from loyalty.store.customers import CustomerStore
    from loyalty.store.definitions import EventDefinitionStore, ExpressionStore
    from loyalty.store.earlier_events import EarlierEventStore
    from loyalty.store.ledgers import LedgerStore
    from loyalty.store.order_index import OrderIndexStore
    from loyalty.store.pools import PoolStore
    from loyalty.store.programs import ProgramStore
    from loyalty.store.recalculations import RecalculationStore
    from loyalty.store.receipts import ReceiptStore
    from loyalty.store.redemption_records import RedemptionRecordStore
    from loyalty.store.redemptions import RedemptionStore
    from loyalty.store.runs import RunStore
from loyalty import config
from loyalty.store.api_keys import ApiKeyStore
from loyalty.store.cards import CardStore
from loyalty.store.client import Client, Settings
from loyalty.store.project import ProjectStore
from loyalty.store.table import Table
from loyalty.store.wallets import WalletStore

USER_AGENT = f"loyalty-wallets Botocore/{__version__}"
CONNECT_SECONDS = 1
READ_SECONDS = 1
"""The time of one attempt to get an answer. DynamoDB answers in some milliseconds."""
ATTEMPTS_MAX = 3
"""Attempts of one request that may take their time: one without the SDK's client, then those of the SDK.

Between those of the SDK is a pause of at most a second. A closed connection takes no time and is no attempt.
"""


def _now() -> datetime:
    return datetime.now(UTC)


class Store:
    """One project's table. The database's clock is compared with `clock`.

    Parts that a credit does not use are imported at their first use: it must not load the earning engine.
    """

    def __init__(self, client: "DynamoDBClient | Client", name: str, clock: Callable[[], datetime] = _now) -> None:
        self._table = table = Table(client, name, clock)
        self.cards = CardStore(table)
        self.project = ProjectStore(table)
        self.wallets = WalletStore(table)
        self.api_keys = ApiKeyStore(table)

    @cached_property
    def award_records(self) -> "AwardRecordStore":
        from loyalty.store.award_records import AwardRecordStore  # noqa: PLC0415  # at its first use

        return AwardRecordStore(self._table)

    @cached_property
    def campaigns(self) -> "CampaignStore":
        from loyalty.store.campaigns import CampaignStore  # noqa: PLC0415  # at its first use

        return CampaignStore(self._table)

    @cached_property
    def campaign_stats(self) -> "CampaignStatsStore":
        from loyalty.store.campaign_stats import CampaignStatsStore  # noqa: PLC0415  # at its first use

        return CampaignStatsStore(self._table)

    @cached_property
    def catalogue(self) -> "CatalogueStore":
        from loyalty.store.catalogue import CatalogueStore  # noqa: PLC0415  # at its first use

        return CatalogueStore(self._table)

    @cached_property
    def coupons(self) -> "CouponStore":
        from loyalty.store.coupons import CouponStore  # noqa: PLC0415  # at its first use

        return CouponStore(self._table)

    @cached_property
    def customers(self) -> "CustomerStore":
        from loyalty.store.customers import CustomerStore  # noqa: PLC0415  # at its first use

        return CustomerStore(self._table)

    @cached_property
    def receipts(self) -> "ReceiptStore":
        from loyalty.store.receipts import ReceiptStore  # noqa: PLC0415  # at its first use

        return ReceiptStore(self._table)

    @cached_property
    def earlier_events(self) -> "EarlierEventStore":
        from loyalty.store.earlier_events import EarlierEventStore  # noqa: PLC0415  # at its first use

        return EarlierEventStore(self._table)

    @cached_property
    def event_definitions(self) -> "EventDefinitionStore":
        from loyalty.store.definitions import EventDefinitionStore  # noqa: PLC0415  # at its first use

        return EventDefinitionStore(self._table)

    @cached_property
    def expressions(self) -> "ExpressionStore":
        from loyalty.store.definitions import ExpressionStore  # noqa: PLC0415  # at its first use

        return ExpressionStore(self._table)

    @cached_property
    def ledgers(self) -> "LedgerStore":
        from loyalty.store.ledgers import LedgerStore  # noqa: PLC0415  # at its first use

        return LedgerStore(self._table)

    @cached_property
    def order_index(self) -> "OrderIndexStore":
        from loyalty.store.order_index import OrderIndexStore  # noqa: PLC0415  # at its first use

        return OrderIndexStore(self._table)

    @cached_property
    def pools(self) -> "PoolStore":
        from loyalty.store.pools import PoolStore  # noqa: PLC0415  # at its first use

        return PoolStore(self._table)

    @cached_property
    def programs(self) -> "ProgramStore":
        from loyalty.store.programs import ProgramStore  # noqa: PLC0415  # at its first use

        return ProgramStore(self._table)

    @cached_property
    def recalculations(self) -> "RecalculationStore":
        from loyalty.store.recalculations import RecalculationStore  # noqa: PLC0415  # at its first use

        return RecalculationStore(self._table)

    @cached_property
    def redemption_records(self) -> "RedemptionRecordStore":
        from loyalty.store.redemption_records import RedemptionRecordStore  # noqa: PLC0415  # at its first use

        return RedemptionRecordStore(self._table)

    @cached_property
    def redemptions(self) -> "RedemptionStore":
        from loyalty.store.redemptions import RedemptionStore  # noqa: PLC0415  # at its first use

        return RedemptionStore(self._table)

    @cached_property
    def runs(self) -> "RunStore":
        from loyalty.store.runs import RunStore  # noqa: PLC0415  # at its first use

        return RunStore(self._table)


@cache
def connected_store() -> Store:
    """Returns the store of this environment, made at its first use so that an import needs no AWS.

    Timeouts are short: a request must be answered with 503 within four seconds if the table does not answer.
    """
    settings = Settings(USER_AGENT, CONNECT_SECONDS, config.read_seconds(READ_SECONDS), ATTEMPTS_MAX - 1)
    return Store(Client(settings, config.table_endpoint(), config.region()), config.table())
