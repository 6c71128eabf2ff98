"""What a campaign gave on a day."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from loyalty.domain.dates import local_day
from loyalty.domain.earning.receipt import Receipt


@dataclass(frozen=True, slots=True)
class DayStats:
    """The awards and points of one campaign on one local day. An event with points counts as one award."""

    day: date
    awards: int
    points: int


def stats_of(receipts: Iterable[Receipt], zone: ZoneInfo) -> list[tuple[str, DayStats]]:
    """Returns what campaigns gave by the receipts, on the days of their decisions: campaign id and counts."""
    found: dict[tuple[str, date], list[int]] = defaultdict(lambda: [0, 0])
    for receipt in receipts:
        day = local_day(receipt.received_at, zone)
        for campaign_id in {award.campaign_id for award in receipt.awards}:
            counts = found[campaign_id, day]
            counts[0] += 1
            counts[1] += sum(award.points for award in receipt.awards if award.campaign_id == campaign_id)
    return [(campaign_id, DayStats(day, *counts)) for (campaign_id, day), counts in found.items()]
