"""Budgets: what a campaign gives to all customers together is never more than its limits."""

from typing import Any

import pytest
import time_machine

from tests.integration.invoking import invoke
from tests.integration.metering import metered
from tests.integration.racing import before_next
from tests.support.budgets import pools
from tests.support.stack import Answer, Stack


@pytest.fixture
def wallet(clock: time_machine.Traveller, stack: Stack) -> str:
    """A wallet, and the event `app.opened`. The clock is stopped, so that an environment keeps what it has read."""
    stack.http("PUT", "/v1/event-definitions/app.opened", {"properties": []})
    return stack.wallet()


def limited(stack: Stack, wallet: str, budget: dict[str, Any], *points: int, **settings: Any) -> str:
    """Creates a campaign that gives these points for each opening of the app, 10 if none are named."""
    body = {
        "name": "Limited",
        "trigger": {"type": "EVENT", "event": "app.opened"},
        "rewards": [{"walletId": wallet, "type": "FIXED", "points": one} for one in points or (10,)],
        "limits": {"budget": budget},
        **settings,
    }
    answer = stack.http("POST", "/v1/campaigns", body)
    assert answer.status == 201, answer.text
    return str(answer.body["campaignId"])


def opened(stack: Stack, event: int, customer: str | None = None) -> Answer:
    body = {"name": "app.opened", "customerId": customer or f"customer-{event % 7}", "eventId": f"event-{event}"}
    answer = stack.http("POST", "/v1/events", body)
    assert answer.status == 200, answer.text
    return answer


def read(stack: Stack, campaign_id: str) -> Answer:
    return stack.http("GET", f"/v1/campaigns/{campaign_id}")


def patch(stack: Stack, campaign_id: str, body: dict[str, Any]) -> Answer:
    etag = read(stack, campaign_id).headers["ETag"]
    return stack.http("PATCH", f"/v1/campaigns/{campaign_id}", body, headers={"If-Match": etag})


def awards(answers: list[Answer]) -> list[dict[str, Any]]:
    return [award for answer in answers for award in answer.body["awards"]]


def points(answers: list[Answer]) -> list[int]:
    return [award["points"] for award in awards(answers)]


def reasons(answer: Answer) -> list[str]:
    return [skip["reason"] for skip in answer.body["skipped"]]


def test_an_event_on_the_bus_takes_its_points_from_the_budget(stack: Stack, wallet: str) -> None:
    campaign_id = limited(stack, wallet, {"points": 500})
    detail = {"name": "app.opened", "customerId": "ann", "eventId": "event-1"}
    invoke("on_custom_event", {"source": "app", "id": "bus-1", "detail": detail})
    assert read(stack, campaign_id).body["budgetUsed"]["points"] == 10


def test_a_budget_gives_exactly_its_points_and_costs_nothing_afterwards(stack: Stack, wallet: str) -> None:
    campaign_id = limited(stack, wallet, {"points": 500})
    answers = [opened(stack, number) for number in range(60)]
    assert points(answers) == [10] * 50
    assert reasons(answers[50]) in ([], ["budget_exhausted"])
    found = read(stack, campaign_id).body
    assert (found["phase"], found["budgetUsed"]) == ("EXHAUSTED", {"points": 500, "awards": None})
    (listed,) = stack.http("GET", "/v1/campaigns").body["data"]
    assert (listed["phase"], listed["budgetUsed"]) == ("EXHAUSTED", None)
    opened(stack, 100)
    stack.http("PUT", "/v1/event-definitions/app.closed", {"properties": []})
    stack.http("POST", "/v1/events", {"name": "app.closed", "customerId": "customer-1", "eventId": "1"})
    with metered(stack) as of_exhausted:
        opened(stack, 101, "customer-1")
    assert of_exhausted.requests == []


