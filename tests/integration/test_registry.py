"""The registry: when an environment reads definitions, and when it sees their changes."""

import pytest
import time_machine

from loyalty.domain.dates import instant
from loyalty.store.store import connected_store
from loyalty.usecases.earning.registry import Registry, current_registry
from tests.integration.accounts import START
from tests.integration.campaigning import made
from tests.integration.metering import Meter, metered
from tests.integration.racing import before_next
from tests.support.stack import Stack

NOON = instant(START)


@pytest.fixture
def wallet(clock: time_machine.Traveller, stack: Stack) -> str:
    return stack.wallet()


def registry(seconds: int = 0) -> Registry:
    """The registry of the environment, the given seconds after noon."""
    return current_registry(connected_store(), NOON + seconds)


def ids(found: Registry, event: str = "order.paid") -> list[str]:
    return [one.candidate.campaign_id for one in found.campaigns_of(event)]


def requests_of(stack: Stack, seconds: int) -> list[str]:
    with metered(stack) as meter:
        registry(seconds)
    return requests(meter)


def requests(meter: Meter) -> list[str]:
    return sorted(meter.requests)


def test_the_loaded_registry_reads_nothing_for_ten_seconds_and_then_the_generation_alone(
    stack: Stack, wallet: str
) -> None:
    made(stack, wallet)
    registry()
    assert requests_of(stack, 9) == []
    assert requests_of(stack, 10) == ["GetItem"]
    assert requests_of(stack, 19) == []


def test_an_event_that_nothing_names_reads_nothing_once_the_registry_is_loaded(stack: Stack, wallet: str) -> None:
    made(stack, wallet)
    registry()
    with metered(stack) as meter:
        assert registry(5).campaigns_of("app.opened") == ()
    assert requests(meter) == []


@pytest.mark.parametrize("verb", ["pause", "end"])
def test_a_campaign_that_is_no_longer_active_is_left_out_after_ten_seconds(
    stack: Stack, wallet: str, verb: str
) -> None:
    live = made(stack, wallet)
    assert ids(registry()) == [live]
    assert stack.http("POST", f"/v1/campaigns/{live}/{verb}").status == 200
    assert ids(registry(9)) == [live]
    assert ids(registry(10)) == []


def test_a_new_a_resumed_and_a_changed_campaign_are_found_after_ten_seconds(stack: Stack, wallet: str) -> None:
    assert ids(registry()) == []
    live = made(stack, wallet)
    assert ids(registry(9)) == []
    assert ids(registry(10)) == [live]
    for verb in ("pause", "resume"):
        assert stack.http("POST", f"/v1/campaigns/{live}/{verb}").status == 200
    assert ids(registry(20)) == [live]
    etag = {"If-Match": '"3"'}
    assert stack.http("PUT", "/v1/event-definitions/app.opened", {}).status == 200
    other = {"trigger": {"type": "EVENT", "event": "app.opened"}}
    assert stack.http("PATCH", f"/v1/campaigns/{live}", other, headers=etag).status == 200
    found = registry(30)
    assert (ids(found), ids(found, "app.opened")) == ([], [live])
    assert found.campaigns_of("app.opened")[0].candidate.campaign.version == 4


def test_a_draft_does_not_make_an_environment_read_again(stack: Stack, wallet: str) -> None:
    registry()
    draft = made(stack, wallet, status="DRAFT")
    assert stack.http("DELETE", f"/v1/campaigns/{draft}").status == 204
    assert requests_of(stack, 10) == ["GetItem"]


def test_saved_event_definitions_and_wallets_are_seen_after_ten_seconds(stack: Stack, wallet: str) -> None:
    assert (set(registry().event_definitions), registry().paying_wallets) == (set(), frozenset())
    properties = [{"name": "stars", "type": "NUMBER", "required": True}]
    body = {"properties": properties}
    assert stack.http("PUT", "/v1/event-definitions/review.created", body).status == 200
    paying = stack.wallet(payWithPoints={"type": "EXCHANGE_RATIO", "formula": "1"})
    found = registry(10)
    assert [one.name for one in found.event_definitions["review.created"].schema] == ["stars"]
    assert found.paying_wallets == {paying}


def test_campaigns_are_in_the_order_of_priority_and_id(stack: Stack, wallet: str) -> None:
    low, high = made(stack, wallet, priority=1), made(stack, wallet, priority=900)
    usual = sorted(made(stack, wallet) for _ in range(2))
    assert ids(registry()) == [high, *usual, low]


def test_the_conditions_that_an_event_decides_alone_leave_the_customer_out(stack: Stack, wallet: str) -> None:
    conditions = {"customer": {"orderCount": [0]}, "order": {"amount": [{"numeric": [">=", 500]}]}}
    made(stack, wallet, conditions=conditions)
    (compiled,) = registry().campaigns_of("order.paid")
    whole, alone = compiled.candidate.conditions, compiled.of_event_alone.conditions
    assert whole is not None
    assert alone is not None
    order = {"order": {"amount": 500}}
    assert (whole.first_failure(order), alone.first_failure(order)) == ("customer.orderCount", None)
    assert alone.first_failure({"order": {"amount": 499}}) == "order.amount"


def test_the_patterns_of_rewards_choose_lines_and_the_campaign_has_its_seed(stack: Stack, wallet: str) -> None:
    reward = {"walletId": wallet, "type": "PROPORTIONAL", "of": "order.items.amount", "every": 1, "points": 1}
    rewards = [reward, {**reward, "items": {"productId": ["tea"]}}]
    made(stack, wallet, rewards=rewards)
    (compiled,) = registry().campaigns_of("order.paid")
    chosen = compiled.candidate.line_filter(1)
    assert [chosen({"productId": name}) for name in ("tea", "cup")] == [True, False]
    assert compiled.candidate.line_filter(0)({"productId": "cup"})
    assert len(compiled.candidate.campaign.seed) == 32


def test_another_environment_reads_for_itself(stack: Stack, wallet: str) -> None:
    live = made(stack, wallet)
    registry()
    connected_store.cache_clear()
    with metered(stack) as meter:
        assert ids(registry()) == [live]
    assert "Query" in requests(meter)


def test_a_change_between_the_generation_and_the_campaigns_is_seen_at_the_next_check(stack: Stack, wallet: str) -> None:
    new: list[str] = []
    made(stack, wallet)
    with before_next("Query", lambda: new.append(made(stack, wallet))):
        registry()
    assert set(new) < set(ids(registry(10)))
