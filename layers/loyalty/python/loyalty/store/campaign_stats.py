"""What campaigns gave on each day: counts for people, which no decision reads."""

from datetime import date

from loyalty.domain.earning.stats import DayStats
from loyalty.store import keys
from loyalty.store.attributes import Item, int_from, string
from loyalty.store.table import Table


class CampaignStatsStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, campaign_id: str, counted: DayStats) -> None:
        """Adds to the counts of the day."""
        key: Item = {"pk": string(keys.stats(campaign_id)), "sk": string(keys.day(counted.day))}
        self._table.add(key, {"n": counted.awards, "p": counted.points})

    def between(self, campaign_id: str, first: date, last: date) -> list[DayStats]:
        """Returns the days with awards from the first to the last, oldest first."""
        items = self._table.query(
            "pk = :pk AND sk BETWEEN :first AND :last",
            {
                ":pk": string(keys.stats(campaign_id)),
                ":first": string(keys.day(first)),
                ":last": string(keys.day(last)),
            },
        )
        return [DayStats(keys.date_of_day(item["sk"]["S"]), int_from(item, "n"), int_from(item, "p")) for item in items]
