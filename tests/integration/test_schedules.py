"""Scheduled campaigns: each member gets the points of a date once, whatever happens to ticks and messages."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import time_machine

from loyalty.messaging import award_queue
from loyalty.telemetry import FunctionFailed
from loyalty.usecases.earning import schedules
from tests.integration.accounts import item
from tests.integration.customers import saved
from tests.integration.invoking import invoke
from tests.integration.metering import metered
from tests.integration.racing import before_next
from tests.integration.sweeping import award_members, deliver, run_campaigns, take_messages
from tests.support.stack import Answer, Stack

Json = dict[str, Any]
DAY = 86_400
BIRTHDAY: Json = {"birthday": True}
FIRST_OF_MONTH: Json = {"unit": "MONTH", "day": 1}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loyalty.retry.sleep", lambda _: None)


@pytest.fixture
def wallet(clock: time_machine.Traveller, stack: Stack) -> str:
    """A wallet since 20 February 2027, in Berlin."""
    clock.move_to("2027-02-20T12:00:00+01:00")
    return stack.wallet()


def scheduled(stack: Stack, wallet: str, every: Json, **settings: Any) -> str:
    """Creates an ACTIVE campaign of 100 points at 09:00."""
    trigger = {"type": "SCHEDULE", "walletId": wallet, "at": "09:00", "every": every}
    rewards = [{"walletId": wallet, "type": "FIXED", "points": 100}]
    answer = stack.http("POST", "/v1/campaigns", {"name": "C", "trigger": trigger, "rewards": rewards, **settings})
    assert answer.status == 201, answer.text
    return str(answer.body["campaignId"])


def enrol(stack: Stack, wallet: str, *customers: str) -> None:
    for customer in customers:
        assert stack.http("POST", f"/v1/wallets/{wallet}/cards", {"customerId": customer}).status == 201


def born(stack: Stack, customer: str, birthday: str | None, **more: Any) -> None:
    saved(stack, customer, **more, **({"birthday": birthday} if birthday else {}))


def set_status(stack: Stack, wallet: str, customer: str, status: str) -> None:
    path = f"/v1/wallets/{wallet}/cards/{customer}"
    etag = stack.http("GET", path).headers["ETag"]
    assert stack.http("PATCH", path, {"status": status}, headers={"If-Match": etag}).status == 200


def tick() -> Json:
    """Runs a tick of the schedule; the messages stay in the queue."""
    found: Json = invoke("run_campaigns", {})
    return found


def balance(stack: Stack, wallet: str, customer: str) -> int:
    return int(stack.card(wallet, customer)["balance"]["active"])


def runs(stack: Stack, campaign: str) -> list[tuple[str, str, int, int]]:
    """Date, status, awards and points of the campaign's runs, oldest first."""
    answer = stack.http("GET", f"/v1/campaigns/{campaign}/runs")
    assert answer.status == 200, answer.text
    return [(one["date"], one["status"], one["awards"], one["points"]) for one in reversed(answer.body["data"])]


def move(stack: Stack, campaign: str, verb: str) -> None:
    assert stack.http("POST", f"/v1/campaigns/{campaign}/{verb}").status == 200


def skip_to(clock: time_machine.Traveller, stack: Stack, campaign: str, at: str) -> None:
    """Moves to the instant without the dates in between: a pause loses them."""
    move(stack, campaign, "pause")
    clock.move_to(at)
    move(stack, campaign, "resume")


def patch(stack: Stack, campaign: str, **settings: Any) -> Answer:
    version = stack.http("GET", f"/v1/campaigns/{campaign}").headers["ETag"]
    return stack.http("PATCH", f"/v1/campaigns/{campaign}", settings, headers={"If-Match": version})


@contextmanager
def unsent(times: int = 1) -> Iterator[None]:
    """The next calls of the queue lose their messages, as if the function had died."""
    left = times

    def fail(**_: Any) -> None:
        nonlocal left
        if left:
            left -= 1
            raise ConnectionError

    events = award_queue.connected_award_queue()._client.meta.events
    events.register("before-call.sqs.SendMessageBatch", fail)
    try:
        yield
    finally:
        events.unregister("before-call.sqs.SendMessageBatch", fail)