def test_an_award_of_a_campaign_with_a_budget_costs_one_small_item_more(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    costs: list[tuple[list[str], int]] = []
    every: list[dict[str, Any]] = [{}, {"limits": {}}]
    for settings in every:
        campaign_id = limited(stack, wallet, {"points": 10_000}, **settings)
        clock.shift(10)
        opened(stack, len(costs), "ann")
        with metered(stack) as meter:
            opened(stack, 10 + len(costs), "ann")
        stack.http("POST", f"/v1/campaigns/{campaign_id}/end")
        costs.append((meter.requests, meter.units))
    (requests, units), (unlimited, fewer) = costs
    assert requests[-2:] == unlimited[-2:] == ["BatchGetItem", "TransactWriteItems"]
    assert units == fewer + 2


@pytest.mark.parametrize(
    ("when_exceeded", "total", "last"), [("REJECT", 500, (10, None, None)), ("CAP", 505, (5, 10, "budget"))]
)
def test_the_rest_of_a_budget_is_given_with_cap_only(
    stack: Stack, wallet: str, when_exceeded: str, total: int, last: tuple[int, int | None, str | None]
) -> None:
    campaign_id = limited(stack, wallet, {"points": 505, "whenExceeded": when_exceeded})
    answers = [opened(stack, number) for number in range(60)]
    given = awards(answers)
    assert sum(award["points"] for award in given) == total
    assert (given[-1]["points"], given[-1]["requested"], given[-1]["cappedBy"]) == last
    assert read(stack, campaign_id).body["phase"] == "EXHAUSTED"


def test_a_campaign_with_several_rewards_gives_all_of_them_or_none(stack: Stack, wallet: str) -> None:
    campaign_id = limited(stack, wallet, {"points": 350}, 60, 40)
    answers = [opened(stack, number) for number in range(4)]
    assert points(answers) == [60, 40] * 3
    assert reasons(answers[-1]) in ([], ["budget_exhausted"])
    assert read(stack, campaign_id).body["budgetUsed"]["points"] == 300


def test_cap_gives_the_rest_to_the_first_rewards(stack: Stack, wallet: str) -> None:
    limited(stack, wallet, {"points": 170, "whenExceeded": "CAP"}, 60, 40)
    answers = [opened(stack, number) for number in range(3)]
    assert points(answers) == [60, 40, 60, 10]


def test_a_budget_of_awards_counts_an_event_once(stack: Stack, wallet: str) -> None:
    campaign_id = limited(stack, wallet, {"awards": 3}, 60, 40)
    assert points([opened(stack, number) for number in range(5)]) == [60, 40] * 3
    assert read(stack, campaign_id).body["budgetUsed"] == {"points": None, "awards": 3}


def test_small_rests_of_many_shards_are_gathered(stack: Stack, wallet: str) -> None:
    campaign_id = limited(stack, wallet, {"points": 819, "whenExceeded": "CAP"}, 20)
    answers = [opened(stack, number) for number in range(42)]
    assert points(answers) == [20] * 40 + [19]
    (pool,) = pools(stack.items()).values()
    assert pool["points"] == 819
    assert read(stack, campaign_id).body["phase"] == "EXHAUSTED"


def test_a_wallet_limit_takes_only_what_the_customer_gets_from_the_budget(stack: Stack, wallet: str) -> None:
    wallet = stack.wallet(earningLimits={"global": {"type": "BALANCE_BASED", "max": 15, "whenExceeded": "CAP"}})
    campaign_id = limited(stack, wallet, {"points": 500})
    given = awards([opened(stack, number, "ann") for number in range(2)])
    assert [(award["points"], award["cappedBy"]) for award in given] == [(10, None), (5, "earningLimits.global")]
    assert read(stack, campaign_id).body["budgetUsed"]["points"] == 15


def test_a_campaign_without_budget_left_leaves_its_group_to_others(stack: Stack, wallet: str) -> None:
    limited(stack, wallet, {"points": 10}, 10, group="openings", priority=200)
    other = limited(stack, wallet, {"points": 500}, 1, group="openings")
    first, second = (opened(stack, number) for number in range(2))
    assert (points([first]), reasons(first)) == ([10], ["group_taken"])
    assert [award["campaignId"] for award in second.body["awards"]] == [other]


def test_an_examination_shows_what_the_budget_allows_and_takes_nothing(stack: Stack, wallet: str) -> None:
    limited(stack, wallet, {"points": 15, "whenExceeded": "CAP"})
    opened(stack, 1)
    before = stack.items()
    body = {"name": "app.opened", "customerId": "ann", "eventId": "2"}
    examined = stack.http("POST", "/v1/events/examine", body)
    assert [(award["points"], award["cappedBy"]) for award in examined.body["awards"]] == [(5, "budget")]
    assert stack.items() == before


def test_two_awards_at_once_do_not_share_the_last_points(stack: Stack, wallet: str) -> None:
    limited(stack, wallet, {"points": 10})
    rivals: list[Answer] = []
    with before_next("TransactWriteItems", lambda: rivals.append(opened(stack, 1))):
        mine = opened(stack, 2)
    assert (points(rivals), points([mine]), reasons(mine)) == ([10], [], ["budget_exhausted"])


def test_a_pause_and_a_second_activation_keep_what_was_given(stack: Stack, wallet: str) -> None:
    campaign_id = limited(stack, wallet, {"points": 100})
    opened(stack, 1)
    for change in ("pause", "resume"):
        assert stack.http("POST", f"/v1/campaigns/{campaign_id}/{change}").status == 200
    assert read(stack, campaign_id).body["budgetUsed"]["points"] == 10


def test_a_draft_has_no_pool_before_its_activation(stack: Stack, wallet: str) -> None:
    campaign_id = limited(stack, wallet, {"points": 100}, status="DRAFT")
    assert pools(stack.items()) == {}
    assert read(stack, campaign_id).body["budgetUsed"] is None
    assert patch(stack, campaign_id, {"limits": {"budget": {"awards": 40}}}).status == 200
    activated = stack.http("POST", f"/v1/campaigns/{campaign_id}/activate")
    assert activated.body["budgetUsed"] == {"points": None, "awards": 0}
    assert pools(stack.items())[campaign_id]["awards_limit"] == 40


def budget(**numbers: Any) -> dict[str, Any]:
    return {"limits": {"budget": numbers}}


def test_a_raised_budget_lets_an_exhausted_campaign_give_again(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    campaign_id = limited(stack, wallet, {"points": 500})
    assert sum(points([opened(stack, number) for number in range(51)])) == 500
    changed = patch(stack, campaign_id, budget(points=800))
    assert (changed.status, changed.body["phase"], changed.body["budgetUsed"]["points"]) == (200, "RUNNING", 500)
    assert pools(stack.items())[campaign_id]["points_limit"] == 800
    clock.shift(10)
    assert sum(points([opened(stack, number) for number in range(100, 132)])) == 300


def test_a_budget_can_sink_to_what_was_given_and_not_below(stack: Stack, wallet: str) -> None:
    campaign_id = limited(stack, wallet, {"points": 2_000})
    for number in range(50):
        opened(stack, number)
    before = stack.items()
    refused = patch(stack, campaign_id, budget(points=499))
    assert (refused.status, refused.code, refused.body["used"]) == (409, "budget_spent", 500)
    assert refused.fields() == {"body.limits.budget.points": "budget_spent"}
    assert stack.items() == before
    assert patch(stack, campaign_id, budget(points=500)).status == 200
    assert pools(stack.items())[campaign_id]["points_limit"] == 500


def test_awards_during_a_lower_budget_are_counted_and_the_refusal_gives_the_points_back(
    stack: Stack, wallet: str
) -> None:
    campaign_id = limited(stack, wallet, {"points": 500})
    for number in range(40):
        opened(stack, number)
    numbers = iter(range(100, 200))

    def rival() -> None:
        opened(stack, next(numbers))

    with before_next("TransactWriteItems", rival):
        refused = patch(stack, campaign_id, budget(points=400))
    assert (refused.status, refused.code) == (409, "budget_spent")
    assert pools(stack.items())[campaign_id]["points_limit"] == 500
    with before_next("TransactWriteItems", rival, times=2):
        assert patch(stack, campaign_id, budget(points=440)).status == 200
    assert pools(stack.items())[campaign_id]["points_limit"] == 440


@pytest.mark.parametrize(
    ("first", "second", "field"),
    [
        (None, {"points": 500}, "points"),
        ({"points": 500}, None, "points"),
        ({"points": 500}, {"points": 500, "awards": 5}, "awards"),
        ({"points": 500, "awards": 5}, {"points": 500}, "awards"),
    ],
)
def test_a_limit_is_neither_added_nor_removed_after_the_activation(
    stack: Stack, wallet: str, first: dict[str, int] | None, second: dict[str, int] | None, field: str
) -> None:
    campaign_id = limited(stack, wallet, {}, limits={"budget": first})
    refused = patch(stack, campaign_id, {"limits": {"budget": second}})
    assert (refused.status, refused.code) == (409, "setting_fixed")
    assert refused.fields() == {f"body.limits.budget.{field}": "setting_fixed"}


def test_another_change_of_a_campaign_with_a_budget_leaves_its_pool(stack: Stack, wallet: str) -> None:
    campaign_id = limited(stack, wallet, {"points": 500})
    before = pools(stack.items())
    assert patch(stack, campaign_id, {"description": "For everyone"}).status == 200
    assert pools(stack.items()) == before


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"limits": {"budget": {}}}, "limits.budget", "required"),
        (
            {"rewards": None, "multiplier": {"factor": "2"}, "limits": {"budget": {"points": 1}}},
            "limits.budget",
            "not_used",
        ),
    ],
)
def test_a_budget_has_a_limit_and_belongs_to_rewards(
    stack: Stack, wallet: str, body: dict[str, Any], field: str, code: str
) -> None:
    sent = {"name": "Limited", "trigger": {"type": "EVENT", "event": "app.opened"}, **body}
    sent.setdefault("rewards", [{"walletId": wallet, "type": "FIXED", "points": 1}])
    answer = stack.http("POST", "/v1/campaigns/validate", sent)
    assert {problem["field"]: problem["code"] for problem in answer.body["actionRequired"]} == {field: code}
