"""What campaigns gave on each day, counted from the stream.

The counts are for people: a record that the stream delivers again is counted again. The rows and the pool of a budget
are exact.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from loyalty.domain.dates import instant, local_day
from loyalty.domain.earning.receipt import Receipt
from loyalty.domain.earning.stats import DayStats, stats_of
from loyalty.domain.zones import zone_of
from loyalty.store.store import Store
from loyalty.usecases.earning.campaigns import read
from loyalty.usecases.project import current_project


def count(store: Store, receipts: Iterable[Receipt]) -> None:
    """Counts the awards of the receipts."""
    zone = zone_of(current_project(store).time_zone)
    for campaign_id, counted in stats_of(receipts, zone):
        store.campaign_stats.add(campaign_id, counted)


def last_days(store: Store, campaign_id: str, days: int, at: datetime) -> list[DayStats]:
    """Returns the days with awards among the last ones, today included, oldest first. Raises `CampaignNotFound`."""
    read(store, campaign_id)
    today = local_day(instant(at), zone_of(current_project(store).time_zone))
    return store.campaign_stats.between(campaign_id, today - timedelta(days=days - 1), today)