def test_members_get_the_points_of_a_date_once(clock: time_machine.Traveller, stack: Stack, wallet: str) -> None:
    campaign = scheduled(stack, wallet, FIRST_OF_MONTH, conditions={"properties": {"date": [{"prefix": "2027-"}]}})
    enrol(stack, wallet, "ann", "bob", "cid", "dan")
    set_status(stack, wallet, "cid", "CLOSED")
    set_status(stack, wallet, "dan", "FROZEN")
    clock.move_to("2027-03-01T08:59:59+01:00")
    assert tick() == {"started": 0, "ended": 0, "overdue": 0}
    clock.move_to("2027-03-01T09:10:00+01:00")
    enrol(stack, wallet, "eve")  # too late for this date

    assert tick()["started"] == 1
    assert award_members(stack) == 64
    run_campaigns(stack)

    assert [balance(stack, wallet, one) for one in ("ann", "bob", "cid", "dan", "eve")] == [100, 100, 0, 0, 0]
    assert runs(stack, campaign) == [("2027-03-01", "COMPLETED", 2, 200)]
    (row,) = stack.rows(wallet)
    assert (row["operation"], row["campaignId"]) == ("campaign", campaign)
    path = "/v1/customers/ann/events/loyalty.schedule"
    receipt = stack.http("GET", path, query={"eventId": f"{campaign}@2027-03-01"}).body
    assert receipt["occurredAt"] == "2027-03-01T08:00:00Z"


