"""What the pools of budgets have given, compared with the rows of awards."""

import json
from collections import Counter
from collections.abc import Iterable

from loyalty.store.attributes import Item, int_from


def pools(items: Iterable[Item]) -> dict[str, Counter[str]]:
    """Limits, points and awards of each campaign's pool, by campaign id."""
    found: dict[str, Counter[str]] = {}
    for item in items:
        if item["sk"]["S"] == "POOL":
            campaign_id = item["pk"]["S"].split("#")[1]
            limit, awards = int_from(item, "l"), int_from(item, "al")
            pool = found.setdefault(campaign_id, Counter())
            pool.update(points=limit - int_from(item, "r"), awards=awards - int_from(item, "ar"))
            pool.update(points_limit=limit, awards_limit=awards)
    return found


def given(items: Iterable[Item]) -> dict[str, Counter[str]]:
    """Points and awards of each campaign by the rows of its awards and by the receipts, by campaign id."""
    found: dict[str, Counter[str]] = {}
    for item in items:
        if item["sk"]["S"].startswith("RECEIPT#") and "aw" in item:
            for campaign_id in {award[0] for award in json.loads(item["aw"]["S"])}:
                found.setdefault(campaign_id, Counter()).update(awards=1)
        elif item["sk"]["S"].startswith("TXN#") and "aw" in item:
            found.setdefault(item["cg"]["S"], Counter()).update(points=int_from(item, "p"))
    return found


def require_exact_budgets(items: list[Item]) -> None:
    """Checks that each pool has given what rows and receipts of its campaign record, and no more than its limit."""
    by_rows = given(items)
    for campaign_id, pool in pools(items).items():
        of_rows = by_rows.get(campaign_id, Counter())
        for part in ("points", "awards"):
            if limit := pool[f"{part}_limit"]:
                assert pool[part] == of_rows[part], campaign_id
                assert 0 <= pool[part] <= limit, campaign_id
