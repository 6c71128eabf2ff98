"""Reads the runs of scheduled campaigns."""

from loyalty.domain.earning.run import Run
from loyalty.store.store import Store
from loyalty.usecases.earning.campaigns import read


def page_of_runs(store: Store, campaign_id: str, before: str | None, limit: int) -> tuple[list[Run], str | None]:
    """Returns runs before the given date, newest first, and the date before which the next page begins.

    Raises `CampaignNotFound`.
    """
    read(store, campaign_id)
    page = store.runs.page(campaign_id, before, limit + 1)
    return page[:limit], str(page[limit - 1].day) if len(page) > limit else None