def test_a_birthday_on_29_february_is_on_28_february_in_a_common_year(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    campaign = scheduled(stack, wallet, BIRTHDAY)
    enrol(stack, wallet, "ann", "bob")
    born(stack, "ann", "2000-02-29")
    born(stack, "bob", "02-28")
    born(stack, "zoe", "02-28")  # no member
    for day in ("2027-02-27", "2027-02-28", "2027-03-01", "2028-02-28", "2028-02-29"):
        skip_to(clock, stack, campaign, f"{day}T09:00:00+01:00")
        run_campaigns(stack)
        run_campaigns(stack)
    assert [row["createdAt"] for row in stack.rows(wallet)] == ["2027-02-28T08:00:00Z", "2028-02-29T08:00:00Z"]
    assert [row["createdAt"] for row in stack.rows(wallet, "bob")] == ["2027-02-28T08:00:00Z", "2028-02-28T08:00:00Z"]
    assert ("2027-02-28", "COMPLETED", 2, 200) in runs(stack, campaign)


def test_a_birthday_that_was_removed_after_the_run_started_gives_nothing(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    scheduled(stack, wallet, BIRTHDAY)
    enrol(stack, wallet, "ann", "bob")
    born(stack, "ann", "02-21")
    born(stack, "bob", "02-21")
    clock.move_to("2027-02-21T09:00:00+01:00")
    tick()
    born(stack, "bob", None)
    award_members(stack)
    assert (balance(stack, wallet, "ann"), balance(stack, wallet, "bob")) == (100, 0)


def test_a_birthday_that_moves_gives_points_once_a_year(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    campaign = scheduled(stack, wallet, {"birthday": True, "daysBefore": 2})
    enrol(stack, wallet, "ann")
    for birthday, at in (("02-23", "2027-02-21"), ("02-24", "2027-02-22"), ("02-23", "2028-02-21")):
        born(stack, "ann", birthday)
        skip_to(clock, stack, campaign, f"{at}T09:00:00+01:00")
        run_campaigns(stack)
    assert [row["createdAt"][:10] for row in stack.rows(wallet)] == ["2027-02-21", "2028-02-21"]


def test_a_birthday_at_the_end_of_a_year_is_not_lost_after_an_outage_into_the_next_year(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    campaign = scheduled(stack, wallet, BIRTHDAY)
    enrol(stack, wallet, "ann")
    born(stack, "ann", "12-31")
    skip_to(clock, stack, campaign, "2027-12-31T08:00:00+01:00")
    clock.move_to("2028-01-02T08:00:00+01:00")
    run_campaigns(stack)
    skip_to(clock, stack, campaign, "2028-12-31T09:00:00+01:00")
    run_campaigns(stack)
    assert [row["createdAt"][:10] for row in stack.rows(wallet)] == ["2028-01-02", "2028-12-31"]


@pytest.mark.parametrize(("days", "expected"), [(3, 3), (9, 7)])
def test_an_outage_of_up_to_seven_days_loses_no_date(
    clock: time_machine.Traveller, stack: Stack, wallet: str, days: int, expected: int
) -> None:
    campaign = scheduled(stack, wallet, BIRTHDAY)
    enrol(stack, wallet, "ann")
    born(stack, "ann", "02-23" if days == 3 else "02-27")
    clock.shift(days * DAY)
    run_campaigns(stack)
    assert len(runs(stack, campaign)) == expected
    assert balance(stack, wallet, "ann") == 100


def test_every_page_may_arrive_twice_and_the_run_counts_each_award_once(
    clock: time_machine.Traveller, stack: Stack, wallet: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedules, "PAGE", 3)
    campaign = scheduled(stack, wallet, BIRTHDAY)
    customers = [f"c{number}" for number in range(16)]
    enrol(stack, wallet, *customers)
    for customer in customers:
        born(stack, customer, "02-21")
    clock.move_to("2027-02-21T09:00:00+01:00")
    tick()
    tick()  # the second tick sends nothing
    assert award_members(stack, deliveries=2) >= 6
    assert [balance(stack, wallet, customer) for customer in customers] == [100] * 16
    assert runs(stack, campaign) == [("2027-02-21", "COMPLETED", 16, 1_600)]


def test_a_function_that_dies_between_two_pages_loses_and_repeats_nothing(
    clock: time_machine.Traveller, stack: Stack, wallet: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedules, "PAGE", 3)
    campaign = scheduled(stack, wallet, BIRTHDAY)
    customers = [f"c{number}" for number in range(12)]
    enrol(stack, wallet, *customers)
    for customer in customers:
        born(stack, customer, "02-21")
    clock.move_to("2027-02-21T09:00:00+01:00")
    with unsent(), pytest.raises(FunctionFailed):
        tick()
    assert runs(stack, campaign) == [("2027-02-21", "STARTING", 0, 0)]
    assert tick() == {"started": 0, "ended": 0, "overdue": 0}
    while bodies := take_messages(stack, stack.award_url):
        for body in bodies:
            with unsent():
                failed = deliver("award_members", body)
            for again in failed:
                # What the first delivery gave counts, even if the campaign gives nothing any more.
                assert deliver("award_members", again) == []
    assert [balance(stack, wallet, customer) for customer in customers] == [100] * 12
    assert runs(stack, campaign) == [("2027-02-21", "COMPLETED", 12, 1_200)]


def test_awards_before_a_pause_count_and_later_pages_give_nothing(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    campaign = scheduled(stack, wallet, BIRTHDAY)
    enrol(stack, wallet, "ann", "bob")
    for customer in ("ann", "bob"):
        born(stack, customer, "02-21")
    clock.move_to("2027-02-21T09:00:00+01:00")
    tick()
    pages = take_messages(stack, stack.award_url)
    assert deliver("award_members", json.dumps({**json.loads(pages[0]), "only": "ann"})) == []
    move(stack, campaign, "pause")
    for page in pages:
        assert deliver("award_members", page) == []
    assert (balance(stack, wallet, "ann"), balance(stack, wallet, "bob")) == (100, 0)
    assert runs(stack, campaign) == [("2027-02-21", "COMPLETED", 1, 100)]


def test_a_pause_loses_the_dates_that_pass(clock: time_machine.Traveller, stack: Stack, wallet: str) -> None:
    campaign = scheduled(stack, wallet, BIRTHDAY)
    move(stack, campaign, "pause")
    clock.move_to("2027-02-22T12:00:00+01:00")
    assert tick()["started"] == 0
    move(stack, campaign, "resume")
    assert tick()["started"] == 0
    clock.move_to("2027-02-23T12:00:00+01:00")
    run_campaigns(stack)
    assert [one[0] for one in runs(stack, campaign)] == ["2027-02-23"]


def test_a_changed_trigger_applies_to_later_dates_only(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    campaign = scheduled(stack, wallet, {"unit": "MONTH", "day": 25})
    clock.move_to("2027-02-23T12:00:00+01:00")
    trigger = {"type": "SCHEDULE", "walletId": wallet, "at": "09:00", "every": {"unit": "MONTH", "day": 22}}
    assert patch(stack, campaign, trigger=trigger).status == 200
    clock.move_to("2027-02-25T12:00:00+01:00")
    assert tick()["started"] == 0


def test_a_run_is_within_the_window_of_the_campaign(clock: time_machine.Traveller, stack: Stack, wallet: str) -> None:
    window = {"startsAt": "2027-02-22T09:00:00+01:00", "endsAt": "2027-02-24T09:00:00+01:00"}
    campaign = scheduled(stack, wallet, BIRTHDAY, **window)
    clock.move_to("2027-02-25T12:00:00+01:00")
    run_campaigns(stack)
    assert [one[0] for one in runs(stack, campaign)] == ["2027-02-22", "2027-02-23"]


def test_conditions_of_a_schedule_read_the_customer(clock: time_machine.Traveller, stack: Stack, wallet: str) -> None:
    campaign = scheduled(stack, wallet, BIRTHDAY, conditions={"customer": {"segments": ["gold"]}})
    enrol(stack, wallet, "ann", "bob")
    born(stack, "ann", "02-21")
    born(stack, "bob", "02-21", segments=["gold"])
    clock.move_to("2027-02-21T09:00:00+01:00")
    run_campaigns(stack)
    assert (balance(stack, wallet, "ann"), balance(stack, wallet, "bob")) == (0, 100)
    assert runs(stack, campaign) == [("2027-02-21", "COMPLETED", 1, 100)]


@pytest.mark.tampered
def test_a_card_that_always_fails_does_not_stop_the_run(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    campaign = scheduled(stack, wallet, BIRTHDAY)
    enrol(stack, wallet, *(f"c{number}" for number in range(9)))
    for number in range(9):
        born(stack, f"c{number}", "02-21")
    sound = item(stack, wallet, "c4")
    broken = {name: value for name, value in sound.items() if name != "n"}
    stack.dynamodb.put_item(TableName="loyalty", Item=broken)
    clock.move_to("2027-02-21T09:00:00+01:00")
    tick()
    failed = [body for body in take_messages(stack, stack.award_url) if deliver("award_members", body)]
    assert len(failed) == 1
    assert deliver("award_members", *failed, receives=3) == []
    assert runs(stack, campaign) == [("2027-02-21", "COMPLETED", 8, 800)]
    alone = take_messages(stack, stack.award_url)
    assert [json.loads(body)["only"] for body in alone] == ["c4"]
    assert deliver("award_members", *alone, receives=5) == alone
    stack.dynamodb.put_item(TableName="loyalty", Item=sound)
    assert deliver("award_members", *alone) == []
    assert balance(stack, wallet, "c4") == 100


def test_a_budget_limits_a_run_and_an_exhausted_campaign_starts_none(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    campaign = scheduled(stack, wallet, BIRTHDAY, limits={"budget": {"awards": 1}})
    enrol(stack, wallet, "ann", "bob")
    for customer in ("ann", "bob"):
        born(stack, customer, "02-21")
    clock.move_to("2027-02-21T09:00:00+01:00")
    run_campaigns(stack)
    clock.move_to("2027-02-22T09:00:00+01:00")
    run_campaigns(stack)
    assert sorted(balance(stack, wallet, one) for one in ("ann", "bob")) == [0, 100]
    assert runs(stack, campaign) == [("2027-02-21", "COMPLETED", 1, 100)]


def test_a_run_that_is_not_completed_after_six_hours_is_overdue(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    scheduled(stack, wallet, BIRTHDAY, endsAt="2027-02-21T10:00:00+01:00")
    clock.move_to("2027-02-21T09:00:00+01:00")
    tick()
    clock.shift(6 * 3_600)
    assert tick() == {"started": 0, "ended": 0, "overdue": 0}
    clock.shift(1)
    assert tick() == {"started": 0, "ended": 0, "overdue": 1}
    # The campaign ends when its runs are completed.
    clock.move_to("2027-02-23T10:00:00+01:00")
    assert tick()["ended"] == 0
    award_members(stack)
    assert tick() == {"started": 0, "ended": 1, "overdue": 0}


def test_a_campaign_ends_48_hours_after_its_window(clock: time_machine.Traveller, stack: Stack, wallet: str) -> None:
    paid = {"type": "EVENT", "event": "order.paid"}
    ends = {"endsAt": "2027-02-21T00:00:00Z"}
    over = scheduled(stack, wallet, {}, trigger=paid, **ends)
    kept = scheduled(stack, wallet, {}, trigger=paid, **ends, name="Paused")
    move(stack, kept, "pause")
    open_ = scheduled(stack, wallet, {}, trigger=paid)
    clock.move_to("2027-02-22T23:59:59Z")
    assert tick()["ended"] == 0
    clock.move_to("2027-02-23T00:00:00Z")
    assert [tick()["ended"], tick()["ended"]] == [1, 0]
    statuses = [stack.http("GET", f"/v1/campaigns/{one}").body["status"] for one in (over, kept, open_)]
    assert statuses == ["ENDED", "PAUSED", "ACTIVE"]
    last, *_ = stack.http("GET", f"/v1/campaigns/{over}/versions").body["data"]
    assert (last["change"], last["changedBy"]) == ("Ended", "loyalty.schedule")


def test_a_concurrent_change_that_extends_the_window_keeps_the_campaign_active(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    paid = {"type": "EVENT", "event": "order.paid"}
    campaign = scheduled(stack, wallet, {}, trigger=paid, endsAt="2027-02-21T00:00:00Z")
    clock.move_to("2027-02-24T00:00:00Z")
    with before_next("TransactWriteItems", lambda: patch(stack, campaign, endsAt="2027-12-31T00:00:00Z")):
        assert tick()["ended"] == 0
    assert stack.http("GET", f"/v1/campaigns/{campaign}").body["status"] == "ACTIVE"


def test_the_runs_are_listed_newest_first_in_pages(clock: time_machine.Traveller, stack: Stack, wallet: str) -> None:
    campaign = scheduled(stack, wallet, BIRTHDAY)
    clock.shift(3 * DAY)
    tick()
    path = f"/v1/campaigns/{campaign}/runs"
    first = stack.http("GET", path, query={"limit": 2}).body
    second = stack.http("GET", path, query={"limit": 2, "cursor": first["nextCursor"]}).body
    assert [one["date"] for one in (*first["data"], *second["data"])] == ["2027-02-23", "2027-02-22", "2027-02-21"]
    assert second["nextCursor"] is None
    assert first["data"][0] == {
        "date": "2027-02-23",
        "status": "RUNNING",
        "awards": 0,
        "points": 0,
        "scheduledAt": "2027-02-23T08:00:00Z",
        "startedAt": "2027-02-23T11:00:00Z",
        "completedAt": None,
    }


@pytest.mark.parametrize(
    ("every", "limits", "units"),
    [(FIRST_OF_MONTH, {}, 7), (BIRTHDAY, {}, 9), (BIRTHDAY, {"perCustomer": {"times": 5}}, 11)],
)
def test_each_member_costs_seven_units_and_two_for_each_count(
    clock: time_machine.Traveller, stack: Stack, wallet: str, every: Json, limits: Json, units: int
) -> None:
    campaign = scheduled(stack, wallet, every, limits=limits)
    enrol(stack, wallet, "ann")
    born(stack, "ann", "03-01")
    clock.move_to("2027-03-01T09:00:00+01:00")
    tick()
    take_messages(stack, stack.award_url)
    body = {"campaignId": campaign, "date": "2027-03-01", "shard": 0, "only": "ann"}
    with metered(stack) as meter:
        assert deliver("award_members", json.dumps(body)) == []
    assert (meter.requests.count("TransactWriteItems"), meter.units) == (1, units)


@pytest.mark.parametrize(
    "body", ["", "{", "null", "[]", '"x"', "{}", '{"campaignId": "cmp_1", "date": "x", "shard": 0}']
)
def test_an_invalid_message_fails_alone(stack: Stack, body: str) -> None:
    assert deliver("award_members", body) == [body]


def test_a_message_of_an_unknown_run_does_nothing(stack: Stack) -> None:
    body = {"campaignId": "cmp_unknown", "date": "2027-03-01", "shard": 0}
    assert deliver("award_members", json.dumps(body)) == []
