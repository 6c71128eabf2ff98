"""A limit under many concurrent requests, over the deployed stack."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from tests.support.live import Live

pytestmark = pytest.mark.e2e

AT_ONCE = 16


def test_sixteen_concurrent_credits_of_ten_grant_exactly_the_limit_of_105_points(live: Live) -> None:
    # The limit is monthly, because the test may run at midnight.
    limit = {"type": "TIME_BASED", "unit": "MONTH", "max": 105}
    wallet, customer = live.wallet(earningLimits={"global": limit}), f"ann-{uuid4()}"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        # The processes of the emulated function are started before the burst.
        list(pool.map(lambda _: live.move("credits", "unknown", customer, {"points": 10}), range(AT_ONCE)))
        answers = list(pool.map(lambda _: live.move("credits", wallet, customer, {"points": 10}), range(AT_ONCE)))

    assert Counter(answer.status_code for answer in answers) == {201: 11, 422: 5}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 422} == {"earning_limit_reached"}
    assert live.card(wallet, customer)["balance"]["active"] == 105
    rows = live.rows(wallet, customer)
    assert [row["seq"] for row in rows] == list(range(1, 12))
    cut = [(row["points"], row["requested"], row["cappedBy"]) for row in rows if row["points"] != 10]
    assert cut == [(5, 10, "earningLimits.global")]
